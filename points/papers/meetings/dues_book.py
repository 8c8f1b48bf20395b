"""党费收缴登记表: for each member and month of a year the day the dues were paid, and were recorded, and how much
by whom where that was entered, with the months' sums and places for what was handed up (2.3.1.1, D25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from foundation.yuan import show_yuan
from members.models import Branch, Exemption
from points.errors import NothingToPrint
from points.models import PointEvent
from points.papers.pdf import write_pdf
from points.papers.words import EXEMPT
from points.roster.stays import Stay, read_stays
from points.rules.payments import PAYMENT_COLUMNS, Payment
from points.rules.periods import periods_of_year
from points.scoring.adoption import rulebook_for

TITLE = "党支部党费收缴登记表"
STYLESHEET = "points/papers/branch_papers.css"
CAME = "起在本支部"
WENT = "起不在本支部"


@dataclass(frozen=True, slots=True)
class DuesPaid:
    """When a month's dues were paid, as entered, on which day that was recorded, and what was said of the payment."""

    on: date
    recorded_on: date
    payment: Payment

    @property
    def amounts(self) -> tuple[str, str] | None:
        """What was due and what was paid, in yuan; None where that was not entered."""
        due, paid = self.payment.due_fen, self.payment.paid_fen
        return None if due is None or paid is None else (show_yuan(due), show_yuan(paid))

    @property
    def is_recorded_later(self) -> bool:
        return self.recorded_on != self.on


@dataclass(frozen=True, slots=True)
class DuesRow:
    """One member: when each month's dues were paid, or None."""

    name: str
    months: tuple[DuesPaid | None, ...]
    note: str


@dataclass(frozen=True, slots=True)
class DuesTotal:
    """A month or the year: how many payments, and of those with amounts what was due and what was paid, in fen."""

    payments: int
    due_fen: int
    paid_fen: int
    without_amounts: int

    @property
    def due(self) -> str:
        return show_yuan(self.due_fen)

    @property
    def paid(self) -> str:
        return show_yuan(self.paid_fen)

    @property
    def has_amounts(self) -> bool:
        return self.without_amounts < self.payments


def write_dues_book(*, branch: Branch, year: int, now: datetime) -> bytes:
    """The book of a year as PDF, Chinese, A4 landscape.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the branch has no members, or the rulebook no dues.
    """
    rows = read_dues_rows(branch=branch, year=year, now=now)
    branch_name = branch.name_on(min(timezone.localdate(now), date(year, 12, 31)))
    with translation.override("zh-hans"):
        context = {
            "title": TITLE,
            "branch": branch,
            "branch_name": branch_name,
            "year": year,
            "months": range(1, 13),
            "rows": rows,
            "totals": [add_dues(row.months[month] for row in rows) for month in range(12)],
            "whole": add_dues(paid for row in rows for paid in row.months),
            "printed_on": timezone.localdate(now),
        }
        paper = render_to_string("points/papers/dues_book.html", context)
        return write_pdf(papers=[paper], stylesheet=STYLESHEET, title=f"{TITLE} {branch_name} {year}")


def add_dues(payments: Iterable[DuesPaid | None]) -> DuesTotal:
    """The sum of a month's or a year's payments."""
    made = [paid.payment for paid in payments if paid is not None]
    known = [payment for payment in made if payment.due_fen is not None and payment.paid_fen is not None]
    return DuesTotal(
        len(made),
        sum(payment.due_fen or 0 for payment in known),
        sum(payment.paid_fen or 0 for payment in known),
        len(made) - len(known),
    )


def read_dues_rows(
    *, branch: Branch, year: int, now: datetime, since: date | None = None, until: date | None = None
) -> list[DuesRow]:
    """A row for each member in the branch within the stretch, else the year or what of it is over: first who is there
    at its end, then who left. A payment stands where the member was on the day of it. A constant number of queries.
    """
    first, day = since or date(year, 1, 1), until or min(timezone.localdate(now), date(year, 12, 31))
    item = rulebook_for(branch.town, year).dues_item
    stays = read_stays(branch, since=first, until=day)
    if item is None or not stays:
        raise NothingToPrint(_("There are no dues to print for %(branch)s.") % {"branch": branch.name})
    months = periods_of_year(year, "month")
    roster = [stay.member.pk for stay in stays]
    events = PointEvent.objects.live().filter(member__in=roster, item=item.code, period__in=months).order_by()
    paid = {
        (member, period): DuesPaid(on, timezone.localdate(at), Payment(*payment))
        for member, period, on, at, *payment in events.values_list(
            "member_id", "period", "date", "batch__at", *PAYMENT_COLUMNS
        )
    }
    exempt = set(Exemption.objects.on(day).filter(member__in=roster).values_list("member_id", flat=True))
    rows = []
    for stay in stays:
        found = [paid.get((stay.member.pk, month)) for month in months]
        notes = [EXEMPT] if stay.member.pk in exempt and stay.is_here(day) else []
        notes += _name_moves(stay, since=first, until=day)
        rows.append(
            DuesRow(
                name=stay.member.listed_name,
                months=tuple(each if each and stay.covers(each.on) else None for each in found),
                note="；".join(notes),
            )
        )
    return rows


def _name_moves(stay: Stay, *, since: date, until: date) -> list[str]:
    """From when on the member was here, or was not any more: whoever reads the row sees why it is short.

    Why they left is nobody's business here.
    """
    said = {CAME: stay.came_on(since=since, until=until), WENT: stay.left_on(until=until)}
    return [f"{day.month}月{day.day}日{words}" for words, day in said.items() if day is not None]
