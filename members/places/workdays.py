"""Which days are worked: the statutory calendar shipped with `chinesecalendar`, corrected by the town's own table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

import chinese_calendar
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.errors import UnknownWorkYear, WorkYearRefused
from members.log.audit import log_change
from members.log.reasons import fit_text
from members.models import Town, User, WorkDay

DAY_NAME_LENGTH = 40
LEAST_DAYS_OFF = 10
"""A year nobody ships is entered whole: fewer days off than this cannot be a year's (since 2025 the law names 13)."""


class TownCalendar:
    """A town's working days; the town's own entries go before the shipped calendar. Read once, one query."""

    def __init__(self, town: Town) -> None:
        self._entered = dict(WorkDay.objects.filter(town=town).values_list("day", "is_worked"))
        self._entered_years = {day.year for day in self._entered}

    def is_workday(self, day: date) -> bool:
        """Whether a day is worked.

        Raises:
            UnknownWorkYear: the shipped calendar does not have that year and the town did not enter it.
        """
        if day in self._entered:
            return self._entered[day]
        if is_shipped(day.year):
            return bool(chinese_calendar.is_workday(day))
        if day.year in self._entered_years:
            return day.weekday() < 5
        raise UnknownWorkYear(
            _(
                "The days off of %(year)s are not known yet. The town's staff enter them from the State Council's "
                "notice under “Days off and make-up workdays”; then try again."
            )
            % {"year": day.year}
        )

    def workdays_after(self, day: date, *, through: date | None = None) -> Iterator[date]:
        """The working days after a day, which is none of them; up to `through`, or without end.

        Raises:
            UnknownWorkYear: as `is_workday`, for the first day that nobody knows.
        """
        while through is None or day < through:
            day += timedelta(days=1)
            if self.is_workday(day):
                yield day

    def add_workdays(self, day: date, count: int) -> date:
        """The last of `count` working days after a day. Raises UnknownWorkYear."""
        return next(islice(self.workdays_after(day), count - 1, None))

    def next_workday(self, day: date) -> date:
        """The day itself when it is worked, else the next one that is. Raises UnknownWorkYear."""
        return self.add_workdays(day - timedelta(days=1), 1)


def is_shipped(year: int) -> bool:
    """Whether the shipped calendar knows the days off of a year."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


def find_year_to_enter(town: Town | None, *, on: date) -> int:
    """The year a town's staff most likely wants to enter: this one while nobody knows it, else the next."""
    is_entered = WorkDay.objects.filter(town=town, day__year=on.year).exists()
    return on.year + 1 if is_shipped(on.year) or is_entered else on.year


def set_work_year(
    *, actor: User, now: datetime, town: Town, year: int, off: Mapping[date, str], worked: Mapping[date, str]
) -> None:
    """Enter a town's days off and make-up workdays of a year (day to name) in place of those entered before.

    Of a year the shipped calendar knows only what differs is entered; any other year is entered whole.

    Raises:
        PermissionDenied: not the town's staff.
        TextTooLong: the name of a day.
        WorkYearRefused: a day of another year, a day in both lists, or too few days off for a whole year.
    """
    off = {day: fit_text(name, most=DAY_NAME_LENGTH) for day, name in off.items()}
    worked = {day: fit_text(name, most=DAY_NAME_LENGTH) for day, name in worked.items()}
    if not may(actor, Action.CONSENT, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("Days off and make-up workdays are entered by the town's staff."))
    foreign = sorted(day for day in {*off, *worked} if day.year != year)
    if foreign:
        raise WorkYearRefused(_("%(day)s is not a day of %(year)s.") % {"day": foreign[0], "year": year})
    twice = sorted(off.keys() & worked.keys())
    if twice:
        raise WorkYearRefused(_("%(day)s stands in both lists: it is either off or worked.") % {"day": twice[0]})
    if not is_shipped(year) and len(off) < LEAST_DAYS_OFF:
        raise WorkYearRefused(
            _(
                "Enter all days off of %(year)s at once, at least %(least)d: the built-in calendar does not have that "
                "year, so every weekday left out would count as worked."
            )
            % {"year": year, "least": LEAST_DAYS_OFF}
        )
    with transaction.atomic():
        Town.objects.select_for_update().get(pk=town.pk)
        old = _describe(WorkDay.objects.filter(town=town, day__year=year))
        WorkDay.objects.filter(town=town, day__year=year).delete()
        rows = [WorkDay(town=town, day=day, is_worked=False, name=name) for day, name in off.items()]
        rows += [WorkDay(town=town, day=day, is_worked=True, name=name) for day, name in worked.items()]
        WorkDay.objects.bulk_create(rows)
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="set_work_year",
            subject=town,
            old={"year": year, **old},
            new={"year": year, **_describe(rows)},
        )


def _describe(rows: Iterable[WorkDay]) -> dict[str, list[str]]:
    days = sorted((row.day.isoformat(), row.is_worked) for row in rows)
    return {
        "off": [day for day, is_worked in days if not is_worked],
        "worked": [day for day, is_worked in days if is_worked],
    }
