"""The steps by which a finding's member is heard: papers given, a meeting postponed, the answer on paper (D18, D26).

No ground stands in an address, a heading, a file name or a message (D21).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from scoring_site.workbench.base.pages import Text
from scoring_site.workbench.base.steps import Outcome, RowStep
from scoring_site.workbench.findings.step_forms import AnswerForm, DeliveryForm, TellForm, TellOfDecidedForm
from veto.appeals import appeal_days_of
from veto.hearings import give_decision, postpone_meeting, record_answer, tell_member
from veto.models import Answer, Finding


class TellMember(RowStep[Finding, TellForm]):
    """Enter that the member was given the notice."""

    name = "tell"
    action = Action.PROPOSE_FINDING
    title = gettext_lazy("Enter that the member was told")
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy(
            "Set the committee's meeting first, print the notice, fill in its day, hour and place, hand it over in "
            "person and have its receipt signed; then enter it here."
        ),
        gettext_lazy("With an account the member finds it in the portal too, and may answer there."),
    )
    shown_facts = 4

    def make_form(self) -> TellForm:
        sent = (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()
        form_class = TellForm if self.row.state == Finding.State.PROPOSED else TellOfDecidedForm
        return form_class(*sent, initial={"told_on": self.today})

    def carry_out(self, form: TellForm) -> Outcome:
        tell_member(actor=self.actor, now=self.now, finding=self.row, delivery=form.delivery(), meeting=form.meeting())
        return Outcome(
            self.get_back(),
            _("Entered. The member can answer in the portal; what comes on paper is entered here. ")
            + _("If the day is wrong, void the finding and propose it anew."),
        )


class PostponeMeeting(RowStep[Finding, TellForm]):
    """Enter that the committee meets on another day, and that the member was told of it."""

    name = "postpone"
    action = Action.PROPOSE_FINDING
    form_class = TellForm
    title = gettext_lazy("The committee meets on another day")
    submit = gettext_lazy("Enter")
    intro = (gettext_lazy("Tell the member of the new day as of the first one; the days to answer stay as they were."),)
    shown_facts = 4

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"told_on": self.today}}

    def carry_out(self, form: TellForm) -> Outcome:
        meeting = form.meeting()
        assert meeting is not None
        postpone_meeting(actor=self.actor, now=self.now, finding=self.row, delivery=form.delivery(), meeting=meeting)
        return Outcome(
            self.get_back(), _("Entered; the member finds the new day in the portal. Print the notice anew.")
        )


class EnterAnswer(RowStep[Finding, AnswerForm]):
    """Enter the answer that came on paper (D18, D26)."""

    name = "answer"
    action = Action.PROPOSE_FINDING
    form_class = AnswerForm
    title = gettext_lazy("Enter the member's answer")
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy("The member has at least five working days to answer; the answer may come on paper."),
        gettext_lazy("The member sees that you entered it, and can say that it is not theirs."),
    )
    shown_facts = 4
    done = gettext_lazy("Entered; the member is told of it. If it is wrong, void the finding and propose it anew.")

    def carry_out(self, form: AnswerForm) -> None:
        data = form.cleaned_data
        record_answer(
            actor=self.actor,
            now=self.now,
            finding=self.row,
            answered_on=data["answered_on"],
            kind=Answer.Kind(data["kind"]),
            statement=data["statement"],
            agrees_earlier=data["agrees_earlier"],
            papers=data["papers"],
        )


class GiveDecision(RowStep[Finding, DeliveryForm]):
    """Enter that the member was given the decision letter."""

    name = "give"
    action = Action.PROPOSE_FINDING
    form_class = DeliveryForm
    title = gettext_lazy("Enter that the decision letter was given")
    submit = gettext_lazy("Enter")
    shown_facts = 4
    done = gettext_lazy("Entered; the member reads what follows from it.")

    def get_intro(self) -> Sequence[Text]:
        if self.row.state != Finding.State.CONFIRMED:
            return ()
        days = appeal_days_of(self.row)
        return (_("From the day after on the member has %(days)d days to appeal to the town.") % {"days": days},)

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"told_on": self.today}}

    def carry_out(self, form: DeliveryForm) -> None:
        give_decision(actor=self.actor, now=self.now, finding=self.row, delivery=form.delivery())
