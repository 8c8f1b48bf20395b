"""The hash of a row: an HMAC over its kind, its id and the plain values of its columns.

Its key comes from the one that never changes, so that encryption keys can be rotated and nobody who has the database
alone can try values out, or make a hash that fits a row they altered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model

from foundation.chunks import split_into_chunks
from foundation.encryption import derive_key
from members.seals.tables import sealed_columns

LENGTH = 32
"""Hex digits kept of a hash: 128 bits."""
AT_ONCE = 1000
"""Rows read with one query."""


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return derive_key("seals")


def hash_thing(kind: str, identity: object, content: object) -> str:
    """The hash of one thing that is no row: a table's definition, a stretch of the access log."""
    return _hash(_begin(kind), [identity, content])


def hash_rows(model: type[Model], ids: Iterable[int], *, using: str) -> Iterator[tuple[int, str]]:
    """(id, hash) of those of the rows that are there.

    Raises:
        Exception: what a column says when what is stored in it cannot be read.
    """
    hasher = row_hasher(model)
    names = [column.attname for column in sealed_columns(model)]
    rows = model._base_manager.using(using)
    for chunk in split_into_chunks(ids, AT_ONCE):
        for pk, *values in rows.filter(pk__in=chunk).order_by("pk").values_list("pk", *names):
            yield pk, hasher(pk, values)


def row_hasher(model: type[Model]) -> Callable[[int, list[Any]], str]:
    """What hashes a row of a model from its id and the values of its sealed columns, in their order."""
    begun = _begin(model._meta.label_lower, *(column.attname for column in sealed_columns(model)))
    return lambda pk, values: _hash(begun, [pk, values])


def _begin(*words: str) -> hmac.HMAC:
    return hmac.new(_key(settings.PERSONAL_DATA_HASH_KEY), f"{json.dumps(words)}\n".encode(), hashlib.sha256)


def _hash(begun: hmac.HMAC, content: object) -> str:
    ongoing = begun.copy()
    ongoing.update(_ENCODER.encode(content).encode())
    return ongoing.hexdigest()[:LENGTH]


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


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain)
