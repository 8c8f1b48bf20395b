"""What the branch decides of exemption (2.1, D15): granted, granted or declined as applied for, ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, object_for
from members.log.reasons import REASON_LENGTH
from members.models import Exemption, ExemptionApplication, Member
from members.people.naming import tell_apart_at_home
from points.roster.exemption_applications import decline_application, grant_application
from points.roster.moves import end_exemption, grant_exemption
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import ALL_FACTS, Outcome, RowStep, TableStep


class ExemptionForm(WorkbenchForm):
    """The branch's decision to exempt a member on their own application (2.1, D15)."""

    ground = forms.ChoiceField(label=gettext_lazy("ground"), choices=Exemption.Ground.choices)
    applied_on = forms.DateField(label=gettext_lazy("applied on"), widget=forms.DateInput)
    decided_on = forms.DateField(label=gettext_lazy("decided by the branch on"), widget=forms.DateInput)
    from_date = forms.DateField(label=gettext_lazy("effective from"), widget=forms.DateInput)
    note = TidyField(label=gettext_lazy("note"), max_length=300, required=False)


class GrantExemption(TableStep[ExemptionForm]):
    """Enter the branch's decision to exempt a member."""

    name = "grant"
    route = "grant/<int:member_id>/"
    form_class = ExemptionForm
    submit = gettext_lazy("Enter the exemption")
    intro = (gettext_lazy("On the member's own application, decided by the branch; age alone exempts nobody."),)

    member: Member

    def prepare(self) -> None:
        self.member = object_for(
            self.actor, Member.objects.all(), on=self.today, action=Action.DECIDE_FINDING, pk=self.kwargs["member_id"]
        )
        tell_apart_at_home([self.member], on=self.today)

    def get_title(self) -> str:
        return _("Exempt %(name)s") % {"name": self.member.listed_name}

    def get_back(self) -> str:
        return row_url(self.member)

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("date of birth"), self.member.birth_date or "—")]

    def carry_out(self, form: ExemptionForm) -> Outcome:
        data = form.cleaned_data
        exemption = grant_exemption(
            actor=self.actor,
            now=self.now,
            member=self.member,
            ground=Exemption.Ground(data["ground"]),
            applied_on=data["applied_on"],
            decided_on=data["decided_on"],
            from_date=data["from_date"],
            note=data["note"],
        )
        return Outcome(row_url(exemption), _("Entered. It can be ended here, with a reason."))


class EndExemptionForm(WorkbenchForm):
    """From which day the member is scored again, and why."""

    ended_on = forms.DateField(
        label=gettext_lazy("ended on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The first day the member is scored again."),
    )
    reason = TidyField(label=gettext_lazy("Reason"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))


class EndExemption(RowStep[Exemption, EndExemptionForm]):
    """End an exemption."""

    name = "end"
    action = Action.DECIDE_FINDING
    form_class = EndExemptionForm
    title = gettext_lazy("End the exemption")
    submit = gettext_lazy("End the exemption")
    grave = True
    shown_facts = ALL_FACTS
    done = gettext_lazy("Ended. To undo it, enter a new exemption.")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"ended_on": self.today}}

    def carry_out(self, form: EndExemptionForm) -> None:
        end_exemption(actor=self.actor, now=self.now, exemption=self.row, **form.cleaned_data)


class GrantForm(WorkbenchForm):
    """The committee agreed."""

    decided_on = forms.DateField(label=gettext_lazy("decided by the branch on"), widget=forms.DateInput)
    from_date = forms.DateField(label=gettext_lazy("effective from"), widget=forms.DateInput)
    explanation = TidyField(
        label=gettext_lazy("explanation of the decision"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )


class GrantApplication(RowStep[ExemptionApplication, GrantForm]):
    """Enter that the committee agreed."""

    name = "grant"
    action = Action.DECIDE_FINDING
    form_class = GrantForm
    submit = gettext_lazy("Enter the exemption")
    intro = (gettext_lazy("From that day on the months are outside the scheme; age alone exempts nobody."),)
    shown_facts = ALL_FACTS

    def get_title(self) -> str:
        return _("Exempt %(name)s") % {"name": self.row.member.listed_name}

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"from_date": self.today}}

    def carry_out(self, form: GrantForm) -> Outcome:
        exemption = grant_application(actor=self.actor, now=self.now, application=self.row, **form.cleaned_data)
        return Outcome(row_url(exemption), _("Entered; the member has been told. The exemption can be ended here."))


class DeclineForm(WorkbenchForm):
    """The committee did not agree."""

    decided_on = forms.DateField(label=gettext_lazy("decided on"), widget=forms.DateInput)
    explanation = TidyField(
        label=gettext_lazy("explanation of the decision"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )


class DeclineApplication(RowStep[ExemptionApplication, DeclineForm]):
    """Enter that the committee did not agree."""

    name = "decline"
    action = Action.DECIDE_FINDING
    form_class = DeclineForm
    submit = gettext_lazy("Enter the decision")
    shown_facts = ALL_FACTS
    done = gettext_lazy("Entered; the member has been told. They may apply again.")

    def get_title(self) -> str:
        return _("Decline the application of %(name)s") % {"name": self.row.member.listed_name}

    def carry_out(self, form: DeclineForm) -> None:
        decline_application(actor=self.actor, now=self.now, application=self.row, **form.cleaned_data)
