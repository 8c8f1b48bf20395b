"""The roster workbook: its columns, and what may not contradict itself within one row. No database is needed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from foundation.id_numbers import IdNumber
from foundation.workbooks.cells import YearMonth
from foundation.workbooks.report import ImportReport, Outcome, RowError
from foundation.workbooks.resource import ReadRow, SheetField, SheetResource, open_file
from foundation.workbooks.widgets import (
    BirthDateWidget,
    ChoiceWidget,
    DateWidget,
    IdNumberWidget,
    NameWidget,
    PhoneWidget,
    TextWidget,
)
from members.models import Member

_DETAILS = (
    "sex",
    "ethnicity",
    "joined_on",
    "full_since",
    "party_group",
    "branch_post",
    "party_standing",
    "floating",
    "out_of_contact",
)
"""Columns of `Member` a file may fill or change; a blank cell keeps what is stored."""


class RosterResource(SheetResource):
    """The columns of a roster workbook."""

    ignored_sheets = ("填写说明", "说明")
    most_rows = 50_000

    branch = SheetField(
        "党支部", "所在党支部", "支部名称", attribute="branch_name", widget=NameWidget(100), required=True
    )
    name = SheetField("姓名", attribute="name", widget=NameWidget(60), required=True)
    sex = SheetField("性别", attribute="sex", widget=ChoiceWidget({"男": "male", "女": "female"}))
    ethnicity = SheetField("民族", attribute="ethnicity", widget=TextWidget(30))
    id_number = SheetField("公民身份号码", "身份证号", "身份证号码", attribute="id_number", widget=IdNumberWidget())
    birth_date = SheetField("出生日期", "出生年月", attribute="birth_date", widget=BirthDateWidget())
    category = SheetField(
        "人员类别",
        "党员类别",
        attribute="category",
        widget=ChoiceWidget({"正式党员": "full", "预备党员": "probationary"}),
        required=True,
    )
    joined_on = SheetField("入党日期", "入党时间", "加入党组织日期", attribute="joined_on", widget=DateWidget())
    full_since = SheetField("转正日期", "转为正式党员日期", attribute="full_since", widget=DateWidget())
    transferred_in = SheetField("转入日期", attribute="transferred_in", widget=DateWidget())
    phone = SheetField("联系电话", "手机号码", attribute="phone", widget=PhoneWidget())
    branch_post = SheetField("支部职务", "党内职务", attribute="branch_post", widget=TextWidget(60))
    party_group = SheetField("党小组", attribute="party_group", widget=TextWidget(60))
    party_standing = SheetField("党籍状态", attribute="party_standing", widget=TextWidget(30))
    floating = SheetField("是否流动党员", attribute="floating", widget=TextWidget(10))
    out_of_contact = SheetField("是否失联", attribute="out_of_contact", widget=TextWidget(10))


@dataclass(slots=True)
class RosterRow:
    """One person as the file has them, every value checked by itself and against the others of the row."""

    sheet: str
    row: int
    branch: str
    name: str
    category: str
    birth_date: date
    id_number: str
    id_hash: str
    transferred_in: date | None
    phone: str
    details: dict[str, Any]
    outcome: Outcome = Outcome.UNCHANGED

    def error(self, column: str, value: object, problem: str, remedy: str) -> RowError:
        """An error of this row."""
        return RowError(self.sheet, self.row, column, "" if value is None else str(value), problem, remedy)


def read_roster(
    data: bytes, filename: str, *, dry_run: bool, today: date, expected_hash: str = ""
) -> tuple[ImportReport, list[RosterRow]]:
    """The rows that are right in themselves; the report has the errors of the others.

    Raises:
        UnreadableWorkbook, FileChanged.
    """
    book, report = open_file(data, filename, dry_run=dry_run, expected_hash=expected_hash)
    rows = []
    for table in RosterResource.find_tables(book, report):
        for read in RosterResource.read_rows(table, report):
            if read.errors:
                continue
            errors = _check_row(read, table.titles, today)
            for error in errors:
                report.add_error(error)
            if not errors:
                rows.append(_row_of(read))
    return report, rows


def _check_row(read: ReadRow, titles: dict[str, str], today: date) -> list[RowError]:
    """What contradicts itself within one row."""
    values = read.values
    number: IdNumber | None = values.get("id_number")
    birth, joined, full = values.get("birth_date"), values.get("joined_on"), values.get("full_since")
    came = values.get("transferred_in")
    errors: list[RowError] = []

    def refuse(key: str, problem: str, remedy: str) -> None:
        value = values.get(key)
        shown = f"{value.year}-{value.month:02}" if isinstance(value, YearMonth) else value
        errors.append(RowError(read.sheet, read.row, titles[key], "" if shown is None else str(shown), problem, remedy))

    if number is None and not isinstance(birth, date):
        refuse(
            "birth_date",
            _("Without a citizen ID number the full date of birth is needed."),
            _("Enter the ID number, or the date of birth with its day."),
        )
    elif number is not None and birth is not None and not _agrees(number.birth_date, birth):
        refuse(
            "birth_date",
            _("The date of birth does not agree with the citizen ID number (%(date)s).") % {"date": number.birth_date},
            _("Compare both with the ID card."),
        )
    if number is not None and values.get("sex") and values["sex"] != number.sex:
        refuse(
            "sex",
            _("The sex does not agree with the citizen ID number."),
            _("Compare both with the ID card."),
        )
    for key in ("birth_date", "joined_on", "full_since", "transferred_in"):
        if isinstance(values.get(key), date) and values[key] > today:
            refuse(key, _("The date lies in the future."), _("Correct the date."))
    born = number.birth_date if number else birth if isinstance(birth, date) else None
    if born is not None and joined is not None and joined <= born:
        refuse("joined_on", _("The day of joining the Party lies before birth."), _("Correct the date."))
    if full is not None and joined is not None and full < joined:
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


def _agrees(born: date, written: date | YearMonth) -> bool:
    if isinstance(written, YearMonth):
        return (born.year, born.month) == (written.year, written.month)
    return born == written


def _row_of(read: ReadRow) -> RosterRow:
    values = read.values
    number: IdNumber | None = values.get("id_number")
    details = {key: values[key] for key in _DETAILS if values.get(key)}
    if number is not None:
        details["sex"] = number.sex
    return RosterRow(
        sheet=read.sheet,
        row=read.row,
        branch=values["branch"],
        name=values["name"],
        category=values["category"],
        birth_date=number.birth_date if number else values["birth_date"],
        id_number=number.number if number else "",
        id_hash=keyed_hash(number.number) if number else "",
        transferred_in=values.get("transferred_in"),
        phone=values.get("phone") or "",
        details=details,
    )
