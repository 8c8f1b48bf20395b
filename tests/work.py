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
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)
