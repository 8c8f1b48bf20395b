"""A file that was refused, given back with what is wrong beside each row, to be mended in Excel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from foundation.workbooks.reader import Cell, Sheet, Workbook
from foundation.workbooks.report import RowError
from foundation.workbooks.resource import display_cell
from foundation.workbooks.writing import Look, make_text_cell

RED = Font(color="FFC00000", bold=True)
REMARK_WIDTH = 60


def write_remarked(book: Workbook, errors: Iterable[RowError], file: IO[bytes], *, heading: str) -> None:
    """Write the visible sheets into an open binary file, their rows where they stood, the remarks in a last column.

    Values alone are written, no formulas: text stays text. What is wrong with a sheet as such stands in its first row.
    """
    remarks: dict[tuple[str, int], list[str]] = defaultdict(list)
    for error in errors:
        what = f"{error.column}：{error.problem}" if error.column else error.problem
        remarks[error.sheet, error.row].append(f"{what}{error.remedy}")
    written = OpenpyxlWorkbook(write_only=True)
    for sheet in book.visible_sheets:
        _write_sheet(written, sheet, remarks, heading)
    written.save(file)


def _write_sheet(
    written: OpenpyxlWorkbook, read: Sheet, remarks: dict[tuple[str, int], list[str]], heading: str
) -> None:
    width = max((len(cells) for _number, cells in read.rows()), default=0)
    sheet: Any = written.create_sheet(read.name)
    sheet.column_dimensions[get_column_letter(width + 1)].width = REMARK_WIDTH
    at = 0
    for number, cells in read.rows():
        for _blank in range(at + 1, number):
            sheet.append([])
        said = remarks.get((read.name, number), [] if at else [heading])
        remark = _make_cell(sheet, "\n".join(said) or None)
        if remark is not None:
            remark.font = RED
        sheet.append([*(_make_cell(sheet, cell) for cell in cells), *[None] * (width - len(cells)), remark])
        at = number


def _make_cell(sheet: Any, value: Cell) -> Any:
    if value is None:
        return None
    if isinstance(value, bool | float | int | datetime | date):
        return WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type] # the stubs know no day
    cell = make_text_cell(sheet, display_cell(value))
    cell.number_format = Look.TEXT
    return cell
