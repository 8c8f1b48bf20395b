"""The forms of a claim, in three plain questions: what did you do, when and where, what shows it (3.1).

The points are the recorder's to say; a level is asked for only where the item has levels.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.evidence.documents import InspectedFile
from points.claims.claims import DEED_LENGTH, Deed
from points.models import Claim, EvidenceLink
from points.rules.rulebook import Rulebook
from points.scoring.catalogue import list_grades, read_grade
from scoring_site.forms.evidence import CLAIM_ACCEPT, GoodFilesField, RefusedFile
from scoring_site.forms.fields import DateInput, TidyField

EVERYDAY: dict[str, str | Promise] = {
    "heritage": gettext_lazy("visited a revolutionary site, paid respects to martyrs, heard their story"),
    "essay": gettext_lazy("wrote down what I learned"),
    "council": gettext_lazy("talked over the village's matters in the members' council"),
    "home_visit": gettext_lazy("called on people at home, asked what they need"),
    "volunteering": gettext_lazy("helped as a volunteer: cleaning up, patrols, caring for the old"),
    "contest": gettext_lazy("took part in a contest on the Party's history"),
    "pairing": gettext_lazy("stood by a household that has it hard"),
    "governance": gettext_lazy("helped to get something done for all: settled a quarrel, put the village in order"),
    "key_task": gettext_lazy("helped to finish a key task of the year at my unit"),
    "commendation": gettext_lazy("was commended by a higher level"),
}
"""What people say of an item of the regulation; an item of a town's own has its name alone."""


@dataclass(frozen=True, slots=True)
class DeedChoice:
    """One answer to the first question: the item, in everyday words too, and its levels where it has some."""

    radio: BoundWidget
    name: str
    everyday: str | Promise
    grade: BoundField | None


class PhotoForm(forms.Form):
    """Photos of a claim: the good ones are taken, of the others it is said what is wrong with them."""

    evidence = GoodFilesField(
        label=gettext_lazy("Photos or papers that show it"),
        accept=CLAIM_ACCEPT,
        required=True,
        help_text=gettext_lazy("Photos or PDF, up to 9 at once. Where and with what a photo was taken is removed."),
    )

    @property
    def files_taken(self) -> list[InspectedFile]:
        return [each for each in self.cleaned_data["evidence"] if not isinstance(each, RefusedFile)]

    @property
    def files_refused(self) -> list[str]:
        """What is wrong with each of the others, in words that name it."""
        return [each.words for each in self.cleaned_data["evidence"] if isinstance(each, RefusedFile)]


class ClaimForm(PhotoForm):
    """A member's claim; everything typed stays when it cannot be taken, only files have to be chosen again."""

    item = forms.ChoiceField(label=gettext_lazy("What did you do?"), widget=forms.RadioSelect)
    led = forms.BooleanField(label=gettext_lazy("I led or organised it"), required=False)
    date = forms.DateField(label=gettext_lazy("On which day?"), widget=DateInput)
    deed = TidyField(
        label=gettext_lazy("Where was it, and what did you do there?"),
        max_length=DEED_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Where, with whom, what came of it; a few words are enough."),
    )
    take_away = forms.MultipleChoiceField(
        label=gettext_lazy("Take these files away"), required=False, widget=forms.CheckboxSelectMultiple
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        rulebooks: Mapping[int, Rulebook],
        today: datetime.date,
        links: Sequence[EvidenceLink] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rulebooks = rulebooks
        self.latest = rulebooks[max(rulebooks)]
        self.links = {str(link.pk): link for link in links}
        self._choices("item").choices = [(item.code, item.name) for item in self.latest.incentive]
        for item in self.latest.incentive:
            if item.scale:
                grades = [(value, grade.name) for value, grade in list_grades(item)]
                self.fields[grade_field(item.code)] = forms.ChoiceField(
                    label=_("Which level?"), required=False, choices=[("", _("I do not know")), *grades]
                )
        if links:
            self._choices("take_away").choices = [(pk, link.shown_name) for pk, link in self.links.items()]
        else:
            del self.fields["take_away"]
        self.fields["evidence"].required = False
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        self.fields["token"].initial = uuid4

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    @property
    def deeds(self) -> Iterator[DeedChoice]:
        """The answers to the first question, in the regulation's order."""
        for item, radio in zip(self.latest.incentive, self["item"], strict=True):
            grade = self[grade_field(item.code)] if item.scale else None
            yield DeedChoice(radio, item.name, EVERYDAY.get(item.code, ""), grade)

    @property
    def when_and_where(self) -> tuple[BoundField, BoundField]:
        """The fields of the second question."""
        return self["date"], self["deed"]

    def clean(self) -> dict[str, Any]:
        """The item must be one of the deed's year; a level counts where it is the item's."""
        data = super().clean() or self.cleaned_data
        if not data.get("item") or not data.get("date"):
            return data
        rulebook = self.rulebooks.get(data["date"].year)
        item = next((item for item in rulebook.incentive if item.code == data["item"]), None) if rulebook else None
        if rulebook is not None and item is None:
            self.add_error("item", _("The rulebook of %(year)s has no such item.") % {"year": data["date"].year})
        grade = data.get(grade_field(data["item"]), "")
        data["tenths"] = read_grade(item, grade) if item and grade else None
        return data

    @property
    def told(self) -> Deed:
        """What the form says."""
        data = self.cleaned_data
        return Deed(item=data["item"], date=data["date"], deed=data["deed"], points=data["tenths"], led=data["led"])

    @property
    def taken_away(self) -> list[EvidenceLink]:
        """The files that are to go."""
        return [self.links[pk] for pk in self.cleaned_data.get("take_away", ())]


def grade_field(code: str) -> str:
    """The field that asks for the level of an item."""
    return f"grade_{code}"


def claim_initial(claim: Claim, rulebooks: Mapping[int, Rulebook]) -> dict[str, Any]:
    """What a form about a claim starts with; the level is the one that gives its points."""
    initial: dict[str, Any] = {"item": claim.item, "date": claim.date, "deed": claim.deed, "led": claim.led}
    rulebook = rulebooks.get(claim.date.year)
    for item in rulebook.incentive if rulebook else ():
        grades = [value for value, grade in list_grades(item) if grade.points == claim.points]
        if item.code == claim.item and grades:
            initial[grade_field(item.code)] = grades[0]
    return initial
