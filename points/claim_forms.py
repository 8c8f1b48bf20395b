"""Clean input for claims: what a member says they did, and what the recorder answers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.admin.forms import DateInput, TidyField, TokenForm, WorkbenchForm
from members.evidence_field import CLAIM_ACCEPT, EvidenceField
from points.catalogue import grade_choices, read_grade
from points.claims import DEED_LENGTH, Deed
from points.models import Claim, EvidenceLink
from points.rules.rulebook import IncentiveItem, Rulebook
from points.wording import show_points


class PointsField(forms.DecimalField):
    """Points in steps of 0.1; `tenths` of its value is what the verbs take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal("0.1"), max_value=Decimal(100), max_digits=4, decimal_places=1, localize=False, **kwargs
        )


def to_tenths(points: Decimal | None) -> int | None:
    """Points as tenths."""
    return None if points is None else int(points * 10)


class ClaimForm(forms.Form):
    """A member's claim; everything typed stays when it cannot be taken, only files have to be chosen again."""

    item = forms.ChoiceField(label=gettext_lazy("Which item is it?"))
    date = forms.DateField(label=gettext_lazy("On which day?"), widget=DateInput)
    deed = TidyField(
        label=gettext_lazy("What did you do?"),
        max_length=DEED_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Where, with whom, what came of it; a few words are enough."),
    )
    led = forms.BooleanField(label=gettext_lazy("I led or organised it"), required=False)
    grade = forms.ChoiceField(
        label=gettext_lazy("Level (a suggestion)"),
        required=False,
        help_text=gettext_lazy("The recorder decides the points. If you do not know, leave it."),
    )
    points = PointsField(
        label=gettext_lazy("Or points"),
        required=False,
        help_text=gettext_lazy("Before doubling, in steps of 0.1; may stay empty."),
    )
    evidence = EvidenceField(
        label=gettext_lazy("Photos or papers that show it"),
        accept=CLAIM_ACCEPT,
        help_text=gettext_lazy("Photos or PDF, up to 9 at once. Where and with what a photo was taken is removed."),
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
        self.links = {str(link.pk): link for link in links}
        latest = rulebooks[max(rulebooks)]
        self._choices("item").choices = [("", _("choose …")), *((item.code, item.name) for item in latest.incentive)]
        self._choices("grade").choices = [("", _("the recorder decides")), *grade_choices(latest)]
        if links:
            self._choices("take_away").choices = [(pk, link.file.name) for pk, link in self.links.items()]
        else:
            del self.fields["take_away"]
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        self.fields["token"].initial = uuid4

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean(self) -> dict[str, Any]:
        """Grade and points must say the same, and the item must be one of the deed's year."""
        data = super().clean() or self.cleaned_data
        if not data.get("item") or not data.get("date"):
            return data
        rulebook = self.rulebooks.get(data["date"].year)
        codes = {item.code: item for item in rulebook.incentive} if rulebook else {}
        item = codes.get(data["item"])
        if rulebook is not None and item is None:
            self.add_error("item", _("The rulebook of %(year)s has no such item.") % {"year": data["date"].year})
        data["tenths"] = self._read_points(data, item) if item else to_tenths(data.get("points"))
        return data

    def _read_points(self, data: dict[str, Any], item: IncentiveItem) -> int | None:
        entered = to_tenths(data.get("points"))
        graded = read_grade(item, data["grade"]) if data.get("grade") else None
        if data.get("grade") and graded is None:
            self.add_error("grade", _("This level belongs to another item."))
        elif graded is not None and entered is not None and graded != entered:
            self.add_error("points", _("Choose a level or enter points, not both."))
        return graded if entered is None else entered

    @property
    def told(self) -> Deed:
        """What the form says."""
        data = self.cleaned_data
        return Deed(item=data["item"], date=data["date"], deed=data["deed"], points=data["tenths"], led=data["led"])

    @property
    def taken_away(self) -> list[EvidenceLink]:
        """The files that are to go."""
        return [self.links[pk] for pk in self.cleaned_data.get("take_away", ())]


def claim_initial(claim: Claim) -> dict[str, Any]:
    """What a form about a claim starts with."""
    points = None if claim.points is None else show_points(claim.points)
    return {"item": claim.item, "date": claim.date, "deed": claim.deed, "led": claim.led, "points": points}


class AcceptForm(TokenForm):
    """The points a claim earns."""

    points = PointsField(label=gettext_lazy("points"), help_text=gettext_lazy("Before doubling, in steps of 0.1."))
    led = forms.BooleanField(
        label=gettext_lazy("leading role"),
        required=False,
        help_text=gettext_lazy("Led, organised or took the lead: doubles (2.3.2.D)."),
    )
    remark = TidyField(
        label=gettext_lazy("reason or remark"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed where points or leading role differ from the claim; the member reads it."),
    )
    filed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    sure = forms.BooleanField(label=gettext_lazy("Yes, this is another deed than those above."), required=False)

    def __init__(self, *args: Any, has_duplicates: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_duplicates:
            self.fields["sure"].required = True
            self.fields["sure"].error_messages["required"] = _(
                "One deed counts once (D5). Tick if this is another deed than the records above; else reject it."
            )
        else:
            del self.fields["sure"]


class RemarkForm(WorkbenchForm):
    """What the member is told with an answer."""

    remark = TidyField(
        label=gettext_lazy("To the member"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads these words; say what is missing, or why."),
    )
