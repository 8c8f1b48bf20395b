"""What strangers could send to make each pattern work as hard as it can, of any size.

Every pattern of the sources stands in `PATTERNS` or in `NEVER_MEETS_STRANGERS`; `tests/test_patterns.py` sees to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Use = Callable[[re.Pattern, Any], object]
"""How the sources use a pattern."""


def search(pattern: re.Pattern, text: Any) -> object:
    return pattern.search(text)


def match(pattern: re.Pattern, text: Any) -> object:
    return pattern.match(text)


def fullmatch(pattern: re.Pattern, text: Any) -> object:
    return pattern.fullmatch(text)


def remove(pattern: re.Pattern, text: Any) -> object:
    return pattern.sub(b"" if isinstance(text, bytes) else "", text)


def find_all(pattern: re.Pattern, text: Any) -> object:
    return pattern.findall(text)


def split(pattern: re.Pattern, text: Any) -> object:
    return pattern.split(text)


@dataclass(frozen=True)
class Grown:
    """A text of any size: `head`, `unit` again and again, `tail`."""

    unit: str
    head: str = ""
    tail: str = ""

    def make(self, size: int) -> str:
        """The text with so many units."""
        return self.head + self.unit * size + self.tail


EVERYWHERE = tuple(
    Grown(unit, head, tail)
    for unit in (" ", "(", "（", "<", "1", "一", "a", '"', "- ", "1 ")
    for head, tail in (("", "\x01"), ("1-1", "1"))
)
"""Tried on every pattern: what often makes one run on and fail."""

_SHEET = "foundation.workbooks.sheet_scan"
_PACKAGE = "foundation.workbooks.package"
_CELLS = "foundation.workbooks.cells"
_NAMES = "points.meetings.pasted_names"
_FILES = "members.evidence.documents"
_CALENDAR = "scoring_site.workbench.publicity.calendar.forms"

PATTERNS: dict[str, tuple[Use, tuple[Grown, ...]]] = {
    "members.accounts.breached:_LINE": (fullmatch, (Grown("1", "a" * 40 + ":"), Grown("a"))),
    "members.accounts.passwords:_RUNS": (find_all, (Grown("a"), Grown("a1"), Grown("1", "a"))),
    f"{_SHEET}:_DEVIATION": (search, (Grown("<c "), Grown("1", '<c r="A1" s="'), Grown('<c r="A1">'))),
    f"{_SHEET}:_PREFIXED_CELL": (search, (Grown("<x"), Grown("<x:"), Grown(":c", "<"), Grown(":", "<"))),
    f"{_SHEET}:_FORMULA": (search, (Grown("<x"), Grown("<x:"), Grown(":f:", "<"), Grown(":", "<"))),
    f"{_SHEET}:_WIDE": (search, (Grown('<c r="Q1"'), Grown("1", '<c r="Q'), Grown(" ", '<c r="Q1"'))),
    f"{_SHEET}:_LONG": (search, (Grown('<c r="A99999"'), Grown("A", '<c r="'), Grown(" ", '<c r="A99999"'))),
    f"{_SHEET}:_STYLED": (find_all, (Grown('<c r="A1"'), Grown("A", '<c r="'), Grown("1", '<c r="A1" s="'))),
    f"{_SHEET}:_HIDDEN_COLUMN": (
        search,
        (Grown("<col "), Grown("<a:col "), Grown(" hidden=", "<col "), Grown(":col ", "<"), Grown("<col hidden=")),
    ),
    f"{_SHEET}:_HIDDEN_ROW": (
        search,
        (Grown("<row "), Grown("<a:row "), Grown(" hidden=", "<row "), Grown(":row ", "<"), Grown("<row hidden=")),
    ),
    f"{_SHEET}:_MERGED": (
        find_all,
        (
            Grown("<mergeCell "),
            Grown("<a:mergeCell "),
            Grown(" ref", "<mergeCell "),
            Grown(" ", "<mergeCell ref"),
            Grown(' ref="', "<mergeCell "),
            Grown('<mergeCell ref="'),
        ),
    ),
    f"{_SHEET}:_REFERENCE": (fullmatch, (Grown("A"), Grown("1", "A"))),
    f"{_PACKAGE}:_DECLARATION": (match, (Grown(" ", "<?xml "), Grown("?", "<?xml "), Grown("<?xml "))),
    f"{_PACKAGE}:_DECLARED_ENCODING": (
        search,
        (Grown(" ", " encoding"), Grown(" encoding"), Grown(" encoding='"), Grown(" ", " encoding=")),
    ),
    f"{_PACKAGE}:_MARKUP_DECLARATION": (search, (Grown("<!--"), Grown("<![CDATA["))),
    f"{_CELLS}:_PLAIN": (fullmatch, (Grown("张"),)),
    f"{_CELLS}:_CONTROL": (search, (Grown("张"),)),
    f"{_CELLS}:_DATE": (fullmatch, (Grown("0", "2025-03-05 10:00:00."), Grown("2025"))),
    f"{_CELLS}:_YEAR": (fullmatch, (Grown("2025"), Grown("2025年"))),
    f"{_CELLS}:_MONTH": (fullmatch, (Grown("2025"), Grown("2025年"))),
    f"{_CELLS}:_NUMBER": (fullmatch, (Grown("1", "1."), Grown("1."))),
    f"{_CELLS}:_NEGATIVE": (fullmatch, (Grown("1", "-"), Grown("1.", "-"))),
    "foundation.workbooks.headers:_DROPPED": (remove, (Grown("(a"), Grown("a", "("), Grown("(a)"), Grown(" a"))),
    "foundation.workbooks.widgets:_PHONE": (fullmatch, (Grown("1 "), Grown("(", "1"))),
    "foundation.workbooks.writing:FORMULA_START": (match, (Grown("\t"), Grown("\u200b"), Grown("\t "))),
    "foundation.workbooks.writing:UNWRITABLE": (remove, (Grown("\x01a"),)),
    "members.roster_files.reading:_TITLE": (fullmatch, (Grown("支部"), Grown("党员", "二支部"), Grown("2026年"))),
    "foundation.file_store:NAME": (fullmatch, (Grown("0"),)),
    "foundation.id_numbers:_FORM": (fullmatch, (Grown("1"),)),
    "foundation.id_numbers:_OLD_FORM": (fullmatch, (Grown("1"),)),
    "foundation.id_numbers:_DROPPED": (remove, (Grown("'1"),)),
    "foundation.names:_SPACE_BESIDE_HAN": (remove, (Grown(" a"), Grown("张 "))),
    "foundation.names:_DOT_BETWEEN_HAN": (remove, (Grown("."), Grown("张."))),
    "foundation.normal_forms:_STRETCH": (search, (Grown("\u0301", tail="a"), Grown("á" * 30 + "a"), Grown("\u0301a"))),
    "foundation.picture_parts:_MARKER": (search, (Grown("\xff"), Grown("\xff\x00"), Grown("\xff\xd0"))),
    f"{_FILES}:_PICTURE": (match, (Grown("RIFF"), Grown("\xff\xd8"))),
    f"{_FILES}:_HEIC": (match, (Grown("ftyp"),)),
    f"{_FILES}:_UNSAFE_IN_NAME": (remove, (Grown("\u202ea"),)),
    f"{_NAMES}:_BRACKETS": (find_all, (Grown("(a"), Grown("a", "("), Grown("【（"), Grown("(a)"))),
    f"{_NAMES}:_NUMBERING": (
        remove,
        (Grown(" ", "1", "1"), Grown(" ", "一", "1"), Grown(". ", "第1", "1"), Grown("1.", "", "1"), Grown(" ", "第1")),
    ),
    f"{_NAMES}:_INNER_NUMBERING": (remove, (Grown("1."), Grown("123"))),
    f"{_NAMES}:_SEPARATORS": (split, (Grown("、"), Grown("、a"))),
    f"{_NAMES}:_SUFFIX_STARTS": (split, (Grown("-"), Grown("-a"))),
    f"{_NAMES}:_HEADING": (match, (Grown(" "),)),
    f"{_NAMES}:_AMOUNT": (fullmatch, (Grown("1.", "", "a"), Grown("¥", "", "元元"))),
    "points.meetings.guests:BETWEEN_PEOPLE": (split, (Grown("\n"), Grown("，a"))),
    "points.records.duplicates:_NO_LETTERS": (remove, (Grown("_"), Grown("。a"))),
    "points.imports.tick_workbook:_NUMBERING": (remove, (Grown(" ", "1"), Grown(" ", "一", "a"), Grown("1."))),
    "points.imports.tick_workbook:_CHINESE_MONTH": (remove, (Grown("十"), Grown("十一月"))),
    "points.rules.periods:_SHAPES": (fullmatch, (Grown("2025"), Grown("年", "2025"), Grown("1", "2025-"))),
    f"{_CALENDAR}:LINE": (
        fullmatch,
        (
            Grown(" ", "1-1", "1"),
            Grown("—", "1-1", "1-1 1"),
            Grown("，", "1-1至1-7", "1"),
            Grown("节", "1-1 ", "1"),
            Grown("— ", "1-1", "1"),
        ),
    ),
    f"{_CALENDAR}:NOTES": (remove, (Grown("(a"), Grown("（a"), Grown("a", "("), Grown("(a)"))),
    "scoring_site.workbench.results.rating_sheet:_VOTES": (find_all, (Grown("1 "),)),
}
"""Each pattern (module and name), how it is used, and what makes it work hardest."""

NEVER_MEETS_STRANGERS = {
    "members.seals.printed:_CODE": "whoever verifies types the code of a paper into their own command",
    "points.rules.reading:CODE": "a rulebook comes with the application, and none of its texts is long",
    "points.rules.reading:CLAUSE_ID": "a rulebook comes with the application, and none of its texts is long",
}
"""Patterns that need no such texts, and why."""


def patterns_called(name: str) -> list[re.Pattern]:
    """The pattern of a name in `PATTERNS`, or all of a dictionary of patterns."""
    module, _, attribute = name.partition(":")
    found = getattr(import_module(module), attribute)
    return list(found.values()) if isinstance(found, Mapping) else [found]


def as_sent(pattern: re.Pattern, text: str) -> Any:
    """The text as this pattern reads it: some read bytes."""
    return text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
