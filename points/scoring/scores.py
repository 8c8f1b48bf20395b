"""Scoring members, a branch or a town from the ledger: a constant number of queries, streamed member by member.

Rows are fetched as tuples in member order and merged into one `MemberFacts` at a time, so a town of any size needs the
memory of one member. `rules.score` does the arithmetic; this module only decides what it is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from members.models import Exemption, Member, Membership
from points.models import PointEvent
from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import H1, H2, half_end
from points.rules.rulebook import Rulebook
from points.rules.scope import Span, is_in_scope, months_in_scope, subtract_spans
from points.rules.score import YearScore, score_year
from points.scoring.freezing import NOTHING_FROZEN, FrozenHalves, read_frozen_halves
from veto.models import Deduction, VetoRecord


class YearStatus(StrEnum):
    """Whether a member is scored for a year, by where they stand on its last day (D15, D16)."""

    SCORED = "scored"
    EXEMPT = "exempt"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class RosterYear:
    """What the roster says about one member's year.

    `branch_id` is the branch on the last day, or of the last day in one; `left_why` is set for leavers. `in_scheme` are
    the days by which records are judged (D16).
    """

    status: YearStatus
    branch_id: int
    left_why: str
    months_in_scope: tuple[int, ...]
    first_half_in_scope: bool
    in_scheme: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def is_part_year(self) -> bool:
        return len(self.months_in_scope) < 12


@dataclass(frozen=True, slots=True)
class ScoredMember:
    """One member's year; `score` is None for whoever is not scored, the halves are tenths or None."""

    member_id: int
    roster_year: RosterYear
    score: YearScore | None
    frozen: FrozenHalves = NOTHING_FROZEN

    @property
    def first_half(self) -> int | None:
        """As frozen where it was approved, else as it stands; None where it is out of scope: the cell stays blank."""
        if self.score is None or self.frozen.first_half is not None:
            return None if self.score is None else self.frozen.first_half
        return self.score.first_half.total if self.roster_year.first_half_in_scope else None

    @property
    def second_half(self) -> int | None:
        """The annual score less the first half's (D8)."""
        return None if self.score is None else self.score.annual.half_score(self.first_half)


MembershipRow = tuple[date, int | None, str]
ExemptionRow = tuple[date, date | None]


def read_roster_year(
    year: int, memberships: Iterable[MembershipRow], exemptions: Iterable[ExemptionRow]
) -> RosterYear | None:
    """Where a member stands in a year; None when they were in no branch on any day of it.

    `memberships` are (from, branch id or None, why) in date order, `exemptions` (from, first day without).
    """
    first_day, last_day = date(year, 1, 1), half_end(year, H2)
    rows = [row for row in memberships if row[0] <= last_day]
    if not any(span.end is None or span.end > first_day for span in _days_in_branches(rows)):
        return None
    exempt = [Span(start, end) for start, end in exemptions]
    in_scheme = days_in_scheme(rows, exempt)
    branches = [branch_id for _start, branch_id, _why in rows if branch_id is not None]
    if rows[-1][1] is None:
        status = YearStatus.LEFT
    elif is_in_scope(exempt, last_day):
        status = YearStatus.EXEMPT
    else:
        status = YearStatus.SCORED
    return RosterYear(
        status=status,
        branch_id=branches[-1],
        left_why=rows[-1][2] if rows[-1][1] is None else "",
        months_in_scope=months_in_scope(year, in_scheme),
        first_half_in_scope=is_in_scope(in_scheme, half_end(year, H1)),
        in_scheme=in_scheme,
    )


def days_in_scheme(memberships: Iterable[MembershipRow], exemptions: Iterable[ExemptionRow]) -> tuple[Span, ...]:
    """The days on which somebody was in the scheme: in a branch and not exempt (D15, D16), as spans in order.

    Going from one branch to another leaves no gap and makes no border.
    """
    return subtract_spans(_days_in_branches(list(memberships)), [Span(start, end) for start, end in exemptions])


def _days_in_branches(rows: Sequence[MembershipRow]) -> list[Span]:
    spans: list[Span] = []
    ends: list[date | None] = [row[0] for row in rows[1:]]
    for (start, branch_id, _why), end in zip(rows, [*ends, None], strict=False):
        if branch_id is None:
            continue
        if spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return spans


def read_roster_rows(
    members: QuerySet[Member],
) -> tuple[dict[int, list[MembershipRow]], dict[int, list[ExemptionRow]]]:
    """The memberships, in date order, and the exemptions of `members`, by member id; two queries."""
    memberships: dict[int, list[MembershipRow]] = defaultdict(list)
    rows = Membership.objects.filter(member__in=members.values("pk")).order_by("member_id", "from_date")
    for member_id, from_date, branch_id, why in rows.values_list("member_id", "from_date", "branch_id", "why"):
        memberships[member_id].append((from_date, branch_id, why))
    exemptions: dict[int, list[ExemptionRow]] = defaultdict(list)
    for member_id, start, end in Exemption.objects.filter(member__in=members.values("pk")).values_list(
        "member_id", "from_date", "ended_on"
    ):
        exemptions[member_id].append((start, end))
    return memberships, exemptions


def read_roster_years(members: QuerySet[Member], year: int) -> dict[int, RosterYear]:
    """Where each of `members` stands who was in a branch during the year, by member id; two queries."""
    memberships, exemptions = read_roster_rows(members)
    roster_years = {
        member_id: read_roster_year(year, of_member, exemptions.get(member_id, ()))
        for member_id, of_member in memberships.items()
    }
    return {member_id: roster_year for member_id, roster_year in roster_years.items() if roster_year is not None}


class _Grouped:
    """Rows sorted by member, handed out member by member in the same order."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def take(self, member_id: int) -> Iterator[tuple[Any, ...]]:
        """The rows of `member_id`; members asked for must come in ascending order."""
        while self._next is not None and self._next[0] < member_id:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != member_id:
            return
        yield from self._next[1]
        self._next = next(self._groups, None)


def _read_rows(queryset: QuerySet[Any], *columns: str) -> _Grouped:
    ordered = queryset.order_by("member_id")
    return _Grouped(ordered.values_list("member_id", *columns).iterator(chunk_size=5000))


def read_facts(
    members: QuerySet[Member],
    year: int,
    roster_years: Mapping[int, RosterYear],
    frozen: Mapping[int, FrozenHalves],
) -> Iterator[tuple[int, MemberFacts]]:
    """The facts of each member in `roster_years`, in ascending member id; three queries, streamed."""
    ids = members.values("pk")
    events = _read_rows(
        PointEvent.objects.live().filter(member__in=ids, year=year),
        "pk",
        "item",
        "period",
        "date",
        "points",
        "led",
        "batch__at",
        "batch__source",
    )
    deductions = _read_rows(
        Deduction.objects.confirmed().filter(member__in=ids, date__range=(date(year, 1, 1), date(year, 12, 31))),
        "pk",
        "item",
        "date",
    )
    vetoes = _read_rows(
        VetoRecord.objects.confirmed().filter(member__in=ids, year=year), "pk", "ground", "year", "decided_on"
    )
    for member_id in sorted(roster_years):
        halves = frozen.get(member_id, NOTHING_FROZEN)
        yield (
            member_id,
            MemberFacts(
                year=year,
                months_in_scope=roster_years[member_id].months_in_scope,
                in_scheme=roster_years[member_id].in_scheme,
                points=tuple([_make_record(row, halves) for row in events.take(member_id)]),
                deductions=tuple([DeductionRecord(*row[1:]) for row in deductions.take(member_id)]),
                vetoes=tuple([VetoFact(*row[1:]) for row in vetoes.take(member_id)]),
                approvals=halves.approvals,
            ),
        )


def _make_record(row: tuple[Any, ...], halves: FrozenHalves) -> PointRecord:
    *values, recorded_at, source = row[1:]
    _pk, _item, period, day, *_rest = values
    late = halves.is_late(period=period, day=day, recorded_at=recorded_at, source=source)
    return PointRecord(*[*values, late])


def score_members(members: QuerySet[Member], *, rulebook: Rulebook, year: int) -> Iterator[ScoredMember]:
    """Score each member of `members` who was in a branch during the year, in ascending member id; seven queries."""
    roster_years = read_roster_years(members, year)
    frozen = read_frozen_halves(members, year)
    for member_id, facts in read_facts(members, year, roster_years, frozen):
        roster_year = roster_years[member_id]
        score = score_year(rulebook, facts) if roster_year.status is YearStatus.SCORED else None
        yield ScoredMember(member_id, roster_year, score, frozen.get(member_id, NOTHING_FROZEN))
