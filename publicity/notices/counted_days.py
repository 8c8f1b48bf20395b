"""How long a notice stays up (3.3, D9): counted after Civil Code arts. 201–203, as a reference.

The day of posting does not count. The notice may close after the end of its last day; where that is a day off, after
the end of the next working day. Days and moments are Asia/Shanghai's.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from members.places.workdays import TownCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def last_day_up(posted_on: date, *, days: int, working: bool, calendar: TownCalendar) -> date:
    """The last day a notice posted on `posted_on` must stay up for `days` calendar (or `working`) days.

    Raises:
        UnknownWorkYear: the calendar does not know the days off yet.
    """
    if working:
        return calendar.add_workdays(posted_on, days)
    return calendar.next_workday(posted_on + timedelta(days=days))


def closes_at(last_day: date) -> datetime:
    """The first moment after the end of a day."""
    return datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)
