"""Changing what the roster says about a town, a branch or a member; where a member belongs is changed in `points`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from foundation.id_numbers import check_id_number
from foundation.names import name_initials, name_pinyin, normalise_name
from members.access import Action, may
from members.audit import log_change
from members.errors import RosterRefused
from members.models import Branch, Member, Town, User

RowT = TypeVar("RowT", bound=Model)

BRANCH_FIELDS = frozenset({"name", "parent", "has_committee", "opened_on", "closed_on", "successor", "position"})
MEMBER_FIELDS = frozenset(
    {
        "name",
        "pinyin",
        "initials",
        "sex",
        "ethnicity",
        "id_number",
        "birth_date",
        "joined_on",
        "phone",
        "party_group",
        "branch_post",
        "party_standing",
        "floating",
        "out_of_contact",
        "position",
    }
)
"""What `change_member` may change; the category changes by `roster.make_full_member`, the branch by a membership."""

SECRET_FIELDS = frozenset({"id_number", "phone"})
"""The log says that these changed, never what they say."""


def _require_roster_keeper(actor: User, town: Town, *, now: datetime) -> None:
    if not may(actor, Action.KEEP_ROSTER, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("Only town staff may change the roster."))


def _plain(value: Any) -> Any:
    """A JSON value for the log."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Model) else value


def _write_changes(
    row: RowT, values: Mapping[str, Any], *, actor: User, now: datetime, town: Town, verb: str, refusal: str
) -> list[str]:
    """Set what differs, save and log it; returns the names of the fields that changed."""
    row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return []
    shown = {name for name in changed if name not in SECRET_FIELDS and not name.endswith("_hash")}
    hidden = {name: "***" for name in changed if name in SECRET_FIELDS}
    old = {name: _plain(getattr(row, name)) for name in sorted(shown)}
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=sorted(changed))
    except IntegrityError as error:
        raise RosterRefused(refusal) from error
    new = {name: _plain(changed[name]) for name in sorted(shown)}
    log_change(actor=actor, now=now, town=town, verb=verb, subject=row, old=old | hidden, new=new | hidden)
    return sorted(shown | hidden.keys())


def rename_town(*, actor: User, now: datetime, town: Town, name: str) -> None:
    """Give the town another name.

    Raises:
        PermissionDenied.
        RosterRefused: no name, or another town's.
    """
    _require_roster_keeper(actor, town, now=now)
    name = " ".join(name.split())
    if not name:
        raise RosterRefused(_("Give the town a name."))
    with transaction.atomic():
        _write_changes(
            town,
            {"name": name},
            actor=actor,
            now=now,
            town=town,
            verb="rename_town",
            refusal=_("Another town is called “%(name)s”.") % {"name": name},
        )


def change_branch(*, actor: User, now: datetime, branch: Branch, values: Mapping[str, Any]) -> list[str]:
    """Change the fields of a branch that `values` names (of `BRANCH_FIELDS`); returns the ones that differed.

    Raises:
        PermissionDenied, KeyError (a field that is not to be changed here).
        RosterRefused: no name, one the town already has, or a parent or successor that cannot be.
    """
    _require_roster_keeper(actor, branch.town, now=now)
    _refuse_other_fields(values, BRANCH_FIELDS)
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
        return _write_changes(
            branch,
            columns,
            actor=actor,
            now=now,
            town=branch.town,
            verb="change_branch",
            refusal=_("%(town)s already has a branch “%(name)s”.")
            % {"town": branch.town.name, "name": columns.get("name", branch.name)},
        )


def change_member(*, actor: User, now: datetime, member: Member, values: Mapping[str, Any]) -> list[str]:
    """Change the fields of a member that `values` names (of `MEMBER_FIELDS`); returns the ones that differed.

    A new name gets new pinyin, unless the pinyin is changed too. An ID number decides date of birth and sex.

    Raises:
        PermissionDenied, KeyError (a field that is not to be changed here), CellError (an impossible ID number).
        RosterRefused: no name, an ID number the town already has, or details that contradict it.
    """
    _require_roster_keeper(actor, member.town, now=now)
    _refuse_other_fields(values, MEMBER_FIELDS)
    columns = dict(values)
    if "name" in columns:
        columns["name"] = normalise_name(columns["name"])
        if not columns["name"]:
            raise RosterRefused(_("Give the member's name."))
        if columns["name"] != member.name:
            if columns.get("pinyin", member.pinyin) == member.pinyin:
                columns["pinyin"] = name_pinyin(columns["name"])
            if columns.get("initials", member.initials) == member.initials:
                columns["initials"] = name_initials(columns["name"])
    if "pinyin" in columns:
        columns["pinyin"] = " ".join(columns["pinyin"].lower().split())
    if "initials" in columns:
        columns["initials"] = "".join(columns["initials"].lower().split())
    if columns.get("id_number"):
        checked = check_id_number(columns["id_number"])
        birth_date = columns.get("birth_date", checked.birth_date) or checked.birth_date
        sex = columns.get("sex", checked.sex) or checked.sex
        if birth_date != checked.birth_date or sex != checked.sex:
            raise RosterRefused(
                _("The ID number of %(name)s says another date of birth or sex. Compare it with the ID card.")
                % {"name": columns.get("name", member.name)}
            )
        columns |= {"id_number": checked.number, "birth_date": checked.birth_date, "sex": checked.sex}
    for field in SECRET_FIELDS & columns.keys():
        columns[f"{field}_hash"] = keyed_hash(columns[field])
    with transaction.atomic():
        return _write_changes(
            member,
            columns,
            actor=actor,
            now=now,
            town=member.town,
            verb="change_member",
            refusal=_("Somebody with this ID number is on the town's roster already."),
        )


def _refuse_other_fields(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = values.keys() - allowed
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
