"""A year of many branches: of each month what is recorded of what is due, and how the scores are spread (2.3, T4).

Members are scored once; what they earned is counted as they go by, so that a town takes the memory of its counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from members.models import Branch, Town
from points.models import Attendance
from points.papers.annual.frozen_year import FrozenYear, read_frozen_year
from points.papers.annual.report import in_hundredths, members_ever_in
from points.rules.periods import first_day, half_it_ends_in, last_day, periods_of_year
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.score import OUT_OF_SCOPE, YearScore
from points.scoring.bands import BANDS, say_bands
from points.scoring.scores import RosterYear, ScoredMember, YearStatus, read_roster_years, score_members

Pair = tuple[str, str]
"""Item and period."""
STEPS = 10
"""The spread is drawn in so many steps of ten points; 100 belongs to the last."""
STEP = 100
"""Ten points, in tenths."""


@dataclass(frozen=True, slots=True)
class Due:
    """One item and period of a branch: how many of its members it asks, and of how many the branch entered something.

    What was entered is a record, or an attendance that says excused or absent: then nothing is left to be recorded.
    """

    item: BaseItem
    period: str
    due: int
    entered: int

    @property
    def missing(self) -> int:
        return self.due - self.entered

    @property
    def is_untouched(self) -> bool:
        """Nobody's is recorded: the branch has not recorded it at all."""
        return self.due > 0 and not self.entered

    @property
    def half(self) -> str:
        return half_it_ends_in(self.period)

    def is_over(self, on: date) -> bool:
        return last_day(self.period) < on

    def has_begun(self, on: date) -> bool:
        """Whether its last month has begun: before that nobody is asked for it."""
        return last_day(self.period).replace(day=1) <= on


@dataclass(slots=True)
class BranchYear:
    """The year of one branch: its scores in tenths, and how many of each item and period are due and entered."""

    totals: list[int] = field(default_factory=list)
    due: Counter[Pair] = field(default_factory=Counter)
    entered: Counter[Pair] = field(default_factory=Counter)


@dataclass(frozen=True)
class Spread:
    """How some scores (tenths) of a year are spread."""

    year: int
    totals: tuple[int, ...]
    rulebook: Rulebook
    is_final: bool
    """Every branch's year is final; until then the figures are those of the records as they stand."""

    @property
    def count(self) -> int:
        return len(self.totals)

    @cached_property
    def average(self) -> str:
        """In points, to two places; `—` of nobody."""
        return str(in_hundredths(Decimal(sum(self.totals)) / len(self.totals))) if self.totals else "—"

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """How many scores lie in each step of ten points."""
        counts = Counter(min(total // STEP, STEPS - 1) for total in self.totals)
        return tuple(counts[step] for step in range(STEPS))

    @cached_property
    def marks(self) -> tuple[int, int, int]:
        """The three marks in tenths, from below (四)."""
        marks = self.rulebook.thresholds
        return marks.passing, marks.award, marks.excellent

    @cached_property
    def bands(self) -> tuple[tuple[str, int], ...]:
        """The bands between the marks in words, and how many stand in each; a mark belongs to the band above (D12)."""
        counts = Counter(sum(total >= mark for mark in self.marks) for total in self.totals)
        words = say_bands(self.rulebook)
        return tuple((words[band], counts[number]) for number, band in enumerate(BANDS))


@dataclass(frozen=True, slots=True)
class TownYear:
    """The year of some branches by branch id, and their scores together."""

    branches: Mapping[int, BranchYear]
    spread: Spread


def read_year(town: Town, branches: Sequence[Branch], *, rulebook: Rulebook, year: int) -> TownYear:
    """What the branches recorded of what a year asks, and their scores as they stand; a constant number of queries.

    What is due is counted as the branch's own list of what it owes counts it: a member is asked for a period of which a
    month is in scope (D16). A year that is final is shown as it was frozen.
    """
    places = {branch.pk: BranchYear() for branch in branches}
    frozen = read_frozen_year(branches, year)
    members = members_ever_in(town, branches)
    missed = _read_missed(branches, year)
    asked: dict[tuple[int, ...], frozenset[Pair]] = {}
    for scored in score_members(members, rulebook=rulebook, year=year):
        place = places.get(scored.roster_year.branch_id)
        if place is None or scored.score is None:
            continue
        place.totals.append(_total_of(scored, scored.score, frozen))
        months = scored.roster_year.months_in_scope
        if months not in asked:
            asked[months] = _list_asked(rulebook, year, months)
        place.due.update(asked[months])
        place.entered.update(asked[months] & (_list_entered(scored.score) | missed.get(scored.member_id, frozenset())))
    totals = tuple(total for place in places.values() for total in place.totals)
    scored_in = [pk for pk, place in places.items() if place.totals]
    is_final = bool(scored_in) and all(frozen.is_final(pk) for pk in scored_in)
    return TownYear(places, Spread(year, totals, rulebook, is_final))


def read_spread(town: Town, branches: Sequence[Branch], *, rulebook: Rulebook, year: int) -> Spread:
    """The scores of a past year: of final branches as they were frozen, so that only the others are scored anew."""
    frozen = read_frozen_year(branches, year)
    places = {branch.pk for branch in branches}
    standing = read_roster_years(members_ever_in(town, branches), year)
    totals = [
        score.cumulative
        for member_id, score in frozen.scores.items()
        if (roster_year := standing.get(member_id)) and _is_scored_in(roster_year, places)
    ]
    still_open = [branch for branch in branches if not frozen.is_final(branch.pk)]
    of_open: list[int] = []
    if still_open:
        within = {branch.pk for branch in still_open}
        members = members_ever_in(town, still_open)
        of_open = [
            scored.score.annual.total
            for scored in score_members(members, rulebook=rulebook, year=year)
            if scored.score is not None and scored.roster_year.branch_id in within
        ]
    return Spread(year, (*totals, *of_open), rulebook, is_final=bool(totals) and not of_open)


def list_due(place: BranchYear, rulebook: Rulebook, year: int) -> Iterable[Due]:
    """Every item and period of the year that asks somebody of a branch, in the order of the rulebook."""
    for item in rulebook.base:
        for period in periods_of_year(year, item.per):
            if due := place.due[item.code, period]:
                yield Due(item, period, due, place.entered[item.code, period])


def _is_scored_in(roster_year: RosterYear, places: set[int]) -> bool:
    return roster_year.status is YearStatus.SCORED and roster_year.branch_id in places


def _total_of(scored: ScoredMember, score: YearScore, frozen: FrozenYear) -> int:
    settled = frozen.scores.get(scored.member_id)
    return settled.cumulative if settled is not None else score.annual.total


def _list_asked(rulebook: Rulebook, year: int, months: tuple[int, ...]) -> frozenset[Pair]:
    """The items and periods that ask something of a member of whose year these months are in scope."""
    return frozenset(
        (item.code, period)
        for item in rulebook.base
        for period in periods_of_year(year, item.per)
        if not set(months).isdisjoint(range(first_day(period).month, last_day(period).month + 1))
    )


def _list_entered(score: YearScore) -> set[Pair]:
    """What is recorded of a member, counted or not: late dues are recorded though they earn nothing (D25)."""
    found: set[Pair] = set()
    for line in score.annual.base_lines:
        found.update((line.item, record.period) for record in line.counted)
        found.update((line.item, each.record.period) for each in line.uncounted if each.reason != OUT_OF_SCOPE)
    return found


def _read_missed(branches: Sequence[Branch], year: int) -> dict[int, set[Pair]]:
    """By member what an attendance says they were excused from or absent at; one query."""
    rows = (
        Attendance.objects.live()
        .filter(member__town__in={branch.town_id for branch in branches}, meeting__kinds__period__startswith=str(year))
        .exclude(status__in=Attendance.EARNING)
    )
    found: dict[int, set[Pair]] = defaultdict(set)
    for member_id, item, period in rows.order_by().values_list(
        "member_id", "meeting__kinds__item", "meeting__kinds__period"
    ):
        found[member_id].add((item, period))
    return found
