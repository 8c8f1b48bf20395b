from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db.backends.postgresql import base

from foundation.databases.commits import CallsBeforeCommit


class DatabaseWrapper(CallsBeforeCommit, base.DatabaseWrapper):
    """Django's PostgreSQL, as `foundation.databases` has it."""

    def get_connection_params(self) -> dict[str, Any]:
        """The parameters of a connection that can answer its triggers."""
        params = super().get_connection_params()
        params["options"] = f"{params.get('options', '')} -c seal.ticket={self.ticket}".strip()
        return params

    @contextmanager
    def rewriting(self) -> Iterator[None]:
        """Let the guards of append-only tables pass rewriting: they read `ledger.rewritten`."""
        with self.cursor() as cursor:
            cursor.execute("SELECT set_config('ledger.rewritten', 'yes', true)")
        yield
        # Where the block fails, its transaction is undone, and this with it.
        with self.cursor() as cursor:
            cursor.execute("SELECT set_config('ledger.rewritten', '', true)")

    def making_room(self) -> AbstractContextManager[None]:
        """Nothing: the server's memory is the server's to set."""
        return nullcontext()

    def was_asked(self) -> bool:
        """Whether a trigger has said so (`seal.asked`) since this was asked last."""
        with self.cursor() as cursor:
            cursor.execute("SELECT current_setting('seal.asked', true), set_config('seal.asked', '', false)")
            asked, _empty = cursor.fetchone()
        return bool(asked)
