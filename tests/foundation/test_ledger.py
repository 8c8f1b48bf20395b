"""The ledger refuses every way around it, on both engines: each bypass is tried on every ledger table."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from foundation.databases.commits import find_connection
from foundation.ledger import LedgerModel, ledger_models
from points.models import Rulebook
from tests.cast import Cast
from tests.factories import NOW
from tests.foundation.ledger_rows import ROWS, VOIDABLE, Refused, by_model, change_of, make_row, quoted, run, stored
from veto.models import Deduction, VetoRecord

pytestmark = pytest.mark.engine


def column_of(model: type[models.Model], name: str) -> str:
    return {field.name: field.column for field in model._meta.concrete_fields}[name]


def delete_at_once(rows: Any) -> None:
    """Delete in SQL alone, as far as the foreign keys let it."""
    with transaction.atomic():
        rows._raw_delete(rows.db)
        connection.check_constraints()


def test_every_table_the_architecture_calls_append_only_is_one() -> None:
    named = {"PointEvent", "Deduction", "VetoRecord", "Attendance", "ReviewLine", "Freeze", "AuditEntry", "RecordBatch"}
    ours = [model for model in apps.get_models() if model._meta.app_label in {"members", "veto", "points", "publicity"}]
    strays = {
        model.__name__
        for model in ours
        if (model.__name__ in named or "Evidence" in model.__name__) and not issubclass(model, LedgerModel)
    }
    assert strays == set()
    assert {"PointEvent", "Deduction", "VetoRecord", "Attendance", "AuditEntry"} <= {
        model.__name__ for model in ledger_models()
    }


def test_every_ledger_model_is_tried_here() -> None:
    assert set(ROWS) == set(ledger_models())


@by_model
def test_no_foreign_key_of_the_ledger_deletes_or_empties_with_its_parent(model: type[LedgerModel]) -> None:
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    assert {key.name for key in keys if key.remote_field.on_delete is not models.PROTECT} == set()


@by_model
def test_stamps_name_nullable_columns(model: type[LedgerModel]) -> None:
    columns = {field.column: field.null for field in model._meta.concrete_fields}
    assert {stamp: columns.get(stamp) for stamp in model.stamps} == dict.fromkeys(model.stamps, True)


@by_model
def test_save(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    for name, value in change_of(model).items():
        setattr(row, name, value)
    with Refused(model):
        row.save()


@by_model
def test_queryset_update(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    with Refused(model):
        model._default_manager.filter(pk=row.pk).update(**change_of(model))


@by_model
def test_bulk_update(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    for name, value in change_of(model).items():
        setattr(row, name, value)
    with Refused(model):
        model._default_manager.bulk_update([row], list(change_of(model)))


@by_model
def test_upsert(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    for name, value in change_of(model).items():
        setattr(row, name, value)
    with Refused(model):
        model._default_manager.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=list(change_of(model))
        )


@by_model
def test_delete(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    before = stored(model)
    if model is Rulebook:  # adopted: Django itself refuses before the database would
        with pytest.raises(ProtectedError):
            row.delete()
    else:
        with Refused(model):
            row.delete()
    assert stored(model) == before


@by_model
def test_queryset_delete_without_asking_django(model: type[LedgerModel], cast: Cast) -> None:
    row = make_row(model, cast)
    rows: Any = model._default_manager.filter(pk=row.pk)
    with Refused(model):
        rows._raw_delete(rows.db)


STATEMENTS = [
    "UPDATE {table} SET {column} = {other} WHERE id = {id}",
    "UPDATE {table} SET {column} = {other}",
    "UPDATE {table} SET id = id + 1000",
    "DELETE FROM {table} WHERE id = {id}",
    "DELETE FROM {table}",
    (
        "INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = {id}"
        " ON CONFLICT (id) DO UPDATE SET {column} = {other}"
    ),
]
# Statements that only one of the engines knows.
STATEMENTS += {
    "sqlite": [
        "INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = {id}",
        "REPLACE INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = {id}",
        "UPDATE OR REPLACE {table} SET id = id + 1000",
        "UPDATE OR IGNORE {table} SET {column} = {other}",
        "UPDATE OR FAIL {table} SET {column} = {other}",
    ],
    "postgresql": [
        "TRUNCATE {table} CASCADE",
        "TRUNCATE members_town CASCADE",
        "MERGE INTO {table} AS t USING (SELECT {id} AS wanted) AS s ON t.id = s.wanted WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM {table} RETURNING id) SELECT count(*) FROM gone",
    ],
}[connection.vendor]


@by_model
@pytest.mark.parametrize("statement", STATEMENTS)
def test_raw_sql(model: type[LedgerModel], statement: str, cast: Cast) -> None:
    row = make_row(model, cast)
    ((name, value),) = change_of(model).items()
    if "members_town" in statement and model is Rulebook:
        statement = "TRUNCATE {table} CASCADE"  # no town reaches it
    with Refused(model):
        run(
            statement.format(
                table=quoted(model),
                column=f'"{column_of(model, name)}"',
                other=value if isinstance(value, int) else f"'{value}'",
                id=row.pk,
                names=", ".join(f'"{field.column}"' for field in model._meta.concrete_fields),
            )
        )


@by_model
def test_a_parent_takes_no_row_with_it(model: type[LedgerModel], cast: Cast) -> None:
    row: Any = make_row(model, cast)
    before = stored(model)
    for key in model._meta.concrete_fields:
        parent = getattr(row, key.name) if isinstance(key, models.ForeignKey) else None
        if parent is None:
            continue
        with pytest.raises(ProtectedError), transaction.atomic():
            parent.delete()
        same: Any = type(parent)._default_manager.filter(pk=parent.pk)
        with pytest.raises(IntegrityError):
            delete_at_once(same)
    assert stored(model) == before


@by_model
def test_loaddata(model: type[LedgerModel], cast: Cast, tmp_path: Path) -> None:
    row = make_row(model, cast)
    (written,) = json.loads(serializers.serialize("json", [row]))
    written["fields"] |= change_of(model)
    fixture = tmp_path / "changed.json"
    fixture.write_text(json.dumps([written]))
    with Refused(model):
        call_command("loaddata", str(fixture), verbosity=0)


@pytest.mark.parametrize("model", VOIDABLE, ids=lambda model: model.__name__)
def test_a_stamp_goes_once_from_nothing_to_a_value(model: type[LedgerModel], cast: Cast) -> None:
    rows: Any = model._default_manager.filter(pk=make_row(model, cast).pk)
    assert rows.update(voided_at=NOW, voided_by=cast.staff, void_reason="录错") == 1
    for second in (
        {"void_reason": "改口"},
        {"voided_at": NOW + timedelta(days=1)},
        {"voided_by": cast.recorder_a},
        {"voided_at": None, "voided_by": None, "void_reason": None},
    ):
        with Refused(model):
            rows.update(**second)
    assert rows.values_list("voided_at", "voided_by", "void_reason").get() == (NOW, cast.staff.pk, "录错")


@pytest.mark.parametrize("model", VOIDABLE, ids=lambda model: model.__name__)
def test_half_a_void_is_none(model: type[LedgerModel], cast: Cast) -> None:
    rows: Any = model._default_manager.filter(pk=make_row(model, cast).pk)
    with Refused(model, match="void_is_complete"):
        rows.update(voided_at=NOW)


@pytest.mark.parametrize("model", [Deduction, VetoRecord], ids=lambda model: model.__name__)
def test_a_decision_and_a_revocation_are_complete_or_absent(model: type[LedgerModel], cast: Cast) -> None:
    rows: Any = model._default_manager.filter(pk=make_row(model, cast).pk)
    decided = {"decided_on": NOW.date(), "decided_by": cast.secretary_a}
    for half in (decided, {"confirmed_at": NOW}, decided | {"confirmed_at": NOW, "dismissed_at": NOW}):
        with Refused(model, match="decision_is_complete"):
            rows.update(**half)
    with Refused(model, match="revocation_is_complete"):  # nothing confirmed yet to revoke
        rows.update(revoked_at=NOW, revoked_by=cast.secretary_a, revoke_reason="查无此事")
    rows.update(**decided, confirmed_at=NOW)
    with Refused(model):
        rows.update(confirmed_at=None, decided_on=None, decided_by=None)
    rows.update(revoked_at=NOW, revoked_by=cast.secretary_a, revoke_reason="查无此事")
    with Refused(model):
        rows.update(revoked_at=None, revoked_by=None, revoke_reason=None)


def renewed_of(row: Deduction, value: str) -> int:
    """Write into an encrypted column past the program's verbs, as a change of the key does."""
    with transaction.atomic(), find_connection().rewriting():
        return Deduction.objects.filter(pk=row.pk).update(particulars=value)


def test_what_is_encrypted_is_written_over_only_while_keys_change(cast: Cast) -> None:
    row = Deduction.objects.get(pk=make_row(Deduction, cast).pk)
    assert renewed_of(row, row.particulars) == 1
    with Refused(Deduction):
        Deduction.objects.filter(pk=row.pk).update(particulars=row.particulars)
    Deduction.objects.filter(pk=row.pk).update(minutes="同意认定")
    with Refused(Deduction):
        Deduction.objects.filter(pk=row.pk).update(minutes="不同意认定")
    with Refused(Deduction), find_connection().rewriting():
        Deduction.objects.filter(pk=row.pk).update(date=NOW.date())
    with Refused(Deduction):
        Deduction.objects.filter(pk=row.pk).update(particulars=row.particulars)


def test_a_change_of_keys_that_fails_closes_the_guard_again(cast: Cast) -> None:
    row = Deduction.objects.get(pk=make_row(Deduction, cast).pk)
    with pytest.raises(RuntimeError), transaction.atomic(), find_connection().rewriting():
        raise RuntimeError
    with Refused(Deduction):
        Deduction.objects.filter(pk=row.pk).update(particulars=row.particulars)
