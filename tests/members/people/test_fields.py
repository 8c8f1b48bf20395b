"""Every column that the roster stores is declared as a field, or named here with the reason why it is none."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from foundation.encryption import encrypted_columns
from members.log.changes import HIDDEN
from members.log.words import name_key, name_value
from members.models import Member, Membership
from members.people.fields import FIELDS, MEMBER_FIELDS, SAYS_NOTHING, SHEET_COLUMNS
from tests.documents import read, table_below

CHINESE = re.compile("[\u4e00-\u9fff]")
NO_FIELDS_OF_MEMBERSHIP = {
    "id": "the database's own number",
    "member": "whose it is",
    "why": "an import writes it with the day, and the form of moves asks for it",
}


def columns_of(model: type[Member] | type[Membership]) -> set[str]:
    return {column.name for column in model._meta.concrete_fields}


def test_every_column_of_a_member_is_declared_or_says_nothing() -> None:
    hashes = {f"{name}_hash" for name in encrypted_columns(Member)}
    assert columns_of(Member) == MEMBER_FIELDS.keys() | SAYS_NOTHING.keys() | hashes
    assert not MEMBER_FIELDS.keys() & (SAYS_NOTHING.keys() | hashes)


def test_every_column_of_a_membership_is_declared_or_named() -> None:
    declared = [field.in_membership for field in FIELDS if field.in_membership]
    assert sorted([*declared, *NO_FIELDS_OF_MEMBERSHIP]) == sorted(columns_of(Membership))


def test_personal_numbers_are_masked_and_hidden_in_the_log() -> None:
    assert encrypted_columns(Member) >= {"id_number", "phone"}
    for name, field in MEMBER_FIELDS.items():
        assert (field.mask is not None) is field.is_secret is (name in encrypted_columns(Member))
    secret = Member(id_number="429999199003077598", phone="13900000000")
    masked = {name: MEMBER_FIELDS[name].say_of(secret, in_full=False) for name in ("id_number", "phone")}
    assert masked == {"id_number": "**************7598", "phone": "139****0000"}
    assert {MEMBER_FIELDS[name].say_of(Member(), in_full=False) for name in encrypted_columns(Member)} == {"—"}


@pytest.mark.parametrize("name", MEMBER_FIELDS)
def test_the_log_says_a_field_in_both_languages(name: str) -> None:
    with override("zh-hans"):
        chinese = name_key(Member, name)
        assert chinese == MEMBER_FIELDS[name].label
        assert CHINESE.search(chinese)
        if MEMBER_FIELDS[name].is_secret:
            assert name_value(Member, name, HIDDEN) == "日志不显示内容"
    with override("en"):
        assert name_key(Member, name)
        assert "_" not in name_key(Member, name)
        assert not CHINESE.search(name_key(Member, name))


def test_the_contract_names_the_columns_in_their_order() -> None:
    rows = [row[:3] for row in table_below(read("docs/interchange.md"), "## Roster workbook (党员名册)")]
    for row in rows:
        if row[2] != "yes":
            row[2] = ""
    assert rows == [
        [column.headings[0], ", ".join(column.headings[1:]), "yes" if column.required else ""]
        for column in SHEET_COLUMNS.values()
    ]
