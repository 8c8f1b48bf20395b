"""Clean input for findings: proposing with the papers asked for, hearing the member, deciding (D18)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.log.reasons import REASON_LENGTH
from members.models import Member
from points.errors import PapersMissing
from points.rules.rulebook import ItemKind, Rulebook
from scoring_site.forms.evidence import EvidenceField
from scoring_site.forms.fields import MemberField, TidyField, TokenForm, WorkbenchForm
from veto.deciding import PARTICULARS_LENGTH
from veto.hearings import STATEMENT_LIMIT
from veto.models import Finding
from veto.papers_asked import list_papers, require_papers


class ProposalForm(TokenForm):
    """A deduction or a veto to be heard and decided; it does not count yet."""

    member = MemberField(label=gettext_lazy("member"), queryset=Member.objects.none())
    ground = forms.ChoiceField(label=gettext_lazy("ground"), widget=forms.RadioSelect)
    date = forms.DateField(
        label=gettext_lazy("found on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The day the fact was found; it decides the year."),
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
        max_length=PARTICULARS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    papers = TidyField(
        label=gettext_lazy("papers the ground asks for"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What each ground asks for stands beside it; name it here with numbers and dates."),
    )
    evidence = EvidenceField()

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
        ground = self.fields["ground"]
        assert isinstance(ground, forms.ChoiceField)
        self.offer("member", members)
        self.kind, self.rulebooks = kind, rulebooks
        self.rulebook = rulebooks[max(rulebooks)] if rulebooks else None
        ground.choices = list(self.rulebook.item_names(kind).items()) if self.rulebook else []
        self.fields["date"].initial = today
        if kind == "deduction":
            del self.fields["year"]

    def grounds_with_papers(self) -> list[tuple[Any, str]]:
        """Each ground's button with the papers it asks for."""
        return [
            (option, list_papers(self._papers_for(option.data["value"], self.rulebook))) for option in self["ground"]
        ]

    def _papers_for(self, ground: str, rulebook: Rulebook | None) -> tuple[str, ...]:
        """What a rulebook asks for; nothing for a ground it does not have, which the verb refuses."""
        if rulebook is None or ground not in rulebook.item_names(self.kind):
            return ()
        return rulebook.papers_for(ground, self.kind)

    def clean(self) -> dict[str, Any]:
        """The papers are missed beside their own field, with what is typed still there."""
        data = super().clean() or self.cleaned_data
        if data.get("ground") and "papers" not in self.errors:
            year = data.get("year") or (data["date"].year if data.get("date") else None)
            rulebook = self.rulebooks.get(year, self.rulebook) if year else self.rulebook
            try:
                require_papers(data.get("papers", ""), asked=self._papers_for(data["ground"], rulebook))
            except PapersMissing as error:
                self.add_error("papers", str(error))
        return data


class TellForm(WorkbenchForm):
    """On which day the member was handed the notice."""

    notified_on = forms.DateField(
        label=gettext_lazy("member told on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The day the notice was handed over; the five working days count from the next one."),
    )


class AnswerForm(WorkbenchForm):
    """What the member answered on paper."""

    answer = forms.ChoiceField(
        label=gettext_lazy("answer"),
        choices=[
            (Finding.Answer.STATEMENT, gettext_lazy("statement made")),
            (Finding.Answer.WAIVED, gettext_lazy("statement waived, or none made by the last day")),
            (Finding.Answer.REFUSED, gettext_lazy("refused to sign, two witnesses")),
        ],
    )
    answered_on = forms.DateField(label=gettext_lazy("answered on"), widget=forms.DateInput)
    statement = TidyField(
        label=gettext_lazy("statement of the member"),
        required=False,
        max_length=STATEMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("In the member's own words; the paper with the signature stays with the branch."),
    )
    first_witness = TidyField(label=gettext_lazy("first witness"), required=False, max_length=40)
    second_witness = TidyField(
        label=gettext_lazy("second witness"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Only where the member refused to sign: who was there and saw it."),
    )

    @property
    def witnesses(self) -> list[str]:
        """The names given."""
        return [name for name in (self.cleaned_data["first_witness"], self.cleaned_data["second_witness"]) if name]


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
        _("Nothing counts before the member was told and heard and the committee has decided."),
    ]
