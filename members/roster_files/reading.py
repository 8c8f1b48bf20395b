"""The roster workbook: its columns, and what may not contradict itself within one row. No database is needed here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from foundation.encryption import hash_columns
from foundation.id_numbers import IdNumber, find_contradictions
from foundation.months import Month, latest_day
from foundation.names import normalise_name
from foundation.workbooks.headers import Table
from foundation.workbooks.report import ImportReport, RowError, RowOutcome, show_value
from foundation.workbooks.resource import ReadRow, SheetField, SheetResource, open_file
from members.models import Member
from members.people.fields import MEMBER_FIELDS, SHEET_COLUMNS
from members.people.identity import said_by

_BRANCH_ENDINGS = ("支部", "支部委员会")
_TITLE = re.compile(
    r"(?:[^:：]{1,6}[:：])?(?:\d{4}年度?)?(?P<branch>[^\d:：、，。各属辖]{1,30}?支部(?:委员会)?)"
    r"(?:\d{4}年度?)?(?:(?:全体)?(?:党员|人员|花名册|名册|名单).{0,20})?"
)
"""A title that names one branch: 西岭村党支部2026年党员名册, 填报单位：西岭村党支部; not 各党支部党员名册."""
LONGEST_TITLE = 80
_DAYS = tuple(name for name, column in SHEET_COLUMNS.items() if column.is_day)


def make_sheet_field(name: str) -> SheetField:
    """A column of the roster, as its workbook reads and writes it and others do who name people by it."""
    column = SHEET_COLUMNS[name]
    return SheetField(*column.headings, attribute=name, widget=column.widget, required=column.required)


class RosterResource(SheetResource):
    """The columns of a roster workbook."""

    code = "roster"
    ignored_sheets = ("填写说明", "说明")
    may_lack = frozenset({"branch"})
    most_rows = 50_000


RosterResource.fields.update({name: make_sheet_field(name) for name in SHEET_COLUMNS})


@dataclass(slots=True)
class RosterRow:
    """One person as the file has them, every value checked by itself and against the others of the row."""

    sheet: str
    row: int
    branch: str
    transferred_in: date | None
    values: dict[str, Any]
    """What the file says by column of `Member`, hashes too; a blank cell says nothing and keeps what is stored."""
    outcome: RowOutcome = RowOutcome.UNCHANGED

    @property
    def name(self) -> str:
        """The name in its one spelling."""
        return str(self.values["name"])

    @property
    def birth_date(self) -> date:
        """The date of birth: the file says it, or the ID number does."""
        born: date = self.values["birth_date"]
        return born

    @property
    def id_hash(self) -> str:
        """The hash of the ID number; "" without one."""
        return str(self.values.get("id_number_hash", ""))

    def error(self, column: str, value: object, problem: str, remedy: str) -> RowError:
        """An error of this row."""
        return RowError(self.sheet, self.row, column, "" if value is None else str(value), problem, remedy)


def read_roster(
    data: bytes,
    filename: str,
    *,
    branch: str = "",
    also: Mapping[str, str],
    dry_run: bool,
    today: date,
    expected_hash: str = "",
) -> tuple[ImportReport, list[RosterRow]]:
    """The rows that are right in themselves; the report has the errors of the others.

    `branch` is whose list a sheet is that has no column 党支部; without it such a sheet's name or title says it.
    `also` are the town's own headings (`column_names`).

    Raises:
        UnreadableWorkbook, FileChanged.
    """
    book, report = open_file(data, filename, dry_run=dry_run, expected_hash=expected_hash)
    rows = []
    for table in RosterResource.find_tables(book, report, also=also):
        whose = "" if "branch" in table.positions else branch or _branch_of_sheet(table)
        if "branch" in table.positions:
            if branch:
                report.notes.append(
                    _("The column 党支部 says whose members they are; the chosen branch was not needed.")
                )
        elif not _tell_branch(table, whose, report):
            continue
        for read in RosterResource.read_rows(table, report):
            if read.errors:
                continue
            errors = _check_row(read, table.titles, today)
            for error in errors:
                report.add_error(error)
            if not errors:
                rows.append(_row_of(read, whose))
    return report, rows


def _branch_of_sheet(table: Table) -> str:
    """The branch a sheet is named after, or its title names; "" where neither does, or titles name several."""
    branch = normalise_name(table.sheet)
    if branch.endswith(_BRANCH_ENDINGS):
        return branch
    titles = (_TITLE.fullmatch(normalise_name(text)) for text in table.above if len(text) <= LONGEST_TITLE)
    named = {title["branch"] for title in titles if title and title["branch"] not in ("支部", "党支部")}
    return named.pop() if len(named) == 1 else ""


def _tell_branch(table: Table, branch: str, report: ImportReport) -> bool:
    """Say whose list a sheet without the column 党支部 is; False, with an error, where nothing says it."""
    if branch:
        report.notes.append(
            _("Sheet “%(sheet)s” has no column 党支部: its people are read as members of %(branch)s.")
            % {"sheet": show_value(table.sheet), "branch": branch}
        )
    else:
        report.add_error(
            RowError(
                table.sheet,
                table.header_row,
                SHEET_COLUMNS["branch"].headings[0],
                "",
                _("The sheet has no column 党支部, and neither its name nor its title is a branch."),
                _("Choose the branch beside the file (--branch), name the sheet after it, or add the column."),
            )
        )
    return bool(branch)


def _check_row(read: ReadRow, titles: dict[str, str], today: date) -> list[RowError]:
    """What contradicts itself within one row."""
    values = read.values
    number: IdNumber | None = values.get("id_number")
    birth, joined, full = values.get("birth_date"), values.get("joined_on"), values.get("full_since")
    came = values.get("transferred_in")
    errors: list[RowError] = []

    def refuse(key: str, problem: str, remedy: str) -> None:
        value = values.get(key)
        errors.append(RowError(read.sheet, read.row, titles[key], "" if value is None else str(value), problem, remedy))

    if number is None and (birth is None or isinstance(birth, Month)):
        refuse(
            "birth_date",
            _("Without a citizen ID number the full date of birth is needed."),
            _("Enter the ID number, or the date of birth with its day."),
        )
    if number is not None:
        for each in find_contradictions(number, birth_date=birth, sex=values.get("sex")):
            refuse(each.about, each.problem, each.remedy)
    for key in _DAYS:
        if isinstance(values.get(key), date) and values[key] > today:
            refuse(key, _("The date lies in the future."), _("Correct the date."))
    born = number.birth_date if number else birth
    if born is not None and joined is not None and latest_day(joined) <= born:
        refuse("joined_on", _("The day of joining the Party lies before birth."), _("Correct the date."))
    if full is not None and joined is not None and latest_day(full) < joined:
        refuse("full_since", _("The member became full before joining."), _("Correct one of the two dates."))
    if full is not None and values["category"] == Member.Category.PROBATIONARY:
        refuse(
            "full_since",
            _("A probationary member has not become a full one yet."),
            _("Clear the date or correct the category."),
        )
    if came is not None and joined is not None and came < joined:
        refuse(
            "transferred_in", _("The member came to the town before joining the Party."), _("Correct one of the dates.")
        )
    return errors


def _row_of(read: ReadRow, whose: str) -> RosterRow:
    said = {name: read.values[name] for name in MEMBER_FIELDS if read.values.get(name) not in (None, "")}
    if number := said.get("id_number"):
        said |= said_by(number)
    return RosterRow(
        sheet=read.sheet,
        row=read.row,
        branch=whose or read.values["branch"],
        transferred_in=read.values.get("transferred_in"),
        values=said | hash_columns(Member, said),
    )
