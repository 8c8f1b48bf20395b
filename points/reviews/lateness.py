"""What a branch is late with: halves against the town's days, months of which nobody's dues are recorded (3.2, T4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.models import Branch
from points.meetings.owed import find_months_without_dues
from points.reviews.dates import DueDay
from points.reviews.overview import read_late_halves
from points.rules.periods import last_day
from points.scoring.wording import name_period

MOST_NAMED = 3
"""Up to so many months are named; of more, the first and the number."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """What a branch is late with, halves before months, each with how long; `days` is how long the oldest of it is."""

    halves: tuple[str, ...]
    months: tuple[str, ...]
    """The periods without dues, oldest first."""
    days: int
    texts: tuple[str, ...]


def find_lateness(branches: QuerySet[Branch], *, on: date) -> dict[int, Lateness]:
    """What each of the branches that are late is late with, by branch id; a constant number of queries."""
    months = find_months_without_dues(branches, on=on)
    halves = read_late_halves(branches, on=on)
    return {pk: _describe(halves.get(pk, []), months.get(pk, []), on=on) for pk in {*months, *halves}}


def _describe(halves: list[tuple[str, DueDay]], periods: list[str], *, on: date) -> Lateness:
    texts = tuple(text for text, _due in halves)
    days = [-due.days_left for _text, due in halves]
    said: tuple[str, ...] = ()
    if periods:
        waited = (on - last_day(periods[0])).days
        days.append(waited)
        said = (_say_months(periods, waited),)
    return Lateness(texts, tuple(periods), max(days), texts + said)


def _say_months(periods: list[str], days: int) -> str:
    if len(periods) <= MOST_NAMED:
        named = "、".join(name_period(period) for period in periods)
        return _("no dues recorded: %(months)s (%(days)d days)") % {"months": named, "days": days}
    return _("no dues recorded for %(count)d months, the first is %(month)s (%(days)d days)") % {
        "count": len(periods),
        "month": name_period(periods[0]),
        "days": days,
    }
