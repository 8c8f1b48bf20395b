"""Splitting long lists of values: engines limit how many one statement may carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

RowT = TypeVar("RowT")
CHUNK = 500


def split_into_chunks(rows: Iterable[RowT], size: int = CHUNK) -> Iterator[list[RowT]]:
    """Lists of at most `size` rows, in order."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
