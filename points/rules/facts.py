"""What the scoring engine is given: live, confirmed records of one member and one year, as plain tuples.

Void, draft and proposed records never reach it: leaving them out is the caller's part. `ref` is whatever number the
caller knows a record by; the engine only hands it back and, between two equal records, counts the lower one.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from points.rules.scope import ALWAYS, Span


class PointRecord(NamedTuple):
    """One line of the ledger.

    Base items carry their `period` and no points (the rulebook knows); incentive items carry tenths as awarded,
    before any doubling, and the empty period. `led`: in a leading role (2.3.2.D). `late`: written after the half it
    belongs to was approved, and by no correction (D25).
    """

    ref: int
    item: str
    period: str
    date: date
    points: int | None
    led: bool
    late: bool = False


class DeductionRecord(NamedTuple):
    """One confirmed finding of the negative list; `date` is the day it was found (D6)."""

    ref: int
    item: str
    date: date


class VetoFact(NamedTuple):
    """One confirmed veto: its assessment year and the day the committee confirmed it (D7)."""

    ref: int
    ground: str
    year: int
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A member's year. `months_in_scope` are months 1–12 (D16); `approvals` pair a half with the day it was
    approved, where it has been (D25).

    `in_scheme` are the days by which each record is judged (D16); `left_out` names, by `ref`, those that were found
    out of scope before, where the days are not known.
    """

    year: int
    months_in_scope: tuple[int, ...] = tuple(range(1, 13))
    points: tuple[PointRecord, ...] = ()
    deductions: tuple[DeductionRecord, ...] = ()
    vetoes: tuple[VetoFact, ...] = ()
    approvals: tuple[tuple[str, date], ...] = ()
    in_scheme: tuple[Span, ...] = ALWAYS
    left_out: frozenset[int] = frozenset()
