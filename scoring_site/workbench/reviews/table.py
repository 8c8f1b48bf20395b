"""The half-year reviews: where each half stands, the half as one table, and the steps from draft to approved (3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from foundation.file_store import NAME
from members.access import COMMITTEE_ROLES, Action, branches_for, object_for, reach_of
from members.models import Branch, Member
from points.models import Confirmation, Correction, Review, ReviewDates, ReviewLine
from points.models.reviews import HALVES
from points.papers.reviews.result_slips import write_result_slips
from points.papers.reviews.table import write_review_table
from points.reviews.confirmations import read_confirmations
from points.reviews.dates import DueDay, find_due_day
from points.reviews.line import LineView, read_line_view
from points.reviews.overview import find_returned_day, read_dates, read_reopening_reason, read_unopened, with_returned
from points.reviews.steps import open_review
from points.reviews.table import read_open_remarks, read_review_table
from points.reviews.table_parts import ReviewTable
from points.rules.periods import H2, half_end, half_start
from points.scoring.explanations import explain_voided
from points.scoring.freezing import chain_head, current_lines
from points.scoring.wording import name_half
from publicity.models import Notice
from scoring_site.downloads import send_file, send_or_explain
from scoring_site.forms.pictures import send_picture
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, YearFilter, column
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.finding_states import list_findings
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.reviews.sorting import make_headers, sort_rows
from scoring_site.workbench.reviews.steps import ReviewStepViews

FEW = 8
"""Up to so many halves not opened yet stand unfolded above the list."""
RETURNED = gettext_lazy("returned")
REOPENED = gettext_lazy("published again")
HIDDEN = gettext_lazy("(by permission only)")


def name_state(review: Review) -> str:
    """The state in a word; a draft that was returned says so, and a half that was final before."""
    if find_returned_day(review):
        return str(RETURNED)
    if review.state == Review.State.PUBLISHED and review.reopened_at:
        return str(REOPENED)
    return str(review.get_state_display())


class ReviewHalfFilter(ChoiceFilter):
    """First or second half."""

    title = gettext_lazy("half")
    parameter_name = "half"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(HALVES)


class ReviewStateFilter(ChoiceFilter):
    """Where reviews stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Review.State.choices, ("returned", RETURNED)]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "returned":
            return queryset.filter(state=Review.State.DRAFT, returned_at__isnull=False)
        return queryset.filter(state=value)


class ReviewAdmin(ReviewStepViews):
    """Half-years by branch; the row's page is the review itself."""

    list_filter = (YearFilter, ReviewHalfFilter, OwnBranchFilter, ReviewStateFilter)
    list_select_related = ("branch__town",)
    change_list_template = "workbench/reviews/review_list.html"
    row_template = "workbench/reviews/review.html"
    ordering = ("-year", "-half", "branch__position", "branch_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        people = ("branch__town", "submitted_by", "own_line_by", "approved_by", "reopened_by")
        return with_returned(super().get_queryset(request).select_related(*people))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        today = today_of(request)
        towns = set(branches_for(actor_of(request), on=today).values_list("town_id", flat=True))
        dates = read_dates(towns)

        def show_due(review: Review) -> str:
            due = find_due_day(review.state, dates.get((review.branch.town_id, review.year, review.half)), on=today)
            return due.shown if due else "—"

        return (
            column(gettext_lazy("half"), name_half, name="half", order="year"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("state"), name_state, name="state", order="state"),
            column(gettext_lazy("in this state since"), lambda row: _since(row) or "—", name="since"),
            column(gettext_lazy("next day set by the town"), show_due, name="due"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("open/", self.open_view, "open"),
            self.page("<int:object_id>/members/<int:member_id>/", self.line_view, "line"),
            self.page("<int:object_id>/table.pdf", self.table_pdf_view, "table_pdf"),
            self.page("<int:object_id>/slips.pdf", self.slips_view, "slips"),
            self.page("<int:object_id>/photo/", self.photo_view, "photo"),
            self.page("<int:object_id>/scan/", self.scan_view, "scan"),
        ]

    def row_title(self, row: Review) -> str:
        return f"{row.branch.name} {name_half(row)}"

    # The list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        unopened = self._read_unopened(request)
        count = sum(len(group["halves"]) for group in unopened)
        context = {
            "unopened": unopened,
            "unopened_count": count,
            "unfold_unopened": count <= FEW,
            "open_url": self.url("open"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def _read_unopened(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Halves without a review, grouped by half; `may_open` where this user may open it."""
        user, today = actor_of(request), today_of(request)
        mine = set(branches_for(user, on=today, action=Action.SUBMIT_REVIEW).values_list("pk", flat=True))
        groups: dict[str, dict[str, Any]] = {}
        for row in read_unopened(branches_for(user, on=today), on=today):
            group = groups.setdefault(name_half(row), {"name": name_half(row), "halves": []})
            group["halves"].append({"half": row, "may_open": row.branch.pk in mine})
        return list(groups.values())

    def open_view(self, request: HttpRequest) -> HttpResponseBase:
        """Open a half of a branch as a draft; only by POST."""
        user, today = actor_of(request), today_of(request)
        self.require(branches_for(user, on=today, action=Action.SUBMIT_REVIEW).exists())
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        branch_id, year, half = (request.POST.get(name, "") for name in ("branch", "year", "half"))
        is_half = branch_id.isdecimal() and year.isdecimal() and len(year) == 4 and half in dict(HALVES)
        if not is_half or half_start(int(year), half) > today:
            self.message_user(request, _("Choose a half that has begun."), level="ERROR")
            return HttpResponseRedirect(self.url("changelist"))
        branch = object_for(
            user, Branch.objects.select_related("town"), on=today, action=Action.SUBMIT_REVIEW, pk=int(branch_id)
        )
        try:
            review = open_review(branch=branch, year=int(year), half=half)
        except DomainError as error:
            self.message_user(request, str(error), level="ERROR")
            return HttpResponseRedirect(self.url("changelist"))
        self.message_user(
            request, _("Opened as a draft. It follows the records until you submit it; nothing is locked yet.")
        )
        return HttpResponseRedirect(self.url_of(review))

    # The review

    def row_facts(self, request: HttpRequest, row: Review) -> Sequence[Fact]:
        facts = [Fact(_("state"), name_state(row))]
        if since := _since(row):
            facts.append(Fact(_("in this state since"), since))
        if due := self._find_due(request, row):
            facts.append(Fact(_("next day set by the town"), due.shown))
        if row.submitted_by and row.state != Review.State.DRAFT:
            facts.append(Fact(_("submitted by"), f"{row.submitted_by} {timezone.localdate(row.submitted_at)}"))
        if row.own_line_by:
            facts.append(
                Fact(_("secretary's own line approved by"), f"{row.own_line_by} {timezone.localdate(row.own_line_at)}")
            )
        if row.state in Review.FROZEN:
            facts += [
                Fact(_("approved by"), f"{row.approved_by} {timezone.localdate(row.approved_at)}"),
                Fact(
                    _("members' assembly") if row.by_assembly else _("committee meeting"),
                    _("%(day)s, %(place)s, %(present)d of %(expected)d present")
                    % {"day": row.met_on, "place": row.met_at, "present": row.present, "expected": row.expected},
                ),
                Fact(_("minutes"), row.minutes),
                Fact(_("photo of the meeting"), _("open the photo"), self.url("photo", row.pk))
                if row.photo
                else Fact(_("photo of the meeting"), "—"),
            ]
        if row.reopened_at:
            facts.append(Fact(_("opened again by"), f"{row.reopened_by} {timezone.localdate(row.reopened_at)}"))
            if reason := read_reopening_reason(row):
                shown = reason if self._reads_reasons(request, row) else str(HIDDEN)
                facts.append(Fact(_("reason for opening it again"), shown))
        return facts

    def _find_due(self, request: HttpRequest, review: Review) -> DueDay | None:
        dates = ReviewDates.objects.filter(town=review.branch.town_id, year=review.year, half=review.half).first()
        return find_due_day(review.state, dates, on=today_of(request))

    def row_buttons(self, request: HttpRequest, row: Review) -> Sequence[Button]:
        buttons = [*self._notice_button(request, row)]
        if self.may_change(request, row, Action.EXPORT):
            buttons.append(Button(_("Table to sign (A3, PDF)"), self.url("table_pdf", row.pk), "print"))
            if row.state in Review.FROZEN:
                buttons.append(Button(_("Result slips (PDF)"), self.url("slips", row.pk), "print"))
        if row.state in Review.FROZEN and self.may_change(request, row, Action.RECORD):
            buttons.append(Button(_("Enter confirmations"), self.url("confirm", row.pk), "task_alt"))
        if correct_url := self._correct_url(request, row):
            buttons.append(Button(_("Correct a line"), correct_url, "edit_note"))
        if row.state == Review.State.FINAL and row.half == H2:
            ratings = reverse(f"{self.admin_site.name}:points_rating_sheet", args=[row.branch_id, row.year])
            buttons.append(Button(_("Ratings of the year"), ratings, "workspace_premium"))
        if row.state == Review.State.FINAL and self.may_change(request, row, Action.CONSENT):
            buttons.append(Button(_("Open the half again"), self.url("reopen", row.pk), "lock_open", grave=True))
        return buttons

    def _notice_button(self, request: HttpRequest, row: Review) -> Iterator[Button]:
        """To the half's notice, or to preparing it once the half is approved."""
        notice = Notice.objects.filter(review=row).only("pk").first()
        if notice is not None:
            yield Button(_("To the notice"), self.url_of(notice), "campaign", main=True)
        elif row.state == Review.State.APPROVED and self.may_change(request, row, Action.APPROVE_REVIEW):
            prepare = page_url("publicity_notice_prepare")
            yield Button(_("Prepare a notice"), f"{prepare}?review={row.pk}", "campaign", main=True)

    def _correct_url(self, request: HttpRequest, review: Review) -> str:
        """Where a correction of a frozen half is entered (D10); empty for whoever cannot."""
        if review.state not in Review.FROZEN or not self.may_change(request, review, Action.CORRECT):
            return ""
        return reverse(f"{self.admin_site.name}:points_correction_new", args=[review.pk])

    def row_context(self, request: HttpRequest, row: Review) -> dict[str, Any]:
        table = read_review_table(row, actor=actor_of(request), on=today_of(request))
        wanted = request.GET.get("sort", "")
        context: dict[str, Any] = {
            "review": row,
            "table": table,
            "rows": [self._link_row(table, entry) for entry in sort_rows(table, wanted)],
            "headers": make_headers(table, wanted),
            "sort": wanted,
            "steps": self.make_steps(request, row),
            "remarks": [remark for remark in read_open_remarks(row) if remark.member_id is None],
            "returned_lines": [entry for entry in table.rows if entry.remarks],
            "past_remarks": list(row.remarks.select_related("by", "member")),
            "exempt": [(member, self._member_url(member)) for member in table.exempt],
        }
        if table.is_frozen:
            context |= {
                "chain_head": chain_head(row.branch),
                "corrections": self._read_corrections(request, row),
                **self._read_confirmed(row),
            }
        return context

    def _read_confirmed(self, review: Review) -> dict[str, Any]:
        """Who confirmed their current result and how, each with its scan, and who has not."""
        confirmations = read_confirmations(review)
        confirmed = {row.line_id for row in confirmations}
        scan = self.url("scan", review.pk)
        return {
            "confirmed": [(row, f"{scan}?name={row.scan}" if row.scan else "") for row in confirmations],
            "unconfirmed": [line for line in current_lines(review) if line.pk not in confirmed],
        }

    def _link_row(self, table: ReviewTable, entry: Any) -> dict[str, Any]:
        url = self.url("line", table.review.pk, entry.member.pk)
        count = sum(column.is_base for column in table.columns)
        return {"row": entry, "url": url, "base": entry.cells[:count], "incentive": entry.cells[count:]}

    def _member_url(self, member: Member) -> str:
        return reverse(f"{self.admin_site.name}:members_member_change", args=[member.pk])

    def _read_corrections(self, request: HttpRequest, review: Review) -> list[dict[str, Any]]:
        """The corrections of a half; their reasons, which may name a ground, only for who decides them (D21)."""
        rows = Correction.objects.filter(review=review).select_related("member", "actor", "consent_by")
        readable = self._reads_reasons(request, review)
        return [
            {
                "correction": row,
                "reason": row.reason if readable or row.actor_id == actor_of(request).pk else HIDDEN,
                "url": self.url_of(row),
            }
            for row in rows
        ]

    def _reads_reasons(self, request: HttpRequest, review: Review) -> bool:
        committee = reach_of(actor_of(request), on=today_of(request)).branches_with(COMMITTEE_ROLES)
        return review.branch_id in committee or self.may_change(request, review, Action.CORRECT)

    # One member

    def line_view(self, request: HttpRequest, object_id: int, member_id: int) -> HttpResponseBase:
        """One member's line with every record behind it, the voided and the late ones, and its revisions."""
        review = self.get_object(request, str(object_id))
        member = Member.objects.filter(pk=member_id, town=review.branch.town_id).select_related("town").first()
        asked = request.GET.get("revision", "")
        view = read_line_view(review, member, revision=int(asked) if asked.isdecimal() else None) if member else None
        if member is None or view is None:
            raise Http404
        correct_url = self._correct_url(request, review)
        context: dict[str, Any] = {
            "review": review,
            "view": view,
            "member": member,
            "revisions": self._list_revisions(request, review, view),
            "voided": [
                line
                for line in explain_voided(view.rulebook, member=member, year=review.year)
                if line.day <= half_end(review.year, review.half)
            ],
            "findings": list_findings(self, request, member),
            "correct_url": f"{correct_url}?member={member.pk}" if correct_url else "",
            "back": self.url_of(review),
            "back_name": self.row_title(review),
            "record_url": f"{self._member_url(member)}?year={review.year}",
            "opened": request.GET.get("item", ""),
        }
        title = f"{member.name} {name_half(review)}"
        return self.render(request, "workbench/reviews/review_line.html", title=title, context=context)

    def _list_revisions(self, request: HttpRequest, review: Review, view: LineView) -> list[dict[str, Any]]:
        readable = self._reads_reasons(request, review)
        return [
            {
                "line": revision.line,
                "half": revision.shown_half,
                "cumulative": revision.shown_cumulative,
                "is_current": revision.is_current,
                "reason": (revision.line.correction.reason if readable else HIDDEN) if revision.line.correction else "",
            }
            for revision in view.revisions
        ]

    # Pictures

    def photo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The photo of the meeting that approved."""
        return send_picture(self.get_object(request, str(object_id)).photo)

    def scan_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A scan of this half's confirmations, `?name=`; any other name does not exist here."""
        review = self.get_object(request, str(object_id))
        name = request.GET.get("name", "")
        if not NAME.fullmatch(name) or not Confirmation.objects.filter(line__review=review, scan=name).exists():
            raise Http404
        return send_picture(name)

    # On paper

    def table_pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The table to print for signatures."""
        review = self.row_for(request, str(object_id), Action.EXPORT)
        pdf = write_review_table(review=review, actor=actor_of(request), now=now_of(request))
        return send_file(pdf, f"review-{review.branch_id}-{review.year}-{review.half}.pdf")

    def slips_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The result slips of the half, or with `?member=` that of one member."""
        review = self.row_for(request, str(object_id), Action.EXPORT)
        asked = request.GET.get("member", "")
        member = None
        if asked:
            lines = ReviewLine.objects.filter(review=review, revision=1).select_related("member")
            line = lines.filter(member=int(asked)).first() if asked.isdecimal() else None
            if line is None:
                raise Http404
            member = line.member
        return send_or_explain(
            request,
            back=self.url_of(review),
            name=f"result-slips-{review.branch_id}-{review.year}-{review.half}",
            write=lambda: write_result_slips(review=review, member=member),
        )


def _since(review: Review) -> date | None:
    """The day from which a review is in its state; None for a draft never submitted."""
    moments = {
        Review.State.SUBMITTED: review.submitted_at,
        Review.State.APPROVED: review.approved_at,
        Review.State.PUBLISHED: review.reopened_at or review.published_at,
        Review.State.FINAL: review.final_at,
    }
    moment = moments.get(Review.State(review.state))
    return timezone.localdate(moment) if moment else find_returned_day(review)
