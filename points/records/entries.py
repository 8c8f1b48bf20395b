"""One point event before it is written, and the guards every way of recording shares (D1, D2, D3, D5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from points.errors import FutureDate, LeadNotPossible, NoRulebook, UnknownItem, WrongPeriod, WrongPoints
from points.rules.periods import PeriodError, half_of, last_day, parse_period, period_half, period_year
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook


@dataclass(frozen=True, slots=True)
class EventEntry:
    """What somebody wants to record for a member.

    `points` are tenths before doubling, for incentive items only; `period` is canonical, for base items only.
    """

    member_id: int
    item: str
    date: date
    period: str = ""
    points: int | None = None
    led: bool = False
    note: str = ""
    attendance_id: int | None = None

    @property
    def half_key(self) -> tuple[int, int, str]:
        """Member, year and half the entry belongs to (D3)."""
        half = period_half(self.period, self.date) if self.period else half_of(self.date)
        return self.member_id, self.year, half

    @property
    def year(self) -> int:
        """The assessment year: of the period for a base item, of the date for a deed (D3)."""
        return period_year(self.period) if self.period else self.date.year


def tick_entry(member_id: int, item: BaseItem, period: str, *, today: date) -> EventEntry:
    """What a tick in a table of members and periods records.

    Dues are dated today: on which day they were paid nobody said, and none is invented (D25). What else the table says
    happened in the period; it is dated the period's last day, or today while that runs.
    """
    day = today if item.is_dues else min(last_day(period), today)
    return EventEntry(member_id, item.code, day, period)


def refuse_future_date(day: date, *, today: date) -> None:
    """Raise FutureDate for a day after today."""
    if day > today:
        raise FutureDate(_("%(date)s lies in the future. Record it on the day or later.") % {"date": day})


def check_entry(entry: EventEntry, *, rulebooks: Mapping[int, Rulebook], today: date) -> None:
    """Refuse an entry the rulebook of its year does not allow.

    Raises:
        NoRulebook, UnknownItem, WrongPeriod, WrongPoints, LeadNotPossible, FutureDate.
    """
    refuse_future_date(entry.date, today=today)
    try:
        year = entry.year
    except PeriodError as error:
        raise WrongPeriod(
            _("“%(period)s” is no period. Write one such as 2026-03, 2026Q1, 2026H1 or 2026.")
            % {"period": entry.period}
        ) from error
    if year not in rulebooks:
        raise NoRulebook(_("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year})
    try:
        item = rulebooks[year].item(entry.item)
    except KeyError as error:
        raise UnknownItem(
            _("“%(item)s” is not an item of the %(year)s rulebook. Choose one of its items.")
            % {"item": entry.item, "year": year}
        ) from error
    if isinstance(item, BaseItem):
        _check_base_entry(entry, item)
    elif isinstance(item, IncentiveItem):
        _check_incentive_entry(entry, item)


def _check_base_entry(entry: EventEntry, item: BaseItem) -> None:
    if entry.points is not None:
        raise WrongPoints(_("%(item)s earns the rulebook's points; leave the points empty.") % {"item": item.name})
    if entry.led:
        raise LeadNotPossible(
            _("%(item)s is a base item: a leading role counts for incentive items only.") % {"item": item.name}
        )
    try:
        fits = parse_period(entry.period, item.per) == entry.period
    except PeriodError:
        fits = False
    if not fits:
        raise WrongPeriod(_("“%(period)s” is not a period of %(item)s.") % {"period": entry.period, "item": item.name})


def _check_incentive_entry(entry: EventEntry, item: IncentiveItem) -> None:
    if entry.period:
        raise WrongPeriod(_("%(item)s counts by its date; leave the period empty.") % {"item": item.name})
    if entry.points is None or not 1 <= entry.points <= item.cap:
        raise WrongPoints(
            _("%(item)s takes 0.1 to %(cap)s points, in steps of 0.1, before doubling.")
            % {"item": item.name, "cap": show_points(item.cap)}
        )
