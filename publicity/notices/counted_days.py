"""How long a notice stays up (3.3, D9): counted after Civil Code arts. 201–203, as a reference.

The day of posting does not count. The notice may close after the end of its last day; where that is a day off, after
the end of the next working day. Days and moments are Asia/Shanghai's.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class WorkCalendar(Protocol):
    """Which days are worked, statutory holidays and make-up workdays considered."""

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked; raises `members.errors.UnknownWorkYear` for a year nobody has entered."""
        ...


def last_day_up(posted_on: date, *, days: int, working: bool, calendar: WorkCalendar) -> date:
    """The last day a notice posted on `posted_on` must stay up for `days` calendar (or `working`) days."""
    day = posted_on
    if working:
        counted = 0
        while counted < days:
            day += timedelta(days=1)
            counted += calendar.is_workday(day)
        return day
    return next_workday(posted_on + timedelta(days=days), calendar=calendar)


def next_workday(day: date, *, calendar: WorkCalendar) -> date:
    """The day itself when it is worked, else the next one that is."""
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return day


def closes_at(last_day: date) -> datetime:
    """The first moment after the end of a day."""
    return datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)


def add_workdays(start: date, days: int, *, calendar: WorkCalendar) -> date:
    """The last of `days` working days after `start`, which does not count itself (D11: ten for an answer)."""
    return last_day_up(start, days=days, working=True, calendar=calendar)
