"""The tick workbook (逐月打勾表) branches keep: one sheet per base item, members down, periods across.

A tick says that a member earned a period, not on which day (see `tick_entry`): a record of that period with any date
counts as the same. Several columns may lie in one period (two lectures in a quarter): the first tick counts, the others
are named (D2). Nothing is left out without a line about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from foundation.workbooks.cells import Tick, format_number, parse_tick
from foundation.workbooks.errors import CellError
from foundation.workbooks.headers import column_letters, find_table, normalise_header
from foundation.workbooks.reader import Cell, Row, Sheet, Workbook
from foundation.workbooks.report import ImportReport, RowError, show_value
from foundation.workbooks.resource import UnreadParts, display_cell, too_many_rows
from foundation.workbooks.widgets import IdNumberWidget, NameWidget
from members.models import Branch
from members.people.fields import SHEET_COLUMNS
from points.imports.people import People, UnclearMember
from points.imports.records_file import EventRow, RecordsResource, kind_word
from points.imports.tick_amounts import holds_amounts, pay_in_full, read_amount
from points.records.entries import tick_entry
from points.rules.periods import PeriodError, first_day, last_day, parse_period, period_of, period_year
from points.rules.rulebook import BaseItem, Rulebook
from points.scoring.wording import name_period

_ID_HEADERS = SHEET_COLUMNS["id_number"].headings
_SEARCHED_ROWS = 50
MOST_ROWS = 50_000
_MONTHS = dict(
    zip(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), range(1, 13), strict=True)
)
_FINER = {"month": (), "quarter": ("month",), "half": ("month", "quarter"), "year": ("month", "quarter", "half")}
_NUMBERING = re.compile(r"^\s*(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*[.、．:：]\s*")
_CHINESE_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九])(月份?)")


@dataclass(frozen=True)
class _PeriodColumn:
    """The period a tick in this column earns, and the first day of what its header names, which may be a part of it."""

    period: str
    begins: date


@dataclass(frozen=True)
class _TickTable:
    sheet: str
    item: BaseItem
    header_row: int
    name: int
    id_number: int | None
    periods: dict[int, _PeriodColumn]
    headers: tuple[Cell, ...]
    rows: Callable[[], Iterator[Row]]


def is_tick_workbook(book: Workbook, rulebooks: Iterable[Rulebook]) -> bool:
    """Whether a sheet has 姓名 beside columns that are periods, and none is a list of records."""
    sheets = [sheet for sheet in book.visible_sheets if sheet.name.strip() not in RecordsResource.ignored_sheets]
    named = any(
        _find_table(sheet, item, year=None) is not None
        for rulebook in rulebooks
        for sheet in sheets
        if (item := _item_of(sheet, rulebook)) is not None
    )
    return named or (
        any(map(_looks_like_ticks, sheets))
        and all(find_table(sheet, RecordsResource.columns())[0] is None for sheet in sheets)
    )


def read_tick_workbook(
    book: Workbook, *, branch: Branch, year: int, rulebook: Rulebook, people: People, today: date, report: ImportReport
) -> list[EventRow]:
    """The ticks of all sheets as undated rows; errors and what was left out go into the report."""
    rows: list[EventRow] = []
    excused = absent = 0
    for sheet in book.visible_sheets:
        item = _item_of(sheet, rulebook)
        table = _find_table(sheet, item, year=year) if item is not None else None
        if table is None:
            _leave_out(sheet, item, report)
            continue
        if _refuse_two_levels(sheet, table, report) or _refuse_periods(table, year, report):
            continue
        reader = _TickReader(table, branch=branch, people=people, today=today, report=report)
        rows += reader.read()
        excused += reader.excused
        absent += reader.absent
    if excused:
        report.notes.append(
            _("%(count)d cells say 假 (excused): they earn nothing and are no absence.") % {"count": excused}
        )
    if absent:
        report.notes.append(
            _("%(count)d cells say 缺 (absent): they earn nothing; who was absent is recorded at the meeting.")
            % {"count": absent}
        )
    return rows


def _leave_out(sheet: Sheet, item: BaseItem | None, report: ImportReport) -> None:
    """A sheet that is not read: named; an error where somebody ticked periods on it."""
    if sheet.name.strip() in RecordsResource.ignored_sheets or not _looks_like_ticks(sheet):
        report.notes.append(
            _("Sheet “%(sheet)s” is no tick sheet of a base item and was ignored.") % {"sheet": show_value(sheet.name)}
        )
        return
    problem = (
        _("The sheet has names and periods, but its name is no base item.")
        if item is None
        else _("%(item)s counts once a %(kind)s; no column of the sheet is one.")
        % {"item": item.name, "kind": kind_word(item.per)}
    )
    remedy = _("Name the sheet after a base item and its columns after its periods; or delete the sheet.")
    if item is None and next(sheet.merged_across(), None) is not None:
        remedy = _split_by_item()
    report.add_error(RowError(sheet.name, 1, "", "", problem, remedy))


def _looks_like_ticks(sheet: Sheet) -> bool:
    return any(_find_periods(cells, per, 2000) for _number, cells in sheet.head(_SEARCHED_ROWS) for per in _FINER)


def _refuse_two_levels(sheet: Sheet, table: _TickTable, report: ImportReport) -> bool:
    """Report a header in two rows, several items below each period: whose ticks those are nobody can tell."""
    merged = [
        across.first_column
        for across in sheet.merged_across()
        if across.first_row == table.header_row and across.first_column in table.periods
    ]
    if merged:
        problem = _("One period covers several columns: a tick sheet has one column for each period, of one item.")
        report.add_error(_refuse_header(table, min(merged), problem, _split_by_item()))
    return bool(merged)


def _refuse_header(table: _TickTable, position: int, problem: str, remedy: str) -> RowError:
    """The error of a column's header."""
    header = display_cell(table.headers[position])
    return RowError(table.sheet, table.header_row, column_letters(position), header, problem, remedy)


def _split_by_item() -> str:
    return _("Make a sheet for each item, named after it (交纳党费, 党员活动日 …), with one column for each period.")


def _item_of(sheet: Sheet, rulebook: Rulebook) -> BaseItem | None:
    code = rulebook.find_item(sheet.name, "points") or rulebook.find_item(
        normalise_header(_NUMBERING.sub("", sheet.name)), "points"
    )
    item = rulebook.item(code) if code else None
    return item if isinstance(item, BaseItem) else None


def _find_periods(cells: tuple[Cell, ...], per: str, year: int) -> dict[int, _PeriodColumn]:
    """The columns of a header row that are periods, or parts of one; none where the row is no header of ticks."""
    names = [normalise_header(cell) for cell in cells]
    if "姓名" not in names or "类别" in names:
        return {}
    found = ((position, _read_period(cell, per, year)) for position, cell in enumerate(cells))
    return {position: column for position, column in found if column is not None}


def _find_table(sheet: Sheet, item: BaseItem, *, year: int | None) -> _TickTable | None:
    for number, cells in sheet.head(_SEARCHED_ROWS):
        periods = _find_periods(cells, item.per, year or 2000)
        if periods:
            names = [normalise_header(cell) for cell in cells]
            return _TickTable(
                sheet=sheet.name,
                item=item,
                header_row=number,
                name=names.index("姓名"),
                id_number=next((names.index(name) for name in _ID_HEADERS if name in names), None),
                periods=periods,
                headers=cells,
                rows=partial(_rows_below, sheet, number, cells, periods),
            )
    return None


def _rows_below(sheet: Sheet, number: int, header: tuple[Cell, ...], periods: Collection[int]) -> Iterator[Row]:
    """The rows below a header; a √ merged over several periods is a √ in each of them."""
    return (row for row in sheet.rows(across=periods) if row[0] > number and row[1] != header)


def _read_period(cell: Cell, per: str, year: int) -> _PeriodColumn | None:
    """What a column's header means: 1月, 一月, 2025-01, 一季度, 第1季度, 上半年, 全年, 2025 …; None for no period."""
    if isinstance(cell, datetime | date):
        cell = f"{cell.year}-{cell.month}" if cell.day == 1 else ""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        cell = format_number(cell)
        if per == "month" and len(cell) <= 2:
            cell += "月"
    text = normalise_header(cell)
    text = _CHINESE_MONTH.sub(lambda match: f"{_MONTHS[match[1]]}{match[2]}", text)
    if not text:
        return None
    for kind in (per, *_FINER[per]):
        for attempt in (text, f"{year}年{text}", f"{year}{text}"):
            try:
                part = parse_period(attempt, kind)
            except PeriodError:
                continue
            begins = first_day(part)
            return _PeriodColumn(period_of(begins, per), begins)
    return None


def _refuse_periods(table: _TickTable, year: int, report: ImportReport) -> bool:
    """Report columns of another year, and a second column of names, under which ticks would go to the first."""
    faults = [
        (position, _("The column belongs to another year than %(year)s.") % {"year": year})
        for position, column in table.periods.items()
        if period_year(column.period) != year
    ]
    faults += [
        (position, _("The column stands twice."))
        for position, cell in enumerate(table.headers)
        if position > table.name and normalise_header(cell) == "姓名"
    ]
    for position, problem in faults:
        report.add_error(_refuse_header(table, position, problem, _("Correct the column's header.")))
    return bool(faults)


def _tell_columns(table: _TickTable, report: ImportReport) -> None:
    known = {table.name, table.id_number, *table.periods}
    ignored = [
        show_value(text)
        for position, cell in enumerate(table.headers)
        if position not in known and (text := display_cell(cell).strip())
    ]
    if ignored:
        report.notes.append(
            _("Sheet “%(sheet)s”: unknown columns were ignored: %(columns)s.")
            % {"sheet": show_value(table.sheet), "columns": "、".join(ignored)}
        )


class _TickReader:
    """Reads the rows of one tick sheet."""

    def __init__(self, table: _TickTable, *, branch: Branch, people: People, today: date, report: ImportReport) -> None:
        self._table = table
        self._branch = branch
        self._people = people
        self._today = today
        self._report = report
        self._rows_of: dict[int, int] = {}
        self._name = NameWidget(60)
        self._id_number = IdNumberWidget()
        self.excused = self.absent = 0
        self._amounts = 0
        self._has_amounts = table.item.is_dues and holds_amounts(table.rows(), table.periods)

    def read(self) -> Iterator[EventRow]:
        headers = self._table.headers
        unnamed = (position for position, cell in enumerate(headers) if not display_cell(cell).strip())
        places = [(self._table.name, True), *((position, False) for position in self._table.periods)]
        unread = UnreadParts(self._table.sheet, unnamed, places, beyond=len(headers))
        _tell_columns(self._table, self._report)
        for number, cells in self._table.rows():
            if unread.pass_over(number, cells):
                continue
            self._report.rows += 1
            if self._report.rows > MOST_ROWS:
                self._report.add_error(too_many_rows(self._table.sheet, number, MOST_ROWS))
            if self._report.is_full or self._report.rows > MOST_ROWS:
                return
            yield from self._read_row(number, cells)
        self._report.notes += unread.notes()
        if self._amounts:
            self._report.notes.append(
                _("Sheet “%(sheet)s” holds amounts: %(count)d are recorded as due and paid.")
                % {"sheet": show_value(self._table.sheet), "count": self._amounts}
            )

    def _read_row(self, number: int, cells: tuple[Cell, ...]) -> list[EventRow]:
        table = self._table
        try:
            name = self._name.clean(self._cell(cells, table.name))
            if not name:
                raise CellError("required", _("This cell must not be blank."), _("Fill it in."))
        except CellError as error:
            self._refuse(number, table.name, cells, error)
            return []
        try:
            checked = self._id_number.clean(self._cell(cells, table.id_number))
        except CellError as error:
            self._refuse(number, table.id_number or 0, cells, error)
            return []
        id_hash = keyed_hash(checked.number) if checked else ""
        rows = []
        earned: dict[str, int] = {}
        for position, column in table.periods.items():
            try:
                fen = read_amount(self._cell(cells, position)) if self._has_amounts else None
                tick = (
                    parse_tick(self._cell(cells, position))
                    if fen is None
                    else (Tick.EARNED if fen else Tick.NOT_EARNED)
                )
                self.excused += tick is Tick.EXCUSED
                self.absent += tick is Tick.ABSENT
                if tick is Tick.EARNED and earned.setdefault(column.period, position) == position:
                    rows.append(self._earn(number, name, id_hash, column, fen=fen))
                elif tick is Tick.EARNED:
                    self._skip(number, name, position, column.period, first=earned[column.period])
            except UnclearMember as error:
                self._refuse(number, table.name, cells, error)
                return []
            except CellError as error:
                self._refuse(number, position, cells, error)
        return rows

    def _skip(self, number: int, name: str, position: int, period: str, *, first: int) -> None:
        """Name a second tick of one period (D2)."""
        headers = self._table.headers
        self._report.add_skipped(
            RowError(
                self._table.sheet,
                number,
                display_cell(headers[position]) or column_letters(position),
                "√",
                _("%(item)s of %(period)s is ticked already in column “%(column)s”; it counts once.")
                % {
                    "item": self._table.item.name,
                    "period": name_period(period),
                    "column": show_value(display_cell(headers[first]) or column_letters(first)),
                },
                "",
                name,
            )
        )

    def _earn(self, number: int, name: str, id_hash: str, column: _PeriodColumn, *, fen: int | None) -> EventRow:
        period = column.period
        if column.begins > self._today:
            raise CellError("future", _("This period has not begun."), _("Clear the cell."))
        day = min(last_day(period), self._today)
        member_id = self._people.find(branch=self._branch.name, name=name, id_hash=id_hash, day=day)
        first = self._rows_of.setdefault(member_id, number)
        if first != number:
            raise UnclearMember(
                "name",
                _("The same member stands in row %(row)d.") % {"row": first},
                _("Delete one of the rows, or enter the citizen ID numbers."),
            )
        entry = tick_entry(member_id, self._table.item, period, today=self._today)
        if fen is not None:
            self._amounts += 1
            entry = entry._replace(payment=pay_in_full(fen))  # noqa: SLF001 (public)
        return EventRow(self._table.sheet, number, entry, dated=False, person=name)

    def _cell(self, cells: tuple[Cell, ...], position: int | None) -> Cell:
        return cells[position] if position is not None and position < len(cells) else None

    def _refuse(self, number: int, position: int, cells: tuple[Cell, ...], error: CellError) -> None:
        self._report.add_error(
            RowError(
                self._table.sheet,
                number,
                display_cell(self._cell(self._table.headers, position)) or column_letters(position),
                display_cell(self._cell(cells, position)),
                error.problem,
                error.remedy,
            )
        )
