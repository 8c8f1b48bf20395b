"""The working days a member has to answer before the branch may decide without an answer (D18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from members.errors import UnknownWorkYear
from members.places.workdays import TownCalendar
from veto.models import Finding, Telling

DAYS_TO_ANSWER = 5
"""Working days, at least; the day on which the member was told does not count."""
DAYS_FOR_WHO_IS_AWAY = 10
"""Working days where the notice went by post or message."""
DAYS_BY_WAY: Mapping[str, int] = {
    Telling.Way.HANDED: DAYS_TO_ANSWER,
    Telling.Way.REFUSED: DAYS_TO_ANSWER,
    Telling.Way.POST: DAYS_FOR_WHO_IS_AWAY,
    Telling.Way.MESSAGE: DAYS_FOR_WHO_IS_AWAY,
}


def last_day_to_answer(told_on: date, calendar: TownCalendar, *, way: str = Telling.Way.HANDED) -> date:
    """The last of the working days after the day the member was told: the fifth, by post or message the tenth.

    Raises:
        UnknownWorkYear: the calendar does not know the days off yet.
    """
    return calendar.add_workdays(told_on, DAYS_BY_WAY[way])


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """Until when the member may answer; `problem` says in words why the day is not known."""

    last_day: date | None
    days: int = DAYS_TO_ANSWER
    problem: str = ""

    def is_over(self, on: date) -> bool:
        """Whether the last day is past."""
        return self.last_day is not None and on > self.last_day


def read_answer_time(finding: Finding) -> AnswerTime:
    """The time to answer for pages and papers, which show what they can. It runs from the first notice."""
    if finding.notified_on is None:
        return AnswerTime(None)
    way = way_told(finding)
    try:
        last_day = last_day_to_answer(finding.notified_on, TownCalendar(finding.member.town), way=way)
    except UnknownWorkYear as error:
        return AnswerTime(None, DAYS_BY_WAY[way], str(error))
    return AnswerTime(last_day, DAYS_BY_WAY[way])


def way_told(finding: Finding) -> str:
    """How the member was first told."""
    first = next((row for row in finding.tellings.all() if row.paper == Telling.Paper.NOTICE), None)
    return first.way if first else Telling.Way.HANDED
