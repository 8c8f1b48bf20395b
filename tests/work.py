"""Measuring work by counting it: a count is the same on every machine and beside any load, a time is not."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


class Work:
    """What was done so far within a `counting_calls` block."""

    calls = 0
    """Functions called, those written in C included."""


@contextmanager
def counting_calls() -> Iterator[Work]:
    """Count the functions that this thread calls within the block."""
    work = Work()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        work.calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield work
    finally:
        sys.setprofile(before)


def count_queries(call: Callable[[], object]) -> int:
    """How many queries a call makes. For few rows and for many it should be as many; how many is nobody's promise."""
    return len(queries_of(call))


def queries_of(do: Callable[[], object]) -> list[str]:
    """The statements that the database is asked, one after the other."""
    with CaptureQueriesContext(connection) as asked:
        do()
    return [query["sql"] for query in asked]


def counts_while_growing(do: Callable[[], object], *growths: Callable[[], object]) -> list[int]:
    """How many statements `do` takes, and how many again after each growth of what there is."""
    counts = [count_queries(do)]
    for grow in growths:
        grow()
        counts.append(count_queries(do))
    return counts
