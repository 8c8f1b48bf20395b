"""Late records (补记): what the ledger says by now and a frozen line does not (D20).

Approval freezes the lines, not the year. What is recorded, confirmed or revoked afterwards counts in the annual score
and so in the second half's difference; here it is named, so that no result hides it. So is a change of the roster that
reaches back into the half: a suspension, an exemption, a day somebody came (D15, D16).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from foundation.chunks import split_into_chunks
from members.models import Member
from points.halves.locks import half_key_of, half_keys_of_finding
from points.models import PointEvent, Review, ReviewLine
from points.reviews.members import members_of_half
from points.rules.periods import H1, H2, half_end
from points.scoring.freezing import FrozenScore, read_payload
from points.scoring.scores import read_roster_years
from veto.models import Deduction, Finding, VetoRecord


class Lateness(StrEnum):
    """What happened after the line was frozen."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class LateRecord:
    """One change of a member's half that its frozen line does not hold; whoever shows a finding minds its ground.

    `record` is None for a change of the roster, which changed the `months` the member was in the scheme until the
    half's end: as the line has them, and by now.
    """

    line: ReviewLine
    lateness: Lateness
    record: PointEvent | Finding | None
    date: date
    months: tuple[int, int] = (0, 0)


def late_records(lines: Iterable[ReviewLine]) -> list[LateRecord]:
    """What came after each of these lines, by line and date; `lines` are current ones, a few queries for each half."""
    by_half: dict[tuple[int, str], list[tuple[ReviewLine, FrozenScore]]] = {}
    for line in lines:
        score = read_payload(line.payload)
        by_half.setdefault((score.year, score.half), []).append((line, score))
    found: list[LateRecord] = []
    for (year, half), frozen in by_half.items():
        for chunk in split_into_chunks(frozen):
            found += _late_in_half(year, half, {line.member_id: (line, score) for line, score in chunk})
    return sorted(found, key=lambda late: (late.line.member.position, late.line.member_id, late.date))


def _late_in_half(year: int, half: str, frozen: dict[int, tuple[ReviewLine, FrozenScore]]) -> Iterable[LateRecord]:
    halves = (H1,) if half == H1 else (H1, H2)
    events = PointEvent.objects.live().filter(member__in=list(frozen), year=year)
    for event in events.only("uuid", "member", "item", "year", "period", "date"):
        line, score = frozen[event.member_id]
        if half_key_of(event)[2] in halves and str(event.uuid) not in score.events:
            yield LateRecord(line, Lateness.RECORDED, event, event.date)
    days = (date(year, 1, 1), date(year, 12, 31))
    findings: list[tuple[Finding, tuple[str, ...]]] = [
        (row, frozen[row.member_id][1].deductions)
        for row in Deduction.objects.filter(member__in=list(frozen), date__range=days)
    ]
    findings += [
        (row, frozen[row.member_id][1].vetoes) for row in VetoRecord.objects.filter(member__in=list(frozen), year=year)
    ]
    for finding, listed in findings:
        line = frozen[finding.member_id][0]
        is_listed = str(finding.uuid) in listed
        reaches = any(key[2] in halves for key in half_keys_of_finding(finding))
        if finding.state == Finding.State.CONFIRMED and reaches and not is_listed:
            yield LateRecord(line, Lateness.CONFIRMED, finding, finding.date)
        elif finding.state != Finding.State.CONFIRMED and is_listed:
            yield LateRecord(line, Lateness.REVOKED, finding, finding.date)
    yield from _late_on_roster(year, half, frozen)


def _late_on_roster(year: int, half: str, frozen: dict[int, tuple[ReviewLine, FrozenScore]]) -> Iterable[LateRecord]:
    """Whose months in the scheme, up to the half's end, are no longer those of the line; two queries."""
    last_day = half_end(year, half)
    standings = read_roster_years(Member.objects.filter(pk__in=list(frozen)), year)
    for member_id, (line, score) in frozen.items():
        standing = standings.get(member_id)
        months = standing.months_in_scope if standing else ()
        then, now = ([month for month in each if month <= last_day.month] for each in (score.months_in_scope, months))
        if then != now:
            yield LateRecord(line, Lateness.ROSTER, None, last_day, (len(then), len(now)))


def late_records_of(review: Review) -> list[LateRecord]:
    """What came too late for a frozen first half and so counts in this second half's difference, marked 补记 (D20).

    Empty for a first half; its own latecomers are `late_records(current_lines(review))`.
    """
    if review.half == H1:
        return []
    members = members_of_half(review.branch, review.year, review.half)
    return late_records(first_half_lines([member.pk for member in members], review.year))


def first_half_lines(member_ids: Iterable[int], year: int) -> list[ReviewLine]:
    """The current first-half line of each member, in whichever branch reviewed it."""
    current: dict[int, ReviewLine] = {}
    for chunk in split_into_chunks(member_ids):
        lines = ReviewLine.objects.filter(member__in=chunk, review__year=year, review__half=H1)
        for line in lines.select_related("member").order_by("revision"):
            current[line.member_id] = line
    return list(current.values())
