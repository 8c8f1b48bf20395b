"""The triggers that guard the ledger: dropped, made harmless or lost in a migration, they are noticed and put back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection, models

from foundation.ledger import LedgerModel, missing_triggers
from points.models import PointEvent
from tests.cast import Cast, build_cast
from tests.factories import make_batch, make_event
from tests.foundation.ledger_rows import Refused, by_model, change_of, make_row, quoted, run

pytestmark = pytest.mark.engine
ON_SQLITE = connection.vendor == "sqlite"


def warnings() -> list[str]:
    return [check.msg for check in run_checks(databases=["default"]) if check.id == "ledger.W001"]


def triggers_of(model: type[LedgerModel]) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%%' AND tbl_name = %s"
        if ON_SQLITE
        else "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'ledger%%' AND tgrelid = to_regclass(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [model._meta.db_table])
        return [name for (name,) in cursor.fetchall()]


@by_model
@pytest.mark.sweep
def test_a_dropped_trigger_is_noticed_and_put_back_by_migrate(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    assert warnings() == []
    dropped = triggers_of(model)
    assert len(dropped) == (2 if ON_SQLITE else 3)
    for name in dropped:
        run(f"DROP TRIGGER {name}" + ("" if ON_SQLITE else f" ON {quoted(model)}"))
        assert any(name in warning for warning in warnings())
    call_command("migrate", verbosity=0)
    assert warnings() == []
    with Refused(model):
        model._default_manager.filter(pk=row.pk).update(**change_of(model))


# Ways to make a trigger harmless under its own name.
SABOTAGES = {
    "sqlite": [["DROP TRIGGER {name}", "CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN SELECT 1; END"]],
    "postgresql": [
        ["ALTER TABLE {table} DISABLE TRIGGER {name}"],
        ["ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"],
        ["ALTER TABLE {table} DISABLE TRIGGER USER"],
        [
            "DROP TRIGGER {name} ON {table}",
            "CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN (false) EXECUTE FUNCTION ledger_guard()",
        ],
        [
            (
                "CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RETURN coalesce(NEW, OLD); END'"
            )
        ],
    ],
}[connection.vendor]


@pytest.mark.parametrize("statements", SABOTAGES)
def test_a_trigger_made_harmless_is_noticed_and_made_anew(statements: list[str], cast: Cast) -> None:
    event = make_row(PointEvent, cast)
    names = set(triggers_of(PointEvent))
    for name in names:
        for statement in statements:
            run(statement.format(name=name, table=quoted(PointEvent)))
    assert {name for table, name in missing_triggers(connection) if table == PointEvent._meta.db_table} == names
    call_command("migrate", verbosity=0)
    assert list(missing_triggers(connection)) == []
    with Refused(PointEvent):
        PointEvent.objects.filter(pk=event.pk).update(item="party_day")


@pytest.fixture
def committed_event(transactional_db: None) -> Iterator[PointEvent]:
    """An event outside any transaction: SQLite rebuilds a table only there. The table is put back as it was."""
    cast = build_cast()
    yield make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a, note="一")
    field = PointEvent._meta.get_field("note")
    with connection.schema_editor() as editor:
        editor.alter_field(PointEvent, _wider_note(), field, strict=False)
    call_command("migrate", verbosity=0)


def _wider_note() -> models.Field[Any, Any]:
    wider: models.Field[Any, Any] = models.CharField(max_length=900, blank=True)
    wider.set_attributes_from_name("note")
    wider.model = PointEvent
    return wider


def test_a_migration_that_changes_a_column_leaves_the_ledger_guarded(committed_event: PointEvent) -> None:
    # On SQLite this rebuilds the table, and with it go its triggers.
    with connection.schema_editor() as editor:
        editor.alter_field(PointEvent, PointEvent._meta.get_field("note"), _wider_note())
    assert bool(list(missing_triggers(connection))) == ON_SQLITE
    call_command("migrate", verbosity=0)
    assert list(missing_triggers(connection)) == []
    with Refused(PointEvent):
        PointEvent.objects.update(note="二")
    with Refused(PointEvent):
        run(f"DELETE FROM {quoted(PointEvent)}")
    assert PointEvent.objects.get() == committed_event


def test_a_migration_that_adds_a_column_guards_it_too(committed_event: PointEvent) -> None:
    added: models.Field[Any, Any] = models.CharField(max_length=9, null=True)
    added.set_attributes_from_name("afterthought")
    added.model = PointEvent
    with connection.schema_editor() as editor:
        editor.add_field(PointEvent, added)
    try:
        call_command("migrate", verbosity=0)
        with Refused(PointEvent):
            run(f"UPDATE {quoted(PointEvent)} SET afterthought = 'x'")
    finally:
        run("DROP TRIGGER ledger_points_pointevent_update" + ("" if ON_SQLITE else f" ON {quoted(PointEvent)}"))
        run(f"ALTER TABLE {quoted(PointEvent)} DROP COLUMN afterthought")
        call_command("migrate", verbosity=0)
