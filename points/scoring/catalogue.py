"""Items by town and year, from the rulebooks that towns adopted: their names, and which records are of what nature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from foundation.tenths import show_points
from members.access import reach_of, towns_for
from members.models import Town, User
from points.models import AssessmentYear, PointEvent
from points.rules.rulebook import BaseItem, IncentiveItem, ItemKind, Nature, Rulebook, parse_rulebook
from points.rules.vocabulary import Grade


@dataclass(frozen=True)
class Catalogue:
    """The adopted rulebooks by (town id, year)."""

    rulebooks: Mapping[tuple[int, int], Rulebook]

    def name(self, town_id: int, year: int, code: str, kind: ItemKind = "points") -> str:
        """The item's name in that year's rulebook; its code where the rulebook was replaced by one without it."""
        rulebook = self.rulebooks.get((town_id, year))
        return rulebook.item_names(kind).get(code, code) if rulebook else code

    def points_of(self, event: PointEvent) -> int | None:
        """Tenths an event awards before doubling; None where the rulebook no longer knows the item."""
        if event.points is not None:
            return event.points
        rulebook = self.rulebooks.get((event.member.town_id, event.year))
        if rulebook is None or event.item not in rulebook.item_names():
            return None
        item = rulebook.item(event.item)
        return item.points if isinstance(item, BaseItem) else None

    def of_town(self, town_id: int) -> dict[int, Rulebook]:
        """The rulebooks of one town by year, latest first."""
        years = sorted((year for town, year in self.rulebooks if town == town_id), reverse=True)
        return {year: self.rulebooks[(town_id, year)] for year in years}

    def events_of(self, nature: Nature) -> Q:
        """Which point events are of base items of a nature, each by the rulebook of its member's town and its year."""
        places: dict[frozenset[str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for (town_id, year), rulebook in self.rulebooks.items():
            places[frozenset(item.code for item in rulebook.items_of(nature))][year].append(town_id)
        if len(places) == 1:
            (codes,) = places
            return Q(item__in=sorted(codes))
        chosen = Q(pk__in=())
        for codes, years in places.items():
            for year, town_ids in years.items():
                chosen |= Q(item__in=sorted(codes), year=year, member__town__in=town_ids)
        return chosen

    def years(self) -> list[int]:
        """The adopted years, latest first."""
        return sorted({year for _town, year in self.rulebooks}, reverse=True)

    def item_names(self) -> dict[str, str]:
        """Code to name over all rulebooks, the latest name for each."""
        names: dict[str, str] = {}
        for _key, rulebook in sorted(self.rulebooks.items(), key=lambda entry: -entry[0][1]):
            for code, name in rulebook.item_names().items():
                names.setdefault(code, name)
        return names


def read_catalogue(user: User, *, on: date) -> Catalogue:
    """The catalogue of the towns within the user's reach, or whose log they read, on a day; one query."""
    within = Q(pk__in=towns_for(user, on=on).values("pk")) | Q(pk__in=reach_of(user, on=on).log_towns)
    return read_catalogue_of(Town.objects.filter(within).values("pk"))


def read_catalogue_of(town_ids: QuerySet[Any]) -> Catalogue:
    """The catalogue of some towns, whose ids a query gives; one query."""
    rows = AssessmentYear.objects.filter(town__in=town_ids).order_by()
    return Catalogue(
        {
            (town_id, year): parse_rulebook(text)
            for town_id, year, text in rows.values_list("town_id", "year", "rulebook__text")
        }
    )


def list_grades(item: IncentiveItem) -> list[tuple[str, Grade]]:
    """The grades of an item's scale, each with the value by which `read_grade` knows it."""
    return [(f"{item.code}:{index}", grade) for index, grade in enumerate(item.scale)]


def grade_choices(rulebook: Rulebook) -> list[tuple[str, list[tuple[str, str]]]]:
    """The grades of the scales, grouped by item; the value is `code:position` (D5)."""
    return [
        (item.name, [(value, f"{grade.name}（{show_points(grade.points)}）") for value, grade in list_grades(item)])
        for item in rulebook.incentive
        if item.scale
    ]


def read_grade(item: IncentiveItem, value: str) -> int | None:
    """The tenths of a chosen grade, or None when it belongs to another item."""
    return next((grade.points for known, grade in list_grades(item) if value == known), None)
