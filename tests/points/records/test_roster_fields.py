"""Each declared field of the roster goes from template through import to export, and a void leaves nothing of it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.db import connection

from foundation.encryption import encrypted_columns, keyed_hash
from foundation.workbooks.reader import read_workbook
from members.log.words import name_key, name_value
from members.models import AuditEntry, Member, Membership, RecordBatch, RosterChange
from members.people.fields import MEMBER_FIELDS, SHEET_COLUMNS
from members.roster_files.exporting import export_roster, write_roster_workbook
from members.roster_files.importing import import_roster
from members.roster_files.templates import roster_template
from members.roster_files.undoing import STAYS
from points.records.recording import record_events
from points.records.voiding import void_batch, void_event
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, base_entry, make_member
from tests.members.roster_files.tables import fill

ROW = {name: column.example for name, column in SHEET_COLUMNS.items()} | {
    "branch": "一支部",
    "transferred_in": "2020-01-01",
}
"""The template's example of each column; the two that say where somebody belongs as this cast has it."""

BY_SHEET = MEMBER_FIELDS.keys() & SHEET_COLUMNS.keys()


def filled() -> bytes:
    """The template with the row typed in."""
    cells = {column.headings[0]: ROW[name] for name, column in SHEET_COLUMNS.items()}
    return fill(roster_template(), "党员名册", **cells)


def imported(cast: Cast) -> RecordBatch:
    report = import_roster(
        guard=find_closed_joinings, actor=cast.staff, now=NOW, town=cast.town, data=filled(), filename="名册.xlsx"
    )
    assert report.errors == []
    return RecordBatch.objects.get(uuid=report.batch)


def exported(cast: Cast, member: Member) -> dict[str, str]:
    """The member's row of the export as Excel shows it, by heading."""
    file = io.BytesIO()
    export = export_roster(actor=cast.staff, now=NOW, members=Member.objects.filter(pk=member.pk))
    write_roster_workbook(export, file)
    (_number, header), (_next, cells) = read_workbook(file.getvalue(), "r.xlsx").sheets[0].rows()
    return {str(heading): str(cell) for heading, cell in zip(header, cells, strict=True)}


def stored(member: Member) -> dict[str, Any]:
    """Every column as it stands."""
    return dict(Member.objects.filter(pk=member.pk).values()[0])


def in_tables(text: str) -> list[str]:
    """The tables of this app that say this anywhere."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("members_", "points_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                found += [table for row in cursor.fetchall() if any(text in str(cell) for cell in row)]
    return found


def test_each_field_comes_in_goes_out_and_vanishes(cast: Cast) -> None:
    assert all(ROW.values())
    batch = imported(cast)
    member = Member.objects.get(name="张三")
    said = stored(member)
    assert {name for name in BY_SHEET if said[name] in ("", None)} == set()
    assert exported(cast, member) == {column.headings[0]: ROW[name] for name, column in SHEET_COLUMNS.items()}
    assert Membership.objects.get(member=member).from_date == date(2020, 1, 1)
    number, phone = said["id_number"], said["phone"]
    assert [in_tables(text) for text in (number, phone)] == [[], []]
    assert [in_tables(keyed_hash(text)) for text in (number, phone)] == [["members_member"]] * 2

    # Somebody with a voided record leaves the name behind, and nothing else.
    records = record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(member)])
    void_event(actor=cast.staff, now=NOW, event=records.events.get(), reason="随名册作废")
    void_batch(actor=cast.staff, now=NOW, batch=batch, reason="导错了文件")

    left = stored(member)
    blank = {column.attname: column.get_default() for column in Member._meta.concrete_fields}
    assert {column for column in left if left[column] != blank[column]} == {
        *("id", "uuid", "town_id", "position"),
        *("name", "pinyin", "initials", "category"),
    }
    assert {name for name, field in MEMBER_FIELDS.items() if field.stays_after_undo} <= STAYS
    assert not Membership.objects.filter(member=member).exists()
    assert not RosterChange.objects.exists()
    for text in (keyed_hash(number), keyed_hash(phone), str(said["birth_date"])):
        assert in_tables(text) == []


@pytest.mark.parametrize("recognised_by", ["id_number", "birth_date"])
def test_each_field_that_an_import_changed_goes_back(cast: Cast, recognised_by: str) -> None:
    known: dict[str, Any] = {"id_number": ROW["id_number"], "birth_date": date(1990, 3, 7)}
    member = make_member(
        cast.branch_a,
        ROW["name"],
        since=date(2020, 1, 1),
        why=Membership.Why.TRANSFERRED_IN,
        category=Member.Category.PROBATIONARY,
        **{recognised_by: known[recognised_by]},
    )
    before = stored(member)

    batch = imported(cast)

    changed = {name for name, value in stored(member).items() if value != before[name]}
    new = BY_SHEET - {"name", recognised_by}
    assert changed == new | {f"{name}_hash" for name in new & encrypted_columns(Member)}
    entry = AuditEntry.objects.get(verb="update_member")
    assert entry.old.keys() == entry.new.keys() == new
    for key, value in entry.new.items():
        assert (value == "***") is (key in encrypted_columns(Member))
        assert name_key(Member, key) == MEMBER_FIELDS[key].label
        assert name_value(Member, key, value) not in ("", "—")

    void_batch(actor=cast.staff, now=NOW, batch=batch, reason="导错了文件")

    assert stored(member) == before
    assert not RosterChange.objects.exists()
