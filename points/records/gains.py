"""What a deed would add to members' years under the caps, before it is recorded (2.3.2, D4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from members.models import Member
from points.rules.facts import PointRecord
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet, score_year
from points.scoring.freezing import read_frozen_halves
from points.scoring.scores import Standing, read_facts, read_standings


@dataclass(frozen=True, slots=True)
class Gain:
    """Where a member stands with one item this year, in tenths: counted so far, and what the new record would add.

    `lead` is the part of `counted` that leading earned. `added` is None where nothing new was given.
    """

    counted: int
    lead: int
    added: int | None


def read_gains(
    members: QuerySet[Member], *, rulebook: Rulebook, year: int, item: str, new: Mapping[int, PointRecord]
) -> dict[int, Gain]:
    """The standing of each scored member of `members` with an item, and what their entry of `new` would add.

    `added` is what the annual score grows by: under the item's caps, the section's and a veto. Six queries.
    """
    standings = read_standings(members, year)
    frozen = read_frozen_halves(members, year)
    gains: dict[int, Gain] = {}
    for member_id, facts in read_facts(members, year, standings, frozen):
        if standings[member_id].standing is not Standing.SCORED:
            continue
        sheet = score_year(rulebook, facts).annual
        added = None
        if member_id in new:
            after = score_year(rulebook, replace(facts, points=(*facts.points, new[member_id]))).annual
            added = after.total - sheet.total
        gains[member_id] = _describe(sheet, item, added)
    return gains


def _describe(sheet: ScoreSheet, item: str, added: int | None) -> Gain:
    line = next(line for line in sheet.incentive_lines if line.item == item)
    return Gain(counted=line.score, lead=min(line.led, line.score), added=added)
