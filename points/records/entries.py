"""One point event before it is written, and the guards every way of recording shares (D1, D2, D3, D5, D25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from foundation.yuan import show_yuan
from points.errors import (
    AmountMissing,
    FutureDate,
    LeadNotPossible,
    NoRulebook,
    PaidTooLittle,
    PaymentNotPossible,
    UnknownItem,
    WrongPeriod,
    WrongPoints,
)
from points.rules.payments import UNSAID, Payment
from points.rules.periods import PeriodError, half_of, last_day, parse_period, period_half, period_year
from points.rules.rulebook import AnyItem, BaseItem, IncentiveItem, Rulebook


class EventEntry(NamedTuple):
    """What somebody wants to record for a member.

    `points` are tenths before doubling, for incentive items only; `period` is canonical, for base items only, and
    `payment` what was said of it, for dues only.
    """

    member_id: int
    item: str
    date: date
    period: str = ""
    points: int | None = None
    led: bool = False
    note: str = ""
    attendance_id: int | None = None
    payment: Payment = UNSAID

    def with_payment(self, payment: Payment) -> EventEntry:
        """The same with what was said of a payment."""
        return self._replace(payment=payment)

    @property
    def half_key(self) -> tuple[int, int, str]:
        """Member, year and half the entry belongs to (D3)."""
        half = period_half(self.period, self.date) if self.period else half_of(self.date)
        return self.member_id, self.year, half

    @property
    def year(self) -> int:
        """The assessment year: of the period for a base item, of the date for a deed (D3)."""
        return period_year(self.period) if self.period else self.date.year


def pack_entry(entry: EventEntry) -> dict[str, Any]:
    """What an entry of a draft or a stored correction says beside its member: neither knows attendance or payment."""
    return {
        "item": entry.item,
        "date": entry.date.isoformat(),
        "period": entry.period,
        "points": entry.points,
        "led": entry.led,
        "note": entry.note,
    }


def unpack_entry(row: Mapping[str, Any], *, member_id: int) -> EventEntry:
    """The entry that `pack_entry` packed, of a member."""
    return EventEntry(
        member_id,
        row["item"],
        date.fromisoformat(row["date"]),
        row["period"],
        points=row["points"],
        led=row["led"],
        note=row["note"],
    )


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
        PaymentNotPossible, AmountMissing, PaidTooLittle: of a payment of dues (D25).
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
    _check_payment(entry.payment, item)


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


def _check_payment(payment: Payment, item: AnyItem) -> None:
    """D25: a month counts when what was paid reaches what was due."""
    if not payment.is_said:
        return
    if not (isinstance(item, BaseItem) and item.is_dues):
        raise PaymentNotPossible(
            _("“%(item)s” is not dues: leave amount due, amount paid and payer empty.") % {"item": item.name}
        )
    due, paid = payment.due_fen, payment.paid_fen
    if (due is None) != (paid is None):
        raise AmountMissing(_("Enter both the amount due and the amount paid, or neither."))
    if due is not None and paid is not None and paid < due:
        raise PaidTooLittle(
            _(
                "%(due)s yuan of dues were due and %(paid)s yuan paid: the month does not count yet. "
                "Record it when the rest is paid."
            )
            % {"due": show_yuan(due), "paid": show_yuan(paid)}
        )
