"""How work grows with what it is given: a ratio of processor times, never a time."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time
from typing import Any

SMALLEST = 1_000
LARGEST = 256_000
ENOUGH = 0.02
"""Seconds of the processor that can be told from nothing on a busy machine: what takes less is made larger."""
STEADY = 3
"""Times a call is measured before it is said to grow too fast; the least counts."""
MOST_GROWTH = 8.0
"""Four times as much may take four times as long; where it takes sixteen times, work grows with the square."""


def growth(call: Callable[[Any], object], make: Callable[[int], Any], *, largest: int = LARGEST) -> float:
    """How many times as long a call takes for four times as much; 1 where the largest input takes next to nothing.

    `make` makes an input of so many units; `largest` is the size up to which one that takes long enough is looked for.
    """
    size = min(SMALLEST, largest)
    spent = _spend(call, make(size))
    while spent < ENOUGH and size < largest:
        size = min(size * 2, largest)
        spent = _spend(call, make(size))
    if spent < ENOUGH:
        return 1.0
    smaller, larger = make(size), make(4 * size)
    longer = _spend(call, larger)
    for _again in range(STEADY - 1):
        if longer < MOST_GROWTH * spent:
            break
        spent = min(spent, _spend(call, smaller))
        longer = min(longer, _spend(call, larger))
    return longer / spent


def _spend(call: Callable[[Any], object], given: Any) -> float:
    """The processor time of one call, in seconds."""
    before = thread_time()
    call(given)
    return thread_time() - before
