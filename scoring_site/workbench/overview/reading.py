"""What the overview shows, read for the page, the paper and the workbook alike; a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from members.access import Action, branches_for, reach_of
from members.models import Branch, Town, User
from members.notifications import Task
from points.reviews.lateness import Lateness, find_lateness
from points.reviews.reminding import Reminder, read_reminders
from points.rules.rulebook import Rulebook
from scoring_site.overview.halves import HalfKey, HalfStanding, find_halves, read_halves
from scoring_site.overview.year import Due, Spread, list_due, read_spread, read_year
from scoring_site.workbench.overview.concerns import Concern, read_concerns
from scoring_site.workbench.overview.waiting import read_waiting


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch of the overview."""

    branch: Branch
    dues: tuple[Due, ...]
    halves: Mapping[HalfKey, HalfStanding]
    spread: Spread
    lateness: Lateness | None
    reminder: Reminder | None
    concern: Concern
    may_record: bool
    """Whether a cell opens the month to be recorded; else the tick sheet, to be read."""
    may_remind: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A town, or the branches of a general branch, in a year as seen on a day."""

    town: Town
    place: str
    """Whose it is: the town, or the general branch."""
    year: int
    on: date
    rulebook: Rulebook
    halves: tuple[HalfKey, ...]
    rows: tuple[BranchRow, ...]
    spread: Spread
    before: Spread | None
    """Last year's scores; None where the town adopted nothing for it."""
    waiting: tuple[Task, ...]

    @property
    def late(self) -> list[BranchRow]:
        """The branches that are late, the latest first."""
        rows = [(row.lateness.days, row) for row in self.rows if row.lateness]
        return [row for _days, row in sorted(rows, key=lambda entry: -entry[0])]

    @property
    def late_with_months(self) -> list[BranchRow]:
        return [row for row in self.late if row.lateness and row.lateness.months]

    @property
    def late_with_halves(self) -> list[BranchRow]:
        return [row for row in self.late if row.lateness and row.lateness.halves]

    @property
    def on_notice(self) -> list[tuple[BranchRow, HalfStanding]]:
        """The notices that are up."""
        return [(row, half) for row in self.rows for half in row.halves.values() if half.is_up]

    @property
    def concerns(self) -> list[BranchRow]:
        """The branches in which somebody may need a visit, or a finding waits."""
        return [row for row in self.rows if row.concern]

    @property
    def is_running(self) -> bool:
        """Whether the year is not over: then nothing of it is a judgement."""
        return self.year >= self.on.year


def list_watched(user: User, *, on: date) -> list[Branch]:
    """All of the user's towns, or those below their general branch; a town's role sees its own branch's too."""
    reach = reach_of(user, on=on)
    branches = branches_for(user, on=on)
    if not reach.read_towns:
        branches = branches.exclude(pk__in=reach.branches_to(Action.READ))
    return list(branches.select_related("town").order_by("town_id", "position", "pk"))


def read_overview(
    user: User, town: Town, branches: Sequence[Branch], *, rulebooks: Mapping[int, Rulebook], year: int, on: date
) -> Overview:
    """How the branches stand; `rulebooks` has the year's. A constant number of queries."""
    reach = reach_of(user, on=on)
    read = read_year(town, branches, rulebook=rulebooks[year], year=year)
    keys = find_halves(year, on=on)
    halves = read_halves(branches, keys, on=on)
    lateness = find_lateness(Branch.objects.filter(pk__in=[branch.pk for branch in branches]), on=on)
    reminders = read_reminders(branches, on=on)
    recorded = set(branches_for(user, on=on, action=Action.RECORD).values_list("pk", flat=True))
    guided = set(branches_for(user, on=on, action=Action.GUIDE).values_list("pk", flat=True))
    concerns = read_concerns(user, town, on=on)
    rows = tuple(
        BranchRow(
            branch=branch,
            dues=tuple(list_due(own, rulebooks[year], year)),
            halves=halves[branch.pk],
            spread=Spread(year, tuple(own.totals), rulebooks[year], is_final=False),
            lateness=lateness.get(branch.pk),
            reminder=reminders.get(branch.pk),
            concern=concerns.get(branch.pk, Concern()),
            may_record=branch.pk in recorded,
            may_remind=branch.pk in guided,
        )
        for branch in branches
        if (own := read.branches[branch.pk]).totals or halves[branch.pk] or branch.pk in lateness
    )
    before = None
    if year - 1 in rulebooks:
        before = read_spread(town, branches, rulebook=rulebooks[year - 1], year=year - 1)
    return Overview(
        town=town,
        place=town.name if town.pk in reach.read_towns else _name_general_branch(branches),
        year=year,
        on=on,
        rulebook=rulebooks[year],
        halves=tuple(key for key in keys if any(key in row.halves for row in rows)),
        rows=rows,
        spread=read.spread,
        before=before if before and before.count else None,
        waiting=tuple(read_waiting(user, town, on=on)),
    )


def _name_general_branch(branches: Sequence[Branch]) -> str:
    """The one they all are below; the town's name where there are several."""
    above = {branch.parent_id for branch in branches} - {branch.pk for branch in branches}
    names = Branch.objects.filter(pk__in=[pk for pk in above if pk]).values_list("name", flat=True)
    return "、".join(names) or branches[0].town.name
