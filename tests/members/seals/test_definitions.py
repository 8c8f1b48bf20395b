"""What the tables are: whatever is dropped, weakened or added past the program is named."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from foundation.databases.commits import find_connection
from members.models import Member, Seal
from members.seals import definitions
from members.seals.definitions import read_definitions, seal_after_migrate
from members.seals.notes import missing_notes
from members.seals.tables import sealed_columns
from tests.cast import Cast
from tests.flush import drop_triggers
from tests.foundation.ledger_rows import run
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain, deviations

pytestmark = pytest.mark.engine
ON_SQLITE = connection.vendor == "sqlite"
GONE, NEW, CHANGED = "是绕过程序删除的。", "是绕过程序添加的：没有封条。", "与封存时不符：被改动过。"

CHANGES: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "an index dropped": (["DROP INDEX audit_by_object"], [("index audit_by_object", GONE)]),
    "a unique index made anew without its condition": (
        [
            "DROP INDEX event_live_base_once_per_period",
            "CREATE INDEX event_live_base_once_per_period ON points_pointevent (member_id, item, period)",
        ],
        [("index event_live_base_once_per_period", CHANGED)],
    ),
    "a trigger of another": (
        ["CREATE TRIGGER helpful AFTER UPDATE ON points_review BEGIN SELECT 1; END"]
        if ON_SQLITE
        else ["CREATE TRIGGER helpful AFTER UPDATE ON points_review FOR EACH ROW EXECUTE FUNCTION ledger_guard()"],
        [("trigger helpful" if ON_SQLITE else "trigger helpful points_review", NEW)],
    ),
    "a table added": (
        ["CREATE TABLE beside (id bigint)"],
        [("table beside", NEW)] if ON_SQLITE else [("column beside.id", NEW)],
    ),
}
if not ON_SQLITE:
    CHANGES |= {
        "a constraint weakened": (
            [
                "ALTER TABLE members_recordbatch DROP CONSTRAINT batch_void_is_complete",
                "ALTER TABLE members_recordbatch ADD CONSTRAINT batch_void_is_complete CHECK (true)",
            ],
            [("constraint batch_void_is_complete members_recordbatch", CHANGED)],
        ),
        "a trigger disabled": (
            ["ALTER TABLE points_rating DISABLE TRIGGER ledger_points_rating_update"],
            [("trigger ledger_points_rating_update points_rating", CHANGED)],
        ),
        "a column made optional": (
            ["ALTER TABLE points_pointevent ALTER COLUMN item DROP NOT NULL"],
            [("column points_pointevent.item", CHANGED)],
        ),
    }


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_definition_is_named(name: str, cast: Cast) -> None:
    begin_chain()
    assert deviations() == []
    statements, expected = CHANGES[name]
    connection.check_constraints()
    for statement in statements:
        run(statement)
    assert deviations() == [("定义", identity, words) for identity, words in expected]


def test_definitions_are_sealed_once_for_each_state_of_the_migrations(cast: Cast) -> None:
    begin_chain()
    count = Seal.objects.filter(kind=Seal.Kind.TABLES).count()
    seal_after_migrate("default")
    call_command("migrate", verbosity=0)
    assert Seal.objects.filter(kind=Seal.Kind.TABLES).count() == count


def test_migrating_heals_no_tampering(cast: Cast) -> None:
    begin_chain()
    run("DROP INDEX audit_by_object")
    call_command("migrate", verbosity=0)
    assert [found[:2] for found in deviations()] == [("定义", "index audit_by_object")]


def test_rows_are_sealed_again_when_the_columns_of_their_table_change(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_chain()
    with unseen():
        Member.objects.filter(pk=cast.member_a.pk).update(name="某某")
    assert len(deviations()) == 1
    definitions.seal_definitions(find_connection())
    assert len(deviations()) == 1
    # As after an upgrade: what stands in the rows then is what is held against them from then on.
    monkeypatch.setattr(Member, "not_sealed_columns", {"position"}, raising=False)
    sealed_columns.cache_clear()
    try:
        begin_chain()
        assert deviations() == []
    finally:
        sealed_columns.cache_clear()


def test_triggers_that_note_are_missed_and_put_back(cast: Cast) -> None:
    from django.core.checks import run_checks

    def warnings() -> list[str]:
        return [check.msg for check in run_checks(databases=["default"]) if check.id == "seals.W001"]

    assert (list(missing_notes(connection)), warnings()) == ([], [])
    connection.check_constraints()
    run("DROP TRIGGER seal_points_pointevent_insert" + ("" if ON_SQLITE else " ON points_pointevent"))
    assert list(missing_notes(connection)) == [("points_pointevent", "seal_points_pointevent_insert")]
    assert len(warnings()) == 1
    call_command("migrate", verbosity=0)
    assert list(missing_notes(connection)) == []


def test_every_definition_has_a_name_of_its_own(cast: Cast) -> None:
    found = read_definitions(connection)
    kinds = {name.split(" ")[0] for name in found}
    assert kinds >= ({"table", "index", "trigger"} if ON_SQLITE else {"column", "constraint", "index", "trigger"})
    connection.check_constraints()
    drop_triggers(connection)
    assert len(found) - len(read_definitions(connection)) > 50
