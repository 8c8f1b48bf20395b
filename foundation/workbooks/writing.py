"""Writing workbooks row by row: titles, one header row, shared styles, print set-up; text that stays text.

A sheet is streamed to disk as its rows come, so its length costs no memory. Cells of one look share one style, and
numbers that repeat share one cell: styling cell by cell costs four times as much.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | Decimal | date | None

LONGEST_TEXT = 32_767  # characters a cell holds; openpyxl would cut without a word
CUT_MARK = "…（文字过长，已截断）"
# What a spreadsheet might take for a formula, also behind blanks or in full width.
FORMULA_START = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠\t\r]")
# Characters XML cannot carry.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_SHARED_CELLS = 4096
MOST_TYPED = 5000
"""Rows below a header in which cells offer words to choose from."""

HEADER_FILL = PatternFill("solid", fgColor="FFB71C1C")
HEADER_FONT = Font(bold=True, color="FFFFFFFF")
HEADER_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
HEADER_BORDER = Border(left=Side("thin", "FFFFFFFF"), right=Side("thin", "FFFFFFFF"))
TITLE_FONT = Font(bold=True, size=16)
WRAPPED = Alignment(vertical="top", wrap_text=True)


class Look(StrEnum):
    """How the cells of a column look; the value is Excel's number format."""

    TEXT = "@"
    WRAPPED_TEXT = "General"
    WHOLE = "0"
    POINTS = "0.0"
    HUNDREDTHS = "0.00"
    DATE = "yyyy-mm-dd"


class Paper(StrEnum):
    """Paper sizes by Excel's number."""

    A3 = "8"
    A4 = "9"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, width in characters, look, and the words a cell offers to choose from."""

    header: str
    width: float = 10
    look: Look = Look.TEXT
    choices: tuple[str, ...] = ()


def clean_text(text: str) -> str:
    """`text` as a cell can hold it: no control characters, and a visible mark where it is too long."""
    text = UNWRITABLE.sub("", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT_MARK)] + CUT_MARK


@contextmanager
def stream_workbook(file: IO[bytes], *, title: str, author: str) -> Iterator[Workbook]:
    """A workbook whose sheets are streamed, saved into `file` at the end of the block.

    When the block fails nothing is saved, and the rows written so far do not stay behind on the disk.
    """
    workbook = Workbook(write_only=True)
    workbook.properties.title = title
    workbook.properties.creator = author
    try:
        yield workbook
    except BaseException:
        _discard(workbook)
        raise
    workbook.save(file)


def _discard(workbook: Workbook) -> None:
    for sheet in workbook.worksheets:
        writer = getattr(sheet, "_writer", None)  # openpyxl removes its file only after a save
        if writer is not None:
            with suppress(Exception):  # a sheet that failed in the middle of a row cannot be closed properly
                sheet.close()
            writer.cleanup()


def make_text_cell(sheet: Worksheet, text: str) -> Cell:
    """A cell of text, never a formula and never an error code."""
    cell = WriteOnlyCell(sheet, value=clean_text(text))
    cell.data_type = "s"
    return cell


class TableSheet:
    """A sheet of lines above, one header row and rows below it; call `finish` once after the last row."""

    def __init__(
        self,
        workbook: Workbook,
        title: str,
        columns: Sequence[Column],
        *,
        above: Sequence[str] = (),
        frozen_columns: int = 0,
        paper: Paper = Paper.A4,
    ) -> None:
        # A write-only sheet takes its set-up from Worksheet; the stubs do not know.
        self.sheet = cast(Worksheet, workbook.create_sheet(title))
        sheet = self.sheet
        self._columns = tuple(columns)
        self._looks = tuple(column.look for column in columns)
        self._shared: dict[tuple[Look, int | Decimal | date], Cell] = {}
        self.header_row = len(above) + 1
        self.last_row = self.header_row
        self._set_up(paper, frozen_columns)
        for index, line in enumerate(above):
            cell = make_text_cell(self.sheet, line)
            cell.font = TITLE_FONT if index == 0 else Font(italic=True)
            sheet.append([cell])
        sheet.append([self._header_cell(column.header) for column in columns])

    def _set_up(self, paper: Paper, frozen_columns: int) -> None:
        """What the file holds before its rows, and what the printer needs."""
        sheet = self.sheet
        for number, column in enumerate(self._columns, start=1):
            letter = get_column_letter(number)
            dimension = sheet.column_dimensions[letter]
            dimension.width = column.width
            if column.look is Look.TEXT:
                # What somebody types below stays text, an ID number of eighteen digits too.
                dimension.number_format = column.look
            if column.choices:
                # Offered, not forced: imports know more words than these.
                offered = DataValidation("list", formula1=f'"{",".join(column.choices)}"', showErrorMessage=False)
                offered.add(f"{letter}{self.header_row + 1}:{letter}{self.header_row + MOST_TYPED}")
                sheet.data_validations.append(offered)
        sheet.row_dimensions[self.header_row].height = 32
        sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{self.header_row + 1}"
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = int(paper)
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.print_title_rows = f"{self.header_row}:{self.header_row}"
        sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("第 &P 页，共 &N 页"))

    def _header_cell(self, text: str) -> Cell:
        cell = make_text_cell(self.sheet, text)
        cell.font = HEADER_FONT
        cell.fill = HEADER_FILL
        cell.alignment = HEADER_ALIGNMENT
        cell.border = HEADER_BORDER
        return cell

    def _cell(self, value: Value, look: Look) -> Cell | str | None:
        """The cell of a value; plain text needs none of its own, a repeated number shares one."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._worded(value, look)
        key = (look, value)
        cell = self._shared.get(key)
        if cell is None:
            cell = WriteOnlyCell(self.sheet)
            cell.value = value
            cell.number_format = look
            if len(self._shared) < MOST_SHARED_CELLS:
                self._shared[key] = cell
        return cell

    def _worded(self, value: str, look: Look) -> Cell | str:
        starts_formula = FORMULA_START.match(value) is not None
        if look is Look.WRAPPED_TEXT or starts_formula or value.startswith("#") or len(value) > 255:
            cell = make_text_cell(self.sheet, value)
            if look is Look.WRAPPED_TEXT:
                cell.alignment = WRAPPED
            if starts_formula:
                cell.quotePrefix = True  # stays text when somebody edits the cell
            return cell
        return UNWRITABLE.sub("", value)

    def append(self, values: Iterable[Value]) -> None:
        """Write one row, a value for each column."""
        self.sheet.append([self._cell(value, look) for value, look in zip(values, self._looks, strict=True)])
        self.last_row += 1

    @property
    def row_count(self) -> int:
        """How many rows were written below the header."""
        return self.last_row - self.header_row

    def finish(self) -> None:
        """Put the filter over what was written."""
        self.sheet.auto_filter.ref = f"A{self.header_row}:{get_column_letter(len(self._columns))}{self.last_row}"


def write_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file whole or not at all: beside its place under another name, then renamed; readable by its owner only.

    Raises:
        OSError: the folder is missing or cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
