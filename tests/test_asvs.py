"""The map of ASVS 5.0: each requirement of levels 1 and 2 in one row; what is called tested names a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs/asvs.md"
IDS = Path(__file__).with_name("asvs_ids.txt")
STANDS = {"test", "code", "setting", "duty", "decided", "none"}


def read_rows() -> list[tuple[list[str], str, str]]:
    """The requirements of a row, where they stand, and how."""
    rows = re.findall(r"^\| (\d[\d., ]+) \| (\w+) \| (.+) \|$", MAP.read_text(encoding="utf-8"), re.MULTILINE)
    return [(ids.split(", "), stands, how) for ids, stands, how in rows]


def test_every_requirement_stands_in_one_row() -> None:
    named = Counter(each for ids, _stands, _how in read_rows() for each in ids)
    assert named == Counter(IDS.read_text(encoding="utf-8").split())
    assert len(named) == 253


def test_every_row_says_where_it_stands_and_what_is_tested_names_its_test() -> None:
    rows = read_rows()
    assert {stands for _ids, stands, _how in rows} == STANDS
    tested = [(ids, re.findall(r"`(tests/[\w/.]+|make \w+)`", how)) for ids, stands, how in rows if stands == "test"]
    assert [ids for ids, names in tested if not names] == []
    files = [name for _ids, names in tested for name in names if name.startswith("tests/")]
    assert [name for name in files if not (ROOT / name).is_file()] == []
