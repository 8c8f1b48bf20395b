"""Correcting one member's line of an approved half: old and new figures are shown before anything is saved (D10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, findings_for, is_own_case, members_for, object_for
from members.models import ExemptionApplication, Member
from points.models import Correction, Review, ReviewLine
from points.rules.periods import H1, H2
from points.scoring.freezing import current_lines
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.corrections.paper import write_correction_notice
from publicity.corrections.plans import Attempt, CorrectionPlan, correctable_events, try_plan
from publicity.models import Objection
from publicity.objections.access import objections_to_handle
from publicity.objections.objections import answer_by_correction
from scoring_site.downloads import send_file
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.pages import RowPage, Text, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.publicity.corrections.forms import CONFIRM, REVOKE, CorrectionForm
from scoring_site.workbench.publicity.corrections.roster_forms import RosterChangeForm
from veto.models import Deduction, Finding, VetoRecord


class CorrectLine(TableStep[CorrectionForm]):
    """Correct the line of `?member=`, or first choose whose; with `?objection=` the correction answers it."""

    name = "new"
    route = "new/<int:object_id>/"
    form_class = CorrectionForm
    template = "workbench/publicity/correct.html"
    submit = gettext_lazy("Show what it changes")
    intro = (
        gettext_lazy("A correction voids and records as the committee decided, and writes a new revision of the line."),
    )

    review: Review
    objection: Objection | None
    lines: dict[int, ReviewLine]
    line: ReviewLine | None

    def prepare(self) -> None:
        reviews = Review.objects.select_related("branch__town")
        self.review = object_for(self.actor, reviews, on=self.today, action=Action.CORRECT, pk=self.kwargs["object_id"])
        self.objection = _asked_objection(self.request, self.review)
        self.lines = {line.member_id: line for line in current_lines(self.review)}
        asked = self.request.GET.get("member", "")
        self.line = self.lines.get(int(asked)) if asked.isdecimal() else None
        if asked and self.line is None:
            raise Http404

    @property
    def member(self) -> Member:
        """Whose line it is, once it is chosen."""
        assert self.line is not None
        return self.line.member

    def is_ready(self) -> bool:
        return self.line is not None

    def get_title(self) -> str:
        whom = f"{self.line.member.listed_name} {name_half(self.review)}" if self.line else name_half(self.review)
        return _("Correct the line of %(whom)s") % {"whom": whom}

    def get_back(self) -> str:
        return row_url(self.objection) if self.objection else row_url(self.review)

    def get_warning(self) -> Sequence[Text]:
        if self.review.state == Review.State.PUBLISHED:
            return [_("The notice is up: the corrected line is put up as well and has its own full days.")]
        if self.review.state == Review.State.FINAL:
            return [
                _(
                    "The half is final: the town's staff enter the correction, which is their consent; it is then "
                    "published again."
                )
            ]
        return ()

    def get_facts(self) -> Sequence[Fact]:
        if self.objection is None:
            return ()
        return [Fact(_("objection"), f"{self.objection.receipt}\n{self.objection.text}")]

    def make_form(self) -> CorrectionForm:
        """The form of the records with that of the roster beside it."""
        form = super().make_form()
        form.roster = RosterChangeForm(self.request.POST if form.is_bound else None, **self._roster_arguments())
        return form

    def get_form_arguments(self) -> dict[str, Any]:
        review, catalogue = self.review, catalogue_for(self.request)
        rows: list[QuerySet[Any]] = [
            Deduction.objects.filter(member=self.member, date__year=review.year),
            VetoRecord.objects.filter(member=self.member, year=review.year),
        ]
        findings: list[Finding] = [
            finding for found in rows for finding in findings_for(self.actor, found, on=self.today)
        ]
        rulebooks = catalogue.of_town(review.branch.town_id)
        return {
            "member": self.member,
            "events": correctable_events(review, self.member),
            "findings": findings,
            "rulebooks": {year: rulebook for year, rulebook in rulebooks.items() if year == review.year},
            "catalogue": catalogue,
            "today": self.today,
            "with_answer": self.objection is not None,
            "initial": {"decided_on": self.today},
        }

    def _roster_arguments(self) -> dict[str, Any]:
        """What of the roster the user may enter: moves are the town's, exemptions the secretary's too."""
        actor, today, member = self.actor, self.today, self.member
        may_move, may_exempt = (
            members_for(actor, on=today, action=action).filter(pk=member.pk).exists()
            for action in (Action.KEEP_ROSTER, Action.DECIDE_FINDING)
        )
        return {
            "branches": branches_for(actor, on=today, action=Action.KEEP_ROSTER).filter(town=member.town_id),
            "may_move": may_move,
            "may_exempt": may_exempt and not is_own_case(actor, member),
            "exemption": member.exemptions.open().first(),
            "application": member.exemption_applications.filter(state=ExemptionApplication.State.WAITING).first(),
        }

    def show(self, form: CorrectionForm | None, **context: Any) -> HttpResponseBase:
        """The form with the figures it would write, where they were worked out; before that the members to choose."""
        if form is None:
            return self.render(
                "workbench/publicity/correct_whom.html",
                page={"intro": self.get_intro(), "back": self.get_back()},
                lines=list(self.lines.values()),
                query=_query(self.objection),
            )
        shown = {
            "roster_form": form.roster,
            "revised": show_revised((), inside=True),
            "seen": "",
            "first_half_url": self._first_half_url(),
            "member": self.member,
        }
        return super().show(form, **shown | context)

    def _first_half_url(self) -> str:
        """Where to correct the first half of the same year, if it is this branch's; empty for a first half."""
        if self.review.half == H1:
            return ""
        first = ReviewLine.objects.filter(
            member=self.member.pk,
            review__year=self.review.year,
            review__half=H1,
            review__branch=self.review.branch_id,
        ).first()
        if first is None:
            return ""
        return f"{self.table.url('new', first.review_id)}?member={self.member.pk}&{_query(self.objection)}"

    def carry_out(self, form: CorrectionForm) -> Outcome | HttpResponseBase:
        """Correct, if the figures are those seen before; else show them, and nothing is saved."""
        attempt = self._try_plan(form, seen=form.cleaned_data["seen"] if "save" in self.request.POST else "")
        if attempt.correction is None:
            return self.show(form, revised=show_revised(attempt.revised, inside=True), seen=attempt.fingerprint)
        return Outcome(
            row_url(attempt.correction),
            _("Corrected; the old revision stays readable. Print the correction notice, put it up and enter the day."),
        )

    def _try_plan(self, form: CorrectionForm, *, seen: str) -> Attempt:
        """What the plan comes to; where it came from an objection, it answers that as well."""
        data = form.cleaned_data
        plan = CorrectionPlan(
            review=self.review,
            member=self.member,
            decided_on=data["decided_on"],
            reason=data["reason"],
            void=form.voided_events(),
            record=tuple(form.entries),
            confirm=form.chosen_findings(CONFIRM),
            revoke=form.chosen_findings(REVOKE),
            roster=form.roster.chosen_change(reason=data["reason"]),
            objection=self.objection.uuid if self.objection else None,
        )
        if self.objection is None:
            return try_plan(actor=self.actor, now=self.now, plan=plan, seen=seen, token=data["token"])
        return answer_by_correction(
            actor=self.actor,
            now=self.now,
            objection=self.objection,
            answer=data["answer"],
            plan=plan,
            seen=seen,
            token=data["token"],
        )


def _asked_objection(request: HttpRequest, review: Review) -> Objection | None:
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


def _query(objection: Objection | None) -> str:
    return f"objection={objection.uuid}" if objection else ""


class CorrectionNotice(RowPage[Correction]):
    """The notice of the correction to print and put up."""

    name = "notice_pdf"
    route = "notice.pdf"
    action = Action.EXPORT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_file(write_correction_notice(correction=self.row), f"correction-{self.row.uuid}.pdf")
