"""Clean input for recording point events; the verbs decide what is allowed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import to_tenths
from members.models import Member
from points.models import PointEvent
from points.records.entries import EventEntry
from points.rules.periods import period_of, period_year, periods_of_year
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook
from points.scoring.catalogue import grade_choices, read_grade
from points.scoring.wording import name_period
from scoring_site.forms.fields import MembersField, PointsField, TidyField, TokenForm

Choices = list[tuple[str, Any]]

BY_DATE = ("", gettext_lazy("by the date"))


def item_choices(rulebooks: Mapping[int, Rulebook]) -> Choices:
    """The items that earn, base and incentive apart, with the latest year's names."""
    if not rulebooks:
        return []
    latest = rulebooks[max(rulebooks)]
    return [
        (_("Base points"), [(item.code, item.name) for item in latest.base]),
        (_("Incentive points"), [(item.code, item.name) for item in latest.incentive]),
    ]


def period_choices(years: Iterable[int], kinds: Sequence[str] = ("month", "quarter", "half", "year")) -> Choices:
    """Every period of the kinds in the years, grouped by year, after "by the date"."""
    groups: Choices = [BY_DATE]
    for year in sorted(years, reverse=True):
        periods = [period for kind in kinds for period in periods_of_year(year, kind)]
        groups.append((str(year), [(period, name_period(period)) for period in periods]))
    return groups


class EntryForm(TokenForm):
    """One item for one or many members."""

    members = MembersField(label=gettext_lazy("members"), queryset=Member.objects.none())
    item = forms.ChoiceField(label=gettext_lazy("item"))
    date = forms.DateField(label=gettext_lazy("date"), widget=forms.DateInput)
    period = forms.ChoiceField(
        label=gettext_lazy("period"),
        required=False,
        help_text=gettext_lazy("For base items; choose one only where it is not the period of the date."),
    )
    grade = forms.ChoiceField(
        label=gettext_lazy("grade"),
        required=False,
        help_text=gettext_lazy("For incentive items: a suggestion; or enter the points below."),
    )
    points = PointsField(
        label=gettext_lazy("points"),
        required=False,
        help_text=gettext_lazy("For incentive items, before doubling, in steps of 0.1; base items take none."),
    )
    led = forms.BooleanField(
        label=gettext_lazy("leading role"),
        required=False,
        help_text=gettext_lazy("Led, organised or took the lead: doubles."),
    )
    note = TidyField(label=gettext_lazy("note"), max_length=300, required=False)
    confirm_lead = forms.BooleanField(
        label=gettext_lazy("Yes, it really was a leading role in this item."), required=False
    )
    confirm_similar = forms.BooleanField(label=gettext_lazy("Yes, these are different deeds."), required=False)

    def __init__(
        self,
        *args: Any,
        members: QuerySet[Member],
        rulebooks: Mapping[int, Rulebook],
        today: datetime.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rulebooks = rulebooks
        self.entries: list[EventEntry] = []
        self.asks_lead = self.asks_similar = False
        self._set_choices(members)
        self.fields["date"].initial = today

    def _set_choices(self, members: QuerySet[Member]) -> None:
        item, period, grade = (self.fields[name] for name in ("item", "period", "grade"))
        assert isinstance(item, forms.ChoiceField)
        assert isinstance(period, forms.ChoiceField)
        assert isinstance(grade, forms.ChoiceField)
        self.offer("members", members)
        item.choices = [("", _("choose …")), *item_choices(self.rulebooks)]
        period.choices = period_choices(self.rulebooks)
        latest = [grade_choices(self.rulebooks[max(self.rulebooks)])] if self.rulebooks else []
        grade.choices = [("", _("enter points")), *[group for groups in latest for group in groups]]

    def clean(self) -> dict[str, Any]:
        """Put together one entry per member; ask where a leading role or a second deed of the day is unlikely."""
        data = super().clean() or self.cleaned_data
        if not all(data.get(name) for name in ("members", "item", "date")) or not {"period", "grade"} <= data.keys():
            return data
        day: datetime.date = data["date"]
        year = period_year(data["period"]) if data["period"] else day.year
        rulebook = self.rulebooks.get(year)
        if rulebook is None:
            self.add_error(
                "date",
                _("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year},
            )
            return data
        if data["item"] not in rulebook.item_names():
            self.add_error("item", _("The rulebook of %(year)s has no such item.") % {"year": year})
            return data
        item = rulebook.item(data["item"])
        if isinstance(item, BaseItem):
            self._clean_base(data, item)
        elif isinstance(item, IncentiveItem):
            self._clean_incentive(data, item)
        return data

    def _clean_base(self, data: dict[str, Any], item: BaseItem) -> None:
        if data.get("points") is not None or data["grade"]:
            self.add_error("points", _("%(item)s earns the rulebook's points; leave the points empty.") % _of(item))
        if data["led"]:
            self.add_error(
                "led", _("%(item)s is a base item: a leading role counts for incentive items only.") % _of(item)
            )
        if self.errors:
            return
        period = data["period"] or period_of(data["date"], item.per)
        self.entries = [
            EventEntry(member.pk, item.code, data["date"], period, note=data["note"]) for member in data["members"]
        ]

    def _clean_incentive(self, data: dict[str, Any], item: IncentiveItem) -> None:
        if data["period"]:
            self.add_error("period", _("%(item)s counts by its date; leave the period empty.") % _of(item))
        points = self._read_points(data, item)
        if item.confirm_lead and data["led"] and not data["confirm_lead"]:
            self.asks_lead = True
            self.add_error(
                "confirm_lead",
                _("A leading role in “%(item)s” is unusual. Tick to confirm it, or take the leading role away.")
                % _of(item),
            )
        if self.errors or points is None:
            return
        similar = self._find_similar(data, item)
        if similar and not data["confirm_similar"]:
            self.asks_similar = True
            self.add_error(
                "confirm_similar",
                _("%(names)s already have “%(item)s” on this day. One deed counts once: is this another one?")
                % {"names": "、".join(similar), "item": item.name},
            )
            return
        self.entries = [
            EventEntry(member.pk, item.code, data["date"], points=points, led=data["led"], note=data["note"])
            for member in data["members"]
        ]

    def _read_points(self, data: dict[str, Any], item: IncentiveItem) -> int | None:
        entered = to_tenths(data.get("points"))
        graded = read_grade(item, data["grade"]) if data["grade"] else None
        if data["grade"] and graded is None:
            self.add_error("grade", _("This grade belongs to another item."))
        elif graded is not None and entered is not None and entered != graded:
            self.add_error("points", _("Enter points or choose a grade, not both."))
        elif graded is None and entered is None and "points" not in self.errors:
            self.add_error("points", _("Enter the points, or choose a grade."))
        else:
            return entered if graded is None else graded
        return None

    @staticmethod
    def _find_similar(data: dict[str, Any], item: IncentiveItem) -> list[str]:
        events = PointEvent.objects.live().filter(member__in=data["members"], item=item.code, date=data["date"])
        return sorted(set(events.values_list("member__name", flat=True)))


def _of(item: BaseItem | IncentiveItem) -> dict[str, str]:
    return {"item": item.name}
