"""Entering a correction of one member's line of an approved half: old and new figures are shown first (D10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, findings_for, is_own_case, may, members_for, object_for
from members.models import ExemptionApplication, Member, User
from points.models import Correction, Review, ReviewLine
from points.rules.periods import H1, H2
from points.scoring.freezing import current_lines
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.corrections.paper import TITLE as PAPER
from publicity.corrections.paper import write_correction_notice
from publicity.corrections.plans import Attempt, CorrectionPlan, correctable_events
from publicity.models import Objection
from publicity.objections.access import objections_to_handle
from publicity.rechecking.steps import enter_correction
from publicity.rechecking.town_decisions import correct_by_town_decision, is_for_the_town
from scoring_site.downloads import send_file
from scoring_site.parameters import read_id
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.pages import RowPage, Text, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.publicity.corrections.forms import CorrectionForm
from scoring_site.workbench.publicity.corrections.plan_words import CONFIRM, REVOKE
from scoring_site.workbench.publicity.corrections.roster_forms import RosterChangeForm
from veto.models import Deduction, Finding, VetoRecord


class CorrectLine(TableStep[CorrectionForm]):
    """Correct the line of `?member=`, or first choose whose; with `?objection=` the correction answers it."""

    name = "new"
    route = "new/<id:object_id>/"
    form_class = CorrectionForm
    template = "workbench/publicity/correct.html"
    submit = gettext_lazy("Show what it changes")
    intro = (
        gettext_lazy("A correction voids and records as the committee decided, and writes a new revision of the line."),
        gettext_lazy("It waits for its review: nothing changes until another officer has looked at it."),
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
        self.line = self.lines.get(read_id(asked))
        if asked and self.line is None:
            raise Http404
        if self.line is not None:
            _refuse_own_line(self.actor, self.line.member)

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

    def get_intro(self) -> Sequence[Text]:
        what_it_does, waits = self.intro
        if self._has_number():
            return [what_it_does, _("The town decided: it is carried out at once, without a second review.")]
        if self.town_decides:
            by_town = _(
                "With the number of a decision of the town it is carried out at once; what the branch's meeting "
                "decided waits for its review."
            )
            return [what_it_does, by_town]
        return [what_it_does, waits]

    def get_warning(self) -> Sequence[Text]:
        if self.review.state == Review.State.PUBLISHED:
            return [_("The notice is up: the corrected line is put up as well and has its own full days.")]
        if self.review.state == Review.State.FINAL:
            return [
                _(
                    "The half is final: the town's staff enter or review the correction, which is their consent; it is "
                    "then published again."
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
            "with_answer": self.objection is not None and not self.objection.is_answered,
            "town_decides": self.town_decides,
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
                lines=[line for line in self.lines.values() if not is_own_case(self.actor, line.member)],
                query=_query(self.objection),
            )
        shown = {
            "roster_form": form.roster,
            "revised": show_revised((), inside=True),
            "seen": "",
            "save": _("Carry out the town's decision") if self._has_number() else _("Enter it for review"),
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
        """Enter it, if the figures are those seen before; else show them, and nothing is saved."""
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
        )
        seen = data["seen"] if "save" in self.request.POST else ""
        given: dict[str, Any] = {
            "actor": self.actor,
            "now": self.now,
            "plan": plan,
            "is_unrelated": data["is_unrelated"],
        }
        given |= {"answer": data.get("answer", ""), "seen": seen, "token": data["token"]}
        if data.get("town_decision"):
            assert self.objection is not None, "only an objection gives the form this field"
            decided = correct_by_town_decision(objection=self.objection, number=data["town_decision"], **given)
            if decided.correction is None:
                return self._show_figures(form, decided)
            return Outcome(
                row_url(decided.correction),
                _("Carried out; the old revision stays readable. ")
                + _("Print the correction notice, put it up and enter the day."),
            )
        entering = enter_correction(meeting=form.meeting, objection=self.objection, **given)
        if entering.entered is None:
            return self._show_figures(form, entering.attempt)
        return Outcome(
            row_url(entering.entered),
            _("Entered; nothing is changed yet. Another officer reviews it; until then you can take it back here."),
        )

    def _show_figures(self, form: CorrectionForm, attempt: Attempt) -> HttpResponseBase:
        return self.show(form, revised=show_revised(attempt.revised, inside=True), seen=attempt.fingerprint)

    def _has_number(self) -> bool:
        """Whether what was sent is a decision of the town."""
        return self.town_decides and bool(self.request.POST.get("town_decision", "").strip())

    @property
    def town_decides(self) -> bool:
        """Whether a decision of the town on the objection can be the basis, without a branch meeting (D10)."""
        if self.objection is None or not is_for_the_town(self.objection):
            return False
        return may(self.actor, Action.CONSENT, self.review.branch, on=self.today)


def _asked_objection(request: HttpRequest, review: Review) -> Objection | None:
    """The objection named in the address, handled by the user, about this half or the year's second.

    It is open, or the town's to decide on, also after it was answered and replied to (D10).
    """
    asked = request.GET.get("objection", "")
    if not asked:
        return None
    rows = objections_to_handle(actor_of(request), on=today_of(request)).filter(
        Q(answered_at__isnull=True) | Q(to_town_at__isnull=False) | Q(dissatisfied_at__isnull=False),
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


def _refuse_own_line(actor: User, member: Member) -> None:
    """Refuse (403) the page of a line of one's own; the verb refuses it as well."""
    if is_own_case(actor, member):
        raise PermissionDenied(
            _("Nobody corrects their own line: another member of the committee or the town's staff enters it.")
        )


def _query(objection: Objection | None) -> str:
    return f"objection={objection.uuid}" if objection else ""


class CorrectionNotice(RowPage[Correction]):
    """The notice of the correction to print and put up."""

    name = "notice_pdf"
    route = "notice.pdf"
    action = Action.EXPORT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        review = self.row.review
        name = f"{review.branch_name}-{name_half(review)}-{PAPER}-{self.row.decided_on}"
        return send_file(write_correction_notice(correction=self.row), f"{name}.pdf")
