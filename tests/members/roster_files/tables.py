"""Tables for the importers: rows of Python values as an .xlsx or a .csv, with what people put above the header."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from foundation.workbooks.headers import column_letters
from tests.foundation.workbooks.excel import pack, parts_of, sheet_xml

EXCEL_EPOCH = date(1899, 12, 30)


def make_xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook; text, numbers, dates, booleans and `Raw` XML keep their kind."""
    return pack(parts_of({name: sheet_xml("".join(_rows(rows))) for name, rows in sheets.items()}))


def make_merged(sheets: Mapping[str, Sequence[Sequence[Any]]], *ranges: str) -> bytes:
    """A workbook as Excel stores it, with these ranges merged on its first sheet."""
    book = openpyxl.Workbook()
    for place, (name, rows) in enumerate(sheets.items()):
        sheet = book.create_sheet(name, place)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    for cells in ranges:
        book[next(iter(sheets))].merge_cells(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


class Raw(str):
    """The inside of a cell's tag, for errors and formulas: `t="e"><v>#REF!</v>`."""

    __slots__ = ()


def _rows(rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        cells = (_cell(f"{column_letters(at)}{number}", value) for at, value in enumerate(row))
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return f'<c r="{place}" {value}</c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - EXCEL_EPOCH).days}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def make_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    """The same as comma-separated text."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write(",".join("" if value is None else str(value) for value in row) + "\r\n")
    return buffer.getvalue().encode(encoding)


def table_of(rows: Sequence[Mapping[str, Any]], title: str) -> list[list[Any]]:
    """A title row, a header row of every column that occurs, and the rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [[title], names, *([row.get(name) for name in names] for row in rows)]


def fill(template: bytes, sheet: str, **row: str) -> bytes:
    """The template with one row under its header, as somebody types it in."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    cells = next(line for line in book[sheet].iter_rows() if any(cell.value == "姓名*" for cell in line))
    headers = [str(cell.value).rstrip("*") for cell in cells]
    book[sheet].append([row.get(header) for header in headers])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
