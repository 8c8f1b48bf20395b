"""Matching a roster file's rows to the people on the roster: who is new, who changes, what is refused.

A member is recognised by ID number, without one by branch, name and date of birth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from foundation.encryption import encrypted_columns
from foundation.fonts import say_missing
from foundation.months import Month, latest_day
from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from members.models import Member, Membership, Town
from members.people.roster import JoinGuard, Joining
from members.places.core_names import core_of
from members.roster_files.reading import RosterRow
from members.selectors import with_branch_on

BEFORE_ANY_YEAR = date(1921, 7, 1)
"""A member without dates has always been there: before the first year any town adopts (D16)."""


def start_of(row: RosterRow, *, today: date) -> tuple[date, Membership.Why]:
    """Since when a new member is on the roster, and why (D16); of a month its last day: nothing counts too early."""
    if row.transferred_in is not None:
        return row.transferred_in, Membership.Why.TRANSFERRED_IN
    if joined := row.values.get("joined_on"):
        return min(latest_day(joined), today), Membership.Why.ADMITTED
    return BEFORE_ANY_YEAR, Membership.Why.REGISTERED


@dataclass(slots=True)
class RosterPlan:
    """What an import would do with each row: people to add in the file's order, changes by member, new branches."""

    report: ImportReport
    rows: list[RosterRow] = field(default_factory=list)
    new_branches: list[str] = field(default_factory=list)
    additions: list[RosterRow] = field(default_factory=list)
    changes: list[tuple[Member, dict[str, Any]]] = field(default_factory=list)


class _Roster:
    """The town's people as they stand, to be found by ID number or by name."""

    def __init__(self, town: Town, today: date) -> None:
        self.branches = {branch.name: branch for branch in town.branches.all()}
        self.cores = {core_of(name): name for name in self.branches}
        self.branch_names = {branch.pk: branch.name for branch in self.branches.values()}
        self.by_id: dict[str, Member] = {}
        self.by_name: dict[str, list[Member]] = defaultdict(list)
        self.branch_of: dict[int, str] = {}
        for member in with_branch_on(town.members.defer(*encrypted_columns(Member)), today).order_by("position", "pk"):
            branch_id: int | None = member.branch_id_on_day  # type: ignore[attr-defined]
            self.branch_of[member.pk] = self.branch_names.get(branch_id or 0, "")
            self.by_name[member.name].append(member)
            if member.id_number_hash:
                self.by_id[member.id_number_hash] = member
        self.days_in: dict[int, set[date]] = defaultdict(set)
        days = Membership.objects.filter(member__town=town, branch__isnull=False)
        for member_id, from_date in days.values_list("member_id", "from_date"):
            self.days_in[member_id].add(from_date)


def match_rows(
    town: Town,
    rows: Iterable[RosterRow],
    report: ImportReport,
    *,
    today: date,
    allow_new_branches: bool,
    guard: JoinGuard,
) -> RosterPlan:
    """What becomes of each row; the refused ones are in the report, also new people whom `guard` forbids to join."""
    plan = RosterPlan(report)
    roster = _Roster(town, today)
    seen_ids: dict[str, RosterRow] = {}
    seen_people: dict[tuple[str, str, date], RosterRow] = {}
    matched: dict[int, RosterRow] = {}
    for row in rows:
        problem = _check_branch(row, roster, plan, today=today, allow_new_branches=allow_new_branches) or _check_twice(
            row, seen_ids, seen_people
        )
        member = None
        if problem is None:
            member, problem = _find_member(row, roster)
        if problem is None and member is not None:
            problem = _check_member(row, member, roster, matched)
        if problem is not None:
            report.add_error(problem)
            continue
        plan.rows.append(row)
        if member is None:
            row.outcome = RowOutcome.ADDED
            plan.additions.append(row)
        elif changes := _changes_of(row, member):
            row.outcome = RowOutcome.UPDATED
            plan.changes.append((member, changes))
            report.updated += 1
        else:
            report.unchanged += 1
    _refuse_joinings(plan, roster, guard, today=today)
    _name_joined_months(plan, today)
    if unprintable := say_missing("".join(row.name for row in plan.rows)):
        report.notes.append(unprintable)
    report.added = len(plan.additions)
    for name in plan.new_branches:
        report.notes.append(_("New branch: %(name)s.") % {"name": name})
    return plan


def _refuse_joinings(plan: RosterPlan, roster: _Roster, guard: JoinGuard, *, today: date) -> None:
    """Take the new people out of the plan whom the guard forbids to join; new branches forbid nothing."""
    joining = [row for row in plan.additions if row.branch in roster.branches]
    refusals = guard([Joining(roster.branches[row.branch].pk, start_of(row, today=today)[0]) for row in joining])
    refused = set()
    for row, refusal in zip(joining, refusals, strict=True):
        if refusal is not None:
            plan.report.add_error(row.error("转入日期", row.transferred_in, refusal.message, refusal.remedy))
            refused.add(id(row))
    plan.additions = [row for row in plan.additions if id(row) not in refused]
    plan.rows = [row for row in plan.rows if id(row) not in refused]


def _name_joined_months(plan: RosterPlan, today: date) -> None:
    """Say of whom the day of joining matters and is not known: who joined this year or the last by month alone."""
    rows = [
        f"{row.name}（{start_of(row, today=today)[0].isoformat()}）"
        for row in plan.additions
        if row.transferred_in is None
        and isinstance(joined := row.values.get("joined_on"), Month)
        and joined.year >= today.year - 1
    ]
    if rows:
        plan.report.notes.append(
            _("Joined in a month without its day, so on the roster from the month's last day: %(people)s.")
            % {"people": "、".join(rows)}
        )


def _check_branch(
    row: RosterRow, roster: _Roster, plan: RosterPlan, *, today: date, allow_new_branches: bool
) -> RowError | None:
    branch = roster.branches.get(row.branch)
    if branch is not None and branch.closed_on is not None and branch.closed_on <= today:
        return row.error(
            "党支部",
            row.branch,
            _("The branch was closed on %(date)s.") % {"date": branch.closed_on},
            _("Write the branch the member belongs to now."),
        )
    if branch is None and not allow_new_branches:
        return row.error(
            "党支部",
            row.branch,
            _("The town has no branch of this name."),
            _("Correct the name, or allow new branches to be made."),
        )
    if branch is None and row.branch not in plan.new_branches:
        alike = roster.cores.setdefault(core_of(row.branch), row.branch)
        if alike != row.branch:
            return row.error(
                "党支部",
                row.branch,
                _("This may be the branch %(branch)s under another name.") % {"branch": alike},
                _("If it is, write that name; if not, make the branch in the workbench first."),
            )
        plan.new_branches.append(row.branch)
    return None


def _check_twice(
    row: RosterRow, seen_ids: dict[str, RosterRow], seen_people: dict[tuple[str, str, date], RosterRow]
) -> RowError | None:
    """The same person in two rows of the file."""
    first = seen_ids.setdefault(row.id_hash, row) if row.id_hash else row
    if first is not row:
        return row.error(
            "公民身份号码",
            row.values["id_number"],
            _("The same citizen ID number stands in row %(row)d of sheet “%(sheet)s” (%(name)s).")
            % {"row": first.row, "sheet": first.sheet, "name": first.name},
            _("Delete one of the rows or correct the number."),
        )
    first = seen_people.setdefault((row.branch, row.name, row.birth_date), row)
    if first is not row and not (first.id_hash and row.id_hash):
        return row.error(
            "姓名",
            row.name,
            _("Row %(row)d of sheet “%(sheet)s” has the same name and date of birth in this branch.")
            % {"row": first.row, "sheet": first.sheet},
            _("Delete one of the rows, or give the ID numbers of both."),
        )
    return None


def _find_member(row: RosterRow, roster: _Roster) -> tuple[Member | None, RowError | None]:
    """Who on the roster the row means; None for somebody new."""
    if row.id_hash and row.id_hash in roster.by_id:
        return roster.by_id[row.id_hash], None
    namesakes = [member for member in roster.by_name.get(row.name, ()) if not (row.id_hash and member.id_number_hash)]
    same = [member for member in namesakes if member.birth_date == row.birth_date]
    here = [member for member in same if roster.branch_of[member.pk] == row.branch]
    if len(here) == 1:
        return here[0], None
    if len(here) > 1 or any(
        member.birth_date is None and roster.branch_of[member.pk] == row.branch for member in namesakes
    ):
        return None, row.error(
            "姓名",
            row.name,
            _("The branch has members of this name who cannot be told apart."),
            _("Enter their ID numbers or dates of birth in the workbench first."),
        )
    return (same[0] if same else None), None


def _check_member(row: RosterRow, member: Member, roster: _Roster, matched: dict[int, RosterRow]) -> RowError | None:
    """What the roster says against this row about a member it knows."""
    first = matched.setdefault(member.pk, row)
    if first is not row:
        return row.error(
            "姓名",
            row.name,
            _("Row %(row)d of sheet “%(sheet)s” means the same member.") % {"row": first.row, "sheet": first.sheet},
            _("Delete one of the rows."),
        )
    if member.name != row.name:
        return row.error(
            "姓名",
            row.name,
            _("On the roster this citizen ID number belongs to %(name)s.") % {"name": member.name},
            _("Correct the row, or correct the name in the workbench first."),
        )
    branch = roster.branch_of[member.pk]
    if branch != row.branch:
        return row.error(
            "党支部",
            row.branch,
            _("The member belongs to %(branch)s.") % {"branch": branch}
            if branch
            else _("The member has left the roster."),
            _("Transfer the member in the workbench first; an import moves nobody."),
        )
    if member.category == Member.Category.FULL and row.values["category"] == Member.Category.PROBATIONARY:
        return row.error(
            "人员类别",
            _("probationary member"),
            _("On the roster this is a full member already."),
            _("Correct the category."),
        )
    if row.transferred_in is not None and row.transferred_in not in roster.days_in[member.pk]:
        return row.error(
            "转入日期",
            row.transferred_in,
            _("The roster has another day on which this member came."),
            _("Clear the cell, or correct the day in the workbench first."),
        )
    return None


def _changes_of(row: RosterRow, member: Member) -> dict[str, Any]:
    """The columns in which the row differs; encrypted ones were not read and are compared by their hash."""
    secret = encrypted_columns(Member)
    compared = {name: f"{name}_hash" if name in secret else name for name in row.values}
    return {
        name: row.values[name] for name, column in compared.items() if getattr(member, column) != row.values[column]
    }
