"""`read_workbook`: the rows of an .xlsx or .csv a stranger sent.

The zip and its XML are inspected first (`package`, `sheet_scan`); python-calamine reads the cells. Hidden sheets are
not read, hidden and filtered rows are (people filter to look, not to exclude): both are told to the caller. Formulas
give the value Excel stored with them; links to other workbooks are never followed.
"""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import PurePath
from typing import NamedTuple

from django.utils.translation import gettext as _
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from foundation.workbooks import limits
from foundation.workbooks.delimited import decode_text, read_delimited
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.package import Package, damaged
from foundation.workbooks.sheet_scan import (
    NEVER_CALCULATED,
    SheetScan,
    measure_shared_strings,
    scan_sheet,
    too_many_cells,
)

_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class FaultyCell:
    """A cell without a usable value: `#REF!` and its like, or a formula that was never calculated."""

    text: str

    @property
    def never_calculated(self) -> bool:
        return self.text == NEVER_CALCULATED


Cell = str | float | int | bool | date | datetime | time | timedelta | FaultyCell | None
Row = tuple[int, tuple[Cell, ...]]
_Fills = dict[int, list[tuple[tuple[int, ...], int]]]
"""First row → the columns a merged range fills, the one that holds its value first, and its last row."""


class MergedRange(NamedTuple):
    """Merged cells; rows count from 1, columns from 0."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class Sheet:
    """One sheet. `rows()` gives the rows that hold anything, with the number Excel shows; it can be called again."""

    def __init__(
        self, name: str, *, hidden: bool = False, has_hidden_rows: bool = False, has_hidden_columns: bool = False
    ) -> None:
        self.name = name
        self.hidden = hidden
        self.has_hidden_rows = has_hidden_rows
        self.has_hidden_columns = has_hidden_columns

    def read(self) -> tuple[Iterator[Row], Sequence[MergedRange]]:
        """The rows as the file has them, faults as `FaultyCell`, and its merged ranges."""
        raise NotImplementedError

    def rows(self, *, across: Collection[int] = ()) -> Iterator[Row]:
        """The rows; merged cells give their value to every filled row they cover.

        A range merged over several columns fills those in `across` (from 0) if it begins in one.
        """
        rows, merged = self.read()
        fills = _fills(merged, across)
        return _filled(rows, fills) if fills else rows

    def head(self, count: int) -> Sequence[Row]:
        """Its first rows that hold anything: to see what the sheet is, before it is read."""
        return list(islice(self.rows(), count))

    def merged_across(self) -> Iterator[MergedRange]:
        """The merged ranges of several columns."""
        return (merged for merged in self.merged_ranges() if merged.last_column > merged.first_column)

    def merged_ranges(self) -> Sequence[MergedRange]:
        """All merged ranges."""
        return self.read()[1]


class _TextSheet(Sheet):
    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self._text = text

    def read(self) -> tuple[Iterator[Row], Sequence[MergedRange]]:
        return read_delimited(self._text), ()


class _ExcelSheet(Sheet):
    def __init__(self, name: str, book: CalamineWorkbook, scan: SheetScan, *, hidden: bool) -> None:
        super().__init__(
            name,
            hidden=hidden,
            has_hidden_rows=scan.has_hidden_rows,
            has_hidden_columns=scan.has_hidden_columns,
        )
        self._book = book
        self._faults = scan.faults
        self._percentages = scan.percentages
        self._merged: Sequence[MergedRange] | None = None
        self._looked_into: CalamineSheet | None = None

    def merged_ranges(self) -> Sequence[MergedRange]:
        """Known since the rows were read: reading them is most of what an import of many takes to open."""
        return super().merged_ranges() if self._merged is None else self._merged

    def head(self, count: int) -> Sequence[Row]:
        """The first rows; whoever reads the sheet next reads on in what was parsed for them."""
        self._looked_into = sheet = self._take()
        found = super().head(count)
        self._looked_into = sheet
        return found

    def _take(self) -> CalamineSheet:
        """The parsed sheet, kept by nobody else: its grid is large."""
        sheet, self._looked_into = self._looked_into, None
        if sheet is None:
            with _calamine():
                sheet = self._book.get_sheet_by_name(self.name)
        return sheet

    def read(self) -> tuple[Iterator[Row], Sequence[MergedRange]]:
        sheet = self._take()
        self._merged = [
            MergedRange(first_row + 1, last_row + 1, first_column, last_column)
            for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
        ]
        return self._rows_of(sheet), self._merged

    def _rows_of(self, sheet: CalamineSheet) -> Iterator[Row]:
        faults: dict[int, list[tuple[int, Cell]]] = defaultdict(list)
        for (row, column), text in sorted(self._faults.items()):
            faults[row].append((column - 1, FaultyCell(text)))
        offset: tuple[Cell, ...] = (None,) * (sheet.start[1] if sheet.start else 0)
        for number, values in enumerate(sheet.iter_rows(), 1):
            own_faults = faults.pop(number, ())
            if not own_faults and values.count("") == len(values):
                continue
            cells = (*offset, *[None if value == "" else value for value in values])
            if self._percentages:
                cells = tuple(
                    _as_shown(cell) if (number, at) in self._percentages else cell for at, cell in enumerate(cells, 1)
                )
            yield number, _with(cells, own_faults) if own_faults else cells
        for number, rest in sorted(faults.items()):
            yield number, _with((), rest)


def _as_shown(cell: Cell) -> Cell:
    """A number shown as a percentage as the text one sees: 100% is neither a tick nor a point."""
    return f"{cell * 100:.15g}%" if isinstance(cell, int | float) and not isinstance(cell, bool) else cell


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file in their order. `notes` are translated remarks about the file as a whole."""

    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()

    @property
    def visible_sheets(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if not sheet.hidden)


def read_workbook(data: bytes, filename: str) -> Workbook:
    """The sheets of an .xlsx or .csv file. Raises `UnreadableWorkbook` for anything else, and for hostile files."""
    if not data:
        raise UnreadableWorkbook("empty_file", _("The file is empty (0 bytes)."), _("Choose the file again."))
    if len(data) > limits.FILE_BYTES:
        raise UnreadableWorkbook(
            "too_large",
            _("The file is larger than %(limit)d MB.") % {"limit": limits.FILE_BYTES >> 20},
            _("Delete unused sheets, columns and pictures, or split the file."),
        )
    suffix = PurePath(filename.lower()).suffix
    if suffix == ".xlsx":
        return _read_excel(data)
    if suffix == ".csv" and not data.startswith(_NOT_TEXT):
        return Workbook((_TextSheet("CSV", decode_text(data)),))
    raise UnreadableWorkbook(
        "unknown_format",
        _("The file is neither an Excel workbook (*.xlsx) nor a CSV file (*.csv)."),
        _("Save it as an “Excel workbook (*.xlsx)”; changing the file's name is not enough."),
    )


def _read_excel(data: bytes) -> Workbook:
    package = Package(data)
    lengths = measure_shared_strings(package)
    percents = package.percent_styles()
    scans = {part.casefold(): scan_sheet(package, part, lengths, percents) for part in package.cell_parts}
    if sum(scan.filled for scan in scans.values()) > limits.FILLED_CELLS:
        raise too_many_cells()
    with _calamine():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = book.sheets_metadata
    parts = {sheet.name: sheet.part.casefold() for sheet in package.sheets}
    sheets: list[Sheet] = [
        _ExcelSheet(
            sheet.name,
            book,
            scans.get(parts.get(sheet.name, ""), SheetScan()),
            hidden=sheet.visible is not SheetVisibleEnum.Visible,
        )
        for sheet in metadata
        if sheet.typ is SheetTypeEnum.WorkSheet
    ]
    notes = [
        _("Sheet “%(sheet)s” is hidden and was not read.") % {"sheet": sheet.name[:60]}
        for sheet in sheets
        if sheet.hidden
    ]
    notes += [
        _("Sheet “%(sheet)s” has hidden or filtered rows; they were read like the others.") % {"sheet": sheet.name[:60]}
        for sheet in sheets
        if sheet.has_hidden_rows and not sheet.hidden
    ]
    notes += [
        _("Sheet “%(sheet)s” has hidden columns; they were read like the others.") % {"sheet": sheet.name[:60]}
        for sheet in sheets
        if sheet.has_hidden_columns and not sheet.hidden
    ]
    if package.has_external_links:
        notes.append(_("The file links to other workbooks; the links were not followed, the stored values were read."))
    return Workbook(tuple(sheets), tuple(notes))


@contextmanager
def _calamine() -> Iterator[None]:
    """Whatever the reader cannot digest is a damaged file, its panics (which are no `Exception`) included."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise damaged() from error


def _filled(rows: Iterator[Row], fills: _Fills) -> Iterator[Row]:
    covering: list[tuple[tuple[int, ...], int, Cell]] = []  # columns, last row, value
    for number, cells in rows:
        covering = [merge for merge in covering if merge[1] >= number]
        for columns, last_row in fills.pop(number, ()):
            if columns[0] < len(cells) and cells[columns[0]] is not None:
                covering.append((columns, last_row, cells[columns[0]]))
        yield number, _with(cells, ((column, value) for columns, _last, value in covering for column in columns))


def _fills(ranges: Sequence[MergedRange], across: Collection[int]) -> _Fills:
    fills: _Fills = defaultdict(list)
    for merged in ranges:
        first = merged.first_column
        others = sorted(at for at in across if first < at <= merged.last_column) if first in across else ()
        if merged.last_row > merged.first_row or others:
            fills[merged.first_row].append(((first, *others), merged.last_row))
    return fills


def _with(cells: tuple[Cell, ...], values: Iterable[tuple[int, Cell]]) -> tuple[Cell, ...]:
    """The cells of a row with these values, by column."""
    changed = list(cells)
    for column, value in values:
        if column >= len(changed):
            changed.extend([None] * (column + 1 - len(changed)))
        changed[column] = value
    return tuple(changed)
