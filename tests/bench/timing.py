"""How long a step of the benchmark took."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from typing import NamedTuple


class Timing(NamedTuple):
    """Seconds on the clock, and seconds this process had the processor."""

    clock: float
    processor: float


def time_work(work: Callable[[], object], repeats: int = 1) -> Timing:
    """The best of a few runs: whatever else the machine does only makes them longer."""
    timings = []
    for _ in range(repeats):
        clock, processor = perf_counter(), process_time()
        work()
        timings.append(Timing(perf_counter() - clock, process_time() - processor))
    return min(timings, key=lambda timing: timing.processor)
