"""How periods, payments of dues and what stands beside a record are written for people."""

from __future__ import annotations

from typing import Any, TypeGuard

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from foundation.yuan import show_yuan
from points.models import PointEvent
from points.rules.payments import Payment
from points.rules.periods import first_day, period_kind, period_year
from points.rules.score import DUPLICATE, LATE_DUES, OUT_OF_SCOPE


def name_period(period: str) -> str:
    """A canonical period in words: 2025年3月, 2025年第1季度, 2025年上半年, 2025年度. Raises PeriodError."""
    values = {"year": period_year(period), "number": _number(period)}
    return {
        "month": _("%(number)s/%(year)s"),
        "quarter": _("Q%(number)s %(year)s"),
        "half": _("first half of %(year)s") if values["number"] == 1 else _("second half of %(year)s"),
        "year": _("the year %(year)s"),
    }[period_kind(period)] % values


def name_period_in_year(period: str) -> str:
    """A canonical period where the year is known: 3月, 第1季度, 上半年, 全年. Raises PeriodError."""
    number = _number(period)
    return {
        "month": _("month %(number)s"),
        "quarter": _("Q%(number)s"),
        "half": _("first half") if number == 1 else _("second half"),
        "year": _("whole year"),
    }[period_kind(period)] % {"number": number}


def say_uncounted(reason: str) -> str:
    """Why a record earned nothing: a reason of `points.rules.score`."""
    return {
        LATE_DUES: _("paid after the half was approved: no point"),
        OUT_OF_SCOPE: _("not in scope: no point"),
        DUPLICATE: _("the period was recorded before: counts once"),
    }[reason]


def say_payment(payment: Payment) -> str:
    """What was due and paid and who paid it, in words; empty where nothing is said of it (D25)."""
    parts = []
    if payment.due_fen is not None and payment.paid_fen is not None:
        amounts = {"due": show_yuan(payment.due_fen), "paid": show_yuan(payment.paid_fen)}
        parts.append(_("%(due)s yuan due, %(paid)s yuan paid") % amounts)
    if payment.paid_by:
        parts.append(_("paid by %(name)s") % {"name": payment.paid_by})
    return "，".join(parts)


def say_note(event: PointEvent) -> str:
    """What stands beside a record: its note, and of dues the payment."""
    return "，".join(part for part in (event.note, say_payment(event.payment)) if part)


def _number(period: str) -> int:
    """Which month, quarter or half of its year a period is; 1 for a year."""
    month = first_day(period).month
    return {"month": month, "quarter": month // 3 + 1, "half": month // 6 + 1, "year": 1}[period_kind(period)]


NOT_GIVEN = "—"
"""What stands where a score is not given."""


def show_half(tenths: int | None) -> str:
    """The score of a half for every page and paper: one below 0 is not given, nor one that is not there (D8)."""
    return show_points(tenths) if gives_half(tenths) else NOT_GIVEN


def gives_half(tenths: int | None) -> TypeGuard[int]:
    """Whether a half has a score to show: a second half below 0 (a veto, deductions) has none, the year's counts."""
    return tenths is not None and tenths >= 0


def name_half(row: Any) -> str:
    """The half of a row with a year and a half, in words: 2025年上半年."""
    return name_period(f"{row.year}{row.half}")
