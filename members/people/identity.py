"""Who somebody is: one spelling of the name with its pinyin, and what an ID number says of its holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from foundation.encryption import hash_columns
from foundation.id_numbers import IdNumber, check_id_number, find_contradictions
from foundation.names import name_initials, name_pinyin, normalise_name
from members.errors import RosterRefused
from members.models import Member

SAID_BY_ID_NUMBER = frozenset({"birth_date", "sex"})


def said_by(number: IdNumber) -> dict[str, Any]:
    """The columns of `Member` that an ID number decides."""
    return {"id_number": number.number, "birth_date": number.birth_date, "sex": number.sex}


def settle_identity(values: Mapping[str, Any], *, member: Member) -> dict[str, Any]:
    """The columns to write so that `values` hold of a member: also pinyin, what the ID number says, and the hashes.

    `member` is the person as stored, or `Member()` for somebody new. A new name gets new pinyin, unless the pinyin is
    changed too; an ID number decides date of birth and sex.

    Raises:
        CellError: an ID number that cannot be one.
        RosterRefused: no name, or a date of birth or a sex that the ID number contradicts.
    """
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
    if columns.keys() & {"id_number", *SAID_BY_ID_NUMBER}:
        settled = _settle_number(columns, columns.get("id_number", member.id_number))
        # A number that nobody gave is compared with, never written back: it may have been corrected meanwhile.
        columns |= {name: value for name, value in settled.items() if name != "id_number" or name in columns}
    return columns | hash_columns(Member, columns)


def _settle_number(columns: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What an ID number decides, where there is one."""
    if not text:
        return {}
    number = check_id_number(text)
    against = find_contradictions(number, birth_date=columns.get("birth_date"), sex=columns.get("sex"))
    if against:
        raise RosterRefused(" ".join([*(each.problem for each in against), against[0].remedy]))
    return said_by(number)
