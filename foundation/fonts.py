"""Which characters the server's fonts can print: a rare one that none of them has is an empty box on paper."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from django.utils.translation import gettext as _

UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories that print nothing of their own; private use and what this Python does not know yet are no such."""
VARIANTS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""What follows a character to say how it is drawn."""
MOST_NAMED = 10


def find_missing(text: str) -> list[str]:
    """The characters of a text that no installed font has, each once, in the order of their numbers.

    Empty too where fontconfig's `fc-list`, which comes with Pango, is not there to say what the fonts have.
    """
    ranges = read_ranges()
    if not ranges:
        return []
    return [sign for sign in sorted(set(text)) if not _is_printed(ord(sign), ranges) and not _is_unseen(sign)]


def knows_fonts() -> bool:
    """Whether it can be told at all what the fonts have."""
    return bool(read_ranges())


def say_missing(text: str) -> str:
    """What to do about the characters of a text that no font has, in words; empty where there are none."""
    missing = find_missing(text)
    if not missing:
        return ""
    return _(
        "No font on the server has %(signs)s: on paper it is an empty box. Write it in by hand, and ask whoever runs "
        "the server to install a font for rare characters."
    ) % {"signs": "、".join(f"“{sign}”（U+{ord(sign):04X}）" for sign in missing[:MOST_NAMED])}


def _is_printed(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    place = bisect_right(ranges, code, key=lambda run: run[0]) - 1
    return place >= 0 and code <= ranges[place][1]


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in UNSEEN or any(ord(sign) in variants for variants in VARIANTS)


@lru_cache(maxsize=1)
def read_ranges() -> tuple[tuple[int, int], ...]:
    """What all fonts have together, first and last of each run; once for each process, so new fonts need a restart."""
    program = shutil.which("fc-list")
    if program is None:
        return ()
    done = subprocess.run(  # noqa: S603 (a fixed program; the arguments are ours)
        [program, "--format=%{charset}\n", ":"], capture_output=True, text=True, check=False
    )
    return merge_ranges(done.stdout.split())


def merge_ranges(runs: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Runs as fontconfig writes them (`4e00-9fff`, `2c029`), joined and in order."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted({_read_run(run) for run in runs}):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _read_run(run: str) -> tuple[int, int]:
    first, _dash, last = run.partition("-")
    return int(first, 16), int(last or first, 16)
