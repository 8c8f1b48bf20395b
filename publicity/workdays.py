"""Which days are worked: the statutory calendar shipped with `chinesecalendar`, corrected by the town's own table."""

from __future__ import annotations

from datetime import date

import chinese_calendar
from django.utils.translation import gettext as _

from members.models import Town
from publicity.errors import UnknownWorkYear
from publicity.models import WorkDay


class TownCalendar:
    """A town's working days; the town's own entries go before the shipped calendar. Read once, one query."""

    def __init__(self, town: Town) -> None:
        self._entered = dict(WorkDay.objects.filter(town=town).values_list("day", "is_worked"))
        self._known_years = {day.year for day in self._entered}

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked.

        Raises:
            UnknownWorkYear: the shipped calendar ends before that year and the town entered no day of it.
        """
        if day in self._entered:
            return self._entered[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            if day.year in self._known_years:
                return day.weekday() < 5
            raise UnknownWorkYear(
                _(
                    "The days off of %(year)s are not known yet. Enter them from the State Council's notice "
                    "under “Days off and make-up workdays”, then try again."
                )
                % {"year": day.year}
            ) from error
