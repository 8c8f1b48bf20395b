"""Which of the branches somebody looks after are late, with what and for how long (R3, T4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from members.access import Action, branches_for, reach_of
from members.models import Branch, User
from points.reviews.lateness import find_lateness
from scoring_site.workbench.base.pages import row_url


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
    branches = branches_for(user, on=on).exclude(pk__in=own).select_related("town")
    rows = list(branches.order_by("town_id", "position", "pk"))
    if not rows:
        return None
    found = find_lateness(branches, on=on)
    late = [LateBranch(row, row_url(row), found[row.pk].texts, found[row.pk].days) for row in rows if row.pk in found]
    return Standings(tuple(sorted(late, key=lambda entry: -entry.days)), len(rows))
