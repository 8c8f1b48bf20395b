"""Changing what the roster says about a member; where a member belongs is changed in `points.roster.moves`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from foundation.id_numbers import check_id_number
from foundation.names import name_initials, name_pinyin, normalise_name
from members.access import require_roster_keeper
from members.errors import RosterRefused
from members.log.changes import SECRET_FIELDS, refuse_other_fields, write_changes
from members.models import Member, User

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


def change_member(*, actor: User, now: datetime, member: Member, values: Mapping[str, Any]) -> list[str]:
    """Change the fields of a member that `values` names (of `MEMBER_FIELDS`); returns the ones that differed.

    A new name gets new pinyin, unless the pinyin is changed too. An ID number decides date of birth and sex.

    Raises:
        PermissionDenied, KeyError (a field that is not to be changed here), CellError (an impossible ID number).
        RosterRefused: no name, an ID number the town already has, or details that contradict it.
    """
    require_roster_keeper(actor, member.town, on=timezone.localdate(now))
    refuse_other_fields(values, MEMBER_FIELDS)
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
        return write_changes(
            member,
            columns,
            actor=actor,
            now=now,
            town=member.town,
            verb="change_member",
            refusal=_("Somebody with this ID number is on the town's roster already."),
        )
