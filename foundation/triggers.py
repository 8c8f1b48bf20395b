"""Keeping the triggers of the tables what the program says they are, on SQLite and PostgreSQL.

A family of triggers shares the beginning of its names and, on PostgreSQL, one function. Those that stand are read back
from the engine and compared with what they must be, so that one dropped, disabled or made harmless is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class TriggerFamily:
    """Triggers whose names begin alike; `function` and its `body` are what those of PostgreSQL execute."""

    prefix: str
    function: str
    body: str


def existing_columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """The columns of a table in their order; none where there is no such table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Django's own introspection parses the table's CREATE statement for what nobody asks here: 10 ms a table.
            cursor.execute("SELECT name FROM pragma_table_info(%s) ORDER BY cid", [table])
            return [name for (name,) in cursor.fetchall()]
        if table not in connection.introspection.table_names(cursor):
            return []
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def install_function(connection: BaseDatabaseWrapper, family: TriggerFamily) -> None:
    """Make a family's function what it must be; SQLite's triggers need none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {family.function}() RETURNS trigger LANGUAGE plpgsql AS $${family.body}$$"
            )


def bring_triggers(
    connection: BaseDatabaseWrapper, family: TriggerFamily, table: str, expected: Mapping[str, str]
) -> None:
    """Make a family's triggers on one table exactly those of `expected`: the statements by name."""
    installed = _installed_triggers(connection, family, table) if expected else {}
    with connection.cursor() as cursor:
        for name in installed:
            if installed[name] != expected.get(name):
                on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
        for name, statement in expected.items():
            if installed.get(name) != statement:
                cursor.execute(statement)


def missing_from(
    connection: BaseDatabaseWrapper, family: TriggerFamily, table: str, expected: Mapping[str, str]
) -> Iterator[str]:
    """The names of those that should stand on a table and do not, are disabled or say otherwise."""
    installed = _installed_triggers(connection, family, table) if expected else {}
    return (name for name, statement in expected.items() if installed.get(name) != statement)


def _installed_triggers(connection: BaseDatabaseWrapper, family: TriggerFamily, table: str) -> dict[str, str]:
    """Definition by name of a family's triggers on one table; empty where one is disabled or made harmless."""
    pattern = family.prefix.replace("_", "\\_") + "%"
    if connection.vendor == "sqlite":
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE %s ESCAPE '\\'"
        )
        parameters = [table, pattern]
    else:
        query = (
            "SELECT tgname, CASE WHEN tgenabled IN ('O', 'A') AND prosrc = %s"
            " THEN pg_get_triggerdef(pg_trigger.oid, true) ELSE '' END"
            " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = to_regclass(quote_ident(%s)) AND NOT tgisinternal AND tgname LIKE %s"
        )
        parameters = [family.body, table, pattern]
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return dict(cursor.fetchall())
