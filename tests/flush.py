"""The one way in which tests empty a database that holds ledger tables.

Django's TransactionTestCase deletes every row after a test. The ledger's triggers refuse that, whoever asks, and the
product has no switch for them: so they are dropped here before the flush and installed again after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from foundation.ledger import drop_triggers, install_triggers


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


def flush_without_triggers() -> None:
    """Make TransactionTestCase, and so `transactional_db` and `live_server`, flush ledger tables; conftest calls it."""
    # Any: the method is Django's own, and its stubs leave it out.
    test_case: Any = TransactionTestCase
    flush = test_case._fixture_teardown

    def fixture_teardown(self: TransactionTestCase) -> None:
        with without_ledger_triggers():
            flush(self)

    test_case._fixture_teardown = fixture_teardown
