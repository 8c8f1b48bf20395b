"""需关心了解: who may need a visit, from the months themselves; never a veto, never a conclusion (D17, D22).

Pure: what happened in each month is handed in, oldest first. A month counts as missed once it is over, if the member
was expected at a meeting in it, took part in none and was not excused. A month without a meeting the member was
expected at neither counts nor breaks the row; taking part, an excuse, and a month outside the scheme break it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from points.rules.periods import last_day

REMINDER_MONTHS = 3
"""From here on: somebody goes and asks how they are."""
CANDIDATE_MONTHS = 6
"""From here on the branch may look whether a ground is there; it decides, after hearing the member (2.3.4.1, D18)."""


class MonthState(StrEnum):
    """What a month means for the row."""

    MISSED = "missed"
    TOOK_PART = "took_part"
    EXCUSED = "excused"
    NOTHING_HELD = "nothing_held"
    OUT_OF_SCOPE = "out_of_scope"


BREAKS = frozenset({MonthState.TOOK_PART, MonthState.EXCUSED, MonthState.OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """One month of one member: meetings the branch held, at which the member was expected, took part, was excused.

    `recorded`: a live base record of a meeting item, which is taking part (D17). `in_scope`: in the scheme on the
    month's last day, or today for the running one (D16).
    """

    month: str
    held: int = 0
    expected: int = 0
    took_part: int = 0
    excused: int = 0
    recorded: int = 0
    in_scope: bool = True

    @property
    def state(self) -> MonthState:
        """What the month means; whoever took part once or was excused once did not stay away."""
        if not self.in_scope:
            return MonthState.OUT_OF_SCOPE
        if self.took_part or self.recorded:
            return MonthState.TOOK_PART
        if self.excused:
            return MonthState.EXCUSED
        return MonthState.MISSED if self.expected else MonthState.NOTHING_HELD


@dataclass(frozen=True, slots=True)
class Row:
    """The months missed without a break up to now; `months` has those between without a meeting too."""

    months: tuple[MonthFacts, ...]

    @property
    def missed(self) -> int:
        """How many months count."""
        return sum(month.state is MonthState.MISSED for month in self.months)

    @property
    def latest(self) -> tuple[MonthFacts, ...]:
        """The last twelve of its months, for a page."""
        return self.months[-12:]

    @property
    def is_reminder(self) -> bool:
        return self.missed >= REMINDER_MONTHS

    @property
    def is_candidate(self) -> bool:
        return self.missed >= CANDIDATE_MONTHS


def find_row(months: Iterable[MonthFacts], *, on: date) -> Row:
    """The row that runs on a day. The month still running can break it and cannot lengthen it."""
    row: list[MonthFacts] = []
    for facts in months:
        if facts.state in BREAKS:
            row.clear()
        elif last_day(facts.month) < on and (row or facts.state is MonthState.MISSED):
            row.append(facts)
    while row and row[-1].state is not MonthState.MISSED:
        row.pop()
    return Row(tuple(row))


def find_dues_row(
    months: Sequence[str], *, recorded: frozenset[str], paid: frozenset[str], on: date
) -> tuple[str, ...]:
    """The months in the scheme that are over, whose dues the branch has recorded for others and not for the member.

    `months` are those in scope, oldest first, with "" where the member was out of the scheme; a month in which nobody's
    dues were recorded neither counts nor breaks the row, one that is paid (the running one too) breaks it (D25).
    """
    row: list[str] = []
    for month in months:
        if not month or month in paid:
            row.clear()
        elif month in recorded and last_day(month) < on:
            row.append(month)
    return tuple(row)


def months_before(day: date, count: int) -> tuple[str, ...]:
    """The last `count` months up to and with that of a day, oldest first."""
    first = day.year * 12 + day.month - count
    return tuple(f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, first + count))
