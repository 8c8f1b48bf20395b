"""The steps on which a finding goes its way: let through, told, answered, decided, revoked, voided (D18).

No ground stands in an address, a heading, a file name or a message (D21).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.workbench.base.steps import Outcome, ReasonStep, RowStep
from scoring_site.workbench.findings.forms import AnswerForm, DecisionForm, TellForm
from veto.deciding import clear_finding, confirm_finding, dismiss_finding, revoke_finding, void_finding
from veto.hearings import record_answer, tell_member
from veto.models import Finding


class ClearFinding(RowStep[Finding, WorkbenchForm]):
    """The town's staff let a proposal through."""

    name = "clear"
    action = Action.CONSENT
    title = gettext_lazy("Let a proposal through")
    submit = gettext_lazy("Let it through")
    intro = (
        gettext_lazy("Look whether it has grounds of its own and is no answer to what the member did by right."),
        gettext_lazy("Let it through only then; otherwise void it, with a reason."),
    )
    shown_facts = 6
    done = gettext_lazy("Let through; the branch goes on with it. It cannot be held again.")

    def carry_out(self, form: WorkbenchForm) -> None:
        clear_finding(actor=self.actor, now=self.now, finding=self.row)


class TellMember(RowStep[Finding, TellForm]):
    """Enter that the member was handed the notice."""

    name = "tell"
    action = Action.PROPOSE_FINDING
    form_class = TellForm
    title = gettext_lazy("Enter that the member was told")
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy("Print the notice, hand it over in person and have its receipt signed; then enter the day here."),
        gettext_lazy("With an account the member finds it in the portal too, and may answer there."),
    )
    shown_facts = 4

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"notified_on": self.today}}

    def carry_out(self, form: TellForm) -> Outcome:
        day = form.cleaned_data["notified_on"]
        tell_member(actor=self.actor, now=self.now, finding=self.row, notified_on=day)
        return Outcome(
            self.get_back(),
            _("Entered. The member can answer in the portal; what comes on paper is entered here. ")
            + _("If the day is wrong, void the finding and propose it anew."),
        )


class EnterAnswer(RowStep[Finding, AnswerForm]):
    """Enter the answer that came on paper (D18, D26)."""

    name = "answer"
    action = Action.PROPOSE_FINDING
    form_class = AnswerForm
    title = gettext_lazy("Enter the member's answer")
    submit = gettext_lazy("Enter")
    intro = (gettext_lazy("The member has at least five working days to answer; the answer may come on paper."),)
    shown_facts = 4
    done = gettext_lazy("Entered. It stands once and for all; if it is wrong, void the finding and propose it anew.")

    def carry_out(self, form: AnswerForm) -> None:
        data = form.cleaned_data
        record_answer(
            actor=self.actor,
            now=self.now,
            finding=self.row,
            answered_on=data["answered_on"],
            answer=Finding.Answer(data["answer"]),
            statement=data["statement"],
            witnesses=form.witnesses,
        )


class DecideFinding(RowStep[Finding, DecisionForm]):
    """Enter the committee's decision; what a confirmation does is said first, by kind."""

    name = "decide"
    action = Action.DECIDE_FINDING
    form_class = DecisionForm
    title = gettext_lazy("Enter the decision")
    submit = gettext_lazy("Enter the decision")
    shown_facts = 10

    def carry_out(self, form: DecisionForm) -> Outcome:
        day = form.cleaned_data["decided_on"]
        if form.cleaned_data["decision"] == DecisionForm.CONFIRM:
            confirm_finding(actor=self.actor, now=self.now, finding=self.row, decided_on=day)
            said = _("Confirmed; it counts now. A wrong confirmation is revoked here, with a reason.")
        else:
            dismiss_finding(actor=self.actor, now=self.now, finding=self.row, decided_on=day)
            said = _("Not confirmed; it never counts. To take it up again, propose it anew.")
        return Outcome(self.get_back(), said)


class DecideDeduction(DecideFinding):
    """The decision on an entry of the negative list."""

    warning = (gettext_lazy("A confirmed deduction takes its points from the year's score, down to 0."),)


class DecideVeto(DecideFinding):
    """The decision on a one-vote veto."""

    warning = (gettext_lazy("A confirmed veto makes the year's score 0. The member may appeal to the town."),)


class RevokeFinding(ReasonStep[Finding]):
    """Take a confirmed finding back."""

    name = "revoke"
    action = Action.DECIDE_FINDING
    title = gettext_lazy("Revoke a finding")
    submit = gettext_lazy("Revoke")
    warning = (gettext_lazy("The finding will no longer count; the member's score changes accordingly."),)
    done = gettext_lazy("Revoked; it counts no longer. To bring it back, propose it anew.")

    def carry_out(self, form: ReasonForm) -> None:
        revoke_finding(actor=self.actor, now=self.now, finding=self.row, reason=form.cleaned_data["reason"])


class VoidFinding(ReasonStep[Finding]):
    """Void a finding entered by mistake."""

    name = "void"
    action = Action.DECIDE_FINDING
    title = gettext_lazy("Void a finding")
    submit = gettext_lazy("Void")
    warning = (gettext_lazy("This finding will no longer count. It stays readable with your name and the reason."),)
    done = gettext_lazy("Voided. A void cannot be undone: if it was a mistake, propose the finding again.")

    def carry_out(self, form: ReasonForm) -> None:
        void_finding(actor=self.actor, now=self.now, finding=self.row, reason=form.cleaned_data["reason"])
