"""Moving a SQLite backup into PostgreSQL, the way a town goes that has outgrown a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.database_copy import CopyFailed
from foundation.databases.commits import plain_commits
from members.models import Seal, UnsealedRow

STAGED = "staged"
AT_ONCE = 1000
"""Rows read and written together."""


def move_database(file: Path) -> None:
    """Bring a SQLite file to this version's tables and copy every row of it into the database here, which holds none.

    The file is changed; the database gets all rows or none.

    Raises:
        CopyFailed: a table has another number of rows afterwards.
    """
    with open_staged(file):
        call_command("migrate", database=STAGED, verbosity=0, interactive=False)
        with plain_commits():
            # Django's own: it seals nothing, and the chain that is to come has no place for a second beginning.
            call_command(MigrateCommand(), verbosity=0, interactive=False)
            copy_rows(STAGED, DEFAULT_DB_ALIAS)


@contextmanager
def open_staged(file: Path) -> Iterator[None]:
    """Let the alias `STAGED` stand for a SQLite file for the length of the block."""
    backend = {"ENGINE": "foundation.databases.sqlite", "NAME": str(file)}
    connections.settings[STAGED] = connections.configure_settings({DEFAULT_DB_ALIAS: backend})[DEFAULT_DB_ALIAS]
    try:
        connections[STAGED].connect()
        yield
    finally:
        connections[STAGED].close()
        del connections[STAGED]
        del connections.settings[STAGED]


def copy_rows(source: str, target: str) -> None:
    """Copy every table's rows with their ids from one database to another; both have this version's tables.

    Raises:
        CopyFailed: a table has another number of rows afterwards; nothing was copied.
    """
    # A note without its transaction says nothing; here every row that is copied makes one.
    models = [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and model != UnsealedRow
    ]
    connection = connections[target]
    # Within one transaction the order is all the same: foreign keys are looked at when it ends.
    with transaction.atomic(using=target), connection.constraint_checks_disabled():
        _forget_chain(connection)
        for model in models:
            _rows_of(model, target).delete()  # what `migrate` wrote: kinds of content, permissions
        for model in models:
            _copy_table(model, source, target)
        # Every row comes with its seal.
        _rows_of(UnsealedRow, target).delete()
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            with connection.cursor() as cursor:
                cursor.execute(statement)


def _forget_chain(connection: BaseDatabaseWrapper) -> None:
    """Let the seals go with which `migrate` began in a database that holds nothing: those that come are the chain."""
    if connection.vendor == "postgresql":
        table = Seal._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (our name)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _copy_table(model: type[Model], source: str, target: str) -> None:
    there = _rows_of(model, source)
    for rows in split_into_chunks(there.order_by("pk").iterator(AT_ONCE), AT_ONCE):
        _rows_of(model, target).bulk_create(rows)
    expected, copied = there.count(), _rows_of(model, target).count()
    if copied != expected:
        raise CopyFailed(
            _("%(table)s: %(copied)d of %(expected)d rows arrived. Nothing was put back.")
            % {"table": model._meta.db_table, "copied": copied, "expected": expected}
        )


def _rows_of(model: type[Model], alias: str) -> Any:
    """Every row, past whatever the model's own manager leaves out."""
    return model._base_manager.using(alias)
