"""The ledger refuses every way around it, on both engines: each bypass is tried on every ledger table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from foundation.ledger import REFUSAL, LedgerModel, VoidableModel, ledger_models, missing_triggers
from members.models import AuditEntry, RecordBatch, StoredFile
from points.models import (
    Attendance,
    Confirmation,
    Correction,
    EvidenceLink,
    Freeze,
    Meeting,
    PointEvent,
    Rating,
    Review,
    ReviewLine,
    Rulebook,
)
from publicity.models import Closing, InvestigationNote, LinePosting, Notice, Objection, Posting, Reading
from tests.cast import Cast, build_cast
from tests.factories import NOW, make_batch, make_event
from veto.models import Deduction, VetoRecord

pytestmark = pytest.mark.engine
ON_SQLITE = connection.vendor == "sqlite"


def _meeting(cast: Cast) -> Meeting:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    return Meeting.objects.create(batch=batch, branch=cast.branch_a, held_on=date(2026, 1, 20))


def _finding_fields(cast: Cast) -> dict[str, Any]:
    return {
        "batch": make_batch(cast.recorder_a, cast.town, cast.branch_a),
        "member": cast.member_a,
        "date": date(2026, 2, 1),
        "particulars": "经核实",
    }


def _review(cast: Cast) -> Review:
    return Review.objects.get_or_create(branch=cast.branch_a, year=2025, half="H1")[0]


def _freeze(cast: Cast) -> Freeze:
    return Freeze.objects.create(branch=cast.branch_a, sequence=1, hash="1" * 64, at=NOW, actor=cast.secretary_a)


def _line(cast: Cast) -> ReviewLine:
    return ReviewLine.objects.create(
        review=_review(cast), member=cast.member_a, revision=1, payload="{}", hash="2" * 64, freeze=_freeze(cast)
    )


def _notice(cast: Cast) -> Notice:
    return Notice.objects.create(
        review=_review(cast), days=5, contact="支部书记", prepared_at=NOW, prepared_by=cast.secretary_a
    )


def _objection(cast: Cast) -> Objection:
    return Objection.objects.create(
        receipt="2025H1-1111-2222",
        notice=_notice(cast),
        via=Objection.Via.PORTAL,
        objector=cast.member_user_a,
        text="少记一次党课",
        received_on=NOW.date(),
        at=NOW,
        taken_by=cast.member_user_a,
    )


def _evidence(cast: Cast) -> EvidenceLink:
    file = StoredFile.objects.create(
        town=cast.town, sha256="5" * 64, kind=StoredFile.Kind.PDF, size=1, stored_at=NOW, stored_by=cast.recorder_a
    )
    return EvidenceLink.objects.create(file=file, meeting=_meeting(cast), added_by=cast.recorder_a, added_at=NOW)


# For each ledger model: how a row comes about, and a change that must be refused.
ROWS: dict[type[LedgerModel], tuple[Callable[[Cast], LedgerModel], dict[str, Any]]] = {
    AuditEntry: (
        lambda cast: AuditEntry.objects.create(
            town=cast.town, actor=cast.staff, at=NOW, verb="test", object_type="members.town", object_id="1"
        ),
        {"verb": "something else"},
    ),
    RecordBatch: (
        lambda cast: make_batch(cast.recorder_a, cast.town, cast.branch_a),
        {"source": RecordBatch.Source.IMPORT},
    ),
    Rulebook: (lambda cast: Rulebook.objects.get(), {"text": "{}"}),
    PointEvent: (
        lambda cast: make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a),
        {"item": "party_day"},
    ),
    Attendance: (
        lambda cast: Attendance.objects.create(
            batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
            meeting=_meeting(cast),
            member=cast.member_a,
            status=Attendance.Status.ATTENDED,
        ),
        {"status": Attendance.Status.ABSENT},
    ),
    Deduction: (
        lambda cast: Deduction.objects.create(item="gambling", **_finding_fields(cast)),
        {"item": "rumour"},
    ),
    VetoRecord: (
        lambda cast: VetoRecord.objects.create(ground="absence", year=2026, **_finding_fields(cast)),
        {"year": 2025},
    ),
    EvidenceLink: (_evidence, {"uuid": "11111111-1111-4111-8111-111111111111"}),
    Freeze: (_freeze, {"hash": "3" * 64}),
    ReviewLine: (_line, {"payload": '{"cumulative":1000}'}),
    Correction: (
        lambda cast: Correction.objects.create(
            review=_review(cast),
            member=cast.member_a,
            decided_on=date(2025, 8, 1),
            reason="漏记",
            actor=cast.secretary_a,
            at=NOW,
        ),
        {"reason": "没有理由"},
    ),
    Confirmation: (
        lambda cast: Confirmation.objects.create(
            line=_line(cast),
            how=Confirmation.How.SLIP,
            confirmed_on=date(2025, 8, 1),
            entered_by=cast.secretary_a,
            at=NOW,
        ),
        {"how": Confirmation.How.PORTAL},
    ),
    Rating: (
        lambda cast: Rating.objects.create(
            branch=cast.branch_a,
            member=cast.member_a,
            year=2025,
            decision="qualified",
            met_on=date(2026, 2, 1),
            by=cast.secretary_a,
            at=NOW,
        ),
        {"decision": "excellent"},
    ),
    Posting: (
        lambda cast: Posting.objects.create(
            notice=_notice(cast), channel="board", posted_on=date(2025, 8, 1), entered_by=cast.secretary_a, at=NOW
        ),
        {"channel": "web"},
    ),
    LinePosting: (
        lambda cast: LinePosting.objects.create(
            notice=_notice(cast),
            line=_line(cast),
            posted_on=date(2025, 8, 1),
            entered_by=cast.secretary_a,
            at=NOW,
        ),
        {"photo": "4" * 64},
    ),
    Closing: (
        lambda cast: Closing.objects.create(notice=_notice(cast), by=cast.secretary_a, at=NOW),
        {"photo": "4" * 64},
    ),
    Reading: (
        lambda cast: Reading.objects.create(notice=_notice(cast), user=cast.member_user_a, at=NOW),
        {"at": "2025-08-01T08:00:00+08:00"},
    ),
    Objection: (_objection, {"text": "没有异议"}),
    InvestigationNote: (
        lambda cast: InvestigationNote.objects.create(
            objection=_objection(cast), text="已核对签到表", by=cast.secretary_a, at=NOW
        ),
        {"text": "未核对"},
    ),
}
MODELS = sorted(ROWS, key=lambda model: model._meta.label)
VOIDABLE = [model for model in MODELS if issubclass(model, VoidableModel)]
by_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def make_row(model: type[LedgerModel], cast: Cast) -> LedgerModel:
    row = ROWS[model][0](cast)
    connection.check_constraints()  # or PostgreSQL refuses TRUNCATE and ALTER for want of the deferred checks
    return row


def change_of(model: type[LedgerModel]) -> dict[str, Any]:
    return ROWS[model][1]


def stored(model: type[LedgerModel]) -> list[dict[str, Any]]:
    rows: Any = model._default_manager.order_by("pk").values()
    return list(rows)


class Refused:
    """The block must be refused by the database, and leave the table as it was."""

    def __init__(self, model: type[LedgerModel], match: str = REFUSAL) -> None:
        self.model, self.match = model, match

    def __enter__(self) -> None:
        self.before = stored(self.model)
        self.raises = pytest.raises(IntegrityError, match=self.match)
        self.raises.__enter__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error: Any) -> bool:
        self.atomic.__exit__(*error)
        swallowed = self.raises.__exit__(*error)
        assert stored(self.model) == self.before
        return bool(swallowed)


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def column_of(model: type[models.Model], name: str) -> str:
    return {field.name: field.column for field in model._meta.concrete_fields}[name]


def delete_at_once(rows: Any) -> None:
    """Delete in SQL alone, as far as the foreign keys let it."""
    with transaction.atomic():
        rows._raw_delete(rows.db)
        connection.check_constraints()


def quoted(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


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


def warnings() -> list[str]:
    return [check.msg for check in run_checks(databases=["default"]) if check.id == "ledger.W001"]


def triggers_of(model: type[LedgerModel]) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        if ON_SQLITE
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = to_regclass(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [model._meta.db_table])
        return [name for (name,) in cursor.fetchall()]


@by_model
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
