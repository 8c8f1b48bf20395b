"""What files cost in memory: a program of its own does something with each, and tells its peak after each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings


def measure_files(module: str, paths: Iterable[Path]) -> list[tuple[str, str, int]]:
    """Run a module that calls `report_peaks`; of each path but the first its name, what became of it and the peak."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, paths)], capture_output=True, text=True, check=True)
    return [(name, became, peak) for name, became, peak in map(json.loads, done.stdout.splitlines())]


def report_peaks(take: Callable[[Path], str]) -> None:
    """Take the files named on the command line; the peak is that beyond what the first one, a small one, took."""
    settings.configure(USE_I18N=False)
    first, *paths = map(Path, sys.argv[1:])
    take(first)  # what the libraries take once
    before = _read_peak()
    for path in paths:
        print(json.dumps([path.name, take(path), _read_peak() - before]), flush=True)


def _read_peak() -> int:
    """The most memory this program has had, in bytes; unlike `getrusage`, without that of who started it."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
