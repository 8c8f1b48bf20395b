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
from points.scoring.scores import YearStatus, read_facts, read_roster_years


@dataclass(frozen=True, slots=True)
class AddedPoints:
    """Where a member stands with one item this year, in tenths: counted so far, and what the new record would add.

    `lead` is the part of `counted` that leading earned. `added` is None where nothing new was given.
    """

    counted: int
    lead: int
    added: int | None


def read_added_points(
    members: QuerySet[Member], *, rulebook: Rulebook, year: int, item: str, new: Mapping[int, PointRecord]
) -> dict[int, AddedPoints]:
    """What each scored member of `members` has with an item, and what their entry of `new` would add.

    `added` is what the annual score grows by: under the item's caps, the section's and a veto. Seven queries.
    """
    roster_years = read_roster_years(members, year)
    frozen = read_frozen_halves(members, year)
    found: dict[int, AddedPoints] = {}
    for member_id, facts in read_facts(members, year, roster_years, frozen):
        if roster_years[member_id].status is not YearStatus.SCORED:
            continue
        sheet = score_year(rulebook, facts).annual
        added = None
        if member_id in new:
            after = score_year(rulebook, replace(facts, points=(*facts.points, new[member_id]))).annual
            added = after.total - sheet.total
        found[member_id] = _describe(sheet, item, added)
    return found


def _describe(sheet: ScoreSheet, item: str, added: int | None) -> AddedPoints:
    line = next(line for line in sheet.incentive_lines if line.item == item)
    return AddedPoints(counted=line.score, lead=min(line.led, line.score), added=added)
