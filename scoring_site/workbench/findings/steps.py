"""The steps by which others judge a finding: let through, decided, revoked, voided (D18).

Who lets through or decides sees the ground, the papers and the statement, as far as D21 lets them; the look is logged.

No ground stands in an address, a heading, a file name or a message (D21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from scoring_site.forms.fields import ReasonForm
from scoring_site.forms.recusal import RecusalForm, RecusalReasonForm
from scoring_site.workbench.base.pages import Text, require
from scoring_site.workbench.base.steps import ALL_FACTS, Outcome, ReasonStep, RowStep
from scoring_site.workbench.findings.grounds import GroundStep
from scoring_site.workbench.findings.reminders import remind_of_probation
from scoring_site.workbench.findings.step_forms import DecisionForm
from veto.deciding import clear_finding, confirm_finding, dismiss_finding, revoke_finding, void_finding
from veto.models import Finding
from veto.steps import may_decide


class ClearFinding(GroundStep[RecusalForm]):
    """The town's staff let a proposal through."""

    name = "clear"
    action = Action.CONSENT
    form_class = RecusalForm
    title = gettext_lazy("Let a proposal through")
    submit = gettext_lazy("Let it through")
    intro = (
        gettext_lazy("Look whether it has grounds of its own and is no answer to what the member did by right."),
        gettext_lazy("Let it through only then; otherwise void it, with a reason."),
    )
    shown_facts = 6
    done = gettext_lazy("Let through; the branch goes on with it. It cannot be held again.")

    def carry_out(self, form: RecusalForm) -> None:
        clear_finding(actor=self.actor, now=self.now, finding=self.row, is_unrelated=form.cleaned_data["is_unrelated"])


class DecideFinding(GroundStep[DecisionForm]):
    """Enter the committee's decision, with the ground, the papers and the statement before one's eyes."""

    name = "decide"
    action = Action.DECIDE_FINDING
    form_class = DecisionForm
    title = gettext_lazy("Enter the decision")
    submit = gettext_lazy("Enter the decision")
    shown_facts = 12
    effect: ClassVar[Text] = ""
    """What a confirmation does."""

    def prepare(self) -> None:
        self.row = self.table.get_object(self.request, str(self.kwargs["object_id"]))
        require(self.table.may_change(self.request, self.row, Action.DECIDE_FINDING) or self.may_decide())

    def may_decide(self) -> bool:
        return may_decide(self.actor, self.row, on=self.today)

    def get_warning(self) -> Sequence[Text]:
        warnings = [self.effect]
        reminder = remind_of_probation(self.row)
        return [*warnings, reminder] if reminder else warnings

    def get_form_arguments(self) -> dict[str, Any]:
        told = self.row.told
        met_on = timezone.localdate(told.meets_at) if told and told.meets_at else self.today
        is_town = self.table.may_change(self.request, self.row, Action.CONSENT)
        return {"is_town": is_town, "initial": {"met_on": min(met_on, self.today)}}

    def carry_out(self, form: DecisionForm) -> Outcome:
        given: dict[str, Any] = {
            "actor": self.actor,
            "now": self.now,
            "finding": self.row,
            "resolution": form.resolution(),
            "is_unrelated": form.cleaned_data["is_unrelated"],
        }
        if form.cleaned_data["decision"] == DecisionForm.CONFIRM:
            confirm_finding(**given)
            said = _("Confirmed; it counts now. Next: print the decision letter and give it to the member. ")
            said += _("A wrong confirmation is revoked here, with a reason.")
        else:
            dismiss_finding(**given)
            said = _("Not confirmed; it never counts. To take it up again, propose it anew.")
        return Outcome(self.get_back(), said)


class DecideDeduction(DecideFinding):
    """The decision on an entry of the negative list."""

    effect = gettext_lazy("A confirmed deduction takes its points from the year's score, down to 0.")


class DecideVeto(DecideFinding):
    """The decision on a one-vote veto."""

    effect = gettext_lazy("A confirmed veto makes the year's score 0. The member may appeal to the town.")


class RevokeFinding(RowStep[Finding, RecusalReasonForm]):
    """Take a confirmed finding back."""

    name = "revoke"
    form_class = RecusalReasonForm
    grave = True
    shown_facts = ALL_FACTS
    action = Action.DECIDE_FINDING
    title = gettext_lazy("Revoke a finding")
    submit = gettext_lazy("Revoke")
    warning = (gettext_lazy("The finding will no longer count; the member's score changes accordingly."),)
    done = gettext_lazy("Revoked; it counts no longer. To bring it back, propose it anew.")

    def carry_out(self, form: RecusalReasonForm) -> None:
        data = form.cleaned_data
        revoke_finding(
            actor=self.actor,
            now=self.now,
            finding=self.row,
            reason=data["reason"],
            is_unrelated=data["is_unrelated"],
        )


class VoidFinding(ReasonStep[Finding]):
    """Void a finding entered by mistake."""

    name = "void"
    form_class = RecusalReasonForm
    action = Action.DECIDE_FINDING
    title = gettext_lazy("Void a finding")
    submit = gettext_lazy("Void")
    warning = (gettext_lazy("This finding will no longer count. It stays readable with your name and the reason."),)
    done = gettext_lazy("Voided. A void cannot be undone: if it was a mistake, propose the finding again.")

    def carry_out(self, form: ReasonForm) -> None:
        data = form.cleaned_data
        void_finding(
            actor=self.actor,
            now=self.now,
            finding=self.row,
            reason=data["reason"],
            is_unrelated=data["is_unrelated"],
        )
