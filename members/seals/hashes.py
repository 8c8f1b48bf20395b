"""The hash of a row: a keyed hash over its kind, its id and the plain values of its columns.

Its key comes from the one that never changes, so that encryption keys can be rotated and nobody who has the database
alone can try values out, or make a hash that fits a row they altered.

Rows are read as the engine gives them: turning each value into an object of Python, only to write it down again, would
take most of the time of a large import. What the engines give differently is written in one way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from foundation.chunks import split_into_chunks
from foundation.encryption import derive_key
from members.seals.tables import sealed_columns

SIZE = 16
"""Bytes of a hash."""
AT_ONCE = 1000
"""Rows read with one query."""

Convert = Callable[[Any], Any]
_AS_STORED = frozenset({"DateField", "UUIDField", "BooleanField"})
"""Django makes of these on SQLite what is written down in the end as it came."""


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return derive_key("seals")


class RowHasher:
    """Hashes rows of one model as its engine gives them: the id, then the values of the sealed columns."""

    def __init__(self, model: type[Model], connection: BaseDatabaseWrapper) -> None:
        columns = sealed_columns(model)
        self.columns = [column.column for column in columns]
        self._conversions = [
            (place, conversion)
            for place, column in enumerate(columns, 1)
            if (conversion := _find_conversion(column, connection)) is not None
        ]
        self._begun = _begin(model._meta.label_lower, *self.columns)

    def hash(self, row: tuple[Any, ...]) -> str:
        """The hash of one row. Raises whatever a column says of a value that cannot be read."""
        if not self._conversions:
            return _hash(self._begun, row)
        values = list(row)
        for place, convert in self._conversions:
            if values[place] is not None:
                values[place] = convert(values[place])
        return _hash(self._begun, values)


def _find_conversion(column: Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert | None:
    """What makes of a stored value the plain one; None where it is written as it is."""
    target = column
    while target.remote_field is not None:
        target = target.target_field  # type: ignore[attr-defined]
    if connection.vendor == "sqlite" and target.get_internal_type() in _AS_STORED:
        return None
    expression = column.get_col(column.model._meta.db_table)
    converters = connection.ops.get_db_converters(expression) + expression.get_db_converters(connection)
    if not converters:
        return None

    def convert(value: Any) -> Any:
        for converter in converters:
            value = converter(value, expression, connection)
        return value

    return convert


def hash_thing(kind: str, identity: object, content: object) -> str:
    """The hash of one thing that is no row: a table's definition, a stretch of the access log."""
    return _hash(_begin(kind), [identity, content])


def hash_rows(model: type[Model], ids: Iterable[int], *, using: str) -> Iterator[tuple[int, str]]:
    """(id, hash) of those of the rows that are there.

    Raises:
        Exception: what a column says when what is stored in it cannot be read.
    """
    connection = connections[using]
    hasher = RowHasher(model, connection)
    for chunk in split_into_chunks(ids, AT_ONCE):
        places = ", ".join(["%s"] * len(chunk))
        with connection.cursor() as cursor:
            cursor.execute(f"{select_rows(model, connection)} WHERE id IN ({places}) ORDER BY id", chunk)
            for row in cursor.fetchall():
                yield row[0], hasher.hash(row)


def select_rows(model: type[Model], connection: BaseDatabaseWrapper) -> str:
    """The statement that reads what a `RowHasher` takes, without its conditions."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.column) for column in sealed_columns(model))
    return f"SELECT id, {names} FROM {quote(model._meta.db_table)}"  # noqa: S608 (our names)


def _begin(*words: str) -> blake2b:
    return blake2b(f"{json.dumps(words)}\n".encode(), key=_key(settings.PERSONAL_DATA_HASH_KEY), digest_size=SIZE)


def _hash(begun: blake2b, content: object) -> str:
    ongoing = begun.copy()
    ongoing.update(to_plain_text(content).encode())
    return ongoing.hexdigest()


def _plain(value: Any) -> object:
    """A value that JSON has no word for, the same whichever engine it comes from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):
        return value.hex
    return bytes(value).hex()


to_plain_text = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True, default=_plain
).encode
"""The one JSON text of some content."""
