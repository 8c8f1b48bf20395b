"""What both engines do before they commit, and the ticket by which a connection knows its own writes again.

A ticket is made for each connection and known to its process alone. Triggers write it down beside what was changed:
whoever changes a row past the program has none, so their statement fails, or leaves a ticket that is no connection's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foundation.chunks import split_into_chunks

if TYPE_CHECKING:
    _Wrapper = BaseDatabaseWrapper
else:
    _Wrapper = object

BeforeCommit = Callable[["CallsBeforeCommit"], None]

_before_commit: list[BeforeCommit] = []


def call_before_commit(function: BeforeCommit) -> None:
    """Have a function called as the last part of every transaction in which a trigger asked for the ticket.

    What it raises ends the transaction badly.
    """
    _before_commit.append(function)


class CallsBeforeCommit(_Wrapper):
    """Mixed into an engine's `DatabaseWrapper`."""

    def was_asked(self) -> bool:
        """Whether a trigger has asked for the ticket since this was asked last: so rows were noted, or are undone."""
        raise NotImplementedError

    def rewriting(self) -> AbstractContextManager[None]:
        """Inside a transaction: let the guards of append-only tables pass rewriting (`foundation.ledger`)."""
        raise NotImplementedError

    def making_room(self) -> AbstractContextManager[None]:
        """Around the transaction of a large write: keep more of the database in memory while it lasts."""
        raise NotImplementedError

    def insert_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert rows of values (days as `ops.adapt_datefield_value` makes them) past the models; how many they were.

        Of 270,000 rows, a town's year, an instance of the model costs several times what its row costs.

        Raises:
            DatabaseError: as any statement does.
        """
        quoted = ", ".join(map(self.ops.quote_name, columns))
        into = f"{self.ops.quote_name(table)} ({quoted})"
        place = f"({', '.join(['%s'] * len(columns))})"
        written = 0
        for chunk in split_into_chunks(rows, self.rows_at_once(len(columns))):
            self.insert_chunk(into, place, chunk)
            written += len(chunk)
        return written

    def rows_at_once(self, width: int) -> int:
        """Of so many columns, the rows that one statement may carry."""
        return (self.features.max_query_params or 11_000) // width

    def insert_chunk(self, into: str, place: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert by one statement: `into` names table and columns, `place` is where a row's values go."""
        with self.cursor() as cursor:
            values = [value for row in rows for value in row]
            cursor.execute(f"INSERT INTO {into} VALUES {', '.join([place] * len(rows))}", values)  # noqa: S608 (our names)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = uuid4().hex
        self.is_plain = False

    def commit(self) -> None:
        """Call what is to be called, and commit."""
        if not self.is_plain and self.was_asked():
            try:
                for function in _before_commit:
                    function(self)
            except BaseException:
                # Django rolls back by itself only what the database refused.
                self.rollback()
                raise
        super().commit()


def find_connection(alias: str = DEFAULT_DB_ALIAS) -> CallsBeforeCommit:
    """This thread's connection to a database."""
    connection = connections[alias]
    assert isinstance(connection, CallsBeforeCommit)
    return connection


@contextmanager
def plain_commits(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Commit as Django does for the length of the block: while tables are being made over."""
    connection = find_connection(alias)
    before, connection.is_plain = connection.is_plain, True
    try:
        yield
    finally:
        connection.is_plain = before
