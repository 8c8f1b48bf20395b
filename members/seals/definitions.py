"""Sealing what the tables are: every column, index, constraint, trigger and function, as the engine itself words it.

They are sealed when a migration was applied, so that one dropped, weakened or added past the program is named. A model
whose columns changed has all its rows sealed again: run `verify_ledger` before an upgrade.
"""

from __future__ import annotations

import json

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from foundation.databases.commits import CallsBeforeCommit, find_connection
from members.models import Seal
from members.seals.chain import append_links, note_all_rows, seal_pending, write_content
from members.seals.hashes import hash_thing
from members.seals.tables import sealed_columns, sealed_models

DEFINITION, COLUMNS, MIGRATIONS = "definition", "columns", "migrations"
"""Kinds of things that are no rows."""

_READ = {
    "sqlite": (
        "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ),
    "postgresql": """
        SELECT 'column ' || relname || '.' || attname,
               concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid))
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relkind IN ('r', 'v', 'm') AND attnum > 0 AND NOT attisdropped
           AND relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'constraint ' || conname || ' ' || conrelid::regclass::text,
               concat_ws(' ', pg_get_constraintdef(oid), convalidated)
          FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'index ' || relname, concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid)
          FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
         WHERE relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass::text,
               concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), tgenabled)
          FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
         WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'function ' || proname, prosrc
          FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'rule ' || tablename || ' ' || rulename, definition
          FROM pg_rules WHERE schemaname = current_schema()
    """,
}


def read_definitions(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The hash of every definition that stands in the database, by its kind and name."""
    with connection.cursor() as cursor:
        cursor.execute(_READ[connection.vendor])
        return {name: hash_thing(DEFINITION, name, text) for name, text in cursor.fetchall()}


def seal_after_migrate(alias: str) -> None:
    """Seal what migrations left: rows, definitions, and all rows of every model whose columns are others than before.

    Definitions are sealed where a migration was applied since, or the server is another one. Nothing is done while some
    migration is still to be applied.
    """
    connection = find_connection(alias)
    loader = MigrationLoader(connection)
    if not all(node in loader.applied_migrations for node in loader.graph.leaf_nodes()):
        return
    with transaction.atomic(using=alias):
        if _read_last_sealed(connection).get(MIGRATIONS) != _hash_migrations(connection):
            seal_definitions(connection)
        seal_pending(connection)


def seal_definitions(connection: CallsBeforeCommit) -> None:
    """Seal every definition as it stands now, and all rows of the models whose columns were sealed otherwise or never.

    A database that held rows before there were seals begins here.
    """
    known = _read_last_sealed(connection)
    columns: dict[str, str | None] = {label: _hash_columns(label) for label in sealed_models()}
    definitions: dict[str, str | None] = dict.fromkeys(known.get(DEFINITION, {}))
    definitions |= read_definitions(connection)
    content = {
        DEFINITION: definitions,
        COLUMNS: columns,
        MIGRATIONS: _hash_migrations(connection),
    }
    with transaction.atomic(using=connection.alias):
        before = known.get(COLUMNS, {})
        note_all_rows(connection, [label for label in columns if before.get(label) != columns[label]])
        append_links(connection, Seal.Kind.TABLES, [write_content(content)])


def _hash_migrations(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    """What makes definitions read otherwise: the migrations, another engine, a server of another version."""
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    words_of = connection.get_database_version()[0] if connection.vendor == "postgresql" else 0
    return {"applied": hash_thing(MIGRATIONS, "applied", [connection.vendor, words_of, applied])}


def _hash_columns(label: str) -> str:
    columns = sealed_columns(sealed_models()[label])
    return hash_thing(COLUMNS, label, [column.attname for column in columns])


def _read_last_sealed(connection: BaseDatabaseWrapper) -> dict[str, dict[str, str | None]]:
    links = Seal.objects.using(connection.alias).filter(kind=Seal.Kind.TABLES).order_by("-sequence")
    payload = links.values_list("payload", flat=True).first()
    found: dict[str, dict[str, str | None]] = json.loads(payload) if payload else {}
    return found
