"""An upgrade that encrypts what an earlier version kept in the clear, and the way back."""

from __future__ import annotations

import pytest
from django.db import connection

from members.models import ExemptionApplication
from publicity.models import Objection
from tests.cast import build_cast
from tests.factories import NOW
from tests.foundation.ledger_rows import Refused, make_row
from tests.members.seals.verified import begin_chain, deviations
from tests.older_migrations import migrate_back, migrate_forth
from veto.models import Deduction

pytestmark = [pytest.mark.engine, pytest.mark.long, pytest.mark.django_db(transaction=True)]

COLUMNS = {
    ("veto_deduction", "item"): "gambling",
    ("veto_deduction", "particulars"): "经核实",
    ("veto_deduction", "minutes"): None,
    ("publicity_objection", "text"): "少记一次党课",
    ("publicity_objection", "objector_name"): "",
    ("members_exemptionapplication", "text"): "体弱多病",
}


def read_stored() -> dict[tuple[str, str], str | None]:
    found = {}
    with connection.cursor() as cursor:
        for table, column in COLUMNS:
            cursor.execute(f'SELECT "{column}" FROM {table}')
            [(found[table, column],)] = cursor.fetchall()
    return found


def test_what_stood_in_the_clear_is_encrypted_and_can_be_taken_back() -> None:
    cast = build_cast()
    finding, objection = make_row(Deduction, cast), make_row(Objection, cast)
    ExemptionApplication.objects.create(
        member=cast.member_a, ground="age", text="体弱多病", applied_on=NOW.date(), at=NOW
    )
    begin_chain()
    try:
        for app, name in (
            ("veto", "0004_proceedings_end_with_leaving"),
            ("publicity", "0003_additions_to_objections"),
            ("members", "0016_branch_resets"),
        ):
            migrate_back(app, name)
        assert read_stored() == COLUMNS
    finally:
        migrate_forth()
    stored = read_stored()
    assert {key for key, value in stored.items() if value == COLUMNS[key]} == {
        ("veto_deduction", "minutes"),
        ("publicity_objection", "objector_name"),
    }
    row = Deduction.objects.get(pk=finding.pk)
    assert (row.item, row.particulars, row.minutes) == ("gambling", "经核实", None)
    assert Objection.objects.get(pk=objection.pk).text == "少记一次党课"
    assert ExemptionApplication.objects.get().text == "体弱多病"
    assert deviations() == []
    with Refused(Deduction):
        Deduction.objects.update(particulars="另一件事")
