"""What people read names the regulation's own clauses; ids of our readings stand in code and documents alone."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
DECISION = re.compile(r"\bD\d{1,2}\b")
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)


def test_no_text_in_the_catalogue_names_a_decision() -> None:
    entries = polib.pofile(str(ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"))
    assert len(entries) > 2000
    assert [entry.msgid for entry in entries if DECISION.search(f"{entry.msgid} {entry.msgstr}")] == []


@pytest.mark.parametrize("folder", ["templates", "points/rules"])
def test_no_page_or_paper_names_one(folder: str) -> None:
    found = []
    for path in (ROOT / folder).rglob("*.html" if folder == "templates" else "*.toml"):
        text = path.read_text(encoding="utf-8")
        shown = COMMENT.sub("", text) if path.suffix == ".html" else re.sub(r"#.*", "", text)
        found += [f"{path.relative_to(ROOT)}: {match}" for match in DECISION.findall(shown)]
    assert found == []


def test_the_notes_of_the_annual_report_name_none() -> None:
    source = (ROOT / "points/papers/annual/workbook.py").read_text(encoding="utf-8")
    assert [line for line in source.splitlines() if re.search(r"（[^）]*\bD\d{1,2}\b", line)] == []
