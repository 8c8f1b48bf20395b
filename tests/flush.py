"""The one way in which tests empty a database that holds ledger tables.

Django's TransactionTestCase deletes every row after a test. The ledger's triggers refuse that, whoever asks, and the
product has no switch for them: so they are dropped here before the flush and installed again after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.test import TransactionTestCase

from foundation.databases.commits import plain_commits
from foundation.ledger import install_triggers
from members.models import Seal, UnsealedRow

INSTALLED = {
    "sqlite": "SELECT name, '' FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger\\_%' ESCAPE '\\'",
    "postgresql": (
        "SELECT tgname, ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'ledger\\_%'"
    ),
}
"""The triggers that stand, each with what DROP TRIGGER wants after the name."""


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Take the ledger's triggers away."""
    with connection.cursor() as cursor:
        cursor.execute(INSTALLED[connection.vendor])
        for name, on_table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


@contextmanager
def without_ledger_triggers() -> Iterator[None]:
    """Drop the ledger's triggers on every database for the length of the block."""
    for connection in connections.all():
        drop_triggers(connection)
    try:
        yield
    finally:
        for connection in connections.all():
            install_triggers(connection)


WRITTEN_BY_MIGRATE = frozenset({ContentType, Permission})
WRITTEN_BY_COMMITS = frozenset({Seal, UnsealedRow})


def filled_tables(connection: BaseDatabaseWrapper, *, but: frozenset[type[Model]] = WRITTEN_BY_MIGRATE) -> list[str]:
    """The tables that hold any row, but those of some models."""
    kept = {model._meta.db_table for model in but}
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in kept]
    quote = connection.ops.quote_name
    asked = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]


def empty_tables(connection: BaseDatabaseWrapper) -> None:
    """Delete every row but those that `migrate` itself writes: the same ones would come back after every test."""
    # TRUNCATE and DELETE take their time over an empty table too, and most are empty. Foreign keys are deferred: within
    # one transaction the order of the tables is all the same.
    with plain_commits(connection.alias), transaction.atomic(connection.alias), connection.cursor() as cursor:
        for name in filled_tables(connection):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
        # Last: its triggers stand and have noted every row that went.
        cursor.execute(f"DELETE FROM {UnsealedRow._meta.db_table}")


def flush_without_triggers() -> None:
    """Make TransactionTestCase, and so `transactional_db` and `live_server`, flush ledger tables; conftest calls it."""
    # Any: the method is Django's own, and its stubs leave it out.
    test_case: Any = TransactionTestCase

    def fixture_teardown(self: Any) -> None:
        with without_ledger_triggers():
            for name in self._databases_names(include_mirrors=False):
                empty_tables(connections[name])

    test_case._fixture_teardown = fixture_teardown
