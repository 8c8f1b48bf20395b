"""`make bench`: a town of 3,000 members and 270,000 records, each time as a ratio to its floor, with peak memory.

For its files the town stands alone; for what people do all day it is one among five.

Every step runs in a process of its own, so that its peak memory is its own. SQLite unless DATABASE_URL names another
database; there the benchmark makes and drops one of its own beside it. The table goes into `docs/performance.md`.
Exit status 1 when a step of the product took 512 MB or more.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PAPER = ROOT / "docs" / "performance.md"
MOST_MEMORY_MB = 512

# What is shown: the product's step, its floor's step, and both in words.
FILES = (
    ("import_roster", "", "import of the roster (3,000 rows)", ""),
    (
        "import_records",
        "read_and_insert",
        "import of the records (270,000 rows)",
        "reading both files with calamine, as many rows by bulk_create",
    ),
    ("import_records_again", "read_files", "the same file a second time", "reading both files with calamine"),
    ("score", "fetch_rows", "scoring the town", "fetching the same rows as tuples"),
    ("write_report", "write_report_cells", "writing the annual report", "openpyxl writing its cells"),
    ("annual_report", "", "the command `annual_report`, all of it", ""),
    (
        "export_records",
        "write_export_cells",
        "the command `export_records`, all of it",
        "openpyxl writing its cells",
    ),
)
DAYS = (
    ("record_one", "insert_rows", "20 deeds, each entered alone", "inserting their rows and log entries"),
    ("save_tick", "read_sheets", "20 saves of one tick", "reading the sheet as often"),
    ("approve_half", "score_half", "approving a branch's half (50 members)", "scoring its members"),
    ("list_events", "find_page", "a page of the point events", "counting them and finding the page's"),
    ("list_half", "find_page_of_half", "the same of a half, by date", "counting by days and finding the page's"),
    ("show_month", "bare_page", "a month to record (50 members), 10 times", "a page of one query as often"),
    ("show_meeting", "bare_page", "a meeting to record (50 members), 10 times", "a page of one query as often"),
    ("show_activity", "bare_page", "an activity to record (50 members), 10 times", "a page of one query as often"),
    ("open_notice", "bare_page", "a notice read before (50 members), 10 times", "a page of one query as often"),
    ("small_page", "small_page_on_one_connection", "100 small pages", "the same on one open connection"),
)
# Each part with the step that makes ready for it.
PARTS = (("prepare", FILES), ("settle", DAYS))
WEIGHTS = (
    ("home", "home: its styles and scripts"),
    ("list", "a list: its styles and scripts"),
    ("cells", "the cells of a tick sheet, 50 members × 12"),
)
# Measured in the same way just before the slow roots were pulled, to show what later work keeps or loses.
BEFORE: dict[str, dict[str, str]] = {
    "sqlite": {
        "record_one": "24.2×",
        "save_tick": "2.4×",
        "approve_half": "2.3×",
        "list_events": "7.2×",
        "list_half": "24.8×",
        "show_month": "101.5×",
        "show_meeting": "58.4×",
        "show_activity": "46.6×",
        "open_notice": "21.5×",
        "small_page": "1.7×",
    },
    "postgresql": {
        "record_one": "18.3×",
        "save_tick": "2.0×",
        "approve_half": "3.0×",
        "list_events": "19.5×",
        "list_half": "17.9×",
        "show_month": "76.7×",
        "show_meeting": "42.3×",
        "show_activity": "33.6×",
        "open_notice": "15.2×",
        "small_page": "1.3×",
    },
    "weights": {
        "home": "22 files, 770,844 B, 184,649 B",
        "list": "30 files, 1,054,752 B, 270,866 B",
        "cells": "78,991 B, not compressed",
    },
}


@dataclass(frozen=True)
class Measured:
    """One step: seconds on the clock and on the processor, and the peak of the process it ran in."""

    clock: float
    processor: float
    memory_mb: int


def run_step(name: str) -> None:
    """In the child: do one step and print what it took, or what pages weigh, as one line of JSON."""
    import django

    django.setup()
    from tests.bench.steps import STEPS
    from tests.bench.weights import weigh

    if name == "weigh":
        sys.stdout.write(json.dumps(weigh()) + "\n")
        return
    timing = STEPS[name]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps({**timing._asdict(), "memory_mb": peak}) + "\n")


def ask_child(name: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run one step in a process of its own; returns what it printed."""
    done = subprocess.run(
        [sys.executable, __file__, name], env=environment, cwd=ROOT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout}{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(name: str, environment: dict[str, str]) -> Measured:
    """Time one step."""
    return Measured(**ask_child(name, environment))


@contextmanager
def database(environment: dict[str, str]) -> Iterator[str]:
    """An empty database for the steps; yields the engine's name and version."""
    os.environ |= environment
    from tests.bench.settings import DATABASES

    config = DATABASES["default"]
    if config["ENGINE"] == "foundation.databases.sqlite":
        import sqlite3

        yield f"SQLite {sqlite3.sqlite_version}"
        return
    import psycopg2

    address = {"user": config["USER"], "password": config["PASSWORD"], "host": config["HOST"], "port": config["PORT"]}
    server = psycopg2.connect(dbname="postgres", **{key: value for key, value in address.items() if value})
    server.autocommit = True
    cursor = server.cursor()
    cursor.execute(f'CREATE DATABASE "{config["NAME"]}"')
    try:
        yield f"PostgreSQL {server.get_parameter_status('server_version').split()[0]}"
    finally:
        cursor.execute(f'DROP DATABASE "{config["NAME"]}"')
        server.close()


def show_seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def tabulate_times(measured: dict[str, Measured], engine: str) -> list[str]:
    """The table of times as Markdown."""
    before = BEFORE[engine]
    lines = [
        "| what | time | processor | peak memory | floor | processor | ratio | before |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for step, floor, what, floor_what in (*FILES, *DAYS):
        took = measured[step]
        line = [what, show_seconds(took.clock), show_seconds(took.processor), f"{took.memory_mb} MB"]
        if floor:
            least = measured[floor].processor
            line += [floor_what, show_seconds(least), f"{took.processor / least:.1f}×", before.get(step, "")]
        else:
            line += ["", "", "", ""]
        lines.append("| " + " | ".join(line) + " |")
    return lines


def tabulate_weights(weights: dict[str, tuple[int, int, int]]) -> list[str]:
    """The table of weights as Markdown."""
    lines = ["| what | files | as they lie | as they travel | before |", "|---|---|---|---|---|"]
    for name, what in WEIGHTS:
        files, lying, travelling = weights[name]
        lines.append(f"| {what} | {files} | {lying:,} B | {travelling:,} B | {BEFORE['weights'].get(name, '')} |")
    return lines


def put_into_paper(kind: str, head: str, table: list[str]) -> None:
    """Replace the table between the markers of its kind in `docs/performance.md`."""
    begin, end = f"<!-- {kind} -->", f"<!-- end of {kind} -->"
    text = PAPER.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    PAPER.write_text(before + "\n".join((begin, head, "", *table, end)) + after, encoding="utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="points-bench.") as directory:
        environment = os.environ | {
            "BENCH_DIRECTORY": directory,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "PYTHONPATH": str(ROOT),
        }
        sys.path.insert(0, str(ROOT))
        measured = {}
        with database(environment) as engine:
            print(f"{engine}: a town of 3,000 members and 270,000 records")
            for ready, rows in PARTS:
                measure(ready, environment)
                for step in dict.fromkeys(name for row in rows for name in (row[0], row[1]) if name):
                    took = measured[step] = measure(step, environment)
                    print(f"{step:<30}{took.clock:9.3f} s {took.processor:9.3f} s {took.memory_mb:6} MB", flush=True)
            weights = ask_child("weigh", environment)
    kind = engine.split()[0].lower()
    times, weighed = tabulate_times(measured, kind), tabulate_weights(weights)
    version = ".".join(map(str, sys.version_info[:2]))
    put_into_paper(kind, f"{engine}, Python {version}, {os.cpu_count()} cores", times)
    put_into_paper("weights", "The recorder's pages, compressed with gzip.", weighed)
    print("\n".join((*times, "", *weighed)))
    heavy = [name for name, *_ in (*FILES, *DAYS) if measured[name].memory_mb >= MOST_MEMORY_MB]
    if heavy:
        print(f"Took {MOST_MEMORY_MB} MB or more: {', '.join(heavy)}", file=sys.stderr)
    return 1 if heavy else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_step(sys.argv[1])
    else:
        sys.exit(main())
