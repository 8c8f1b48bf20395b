"""The triggers that note which rows a transaction writes, changes or removes, for its seal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from foundation.triggers import TriggerFamily, bring_triggers, existing_columns, install_function, missing_from
from members.models import UnsealedRow
from members.seals.tables import sealed_models

_NOTES = UnsealedRow._meta.db_table
NOTES = TriggerFamily(
    prefix="seal_",
    function="seal_note",
    # Its arguments: the model's name, then the columns whose change is not sealed.
    body=f"""
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - TG_ARGV[1:]) = (to_jsonb(NEW) - TG_ARGV[1:]) THEN
        RETURN NULL;
    END IF;
    INSERT INTO {_NOTES} (of_table, row_id, ticket)
    VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, current_setting('seal.ticket', true));
    PERFORM set_config('seal.asked', 'yes', false);
    RETURN NULL;
END
""",  # noqa: S608 (our names)
)


def _statements(vendor: str, model: type[Model]) -> dict[str, str]:
    """The CREATE TRIGGER statements of one table by trigger name, spelt as the engine itself gives them back."""
    table, label = model._meta.db_table, model._meta.label_lower
    unsealed = sorted(getattr(model, "not_sealed_columns", ()))
    statements = {}
    for event in ("insert", "update", "delete"):
        if vendor == "sqlite":
            # No other column is named: SQLite would refuse every later migration that takes one away.
            same = " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in unsealed)
            row = "OLD" if event == "delete" else "NEW"
            body = (
                f"FOR EACH ROW {f'WHEN {same} ' if same and event == 'update' else ''}BEGIN"  # noqa: S608 (our names)
                f" INSERT INTO {_NOTES} (of_table, row_id, ticket) VALUES ('{label}', {row}.\"id\", seal_ticket()); END"
            )
        else:
            arguments = ", ".join(f"'{word}'" for word in (label, *unsealed))
            body = f"FOR EACH ROW EXECUTE FUNCTION {NOTES.function}({arguments})"
        name = f"{NOTES.prefix}{table}_{event}"
        statements[name] = f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} {body}"
    return statements


def _expected(connection: BaseDatabaseWrapper, model: type[Model]) -> dict[str, str]:
    return _statements(connection.vendor, model) if existing_columns(connection, model._meta.db_table) else {}


def install_notes(connection: BaseDatabaseWrapper, app_label: str = "") -> None:
    """Make the triggers of every table, or those of one app, what they must be, once there is a table to note in."""
    if not existing_columns(connection, _NOTES):
        return
    install_function(connection, NOTES)
    for model in sealed_models().values():
        if app_label in ("", model._meta.app_label):
            bring_triggers(connection, NOTES, model._meta.db_table, _expected(connection, model))


def remove_notes(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: before the table they note in goes."""
    for model in sealed_models().values():
        for name in _expected(connection, model):
            on_table = "" if connection.vendor == "sqlite" else f" ON {model._meta.db_table}"
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing_notes(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """(table, trigger name) for every one that should stand and does not, is disabled or says otherwise."""
    for model in sealed_models().values():
        table = model._meta.db_table
        for name in missing_from(connection, NOTES, table, _expected(connection, model)):
            yield table, name


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """post_migrate receiver: install the triggers of the app that was migrated."""
    install_notes(connections[using], sender.label)


def check_notes(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check `seals.W001`: rows of a table without its triggers could be written without a seal."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        # Before the first migration, and in an older database, Django says itself what is to be done.
        lacking = list(missing_notes(connection)) if existing_columns(connection, _NOTES) else []
        if lacking:
            found.append(
                CheckWarning(
                    f"{len(lacking)} triggers that note rows for the seals are missing, such as {lacking[0][1]}.",
                    hint="Run `python manage.py migrate`: it installs them again.",
                    id="seals.W001",
                )
            )
    return found
