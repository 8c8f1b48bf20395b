from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base

from foundation.databases.commits import CallsBeforeCommit

ROOM_KILOBYTES = 16_000
"""For 270,000 rows, whose uuids lie all over their index: with SQLite's 2 MB a third of the engine's time goes into
writing pages out and reading them again; more than this saves nothing."""


class DatabaseWrapper(CallsBeforeCommit, base.DatabaseWrapper):
    """Django's SQLite, as `foundation.databases` has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_asked = False
        self._is_rewriting = False

    def was_asked(self) -> bool:
        """Whether a trigger has asked for the ticket since this was asked last."""
        asked, self._is_asked = self._is_asked, False
        return asked

    @contextmanager
    def rewriting(self) -> Iterator[None]:
        """Let the guards of append-only tables pass rewriting: they call `ledger_is_rewritten`."""
        self._is_rewriting = True
        try:
            yield
        finally:
            self._is_rewriting = False

    @contextmanager
    def making_room(self) -> Iterator[None]:
        """Let the engine keep `ROOM_KILOBYTES` of pages in memory."""
        self.ensure_connection()
        connection = self.connection
        (before,) = connection.execute("PRAGMA cache_size").fetchone()
        connection.execute(f"PRAGMA cache_size = -{ROOM_KILOBYTES}")
        try:
            yield
        finally:
            # Past Django, which refuses every statement where a transaction around this one has failed.
            connection.execute(f"PRAGMA cache_size = {before}")

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that can answer its triggers."""
        connection = super().get_new_connection(conn_params)
        connection.create_function("seal_ticket", 0, self._give_ticket)
        connection.create_function("ledger_is_rewritten", 0, lambda: self._is_rewriting)
        return connection

    def _give_ticket(self) -> str:
        self._is_asked = True
        return self.ticket
