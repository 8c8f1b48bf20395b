"""Clean input for findings: proposing, hearing the member, deciding (D18)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.admin.forms import MemberField, TidyField, TokenForm, WorkbenchForm
from members.models import Member
from points.rules.rulebook import ItemKind, Rulebook
from veto.models import Finding


class ProposalForm(TokenForm):
    """A deduction or a veto to be heard and decided; it does not count yet."""

    member = MemberField(label=gettext_lazy("member"), queryset=Member.objects.none())
    ground = forms.ChoiceField(label=gettext_lazy("ground"), widget=forms.RadioSelect)
    date = forms.DateField(
        label=gettext_lazy("found on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The day the fact was found; it decides the year (D6, D7)."),
    )
    year = forms.IntegerField(
        label=gettext_lazy("assessment year"),
        required=False,
        min_value=1921,
        max_value=2999,
        help_text=gettext_lazy("Leave empty for the year of the date."),
    )
    particulars = TidyField(
        label=gettext_lazy("what was found and how it was verified"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(
        self,
        *args: Any,
        members: QuerySet[Member],
        rulebooks: Mapping[int, Rulebook],
        kind: ItemKind,
        today: datetime.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        member, ground = self.fields["member"], self.fields["ground"]
        assert isinstance(member, MemberField)
        assert isinstance(ground, forms.ChoiceField)
        member.queryset = members
        names = rulebooks[max(rulebooks)].item_names(kind) if rulebooks else {}
        ground.choices = list(names.items())
        self.fields["date"].initial = today
        if kind == "deduction":
            del self.fields["year"]


class AnswerForm(WorkbenchForm):
    """How the member was told and what they answered."""

    notified_on = forms.DateField(label=gettext_lazy("member told on"), widget=forms.DateInput)
    answer = forms.ChoiceField(label=gettext_lazy("answer"), choices=Finding.Answer.choices)
    answered_on = forms.DateField(label=gettext_lazy("answered on"), widget=forms.DateInput)
    statement = TidyField(
        label=gettext_lazy("statement of the member"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DecisionForm(WorkbenchForm):
    """The committee's decision and its day."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"

    decision = forms.ChoiceField(
        label=gettext_lazy("decision"),
        widget=forms.RadioSelect,
        choices=[
            (CONFIRM, gettext_lazy("confirmed: it counts from now on")),
            (DISMISS, gettext_lazy("not confirmed: it never counts")),
        ],
    )
    decided_on = forms.DateField(label=gettext_lazy("committee meeting that decided"), widget=forms.DateInput)


def no_grounds() -> list[str]:
    """What is no ground, said wherever a finding is proposed (D22)."""
    return [
        _("No ground: ethnic customs, wedding and funeral customs."),
        _("No ground: applying for review, suing, petitioning or objecting in accordance with the law."),
        _("Nothing counts before the member was told and heard and the committee has decided (D18)."),
    ]
