"""Which of the branches somebody looks after are late, with what and for how long (R3, T4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from members.access import Action, branches_for, reach_of
from members.models import Branch, User
from points.meetings.owed import find_months_without_dues
from points.reviews.overview import read_late_halves
from points.rules.periods import last_day
from points.scoring.wording import name_period
from scoring_site.workbench.base.pages import row_url

MOST_NAMED = 3
"""Up to so many months are named; of more, the first and the number."""


@dataclass(frozen=True, slots=True)
class LateBranch:
    """A branch and what it is late with, the latest first."""

    branch: Branch
    url: str
    late: tuple[str, ...]
    days: int
    """How long the oldest of it has been late, in days."""


@dataclass(frozen=True, slots=True)
class Standings:
    """The late ones of the branches somebody looks after, the latest first, and how many they are in all."""

    late: tuple[LateBranch, ...]
    count: int

    @property
    def in_time(self) -> int:
        return self.count - len(self.late)


def read_standings(user: User, *, on: date) -> Standings | None:
    """How the branches stand that the user reads without an office in them: of a general branch, a supervisor, a town.

    None for whoever reads none such. A constant number of queries.
    """
    own = reach_of(user, on=on).branches_to(Action.READ)
    branches = branches_for(user, on=on).exclude(pk__in=own)
    rows = list(branches.select_related("town").order_by("town_id", "position", "pk"))
    if not rows:
        return None
    months = find_months_without_dues(rows, on=on)
    halves = read_late_halves(branches, on=on)
    late = []
    for branch in rows:
        said = [text for text, _due in halves.get(branch.pk, ())]
        days = [-due.days_left for _text, due in halves.get(branch.pk, ())]
        periods = months.get(branch.pk, [])
        if periods:
            said.append(_say_months(periods))
            days.append((on - last_day(periods[0])).days)
        if said:
            late.append(LateBranch(branch, row_url(branch), tuple(said), max(days)))
    return Standings(tuple(sorted(late, key=lambda entry: -entry.days)), len(rows))


def _say_months(periods: list[str]) -> str:
    if len(periods) <= MOST_NAMED:
        return _("no dues recorded: %(months)s") % {"months": "、".join(name_period(period) for period in periods)}
    return _("no dues recorded for %(count)d months, the first is %(month)s") % {
        "count": len(periods),
        "month": name_period(periods[0]),
    }
