"""A value for every field of the roster, told apart from each other and from the cast's."""

from __future__ import annotations

from typing import Any

from foundation.id_numbers import IdNumber
from members.people.fields import MEMBER_FIELDS
from members.people.identity import said_by


def make_values() -> dict[str, Any]:
    """What the examples of the roster's template say, read as an import reads them; with pinyin that is corrected."""
    values: dict[str, Any] = {"pinyin": "zhang shan", "initials": "zs"}
    for name, field in MEMBER_FIELDS.items():
        if field.sheet is not None:
            value = field.sheet.widget.clean(field.sheet.example)
            values |= said_by(value) if isinstance(value, IdNumber) else {name: value}
    return values
