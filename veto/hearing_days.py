"""The five working days a member has to answer before the branch may decide without an answer (D18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from members.errors import UnknownWorkYear
from members.models import Town
from members.places.workdays import TownCalendar

DAYS_TO_ANSWER = 5
"""Working days, at least; the day on which the member was told does not count."""


def last_day_to_answer(told_on: date, calendar: TownCalendar) -> date:
    """The fifth working day after the day the member was told.

    Raises:
        UnknownWorkYear: the calendar does not know the days off yet.
    """
    return calendar.add_workdays(told_on, DAYS_TO_ANSWER)


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """Until when the member may answer; `problem` says in words why the day is not known."""

    last_day: date | None
    problem: str = ""

    def is_over(self, on: date) -> bool:
        """Whether the last day is past."""
        return self.last_day is not None and on > self.last_day


def read_answer_time(town: Town, told_on: date | None) -> AnswerTime:
    """The time to answer for pages and papers, which show what they can; one query."""
    if told_on is None:
        return AnswerTime(None)
    try:
        return AnswerTime(last_day_to_answer(told_on, TownCalendar(town)))
    except UnknownWorkYear as error:
        return AnswerTime(None, str(error))
