from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import StringIO
from typing import Any

from django.db.backends.postgresql import base

from foundation.databases.commits import CallsBeforeCommit

_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"


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

    def insert_chunk(self, into: str, place: str, rows: Sequence[Sequence[Any]]) -> None:
        """Copy a full chunk in: neither psycopg2 nor the server makes a statement of thousands of values for it."""
        if len(rows) < self.rows_at_once(len(rows[0])):
            super().insert_chunk(into, place, rows)
            return
        lines = StringIO()
        for row in rows:
            lines.write("\t".join([_write_value(value) for value in row]) + "\n")
        lines.seek(0)
        with self.cursor() as cursor, self.wrap_database_errors:
            cursor.copy_expert(f"COPY {into} FROM STDIN", lines)

    def was_asked(self) -> bool:
        """Whether a trigger has said so (`seal.asked`) since this was asked last."""
        with self.cursor() as cursor:
            cursor.execute("SELECT current_setting('seal.asked', true), set_config('seal.asked', '', false)")
            asked, _empty = cursor.fetchone()
        return bool(asked)


def _write_value(value: Any) -> str:
    """A value as `COPY` reads it."""
    if value is None:
        return _NULL
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)
