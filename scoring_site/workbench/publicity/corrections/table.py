"""Corrections in the workbench: entered with old and new figures shown first, listed, printed as a notice (D10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.access import (
    COMMITTEE_ROLES,
    Action,
    branches_for,
    findings_for,
    is_own_case,
    may,
    members_for,
    object_for,
    reach_of,
)
from members.errors import DuplicateBatch
from members.models import Member
from points.models import Correction, Review, ReviewLine
from points.rules.periods import H1, H2
from points.scoring.freezing import current_lines
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.corrections.paper import write_correction_notice
from publicity.corrections.plans import (
    Attempt,
    CorrectionPlan,
    RevisedLine,
    correctable_events,
    read_revised_lines,
    try_plan,
)
from publicity.models import Objection
from publicity.objections.access import objections_for, objections_to_handle
from publicity.objections.objections import answer_by_correction
from scoring_site.downloads import send_file
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, ScopedModelAdmin
from scoring_site.workbench.publicity.corrections.forms import CONFIRM, REVOKE, CorrectionForm
from scoring_site.workbench.publicity.corrections.roster_forms import RosterChangeForm
from veto.models import Deduction, Finding, VetoRecord

HIDDEN = gettext_lazy("(by permission only)")


class CorrectionAdmin(ScopedModelAdmin[Correction]):
    """Why lines were changed after approval; each names the line's branch, whoever the member belongs to today."""

    list_select_related = ("review__branch", "member", "actor")
    row_template = "workbench/publicity/correction.html"
    ordering = ("-at", "-id")

    def scope(self, request: HttpRequest, rows: QuerySet[Correction]) -> QuerySet[Correction]:
        branches = branches_for(actor_of(request), on=today_of(request))
        lines = ReviewLine.objects.filter(review__branch__in=branches.values("pk"), correction__isnull=False)
        return rows.filter(pk__in=lines.values("correction")).select_related(
            "review__branch__town", "member", "actor", "consent_by"
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.review.branch.name, name="branch"),
            column(gettext_lazy("half"), lambda row: name_half(row.review), name="half", order="review__year"),
            column(gettext_lazy("decided on"), lambda row: row.decided_on, name="decided_on", order="decided_on"),
            column(gettext_lazy("entered by"), lambda row: str(row.actor), name="actor"),
            column(gettext_lazy("entered at"), lambda row: row.at, name="at", order="at"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("new/<int:object_id>/", self.new_view, "new"),
            self.page("<int:object_id>/notice.pdf", self.notice_pdf_view, "notice_pdf"),
        ]

    # What is seen

    def may_change(self, request: HttpRequest, row: Correction, action: Action) -> bool:
        return may(actor_of(request), action, row.review.branch, on=today_of(request))

    def row_title(self, row: Correction) -> str:
        return _("Correction of %(name)s, %(half)s") % {"name": row.member.name, "half": name_half(row.review)}

    def row_facts(self, request: HttpRequest, row: Correction) -> Sequence[Fact]:
        user, today = actor_of(request), today_of(request)
        committee = reach_of(user, on=today).branches_with(COMMITTEE_ROLES)
        # The reason may name a ground (D21).
        reads = row.review.branch_id in committee or self.may_change(request, row, Action.CORRECT)
        facts = [
            Fact(_("half-year review"), f"{row.review.branch.name} {name_half(row.review)}", self.url_of(row.review)),
            Fact(_("committee meeting that decided"), row.decided_on),
            Fact(_("reason of the correction"), row.reason if reads or row.actor_id == user.pk else str(HIDDEN)),
            Fact(_("entered by"), str(row.actor)),
            Fact(_("entered at"), row.at),
        ]
        if row.consent_by:
            facts.append(Fact(_("town's consent by"), str(row.consent_by)))
        objection = objections_for(user, on=today).filter(uuid=row.objection).first() if row.objection else None
        if objection is not None:
            facts.append(Fact(_("objection"), objection.receipt, self.url_of(objection)))
        return facts

    def row_context(self, request: HttpRequest, row: Correction) -> dict[str, Any]:
        return {"revised": show_revised(read_revised_lines(row), inside=True)}

    def row_buttons(self, request: HttpRequest, row: Correction) -> Sequence[Button]:
        if not self.may_change(request, row, Action.EXPORT):
            return []
        return [Button(_("Correction notice (PDF)"), self.url("notice_pdf", row.pk), "print", main=True)]

    def notice_pdf_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The notice of the correction to print and put up."""
        correction = self.row_for(request, str(object_id), Action.EXPORT)
        return send_file(write_correction_notice(correction=correction), f"correction-{correction.uuid}.pdf")

    # Entering one

    def new_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Correct one member's line of an approved half: the old and new figures are shown before anything is saved."""
        user, today = actor_of(request), today_of(request)
        review = object_for(
            user, Review.objects.select_related("branch__town"), on=today, action=Action.CORRECT, pk=object_id
        )
        objection = self._asked_objection(request, review)
        lines = {line.member_id: line for line in current_lines(review)}
        asked = request.GET.get("member", "")
        line = lines.get(int(asked)) if asked.isdecimal() else None
        if asked and line is None:
            raise Http404
        page = self._make_page(request, review, line, objection)
        if line is None:
            context = {"page": page, "lines": list(lines.values()), "query": _query(objection)}
            return self.render(request, "workbench/publicity/correct_whom.html", title=page.title, context=context)
        form = self._make_form(request, review, line.member, objection)
        roster_form = self._make_roster_form(request, line.member)
        revised: Sequence[RevisedLine] = ()
        shown = ""
        if request.method == "POST" and all([form.is_valid(), roster_form.is_valid()]):
            plan = _make_plan(form, roster_form, review, line.member, objection)
            seen = form.cleaned_data["seen"] if "save" in request.POST else ""
            try:
                attempt = _carry_out(request, form, plan, objection, seen)
                if attempt.correction is not None:
                    messages.success(
                        request,
                        _(
                            "Corrected; the old revision stays readable. Print the correction notice, put it up and "
                            "enter the day."
                        ),
                    )
                    return HttpResponseRedirect(self.url_of(attempt.correction))
                revised, shown = attempt.revised, attempt.fingerprint
            except DuplicateBatch as error:
                messages.warning(request, str(error))
                return HttpResponseRedirect(page.back)
            except DomainError as error:
                form.add_error(None, str(error))
        context = {
            "form": form,
            "roster_form": roster_form,
            "page": page,
            "revised": show_revised(revised, inside=True),
            "seen": shown,
        }
        return self.render(request, "workbench/publicity/correct.html", title=page.title, context=context | page.extra)

    def _asked_objection(self, request: HttpRequest, review: Review) -> Objection | None:
        """The objection named in the address: unanswered, handled by the user, about this half or the year's second."""
        asked = request.GET.get("objection", "")
        if not asked:
            return None
        rows = objections_to_handle(actor_of(request), on=today_of(request)).filter(
            answered_at__isnull=True,
            notice__review__branch=review.branch_id,
            notice__review__year=review.year,
            notice__review__half__in=[review.half, H2],
        )
        try:
            objection = rows.select_related("notice__review__branch__town").filter(uuid=UUID(asked)).first()
        except ValueError:
            objection = None
        if objection is None:
            raise Http404
        return objection

    def _make_page(
        self, request: HttpRequest, review: Review, line: ReviewLine | None, objection: Objection | None
    ) -> FormPage:
        whom = f"{line.member.name} {name_half(review)}" if line else name_half(review)
        warning = []
        if review.state == Review.State.PUBLISHED:
            warning.append(_("The notice is up: the corrected line is put up as well and has its own full days (D10)."))
        if review.state == Review.State.FINAL:
            warning.append(
                _(
                    "The half is final: the town's staff enter the correction, which is their consent; it is then "
                    "published again."
                )
            )
        facts = [Fact(_("objection"), f"{objection.receipt}\n{objection.text}")] if objection else []
        return FormPage(
            title=_("Correct the line of %(whom)s") % {"whom": whom},
            back=self.url_of(objection) if objection else self.url_of(review),
            submit=_("Show what it changes"),
            intro=[
                _("A correction voids and records as the committee decided, and writes a new revision of the line.")
            ],
            warning=warning,
            facts=facts,
            extra={"first_half_url": self._first_half_url(review, line, objection), "member": line and line.member},
        )

    def _first_half_url(self, review: Review, line: ReviewLine | None, objection: Objection | None) -> str:
        """Where to correct the first half of the same year, if it is this branch's; empty for a first half."""
        if line is None or review.half == H1:
            return ""
        first = ReviewLine.objects.filter(
            member=line.member_id, review__year=review.year, review__half=H1, review__branch=review.branch_id
        ).first()
        if first is None:
            return ""
        return f"{self.url('new', first.review_id)}?member={line.member_id}&{_query(objection)}"

    def _make_form(
        self, request: HttpRequest, review: Review, member: Member, objection: Objection | None
    ) -> CorrectionForm:
        catalogue = catalogue_for(request)
        user, today = actor_of(request), today_of(request)
        rows: list[QuerySet[Any]] = [
            Deduction.objects.filter(member=member, date__year=review.year),
            VetoRecord.objects.filter(member=member, year=review.year),
        ]
        findings: list[Finding] = [finding for found in rows for finding in findings_for(user, found, on=today)]
        return CorrectionForm(
            request.POST if request.method == "POST" else None,
            member=member,
            events=correctable_events(review, member),
            findings=findings,
            rulebooks={
                year: rulebook
                for year, rulebook in catalogue.of_town(review.branch.town_id).items()
                if year == review.year
            },
            catalogue=catalogue,
            today=today,
            with_answer=objection is not None,
            initial={"decided_on": today},
        )

    def _make_roster_form(self, request: HttpRequest, member: Member) -> RosterChangeForm:
        """The change of the roster the user may enter: moves are the town's, exemptions the secretary's too."""
        user, today = actor_of(request), today_of(request)
        may_move, may_exempt = (
            members_for(user, on=today, action=action).filter(pk=member.pk).exists()
            for action in (Action.KEEP_ROSTER, Action.DECIDE_FINDING)
        )
        return RosterChangeForm(
            request.POST if request.method == "POST" else None,
            branches=branches_for(user, on=today, action=Action.KEEP_ROSTER).filter(town=member.town_id),
            may_move=may_move,
            may_exempt=may_exempt and not is_own_case(user, member),
            exemption=member.exemptions.open().first(),
        )


def _carry_out(
    request: HttpRequest, form: CorrectionForm, plan: CorrectionPlan, objection: Objection | None, seen: str
) -> Attempt:
    """Correct, and answer the objection it came from, if the figures are those seen before."""
    actor, now, token = actor_of(request), now_of(request), form.cleaned_data["token"]
    if objection is None:
        return try_plan(actor=actor, now=now, plan=plan, seen=seen, token=token)
    answer = form.cleaned_data["answer"]
    return answer_by_correction(
        actor=actor, now=now, objection=objection, answer=answer, plan=plan, seen=seen, token=token
    )


def _make_plan(
    form: CorrectionForm, roster_form: RosterChangeForm, review: Review, member: Member, objection: Objection | None
) -> CorrectionPlan:
    data = form.cleaned_data
    return CorrectionPlan(
        review=review,
        member=member,
        decided_on=data["decided_on"],
        reason=data["reason"],
        void=form.voided_events(),
        record=tuple(form.entries),
        confirm=form.chosen_findings(CONFIRM),
        revoke=form.chosen_findings(REVOKE),
        roster=roster_form.chosen_change(reason=data["reason"]),
        objection=objection.uuid if objection else None,
    )


def _query(objection: Objection | None) -> str:
    return f"objection={objection.uuid}" if objection else ""
