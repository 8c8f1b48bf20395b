"""Two seats: who records and who approves, and what recording costs whoever would approve (D19, D27)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from members.access import Action, reach_of
from members.models import Appointment, Branch, User
from members.selectors import members_in

Role = Appointment.Role


def branches_recorded_by(user: User, *, on: date) -> list[int]:
    """The branches whose records the user keeps: not those they approve for, where somebody else was appointed to."""
    reach = reach_of(user, on=on)
    recorded = reach.branches_to(Action.RECORD)
    approved = _approved_only(user, on=on)
    others = _with_recorder(approved, on=on) if approved else set()
    return [branch for branch in recorded if branch not in others]


def name_branches_without_recorder(user: User, *, on: date) -> str:
    """Of the branches the user approves for, those without a recorder; empty where each has one."""
    approved = _approved_only(user, on=on)
    if not approved:
        return ""
    unfilled = peopled_branches(set(approved) - _with_recorder(approved, on=on), on=on)
    without = Branch.objects.filter(pk__in=unfilled, has_committee=True)
    return "、".join(without.order_by("position", "pk").values_list("name", flat=True))


def peopled_branches(branches: Collection[int], *, on: date) -> set[int]:
    """Those of the branches that have members: in a general branch without its own nobody has anything to record."""
    if not branches:
        return set()
    placed = members_in(list(branches), on).order_by()
    return set(placed.values_list("branch_id_on_day", flat=True).distinct())  # type: ignore[misc] # an annotation


def say_recording_cost(user: User, *, on: date) -> str:
    """What a secretary is told before recording; empty for everybody else, and where the assembly approves (D19)."""
    approved = _approved_only(user, on=on)
    branches = Branch.objects.filter(pk__in=approved, has_committee=True) if approved else ()
    names = "、".join(branch.name for branch in branches)
    if not names:
        return ""
    return _(
        "Whoever recorded anything for a half-year of %(branches)s cannot approve it: once you record something "
        "yourself, a committee member who recorded nothing of it or the town's staff approves that half-year."
    ) % {"branches": names}


def _approved_only(user: User, *, on: date) -> list[int]:
    """Where the user approves and is not the recorder as well."""
    reach = reach_of(user, on=on)
    approved = reach.branches_to(Action.APPROVE_REVIEW)
    return [branch for branch in approved if Role.RECORDER not in reach.branch_roles[branch]]


def _with_recorder(branches: Collection[int], *, on: date) -> set[int]:
    rows = Appointment.objects.on(on).filter(branch__in=branches, role=Role.RECORDER, user__is_active=True)
    return {branch for branch in rows.values_list("branch_id", flat=True) if branch is not None}
