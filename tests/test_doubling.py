"""Whatever strangers send, twice as much of it takes twice as long: no reader's work grows with the square.

The patterns one by one: `tests/test_patterns.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.errors import DomainError
from foundation.id_numbers import check_id_number
from foundation.names import normalise_name
from foundation.picture_parts import MOST_PARTS, MOST_SCANS, MOST_SEGMENTS
from foundation.pictures import encode_picture
from foundation.workbooks.cells import clean_text, parse_date, parse_tenths
from foundation.workbooks.errors import CellError, UnreadableWorkbook
from foundation.workbooks.headers import normalise_header
from foundation.workbooks.reader import read_workbook
from foundation.workbooks.widgets import PhoneWidget
from members.evidence.documents import clean_name, inspect_upload
from members.models import StoredFile
from points.meetings.pasted_names import MOST_CHARACTERS, match_pasted_names
from points.records.duplicates import are_alike
from points.rules.periods import PeriodError, parse_period
from points.rules.rulebook import load_shipped_rulebook
from scoring_site.workbench.publicity.calendar.forms import read_days
from tests.doubling import LARGEST, MOST_GROWTH, growth
from tests.foundation.hostile_pictures import exif, jpeg, jpeg_of_scans, jpeg_segment, png, png_chunk
from tests.foundation.workbooks.excel import pack, parts_of, sheet_xml
from tests.strangers import Grown

REFUSALS = (DomainError, CellError, UnreadableWorkbook, PeriodError, ValueError)
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
MARKS = Grown("\u0301\u0323", "a")
BLANKS = Grown(" ", "a", "a")
RULEBOOK = load_shipped_rulebook()


def read_rows(data: bytes, name: str = "a.xlsx") -> None:
    """All there is in a file."""
    for sheet in read_workbook(data, name).sheets:
        for _row in sheet.rows():
            pass


def sheet_of(rows: str = ROW, *, after: str = "", shared: str | None = None) -> bytes:
    return pack(parts_of({"S": sheet_xml(rows, after=after)}, shared=shared))


def with_part(name: str, content: str) -> bytes:
    return pack(parts_of({"S": sheet_xml(ROW)}) | {name: content.encode()})


def attributes(count: int) -> str:
    return " ".join(f'a{number}="1"' for number in range(count))


def document(count: int) -> SimpleUploadedFile:
    """A .docx of so many relations."""
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>", "word/_rels/d.rels": b"<R/>"}
    parts["word/_rels/d.rels"] = ("<R>" + "<r a='b'/>" * count + "</R>").encode()
    return SimpleUploadedFile("a.docx", pack(parts))


BOOKS: dict[str, Callable[[int], bytes]] = {
    "rows without an end": lambda size: sheet_of(after="<row " * size),
    "rows without an end, hidden": lambda size: sheet_of(after="<row " * size + "hidden"),
    "merged cells without an end": lambda size: sheet_of(after="<mergeCell " * size),
    "cells without an end": lambda size: sheet_of(after='<c r="Q99999"' * size),
    "tags without a name": lambda size: sheet_of(after="<x" * size),
    "tags in each other": lambda size: sheet_of(after="<a>" * size + "</a>" * size),
    "attributes of a row": lambda size: sheet_of(f'<row {attributes(size)}><c r="A1"><v>1</v></c></row>'),
    "attributes of a cell": lambda size: sheet_of(f'<row><c r="A1" {attributes(size)}><v>1</v></c></row>'),
    "one long attribute": lambda size: sheet_of(shared=f"<si a='{' ' * (20 * size)}'><t>x</t></si>"),
    "one long comment": lambda size: sheet_of(after=f"<!--{'<' * (20 * size)}-->"),
    "one long comment beside the texts": lambda size: sheet_of(shared=f"<!--{'<' * (20 * size)}-->"),
    "lines of a text": lambda size: sheet_of(shared=f"<si><t>{chr(10) * size}</t></si>"),
    "cells in a row": lambda size: sheet_of(f"<row>{'<c><v>1</v></c>' * (size // 100)}</row>"),
    "rows": lambda size: sheet_of("<row><c><v>1</v></c></row>" * (size // 10)),
    "formulas": lambda size: sheet_of("<row><c><f>1</f></c></row>" * (size // 10)),
    "merged cells over each other": lambda size: sheet_of(
        "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, size // 10)),
        after="<mergeCells>" + '<mergeCell ref="A1:A900"/>' * (size // 250) + "</mergeCells>",
    ),
    "kinds of parts": lambda size: with_part("[Content_Types].xml", "<a>" * size + "</a>" * size),
    "namespaces": lambda size: with_part(
        "[Content_Types].xml", "<a " + " ".join(f'xmlns:p{number}="u{number}"' for number in range(size // 10)) + "/>"
    ),
    "declaration": lambda size: with_part("xl/other.xml", f"<?xml {' encoding=' * size}?><a/>"),
    "parts": lambda size: pack(
        parts_of({"S": sheet_xml(ROW)}) | {f"xl/{number}.xml": b"<a/>" for number in range(size // 200)}
    ),
}

TABLES: dict[str, Callable[[int], str]] = {
    "lines": lambda size: "a,b\n" * size,
    "blank lines": lambda size: "a,b\n" + "\n" * size,
    "columns": lambda size: "a," * size,
    "one long cell": lambda size: "a" * size + ",b\n",
    "quotation marks": lambda size: '"' * size + "\n",
    "marks": lambda size: "a" + "\u0301\u0323" * size,
}

TEXTS: dict[str, tuple[Callable[[str], object], Grown]] = {
    "text of marks": (clean_text, MARKS),
    "text of marks for a form": (lambda text: clean_text(text, max_length=len(text), multiline=True), MARKS),
    "text of marks on each letter": (clean_text, Grown("a" + "\u0301\u0323" * 14)),
    "text of blanks": (clean_text, BLANKS),
    "text of nothing to be seen": (clean_text, Grown("\u200b", "a", "a")),
    "text of lines": (lambda text: clean_text(text, multiline=True), Grown("\r\n", "a", "a")),
    "text of Korean": (clean_text, Grown("\u1100\u1161\u11a8")),
    "name of marks": (normalise_name, MARKS),
    "name of blanks": (normalise_name, BLANKS),
    "name of dots": (normalise_name, Grown(".", "张", "张")),
    "name of single letters": (normalise_name, Grown("张 a ")),
    "header of marks": (normalise_header, MARKS),
    "header of brackets": (normalise_header, Grown("(")),
    "item of marks": (RULEBOOK.find_item, MARKS),
    "day": (parse_date, Grown("2025")),
    "points": (parse_tenths, Grown("1")),
    "period": (lambda text: parse_period(text, "month"), Grown(" ", "2025", "-03")),
    "period of digits": (lambda text: parse_period(text, "month"), Grown("2")),
    "citizen ID number": (check_id_number, Grown("'1")),
    "phone": (PhoneWidget().clean, Grown("1 ")),
    "file": (lambda text: clean_name(text, StoredFile.Kind.PDF), Grown("../")),
    "file of dots": (lambda text: clean_name(text, StoredFile.Kind.PDF), Grown(".")),
    "days off, brackets": (lambda text: read_days(text, 2026), Grown("(", "1-1")),
    "days off, blanks": (lambda text: read_days(text, 2026), Grown(" ", "1-1", "1")),
    "days off, dashes": (lambda text: read_days(text, 2026), Grown("—", "1-1", "1")),
    "days off, lines": (lambda text: read_days(text, 2026), Grown("1-1 至 1-3 元旦\n")),
    "two wordings": (lambda text: are_alike(text, text[::-1]), Grown("植树")),
    "two wordings that begin alike": (lambda text: are_alike(text + "树", text[1:] + "木" + text), Grown("植")),
    "wording of marks": (lambda text: are_alike(text, "植树"), MARKS),
}

ROSTER = {number: f"张伟{number}" for number in range(50)}
LISTS = {
    "names": Grown("1. 张伟7\n"),
    "names in a line": Grown("张伟7 "),
    "words in a line": Grown(" 某", " "),
    "brackets": Grown("(某"),
    "brackets in each other": Grown("(", "张伟7", ")"),
    "dashes": Grown("- 某 未"),
    "marks": MARKS,
    "numbers": Grown("1 ", "", "张"),
    "blanks": Grown(" ", "1", "1"),
}

PICTURES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "chunks": (MOST_PARTS // 2, lambda size: png(more=png_chunk(b"IDAT") * size)),
    "foreign chunks": (LARGEST, lambda size: png(more=png_chunk(b"abCd") * size)),
    "entries of EXIF": (32_000, lambda size: png(more=png_chunk(b"eXIf", exif(size, reach=9 * size)))),
    "EXIF again and again": (LARGEST, lambda size: jpeg(jpeg_segment(0xE1, b"Exif\0\0" + bytes(8)) * size)),
    "tables": (MOST_SEGMENTS // 2, lambda size: jpeg(jpeg_segment(0xDD, bytes(2)) * size)),
    "scans": (MOST_SCANS // 2, jpeg_of_scans),
    "fillers": (LARGEST, lambda size: jpeg(b"\xff" * size)),
}
"""Each with the size it is made up to: beyond it, it is refused before anything is done."""


def tolerant(call: Callable[[Any], object]) -> Callable[[Any], None]:
    """The call, to which a refusal is an answer like any other."""

    def answer(given: Any) -> None:
        with suppress(*REFUSALS):
            call(given)

    return answer


@pytest.mark.parametrize("case", BOOKS)
def test_no_workbook_takes_time_that_grows_with_the_square(case: str) -> None:
    assert growth(tolerant(read_rows), BOOKS[case]) < MOST_GROWTH


@pytest.mark.parametrize("case", TABLES)
def test_no_csv_takes_time_that_grows_with_the_square(case: str) -> None:
    assert growth(tolerant(lambda text: read_rows(text.encode(), "a.csv")), TABLES[case]) < MOST_GROWTH


@pytest.mark.parametrize("case", TEXTS)
def test_no_text_takes_time_that_grows_with_the_square(case: str) -> None:
    call, text = TEXTS[case]
    assert growth(tolerant(call), text.make) < MOST_GROWTH


@pytest.mark.parametrize("case", LISTS)
def test_no_pasted_list_takes_time_that_grows_with_the_square(case: str) -> None:
    def paste(size: int) -> str:
        return LISTS[case].make(size)[:MOST_CHARACTERS]

    unit = max(1, len(LISTS[case].unit))
    read = tolerant(lambda text: match_pasted_names(text, ROSTER))
    assert growth(read, paste, largest=MOST_CHARACTERS // unit) < MOST_GROWTH


@pytest.mark.parametrize("case", PICTURES)
def test_no_picture_takes_time_that_grows_with_the_square(case: str) -> None:
    largest, make = PICTURES[case]
    assert growth(tolerant(encode_picture), make, largest=largest) < MOST_GROWTH


def test_no_document_takes_time_that_grows_with_the_square() -> None:
    assert growth(tolerant(inspect_upload), document) < MOST_GROWTH


def test_the_measure_sees_what_grows_with_the_square() -> None:
    assert growth(lambda text: [text.count(letter) for letter in text], Grown("a").make) > MOST_GROWTH
