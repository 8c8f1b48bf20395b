"""积分档案 (3.1): a member's year as it grew, every point gained and lost in order, with what the total was after each.

Void lines stay in their place and change nothing. The last total is the annual score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from members.models import Member, User
from points.evidence.links import evidence_of
from points.models import EvidenceLink, PointEvent
from points.rules.facts import MemberFacts
from points.rules.rulebook import Rulebook
from points.rules.score import score_year
from points.scoring.freezing import read_frozen_halves
from points.scoring.own_year import Countersignature, read_own_year
from points.scoring.scores import YearStatus, read_facts, read_roster_years
from points.scoring.wording import say_uncounted


class Key(NamedTuple):
    """Which row a total stands after: `event`, `deduction` or `veto`, and its number."""

    kind: str
    pk: int


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """One point event of the year; `total` in tenths after it, None for a void line or a year that is not scored.

    `uncounted` says why it earned nothing, in words; empty where it counts.
    """

    event: PointEvent
    total: int | None
    countersigned: Countersignature | None
    evidence: Sequence[EvidenceLink]
    uncounted: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """A member's year in order; `findings` are the totals after each counting deduction and veto, by its number."""

    lines: Sequence[ArchiveLine]
    findings: Mapping[Key, int]
    total: int | None


def read_archive(member: Member, *, rulebook: Rulebook, year: int, reader: User, on: date) -> Archive:
    """The archive of a year, with the evidence the reader may open; a constant number of queries."""
    events = list(
        PointEvent.objects.filter(member=member, year=year)
        .select_related("batch__actor", "batch__drafted_by", "voided_by", "member", "attendance__meeting")
        .order_by("date", "pk")
    )
    everybody = Member.objects.filter(pk=member.pk)
    roster_years = read_roster_years(everybody, year)
    frozen = read_frozen_halves(everybody, year)
    roster_year = roster_years.get(member.pk)
    totals: dict[Key, int] = {}
    uncounted: dict[int, str] = {}
    is_scored = roster_year is not None and roster_year.status is YearStatus.SCORED
    if is_scored:
        for _member_id, facts in read_facts(everybody, year, roster_years, frozen):
            totals = _add_up(rulebook, facts)
            annual = score_year(rulebook, facts).annual
            uncounted = {entry.record.ref: say_uncounted(entry.reason) for entry in annual.uncounted}
    own = read_own_year(member, branch_id=roster_year.branch_id, year=year) if roster_year else None
    evidence = evidence_of(reader, events, on=on)
    return Archive(
        lines=[
            ArchiveLine(
                event=event,
                total=totals.get(Key("event", event.pk)),
                countersigned=own.countersigned.get(str(event.uuid)) if own else None,
                evidence=evidence[event.pk],
                uncounted=uncounted.get(event.pk, ""),
            )
            for event in events
        ],
        findings={key: total for key, total in totals.items() if key.kind != "event"},
        total=list(totals.values())[-1] if totals else 0 if is_scored else None,
    )


def _add_up(rulebook: Rulebook, facts: MemberFacts) -> dict[Key, int]:
    """The annual score after each fact, in the order of their days; caps, doubling and proration included."""
    steps = sorted(
        [
            *((row.date, 0, row.ref, "event") for row in facts.points),
            *((row.date, 1, row.ref, "deduction") for row in facts.deductions),
            *((row.confirmed_on, 2, row.ref, "veto") for row in facts.vetoes),
        ]
    )
    points = {row.ref: row for row in facts.points}
    deductions = {row.ref: row for row in facts.deductions}
    vetoes = {row.ref: row for row in facts.vetoes}
    grown = replace(facts, points=(), deductions=(), vetoes=())
    totals: dict[Key, int] = {}
    for _day, _order, ref, kind in steps:
        if kind == "event":
            grown = replace(grown, points=(*grown.points, points[ref]))
        elif kind == "deduction":
            grown = replace(grown, deductions=(*grown.deductions, deductions[ref]))
        else:
            grown = replace(grown, vetoes=(*grown.vetoes, vetoes[ref]))
        totals[Key(kind, ref)] = score_year(rulebook, grown).annual.total
    return totals
