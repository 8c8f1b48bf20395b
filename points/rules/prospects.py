"""What a member can still do in a year, and what it would add (2.3, D4, D16, D25).

Every gain is what the scoring engine itself says: the year is scored once more with the records that following the
advice would leave behind. So the caps, the leading role, proration and the stop at 0 are all in it, and a prospect
that would add nothing is none.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import H2, first_day, half_end, half_of, last_day, month_end, period_half, periods_of_year
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook
from points.rules.scope import is_owed, may_count
from points.rules.score import OUT_OF_SCOPE, ScoreSheet, score_member

# How a prospect comes true
TAKE_PART = "take_part"  # the period is not over, and what it asks for still to come
CATCH_UP = "catch_up"  # it is over, or its meeting was held: dues can still be paid, a meeting be made up (D24, D25)
DEED = "deed"  # an incentive item
LEAD = "lead"  # an incentive item in a leading role (2.3.2.D)


class Prospect(NamedTuple):
    """One thing still open and what carrying it out alone adds to the annual score, in tenths (for deeds: up to).

    `records` are what it leaves behind; base prospects name their `periods`.
    """

    item: str
    way: str
    periods: tuple[str, ...]
    gain: int
    records: tuple[PointRecord, ...]


@dataclass(frozen=True, slots=True)
class Prospects:
    """What is still open in a member's year, base items first, and what all of it together adds (up to, in tenths)."""

    lines: tuple[Prospect, ...]
    together: int


@dataclass(frozen=True, slots=True)
class Openness:
    """What of a year is still open on the day `on`.

    In `locked` halves nothing can be recorded; in `closed` ones (submitted or later) no meeting can be made up (D24).
    `held` are the days on which the branch held something, by (item, period); None where that is not known.
    """

    on: date
    locked: Collection[str] = ()
    closed: Collection[str] = ()
    held: Mapping[tuple[str, str], Collection[date]] | None = None


def facts_behind(sheet: ScoreSheet, approvals: tuple[tuple[str, date], ...] = ()) -> MemberFacts:
    """The facts that an annual sheet was scored from; `approvals` as they were given to the engine."""
    points = [record for line in sheet.base_lines for record in line.counted]
    points += [record for line in sheet.incentive_lines for record in line.records]
    points += [entry.record for entry in sheet.uncounted]
    return MemberFacts(
        year=sheet.year,
        months_in_scope=sheet.months_in_scope,
        points=tuple(points),
        deductions=tuple(DeductionRecord(line.ref, line.item, line.date) for line in sheet.deduction_lines),
        vetoes=tuple(VetoFact(line.ref, line.ground, sheet.year, line.confirmed_on) for line in sheet.vetoes),
        approvals=approvals,
        in_scheme=sheet.in_scheme,
        left_out=frozenset(entry.record.ref for entry in sheet.uncounted if entry.reason == OUT_OF_SCOPE),
    )


def score_with(rulebook: Rulebook, facts: MemberFacts, records: Iterable[PointRecord]) -> int:
    """The annual score in tenths once these records are there too."""
    more = replace(facts, points=(*facts.points, *records))
    return score_member(rulebook, more, half_end(facts.year, H2)).total


def find_prospects(rulebook: Rulebook, facts: MemberFacts, openness: Openness) -> Prospects:
    """What is still open and adds something; under a veto there is nothing."""
    now = score_with(rulebook, facts, ())
    lines: list[Prospect] = []
    best: list[PointRecord] = []
    for item in rulebook.base:
        for way in (TAKE_PART, CATCH_UP):
            records = _keep_earning(rulebook, facts, tuple(_open_periods(item, way, facts, openness)))
            gain = score_with(rulebook, facts, records) - now
            if gain > 0:
                lines.append(Prospect(item.code, way, tuple(record.period for record in records), gain, records))
                best += records
    day = _day_of_deed(facts, openness)
    if day is not None:
        for deed in rulebook.incentive:
            found = _prospects_of_deed(rulebook, facts, deed, day, now)
            lines += found
            best += found[-1].records if found else ()
    return Prospects(tuple(lines), score_with(rulebook, facts, best) - now)


def _keep_earning(rulebook: Rulebook, facts: MemberFacts, records: tuple[PointRecord, ...]) -> tuple[PointRecord, ...]:
    """Those of the records that the engine would count: dues of an approved half clear the arrears alone (D25)."""
    if not records:
        return records
    more = replace(facts, points=(*facts.points, *records))
    sheet = score_member(rulebook, more, half_end(facts.year, H2))
    counted = {record for line in sheet.base_lines for record in line.counted}
    return tuple(record for record in records if record in counted)


def _open_periods(item: BaseItem, way: str, facts: MemberFacts, openness: Openness) -> Iterable[PointRecord]:
    recorded = {record.period for record in facts.points if record.item == item.code}
    for period in periods_of_year(facts.year, item.per):
        months = range(first_day(period).month, last_day(period).month + 1)
        # Whoever missed the meeting that was held in a period does not take part in it any more.
        held_on = (openness.held or {}).get((item.code, period), ())
        was_held = bool(held_on)
        is_over = last_day(period) < openness.on or (item.nature == "meeting" and was_held)
        if period in recorded or is_over != (way == CATCH_UP) or not set(months) & set(facts.months_in_scope):
            continue
        if not is_owed(item, period, held_on, facts.in_scheme, on=openness.on):
            continue
        day = max(openness.on, first_day(period))
        half = period_half(period, day)
        if half in openness.locked or not may_count(item, period, day, facts.in_scheme):
            continue
        if is_over and not item.is_dues and (half in openness.closed or not was_held):
            continue
        # Of a half that is approved already it would be late, the same day too (D25).
        yield PointRecord(0, item.code, period, day, None, led=False, late=True)


def _day_of_deed(facts: MemberFacts, openness: Openness) -> date | None:
    """The next day of the year on which a deed counts; None where there is none any more."""
    start = max(openness.on, date(facts.year, 1, 1))
    if start.year > facts.year:
        return None
    months = [month for month in facts.months_in_scope if month >= start.month]
    if not months:
        return None
    day = start if months[0] == start.month else month_end(facts.year, months[0])
    return None if half_of(day) in openness.locked else day


def _prospects_of_deed(
    rulebook: Rulebook, facts: MemberFacts, item: IncentiveItem, day: date, now: int
) -> list[Prospect]:
    """The most that one more deed can add, and the most in a leading role where that is more and not unusual (D4)."""
    # What was out of scope fills no cap (D16).
    mine = [
        record
        for record in facts.points
        if record.item == item.code
        and record.ref not in facts.left_out
        and may_count(item, record.period, record.date, facts.in_scheme)
    ]
    awarded = sum(record.points or 0 for record in mine)
    led = sum(record.points or 0 for record in mine if record.led)
    found: list[Prospect] = []
    for way, points in ((DEED, item.cap - min(item.cap, awarded)), (LEAD, item.cap - min(item.cap, led))):
        if points > 0 and not (way == LEAD and item.confirm_lead):
            record = PointRecord(0, item.code, "", day, points, led=way == LEAD)
            gain = score_with(rulebook, facts, (record,)) - now
            if gain > max((prospect.gain for prospect in found), default=0):
                found.append(Prospect(item.code, way, (), gain, (record,)))
    return found
