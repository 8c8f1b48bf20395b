"""The half-year reviews: where each half stands, the half as one table, and the steps from draft to approved (3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.people.naming import tell_rows_apart_at_home
from points.models import Correction, Review
from points.models.reviews import HALVES
from points.reviews.confirmations import read_confirmations
from points.reviews.dates import DueDay, find_due_day, read_town_days
from points.reviews.guidance import guidance_on
from points.reviews.overview import find_returned_day, read_reopening_reason, read_unopened, with_returned
from points.reviews.steps import explain_no_withdrawal
from points.reviews.table import read_open_remarks, read_review_table
from points.reviews.table_parts import ReviewTable
from points.reviews.year_end import is_time_to_declare, read_year_end
from points.rules.periods import H2, half_end
from points.scoring.freezing import current_lines, link_of_half
from points.scoring.wording import name_half
from publicity.models import Notice
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, YearFilter, column
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.paging import choose_page
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.reviews.guidance import guidance_url
from scoring_site.workbench.reviews.line import LinePage
from scoring_site.workbench.reviews.opening import OpenReview
from scoring_site.workbench.reviews.papers import ConfirmationScan, MeetingPhoto, ResultSlips, TablePaper
from scoring_site.workbench.reviews.questions import HIDDEN, find_correct_url, reads_reasons
from scoring_site.workbench.reviews.sorting import make_headers, name_parts, sort_rows
from scoring_site.workbench.reviews.steps import (
    ApproveOwnLine,
    ApproveReview,
    EnterConfirmations,
    ReopenReview,
    ReturnReview,
    SubmitReview,
    WithdrawReview,
    offer_steps,
)
from scoring_site.workbench.reviews.year_end import DeclareNotHeld, show_year_end

LINES = 45
"""So many lines of a half stand on a page: with what there is to look at, on a phone, it is less than ten screens."""
FEW = 8
"""Up to so many halves not opened yet stand unfolded above the list."""
RETURNED = gettext_lazy("returned")
REOPENED = gettext_lazy("published again")


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


class ReviewAdmin(ScopedModelAdmin[Review]):
    """Half-years by branch; the row's page is the review itself."""

    list_filter = (YearFilter, ReviewHalfFilter, OwnBranchFilter, ReviewStateFilter)
    list_select_related = ("branch__town",)
    change_list_template = "workbench/reviews/review_list.html"
    row_template = "workbench/reviews/review.html"
    subpages = (
        OpenReview,
        SubmitReview,
        WithdrawReview,
        DeclareNotHeld,
        ReturnReview,
        ApproveOwnLine,
        ApproveReview,
        EnterConfirmations,
        ReopenReview,
        LinePage,
        TablePaper,
        ResultSlips,
        MeetingPhoto,
        ConfirmationScan,
    )
    ordering = ("-year", "-half", "branch__position", "branch_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        people = ("branch__town", "submitted_by", "own_line_by", "approved_by", "reopened_by")
        rows = super().get_queryset(request).select_related(*people)
        return with_returned(rows.prefetch_related("branch__former_names"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        today = today_of(request)
        days = read_town_days(branches_for(actor_of(request), on=today).select_related("town"))

        def show_due(review: Review) -> str:
            due = find_due_day(review.state, days.of(review.branch, review.year, review.half), on=today)
            return due.shown if due else "—"

        return (
            column(gettext_lazy("half"), name_half, name="half", order="year"),
            column(gettext_lazy("branch"), lambda row: row.branch_name, name="branch", order="branch__position"),
            column(gettext_lazy("state"), name_state, name="state", order="state"),
            column(gettext_lazy("in this state since"), lambda row: _since(row) or "—", name="since"),
            column(gettext_lazy("next day set by the town"), show_due, name="due"),
        )

    def row_title(self, row: Review) -> str:
        return f"{row.branch_name} {name_half(row)}"

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
        """Halves without a review, grouped by half, each with what this user may do: open it, or remark on it."""
        user, today = actor_of(request), today_of(request)
        mine, guided = (
            set(branches_for(user, on=today, action=action).values_list("pk", flat=True))
            for action in (Action.SUBMIT_REVIEW, Action.GUIDE)
        )
        groups: dict[str, dict[str, Any]] = {}
        for row in read_unopened(branches_for(user, on=today), on=today):
            group = groups.setdefault(name_half(row), {"name": name_half(row), "halves": []})
            remark_url = guidance_url(row) if row.branch.pk in guided else ""
            group["halves"].append({"half": row, "may_open": row.branch.pk in mine, "remark_url": remark_url})
        return list(groups.values())

    # The review

    def row_facts(self, request: HttpRequest, row: Review) -> Sequence[Fact]:
        facts = [Fact(_("state"), name_state(row))]
        if since := _since(row):
            facts.append(Fact(_("in this state since"), since))
        if due := self._find_due(request, row):
            facts.append(Fact(_("next day set by the town"), due.shown))
        facts += show_year_end(read_year_end(row))
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
                self._show_photo(row),
            ]
        if row.reopened_at:
            facts.append(Fact(_("opened again by"), f"{row.reopened_by} {timezone.localdate(row.reopened_at)}"))
            if reason := read_reopening_reason(row):
                shown = reason if reads_reasons(self, request, row) else str(HIDDEN)
                facts.append(Fact(_("reason for opening it again"), shown))
        return facts

    def _show_photo(self, row: Review) -> Fact:
        label = _("photo of the meeting, or scan of its minutes")
        return (
            Fact(label, _("open the file"), self.url("photo", row.pk), is_scan=True) if row.photo else Fact(label, "—")
        )

    def _find_due(self, request: HttpRequest, review: Review) -> DueDay | None:
        days = read_town_days([review.branch]).of(review.branch, review.year, review.half)
        return find_due_day(review.state, days, on=today_of(request))

    def row_buttons(self, request: HttpRequest, row: Review) -> Sequence[Button]:
        buttons = [*self._notice_button(request, row)]
        if self.may_change(request, row, Action.TAKE_OUT):
            buttons.append(Button(_("Table to sign (A3, PDF)"), self.url("table_pdf", row.pk), "print"))
            if row.state in Review.FROZEN and self.may_change(request, row, Action.EXPORT):
                buttons.append(Button(_("Result slips (PDF)"), self.url("slips", row.pk), "print"))
        if self._waits_for_year_end(request, row):
            buttons.append(
                Button(_("Declare: not held this year any more"), self.url("not_held", row.pk), "event_busy")
            )
        if not explain_no_withdrawal(row, actor=actor_of(request), now=now_of(request)):
            buttons.append(Button(_("Take back the opened half"), self.url("withdraw", row.pk), "undo"))
        if row.state in Review.FROZEN and self.may_change(request, row, Action.RECORD):
            buttons.append(Button(_("Enter confirmations"), self.url("confirm", row.pk), "task_alt"))
        if correct_url := find_correct_url(self, request, row):
            buttons.append(Button(_("Correct a line"), correct_url, "edit_note"))
        if row.state == Review.State.FINAL and row.half == H2:
            ratings = page_url("points_rating_sheet", row.branch_id, row.year)
            buttons.append(Button(_("Ratings of the year"), ratings, "workspace_premium"))
        if self.may_change(request, row, Action.GUIDE):
            buttons.append(Button(_("Remark on the half"), guidance_url(row), "add_comment"))
        if row.state == Review.State.FINAL and self.may_change(request, row, Action.CONSENT):
            buttons.append(Button(_("Open the half again"), self.url("reopen", row.pk), "lock_open", grave=True))
        return buttons

    def _waits_for_year_end(self, request: HttpRequest, row: Review) -> bool:
        """Whether this user can declare something of the year's end as not held."""
        if row.state != Review.State.DRAFT or row.half != H2 or not self.may_change(request, row, Action.SUBMIT_REVIEW):
            return False
        return is_time_to_declare(row, on=today_of(request)) and any(
            entry.settled_on is None for entry in read_year_end(row)
        )

    def _notice_button(self, request: HttpRequest, row: Review) -> Iterator[Button]:
        """To the half's notice, or to preparing it once the half is approved."""
        notice = Notice.objects.filter(review=row).only("pk").first()
        if notice is not None:
            yield Button(_("To the notice"), row_url(notice), "campaign", main=True)
        elif row.state == Review.State.APPROVED and self.may_change(request, row, Action.APPROVE_REVIEW):
            prepare = page_url("publicity_notice_prepare")
            yield Button(_("Prepare a notice"), f"{prepare}?review={row.pk}", "campaign", main=True)

    def row_context(self, request: HttpRequest, row: Review) -> dict[str, Any]:
        table = read_review_table(row, actor=actor_of(request), on=today_of(request))
        wanted, labels = request.GET.get("sort", ""), name_parts(row.half)
        listed = choose_page(request, sort_rows(table, wanted), size=LINES)
        context: dict[str, Any] = {
            "review": row,
            "table": table,
            "listed": listed,
            "rows": [self._link_row(table, entry, labels) for entry in listed.rows],
            "headers": make_headers(table, wanted),
            "labels": labels,
            "sort": wanted,
            "steps": offer_steps(request, row),
            "remarks": [remark for remark in read_open_remarks(row) if remark.member_id is None],
            "returned_lines": [entry for entry in table.rows if entry.remarks],
            "guidance": [
                (each, row_url(each)) for each in guidance_on(branch=row.branch, year=row.year, half=row.half)
            ],
            "past_remarks": _tell_apart(row.remarks.select_related("by", "member"), row),
            "exempt": [(member, row_url(member)) for member in table.exempt],
        }
        if table.is_frozen:
            context |= {
                "link": link_of_half(row),
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

    def _link_row(self, table: ReviewTable, entry: Any, labels: Mapping[str, str]) -> dict[str, Any]:
        url = self.url("line", table.review.pk, entry.member.pk)
        count = sum(column.is_base for column in table.columns)
        parts = [
            ("base", labels["base"], entry.shown_base, entry.cells[:count]),
            ("incentive", labels["incentive"], entry.shown_incentive, entry.cells[count:]),
        ]
        return {"row": entry, "url": url, "parts": parts}

    def _read_corrections(self, request: HttpRequest, review: Review) -> list[dict[str, Any]]:
        """The corrections of a half; their reasons, which may name a ground, only for who decides them (D21)."""
        rows = Correction.objects.filter(review=review).select_related("member", "actor", "consent_by")
        readable = reads_reasons(self, request, review)
        return [
            {
                "correction": row,
                "reason": row.reason if readable or row.actor_id == actor_of(request).pk else HIDDEN,
                "url": row_url(row),
            }
            for row in _tell_apart(rows, review)
        ]


def _tell_apart(rows: Iterable[Any], review: Review) -> list[Any]:
    """Rows about single lines of a half, their members named as among all of the branch."""
    ended, is_frozen = half_end(review.year, review.half), review.state in Review.FROZEN
    return tell_rows_apart_at_home(rows, lambda row: row.member, on=ended, lasting=is_frozen)


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
