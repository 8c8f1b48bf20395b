"""Clean input for proposing a finding with the papers its ground asks for (D18)."""

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
from scoring_site.forms.fields import MemberField, TidyField, TokenForm
from veto.deciding import PARTICULARS_LENGTH
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


def no_grounds() -> list[str]:
    """What is no ground, said wherever a finding is proposed (D22)."""
    return [
        _("No ground: ethnic customs, wedding and funeral customs."),
        _("No ground: applying for review, suing, petitioning or objecting in accordance with the law."),
        _("Nothing counts before the member was told and heard and the committee has decided."),
    ]
