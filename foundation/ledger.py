"""Append-only tables, enforced by the database itself on SQLite and PostgreSQL.

A ledger row is written once. Only the columns its model names in `stamps` may change, and each of them once: from NULL
to a value (voided, confirmed, revoked …). Inside of `CallsBeforeCommit.rewriting` encrypted ones may too, whose key is
changed, and those its model names in `forgetful`, where a person is forgotten. Triggers generated from that declaration
refuse everything else, whoever asks: the ORM, raw SQL, an upsert, REPLACE, TRUNCATE or a cascade. They are installed
again after every migrate, because a migration that rebuilds a SQLite table drops its triggers, and a system check
asserts that they stand.

Where the law wants rows to end, the model says how (`Removal`): a row goes only when it is old enough and a mark that
is itself append-only says that its stretch of ids is removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from foundation.encryption import encrypted_columns
from foundation.triggers import TriggerFamily, bring_triggers, existing_columns, install_function, missing_from

REFUSAL = "ledger rows are append-only"
PG_GUARD = f"""
DECLARE
    before jsonb;
    after jsonb;
    argument text;
    until bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD);
        after := to_jsonb(NEW);
        FOREACH argument IN ARRAY coalesce(TG_ARGV, '{{}}') LOOP
            IF before -> argument = 'null' THEN
                before := before - argument;
                after := after - argument;
            ELSIF starts_with(argument, '*') AND current_setting('ledger.rewritten', true) = 'yes' THEN
                before := before - substr(argument, 2);
                after := after - substr(argument, 2);
            END IF;
        END LOOP;
        IF before = after THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' AND TG_NARGS > 0 THEN
        EXECUTE format(
            'SELECT last_id FROM %I.%I WHERE first_id <= $1 ORDER BY first_id DESC LIMIT 1', TG_TABLE_SCHEMA, TG_ARGV[0]
        ) INTO until USING OLD.id;
        IF until >= OLD.id AND (to_jsonb(OLD) ->> TG_ARGV[1])::timestamptz < now() - TG_ARGV[2]::interval THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '{REFUSAL}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
"""  # noqa: S608 (our names)
"""Body of the PostgreSQL trigger function.

Its arguments are, on an update, the stamps of the table it guards and, with an asterisk in front, the columns that may
be rewritten; on a delete the table of marks, the column of the moment and the age, where rows of the table may go at
all.
"""

GUARDS = TriggerFamily(prefix="ledger_", function="ledger_guard", body=PG_GUARD)


@dataclass(frozen=True, slots=True)
class Removal:
    """When a row of a ledger table may go: its `moment` is `days` ago and a row of the table `marks` covers its id.

    A mark is a ledger row with `first_id`, which is unique, and `last_id`. On SQLite a migration that rebuilds the
    table of marks first drops the trigger that asks it.
    """

    marks: str
    moment: str
    days: int


class LedgerModel(models.Model):
    """A row whose `stamps` may go once from NULL to a value and that otherwise stays as it is.

    It is never deleted, unless its model names a `removal`.
    """

    stamps: ClassVar[tuple[str, ...]] = ()
    forgetful: ClassVar[tuple[str, ...]] = ()
    """Columns that may say who somebody is in the clear, until the person is forgotten."""
    removal: ClassVar[Removal | None] = None

    class Meta:
        abstract = True


def live(path: str = "") -> models.Q:
    """The condition that a row was not voided: the voidable row itself, or the one at the end of a path (`"batch"`)."""
    return models.Q((f"{path}__voided_at__isnull" if path else "voided_at__isnull", True))


VoidableT = TypeVar("VoidableT", bound="VoidableModel")


class VoidableQuerySet(models.QuerySet[VoidableT]):
    """Rows of a voidable table by whether they still count."""

    def live(self) -> Self:
        """Those that were not voided."""
        return self.filter(live())

    def voided(self) -> Self:
        """Those that were."""
        return self.filter(~live())

    def stamp_void(self, *, actor: models.Model, now: datetime, reason: str) -> int:
        """Stamp the live ones as void and return how many; the caller holds the locks and has checked."""
        return self.live().update(voided_at=now, voided_by=actor, void_reason=reason)


class VoidableModel(LedgerModel):
    """A ledger row that may be voided once, by someone, at a time, for a reason; it stays readable."""

    stamps: ClassVar[tuple[str, ...]] = ("voided_at", "voided_by_id", "void_reason")

    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("reason for voiding"), max_length=500, null=True, blank=True, editable=False)

    objects = VoidableQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None


def void_is_complete(name: str) -> models.CheckConstraint:
    """Constraint for voidable tables: time, person and reason of a void stand together or not at all."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(voided_at__isnull=True, voided_by__isnull=True, void_reason__isnull=True)
        | models.Q(voided_at__isnull=False, voided_by__isnull=False, void_reason__isnull=False),
    )


def ledger_models(app_config: AppConfig | None = None) -> list[type[LedgerModel]]:
    """Every concrete ledger model, of one app or of all, in a stable order."""
    models_ = app_config.get_models() if app_config else apps.get_models()
    return [model for model in models_ if issubclass(model, LedgerModel)]


def _trigger_statements(
    vendor: str,
    table: str,
    columns: Sequence[str],
    stamps: Sequence[str],
    rewritable: Sequence[str],
    removal: Removal | None,
) -> dict[str, str]:
    """The CREATE TRIGGER statements of one table by trigger name, spelt as the engine itself gives them back."""
    if vendor == "sqlite":
        clauses = []
        for column in columns:
            changed = f'OLD."{column}" IS NOT NEW."{column}"'
            if column in stamps:
                changed = f'(OLD."{column}" IS NOT NULL AND {changed})'
            clauses.append(f"({changed} AND NOT ledger_is_rewritten())" if column in rewritable else changed)
        action = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table}'); END"
        stays = ""
        if removal is not None:
            # The moments are stored as this text: UTC, with or without a fraction of the second.
            stays = (
                f"WHEN OLD.\"{removal.moment}\" >= datetime('now', '-{removal.days} days') OR coalesce("  # noqa: S608
                f"(SELECT last_id FROM {removal.marks} WHERE first_id <= OLD.id ORDER BY first_id DESC LIMIT 1), 0)"
                " < OLD.id "
            )
        bodies = {
            "update": f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN {' OR '.join(clauses)} {action}",
            "delete": f"BEFORE DELETE ON {table} FOR EACH ROW {stays}{action}",
        }
    else:
        # No WHEN that names columns: PostgreSQL would refuse every later migration of such a column.
        allowed = ", ".join([*(f"'{stamp}'" for stamp in stamps), *(f"'*{column}'" for column in rewritable)])
        goes = f"'{removal.marks}', '{removal.moment}', '{removal.days} days'" if removal is not None else ""
        bodies = {
            "update": f"BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {GUARDS.function}({allowed})",
            "delete": f"BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {GUARDS.function}({goes})",
            "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {GUARDS.function}()",
        }
    names = {event: f"{GUARDS.prefix}{table}_{event}" for event in bodies}
    return {name: f"CREATE TRIGGER {name} {bodies[event]}" for event, name in names.items()}


def _expected_triggers(connection: BaseDatabaseWrapper, model: type[LedgerModel]) -> dict[str, str]:
    table = model._meta.db_table
    columns = existing_columns(connection, table)
    if not columns:
        return {}
    rewritable = sorted({*encrypted_columns(model), *model.forgetful})
    removal = model.removal
    if removal is not None and not existing_columns(connection, removal.marks):
        removal = None  # a database before the migration that makes the table of marks
    return _trigger_statements(connection.vendor, table, columns, model.stamps, rewritable, removal)


def install_triggers(connection: BaseDatabaseWrapper, app_config: AppConfig | None = None) -> None:
    """Make the ledger triggers of every (or one app's) ledger table exactly what the models declare."""
    install_function(connection, GUARDS)
    for model in ledger_models(app_config):
        bring_triggers(connection, GUARDS, model._meta.db_table, _expected_triggers(connection, model))


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """post_migrate receiver: reinstall the triggers of the app that was migrated."""
    install_triggers(connections[using], sender)


def missing_triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """(table, trigger name) for every ledger trigger that should stand and does not, is disabled or says otherwise."""
    for model in ledger_models():
        table = model._meta.db_table
        for name in missing_from(connection, GUARDS, table, _expected_triggers(connection, model)):
            yield table, name


def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check `ledger.W001`: a ledger table without its triggers could be changed unseen.

    A warning, because an error would also stop the `migrate` that installs them; to `verify_ledger` it is a failure.
    """
    return [
        CheckWarning(
            f"Ledger table {table} lacks its trigger {name}.",
            hint="Run `python manage.py migrate`: it installs the triggers again.",
            id="ledger.W001",
        )
        for alias in databases or ()
        for table, name in missing_triggers(connections[alias])
    ]
