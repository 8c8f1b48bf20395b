"""The base of our resources: django-import-export fields that know the names people give their columns.

A resource says what a workbook's columns mean. `read_file` finds its table in every visible sheet, `read_rows` cleans
the cells. The same fields write the rows out again (`Resource.export`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from foundation.errors import FileChanged
from foundation.workbooks import limits
from foundation.workbooks.cells import format_number, is_blank
from foundation.workbooks.errors import CellError
from foundation.workbooks.headers import Column, Table, column_letters, find_table, normalise_header
from foundation.workbooks.no_entries import is_entered, is_no_entry
from foundation.workbooks.reader import Cell, FaultyCell, Sheet, Workbook
from foundation.workbooks.remarks import RemarkedName
from foundation.workbooks.report import ImportReport, RowError, show_value
from foundation.workbooks.uploaded import read_upload

_MOST_NAMED = 10
_CACHED_VALUES = 50_000
_KEPT_TYPES = frozenset((str, date, datetime, type(None)))


class SheetField(Field):  # type: ignore[misc]
    """A field with the names its column may have, the exported one first; `required`: it must exist and be filled."""

    def __init__(self, *names: str, attribute: str, widget: Widget, required: bool = False) -> None:
        super().__init__(attribute=attribute, column_name=names[0], widget=widget)
        self.names = names
        self.required = required


class ReadRow(NamedTuple):
    """One row with its cleaned values by field name; a value that could not be read is missing and among `errors`."""

    sheet: str
    row: int
    values: dict[str, Any]
    errors: list[RowError]


class SheetResource(Resource):  # type: ignore[misc]
    """Base class: declare `SheetField`s."""

    code: ClassVar[str] = ""
    """Names the workbook where something is stored about it."""
    ignored_sheets: tuple[str, ...] = ()
    may_lack: frozenset[str] = frozenset()
    """Required fields that a file may say otherwise than in a column."""
    most_rows = limits.ROWS
    """Rows of all sheets together: more are not one town's."""

    @classmethod
    def columns(cls, also: Mapping[str, str] = MappingProxyType({})) -> list[Column]:
        """The columns to look for; `also` are further headings by the field they mean."""
        further: dict[str, list[str]] = defaultdict(list)
        for heading, name in also.items():
            further[name].append(heading)
        return [
            Column(name, (*field.names, *further[name]), field.required, name in cls.may_lack)
            for name, field in cls.fields.items()
        ]

    @classmethod
    def find_tables(
        cls, book: Workbook, report: ImportReport, *, also: Mapping[str, str] = MappingProxyType({})
    ) -> Iterator[Table]:
        """The tables of the file, one in memory at a time; what is missing or left out goes into the report.

        `also` are headings that mean a field here and stand on no list.
        """
        found = False
        for sheet in book.visible_sheets:
            if sheet.name.strip() in cls.ignored_sheets:
                report.notes.append(_("Sheet “%(sheet)s” was not read.") % {"sheet": show_value(sheet.name)})
                continue
            table, errors = find_table(sheet, cls.columns(also))
            if table is not None:
                report.headings |= _open_headings(table, also)
            for error in errors:
                report.add_error(error)
            if table is None:
                report.notes.append(
                    _("Sheet “%(sheet)s” has no table with these columns.") % {"sheet": show_value(sheet.name)}
                )
            elif not errors:
                found = True
                if table.ignored:
                    report.notes.append(
                        _("Sheet “%(sheet)s”: unknown columns were ignored: %(columns)s.")
                        % {"sheet": show_value(sheet.name), "columns": "、".join(map(show_value, table.ignored))}
                    )
                _tell_merged(sheet, table, report)
                yield table
        if not found and not report.errors:
            names = "、".join(column.names[0] for column in cls.columns() if column.required)
            report.add_error(
                RowError(
                    book.sheets[0].name if book.sheets else "",
                    1,
                    "",
                    "",
                    _("No header row was found: no row names the columns %(columns)s.") % {"columns": names},
                    _("Put the column names into one row, or download the template."),
                )
            )

    @classmethod
    def read_rows(cls, table: Table, report: ImportReport) -> Iterator[ReadRow]:
        """The rows of a table, cleaned, counted and their errors reported; rows blank in every column we know are not.

        Ends early when the file has more rows, or more errors, than anybody would correct row by row.
        """
        readers = [
            (name, table.positions[name], _Readings(field.widget.clean, required=field.required))
            for name, field in cls.fields.items()
            if name in table.positions
        ]
        places = [(position, readings.required) for _name, position, readings in readers]
        width = max((position + 1 for position, _required in places), default=0)
        unread = UnreadParts(table.sheet, table.unnamed, places, beyond=table.width)
        for number, cells in table.rows:
            if unread.pass_over(number, cells):
                continue
            report.rows += 1
            if report.rows > cls.most_rows:
                report.add_error(too_many_rows(table.sheet, number, cls.most_rows))
            if (report.errors and report.is_full) or report.rows > cls.most_rows:
                return
            if len(cells) < width:
                cells += (None,) * (width - len(cells))
            errors: list[RowError] = []
            try:
                # Whole rows in one go: a step of a loop for each cell costs more than looking the cell up.
                values = {name: readings[cells[position]] for name, position, readings in readers}
            except CellError:
                values = {}
                for name, position, readings in readers:
                    cell = cells[position]
                    try:
                        values[name] = readings[cell]
                    except CellError as error:
                        title, shown = table.title(name), display_cell(cell)
                        errors.append(RowError(table.sheet, number, title, shown, error.problem, error.remedy))
            for row_error in errors:
                report.add_error(row_error)
            if type(values.get("name")) is RemarkedName:
                unread.add_remark(number, values["name"])
            yield ReadRow(table.sheet, number, values, errors)
        report.notes += unread.notes()


class _Readings(dict[Cell, Any]):
    """What the cells of a column mean, each read once: a town's records repeat a few thousand texts, numbers and days.

    Numbers are kept apart: as a key 1.0 would answer for TRUE, which is another cell.
    """

    def __init__(self, clean: Callable[[Cell], Any], *, required: bool) -> None:
        super().__init__()
        self.required = required
        self._clean = clean
        self._numbers: dict[Cell, Any] = {}

    def __missing__(self, cell: Cell) -> Any:
        """Read a cell that is not known. Raises `CellError`."""
        is_number = type(cell) is float
        if is_number and cell in self._numbers:
            return self._numbers[cell]
        value = self._clean(cell)
        if self.required and value in (None, ""):
            raise CellError("required", _("This cell must not be blank."), _("Fill it in."))
        known = self._numbers if is_number else self
        if (is_number or type(cell) in _KEPT_TYPES) and len(known) < _CACHED_VALUES:
            known[cell] = value
        return value


def _open_headings(table: Table, also: Mapping[str, str]) -> dict[str, str]:
    """The headings of a table that stand on no list, and the field each means where that was said."""
    unknown = (heading for text in table.ignored if (heading := normalise_header(text)))
    said = (heading for text in table.titles.values() if (heading := normalise_header(text)) in also)
    return {heading: also.get(heading, "") for heading in (*unknown, *said)}


class UnreadParts:
    """What of a sheet nobody reads, collected so that it can be told: columns without a header, rows passed over."""

    def __init__(self, sheet: str, unnamed: Iterable[int], places: Sequence[tuple[int, bool]], *, beyond: int) -> None:
        """`unnamed` are columns (from 0) without a header; from column `beyond` on there is no header at all.

        `places` are the columns that are read, and whether each must be filled.
        """
        self._sheet = sheet
        self._read = [position for position, _required in places]
        self._required = [position for position, required in places if required]
        self._reach = max(self._required, default=0) + 1
        self._entered: set[Cell] = set()
        self._waiting = list(unnamed)
        self._beyond = beyond
        self._columns: list[int] = []
        self._rows = _NamedRows()
        self._no_entries = _NamedRows()
        self._remarks = _NamedRows()

    def pass_over(self, number: int, cells: tuple[Cell, ...]) -> bool:
        """Whether a row is none to read: nothing stands in the columns that are, or it sums up or explains."""
        width = len(cells)
        if self._waiting or width > self._beyond:
            self._look_at(cells)
        said = [cells[at] for at in self._required] if width >= self._reach else ()
        if said and self._entered.issuperset(said):
            return False
        if all(position >= width or is_blank(cells[position]) for position in self._read):
            self._rows.add(number, cells)
            return True
        if is_no_entry(cells, self._required):
            self._no_entries.add(number, cells)
            return True
        if len(self._entered) < _CACHED_VALUES:
            # A row whose required cells are all among these is an entry: known of most without a closer look.
            self._entered.update(cell for cell in said if is_entered(cell))
        return False

    def _look_at(self, cells: tuple[Cell, ...]) -> None:
        """Notice which columns without a header hold something."""
        if len(cells) > self._beyond:
            self._waiting += range(self._beyond, len(cells))
            self._beyond = len(cells)
        if self._waiting:
            filled = [at for at in self._waiting if at < len(cells) and not is_blank(cells[at])]
            if filled:
                self._columns += filled
                self._waiting = [at for at in self._waiting if at not in filled]

    def add_remark(self, number: int, name: RemarkedName) -> None:
        """A remark that stood beside a name and belongs to no column."""
        self._remarks.add(number, (f"{name} {name.remark}",))

    def notes(self) -> Iterator[str]:
        """A line for the columns and one for each kind of rows, where there are any."""
        sheet = show_value(self._sheet)
        if self._columns:
            letters = "、".join(map(column_letters, sorted(self._columns)))
            yield _("Sheet “%(sheet)s”: columns without a heading hold something and were not read: %(columns)s.") % {
                "sheet": sheet,
                "columns": letters,
            }
        if rows := self._rows.say():
            yield _("Sheet “%(sheet)s”: rows with nothing in the known columns were not read: %(rows)s.") % {
                "sheet": sheet,
                "rows": rows,
            }
        if rows := self._remarks.say():
            yield _("Sheet “%(sheet)s”: remarks beside names were left out: %(rows)s.") % {"sheet": sheet, "rows": rows}
        if rows := self._no_entries.say():
            yield _("Sheet “%(sheet)s”: rows that sum up or explain were not read: %(rows)s.") % {
                "sheet": sheet,
                "rows": rows,
            }


class _NamedRows:
    """Rows passed over, the first of them by number and text."""

    def __init__(self) -> None:
        self._named: list[str] = []
        self._more = 0

    def add(self, number: int, cells: tuple[Cell, ...]) -> None:
        """A row; one that shows nothing is none."""
        text = next((shown for cell in cells if (shown := show_value(display_cell(cell)))), "")
        if not text:
            return
        if len(self._named) < _MOST_NAMED:
            self._named.append(_("row %(row)d (%(text)s)") % {"row": number, "text": text})
        else:
            self._more += 1

    def say(self) -> str:
        """The rows in words; empty without any."""
        more = _(" … %(count)d more rows") % {"count": self._more} if self._more else ""
        return "、".join(self._named) + more


def _tell_merged(sheet: Sheet, table: Table, report: ImportReport) -> None:
    """Name merged cells that reach over several columns of the table: the value counts for the first of them only."""
    known = set(table.positions.values())
    ranges = [
        f"{column_letters(merged.first_column)}{merged.first_row}:{column_letters(merged.last_column)}{merged.last_row}"
        for merged in sheet.merged_across()
        if merged.first_row > table.header_row
        and len(known.intersection(range(merged.first_column, merged.last_column + 1))) > 1
    ]
    if ranges:
        shown = "、".join(ranges[:_MOST_NAMED]) + ("…" if len(ranges) > _MOST_NAMED else "")
        report.notes.append(
            _("Sheet “%(sheet)s”: cells merged over several columns were read for the first of them only: %(ranges)s.")
            % {"sheet": show_value(sheet.name), "ranges": shown}
        )


def too_many_rows(sheet: str, number: int, most: int) -> RowError:
    """The error at which reading stops."""
    return RowError(
        sheet,
        number,
        "",
        "",
        _("The file has more than %(limit)d rows.") % {"limit": most},
        _("Split it into several files."),
    )


def display_cell(cell: Cell) -> str:
    """What Excel shows in a cell, for messages."""
    if cell is None:
        return ""
    if isinstance(cell, FaultyCell):
        return cell.text
    return format_number(cell) if isinstance(cell, float) else str(cell)


def hash_file(data: bytes) -> str:
    """SHA-256 of a file's bytes, in hex: the file that is imported is the one whose preview was confirmed."""
    return hashlib.sha256(data).hexdigest()


def open_file(data: bytes, filename: str, *, dry_run: bool, expected_hash: str = "") -> tuple[Workbook, ImportReport]:
    """Read a file's sheets and begin its report.

    Raises:
        UnreadableWorkbook.
        FileChanged: it is not the file with `expected_hash` (SHA-256, hex), whose preview was confirmed.
    """
    digest = hash_file(data)
    if expected_hash and digest != expected_hash:
        raise FileChanged(_("This is not the file that was previewed. Upload it again and check the preview."))
    book = read_upload(data, filename)
    return book, ImportReport(filename, digest, dry_run=dry_run, notes=list(book.notes))
