"""Branches of a town: new ones, and changing what the roster says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import require_roster_keeper
from members.errors import RosterRefused
from members.log.audit import log_change
from members.log.changes import refuse_other_fields, save_changes
from members.models import Branch, FormerBranchName, Member, Town, User
from members.selectors import members_in

LEAST_FOR_COMMITTEE = 7
"""From so many full members on a branch has a committee."""


def create_branch(
    *,
    actor: User,
    now: datetime,
    town: Town,
    name: str,
    parent: Branch | None = None,
    has_committee: bool = True,
    opened_on: date | None = None,
) -> Branch:
    """Make a branch, last in the town's lists; `parent` is the general branch it belongs to.

    Raises:
        PermissionDenied.
        RosterRefused: no name, a name the town already has, or a general branch of another town.
    """
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    name = " ".join(name.split())
    if not name:
        raise RosterRefused(_("Give the branch a name."))
    if parent is not None and parent.town_id != town.pk:
        raise RosterRefused(_("The general branch belongs to another town."))
    with transaction.atomic():
        last = Branch.objects.filter(town=town).aggregate(last=Max("position"))["last"] or 0
        try:
            with transaction.atomic():
                branch = Branch.objects.create(
                    town=town,
                    name=name,
                    parent=parent,
                    has_committee=has_committee,
                    opened_on=opened_on,
                    position=last + 1,
                )
        except IntegrityError as error:
            raise RosterRefused(
                _("%(town)s already has a branch “%(name)s”.") % {"town": town.name, "name": name}
            ) from error
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="create_branch",
            subject=branch,
            new={"name": name, "parent": parent.name if parent else None, "has_committee": has_committee},
        )
    return branch


def _refuse_assembly(branch: Branch, day: date) -> None:
    """Without a committee one person can hold both seats, which only a branch too small for one may do (D19, D29)."""
    full = members_in([branch.pk], day).filter(category=Member.Category.FULL).count()
    if full >= LEAST_FOR_COMMITTEE:
        raise RosterRefused(
            _("A branch with %(least)d or more full members has a committee; this one has %(count)d.")
            % {"least": LEAST_FOR_COMMITTEE, "count": full}
        )


BRANCH_FIELDS = frozenset({"name", "parent", "has_committee", "opened_on", "closed_on", "successor", "position"})


def change_branch(
    *, actor: User, now: datetime, branch: Branch, values: Mapping[str, Any], is_slip: bool = False
) -> list[str]:
    """Change the fields of a branch that `values` names (of `BRANCH_FIELDS`); returns the ones that differed.

    A new name counts from today on: papers of days before keep the old one, unless that was a slip of the pen.

    Raises:
        PermissionDenied, KeyError (a field that is not to be changed here).
        RosterRefused: no name, one the town already has, a parent or successor that cannot be, or no committee any more
            where there are too many full members (D29).
    """
    today = timezone.localdate(now)
    require_roster_keeper(actor, branch.town, on=today)
    refuse_other_fields(values, BRANCH_FIELDS)
    if branch.has_committee and not values.get("has_committee", True):
        _refuse_assembly(branch, today)
    columns = dict(values)
    if "name" in columns:
        columns["name"] = " ".join(columns["name"].split())
        if not columns["name"]:
            raise RosterRefused(_("Give the branch a name."))
    for field in ("parent", "successor"):
        related = columns.get(field)
        if related is not None and (related.town_id != branch.town_id or related.pk == branch.pk):
            raise RosterRefused(_("The general branch and the successor must be other branches of the same town."))
    parent = columns.get("parent")
    while parent is not None:
        if parent.pk == branch.pk:
            raise RosterRefused(_("A branch cannot stand above its own general branch."))
        parent = parent.parent
    with transaction.atomic():
        old_name = Branch.objects.select_for_update().get(pk=branch.pk).name
        changed = save_changes(
            branch,
            columns,
            actor=actor,
            now=now,
            town=branch.town,
            verb="change_branch",
            refusal=_("%(town)s already has a branch “%(name)s”.")
            % {"town": branch.town.name, "name": columns.get("name", branch.name)},
        )
        if "name" in changed and not is_slip:
            FormerBranchName.objects.create(branch=branch, name=old_name, until=timezone.localdate(now))
        return changed


def names_on(branches: Iterable[Branch], day: date) -> dict[int, str]:
    """What each branch was called on a day, by its id; one query."""
    names = {branch.pk: branch.name for branch in branches}
    former = FormerBranchName.objects.filter(branch__in=names, until__gt=day).order_by("-until", "-pk")
    return names | dict(former.values_list("branch_id", "name"))
