"""What people read names the regulation's own clauses; ids of our readings stand in code and documents alone (W7).

That no page shows one, `test_query_counts.py` sees while it has each of them open.
"""

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


CLAUSE = re.compile(r"\b[1-5]\.\d+\.(?:\d+|D)\b|[（(](?:办法)?[1-5]\.\d+(?:[、,，\s]+[1-6]\.\d+)*[)）]")
"""Our ids of the clauses (2.3.1.4): the paper that people hold has other numbers (D28)."""


def test_no_text_in_the_catalogue_names_a_clause_by_our_ids() -> None:
    entries = polib.pofile(str(ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"))
    assert [entry.msgid for entry in entries if CLAUSE.search(f"{entry.msgid} {entry.msgstr}")] == []
    assert all(map(CLAUSE.search, ("扣完为止（2.3.3）。", "见2.3.1.4", "（办法4.1、4.4）")))


def test_no_template_does() -> None:
    found = []
    for path in (ROOT / "templates").rglob("*.html"):
        found += [f"{path.name}: {text}" for text in CLAUSE.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))]
    assert found == []


def test_the_notes_of_the_annual_report_cite_the_paper() -> None:
    source = (ROOT / "points/papers/annual/workbook.py").read_text(encoding="utf-8")
    shown = [line for line in source.splitlines() if not line.lstrip().startswith(("#", '"""'))]
    assert [line for line in shown if CLAUSE.search(line.split("  #")[0])] == []
    assert "《办法》三2" in source


_PART = r"(?:2\.[1-3]|3\.[1-3]|4\.[1-4]|5\.[1-4])"
SHOWN = re.compile(
    r"(?<![\d.])2\.3\.[1-4](?:\.(?:\d+|D))?(?![\d.])|[（(](?:办法)?" + _PART + r"(?:[、,，\s]+" + _PART + r")*[)）]"
)
"""On a page, where （1.0） is a figure and scripts have versions (4.1.3): the ids that the regulation has."""


def test_what_counts_as_one_of_our_ids_on_a_page() -> None:
    assert all(map(SHOWN.search, ("扣完为止（2.3.3）", "见2.3.1.4", "（办法4.1、4.4）", "exempts nobody (2.1).")))
    assert not any(map(SHOWN.search, ("（1.0）", "htmx 4.1.3", "12.3.1", "（4.0）", "2.3.1.4.5")))


def test_no_time_is_written_as_it_stands_in_the_database() -> None:
    """In UTC it is yesterday until eight in the morning: "entered on the 30th" what was decided on the 1st."""
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for room in ("members", "points", "veto", "publicity", "scoring_site")
        for path in (ROOT / room).rglob("*.py")
        for text in re.findall(r"\{[\w.]*(?:\bat|_at):%[^}]*\}", path.read_text(encoding="utf-8"))
    ]
    assert found == []
