"""How work grows with what it is given: a ratio of processor times, never a time."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time
from typing import Any

SMALLEST = 1_000
LARGEST = 1_024_000
TIMES = 16
"""So many times as much is given. Beside other work, what fits no cache takes up to three times as long for each unit:
over a long stretch that stays far from the square."""
MOST_GROWTH = 64.0
"""Sixteen times as much may take sixteen times as long; where work grows with the square, it takes 256 times."""
ENOUGH = 0.002
"""Seconds of the processor that can be told from nothing: what takes less is made larger, and counts as this."""
STEADY = 3
"""Times a call is measured before it is said to grow too fast; the least counts."""


def growth(call: Callable[[Any], object], make: Callable[[int], Any], *, largest: int = LARGEST) -> float:
    """How many times as long a call takes for sixteen times as much.

    `make` makes an input of so many units; `largest` is the size of the largest one that is made.
    """
    most = max(1, largest // TIMES)
    size = min(SMALLEST, most)
    spent = _spend(call, make(size))
    while spent < ENOUGH and size < most:
        size = min(size * 2, most)
        spent = _spend(call, make(size))
    smaller, larger = make(size), make(TIMES * size)
    longer = _spend(call, larger)
    for _again in range(STEADY - 1):
        if longer < MOST_GROWTH * max(spent, ENOUGH):
            break
        spent = min(spent, _spend(call, smaller))
        longer = min(longer, _spend(call, larger))
    return longer / max(spent, ENOUGH)


def _spend(call: Callable[[Any], object], given: Any) -> float:
    """The processor time of one call, in seconds."""
    before = thread_time()
    call(given)
    return thread_time() - before
