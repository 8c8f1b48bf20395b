"""Clean input for one deed of many members: who took part, who led, and for how many points each (2.3.2, D4, D5)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import to_tenths
from members.models import Member
from points.records.duplicates import LikelyDuplicate, Likeness, likely_duplicates
from points.records.entries import EventEntry
from points.rules.rulebook import IncentiveItem, Rulebook
from points.scoring.catalogue import grade_choices, read_grade
from scoring_site.forms.evidence import EvidenceField
from scoring_site.forms.fields import MembersField, PointsField, TidyField, TokenForm, offer_phrases
from scoring_site.forms.members import name_members, say_exempt

MOST_NAMED = 10
ASKED = (Likeness.SAME_ITEM_AND_DAY, Likeness.ALIKE_WORDS, Likeness.SAME_ITEM_NEARBY)
"""So like the new deed that somebody has to say they are two."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member's line of the form."""

    member: Member
    takes_part: bool
    leads: bool
    points: str
    error: str
    remark: str
    """Why nothing is expected of them today; the day of the deed decides."""


def _points_field(**kwargs: Any) -> PointsField:
    return PointsField(
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.1", "inputmode": "decimal"}),
        **kwargs,
    )


def _read_own_points(typed: Mapping[int, str]) -> tuple[dict[int, Decimal], dict[int, str]]:
    """Member id to the points typed, and to what is wrong with them."""
    field = _points_field()
    points, wrong = {}, {}
    for pk, text in typed.items():
        try:
            points[pk] = field.clean(text)
        except forms.ValidationError as error:
            wrong[pk] = "".join(error.messages)
    return points, wrong


class ActivityForm(TokenForm):
    """One deed; `entries` holds one entry for each who took part once the form is valid."""

    item = forms.ChoiceField(label=gettext_lazy("item"))
    date = forms.DateField(label=gettext_lazy("date"), widget=forms.DateInput)
    deed = TidyField(
        label=gettext_lazy("What it was"),
        max_length=300,
        help_text=gettext_lazy("Members read it beside their points, e.g. “riverbank clean-up with the youth team”."),
        widget=offer_phrases("phrases"),
    )
    grade = forms.ChoiceField(
        label=gettext_lazy("grade"), required=False, help_text=gettext_lazy("A suggestion; or enter the points.")
    )
    points = _points_field(
        label=gettext_lazy("points for each"),
        help_text=gettext_lazy("Before doubling, in steps of 0.1; single members can have other points below."),
    )
    evidence = EvidenceField()
    members = MembersField(
        label=gettext_lazy("Who took part"),
        queryset=Member.objects.none(),
        error_messages={"required": gettext_lazy("Tick who took part.")},
    )
    leaders = MembersField(label=gettext_lazy("leading role"), queryset=Member.objects.none(), required=False)
    confirm_lead = forms.BooleanField(
        label=gettext_lazy("Yes, it really was a leading role in this item."), required=False
    )
    confirm_similar = forms.BooleanField(label=gettext_lazy("Yes, these are different deeds."), required=False)

    def __init__(
        self,
        *args: Any,
        members: Sequence[Member],
        rulebooks: Mapping[int, Rulebook],
        today: datetime.date,
        exempt: Mapping[int, datetime.date] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.branch_members = members
        self.exempt = exempt or {}
        self.rulebooks = rulebooks
        self.entries: list[EventEntry] = []
        self.asks_lead = self.asks_similar = False
        latest = rulebooks[max(rulebooks)]
        item, grade = self.fields["item"], self.fields["grade"]
        assert isinstance(item, forms.ChoiceField)
        assert isinstance(grade, forms.ChoiceField)
        item.choices = [("", _("choose …")), *((entry.code, entry.name) for entry in latest.incentive)]
        grade.choices = [("", _("enter points")), *grade_choices(latest)]
        self.fields["date"].initial = today
        queryset = Member.objects.filter(pk__in=[member.pk for member in members])
        for name in ("members", "leaders"):
            self.offer(name, queryset)
        self.typed_points = {
            member.pk: typed for member in members if (typed := str(self.data.get(f"points_{member.pk}", "")).strip())
        }
        self.own_points, self.wrong_points = _read_own_points(self.typed_points)

    def rows(self) -> Iterator[MemberRow]:
        """The members' lines with what was ticked."""
        took, led = ({str(value) for value in self[name].value() or ()} for name in ("members", "leaders"))
        for member in self.branch_members:
            key = str(member.pk)
            typed, error = self.typed_points.get(member.pk, ""), self.wrong_points.get(member.pk, "")
            since = self.exempt.get(member.pk)
            remark = say_exempt(since) if since else ""
            yield MemberRow(member, key in took, key in led, typed, error, remark)

    def clean(self) -> dict[str, Any]:
        """Put together one entry for each who took part; ask where a leading role or a second deed is unlikely."""
        data = super().clean() or self.cleaned_data
        if self.wrong_points:
            wrong = [member for member in self.branch_members if member.pk in self.wrong_points]
            self.add_error(None, _("Put right the points of %(names)s.") % {"names": name_members(wrong)})
        if not all(data.get(name) for name in ("item", "date", "members")) or not {"grade", "leaders"} <= data.keys():
            return data
        rulebook = self.rulebooks.get(data["date"].year)
        if rulebook is None:
            self.add_error(
                "date",
                _("No rulebook is adopted for %(year)s. Ask the town to adopt one first.")
                % {"year": data["date"].year},
            )
            return data
        item = next((entry for entry in rulebook.incentive if entry.code == data["item"]), None)
        if item is None:
            self.add_error("item", _("The rulebook of %(year)s has no such item.") % {"year": data["date"].year})
            return data
        # Whoever led took part, also where only the one box was ticked.
        members = {member.pk: member for member in (*data["members"], *data["leaders"])}
        points = self._read_points(data, item, members)
        self._ask_about_lead(data, item)
        if not self.errors:
            self._ask_about_similar(data, item, members)
        if not self.errors:
            leaders = {member.pk for member in data["leaders"]}
            self.entries = [
                EventEntry(pk, item.code, data["date"], points=points[pk], led=pk in leaders, note=data["deed"])
                for pk in members
            ]
        return data

    def tenths_of(self, member_id: int, item: IncentiveItem) -> int | None:
        """The tenths for a member who took part: their own where entered, else those for all; None where neither."""
        entered = [self.own_points.get(member_id), self.cleaned_data.get("points")]
        graded = read_grade(item, self.cleaned_data.get("grade") or "")
        own, for_all = map(to_tenths, entered)
        return own if own is not None else graded if graded is not None else for_all

    def _read_points(self, data: dict[str, Any], item: IncentiveItem, members: Mapping[int, Member]) -> dict[int, int]:
        graded = read_grade(item, data["grade"]) if data["grade"] else None
        entered = to_tenths(data.get("points"))
        if data["grade"] and graded is None:
            self.add_error("grade", _("This grade belongs to another item."))
        elif graded is not None and entered is not None and entered != graded:
            self.add_error("points", _("Enter points or choose a grade, not both."))
        points = {pk: tenths for pk in members if (tenths := self.tenths_of(pk, item)) is not None}
        if len(points) < len(members) and not self.errors:
            self.add_error("points", _("Enter the points, or choose a grade."))
        return points

    def _ask_about_lead(self, data: dict[str, Any], item: IncentiveItem) -> None:
        if item.confirm_lead and data["leaders"] and not data["confirm_lead"]:
            self.asks_lead = True
            self.add_error(
                "confirm_lead",
                _("A leading role in “%(item)s” is unusual. Tick to confirm it, or take the leading role away.")
                % {"item": item.name},
            )

    def _ask_about_similar(self, data: dict[str, Any], item: IncentiveItem, members: Mapping[int, Member]) -> None:
        if data["confirm_similar"]:
            return
        similar = read_similar(members, item=item.code, day=data["date"], text=data["deed"])
        if similar:
            self.asks_similar = True
            named = islice(similar.items(), MOST_NAMED)
            told = "；".join(f"{members[pk].listed_name}（{say_similar(rows[0])}）" for pk, rows in named)
            self.add_error(
                "confirm_similar",
                _("One deed counts once, at its highest level. Already there: %(told)s. Is this another deed?")
                % {"told": told},
            )


def read_similar(
    members: Mapping[int, Member], *, item: str, day: datetime.date, text: str
) -> dict[int, list[LikelyDuplicate]]:
    """What members already have that is like a deed enough to be asked about."""
    found = likely_duplicates(texts=dict.fromkeys(members, text), item=item, day=day)
    asked = {pk: [row for row in rows if row.likeness in ASKED] for pk, rows in found.items()}
    return {pk: rows for pk, rows in asked.items() if rows}


def say_similar(row: LikelyDuplicate) -> str:
    """One likely duplicate in words."""
    kind = _("claim") if row.claim is not None else _("record")
    return f"{row.date:%m-%d} {row.text or kind}，{row.why}"
