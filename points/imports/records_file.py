"""The records workbook (积分记录): its columns, and each row turned into what the ledger records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from import_export.widgets import Widget

from foundation.encryption import keyed_hash
from foundation.errors import DomainError
from foundation.tenths import say_points
from foundation.workbooks.cells import clean_text
from foundation.workbooks.errors import CellError
from foundation.workbooks.headers import Table
from foundation.workbooks.reader import Cell
from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from foundation.workbooks.resource import ReadRow, SheetField, SheetResource
from foundation.workbooks.widgets import (
    ChoiceWidget,
    DateWidget,
    FenWidget,
    TenthsWidget,
    TextWidget,
    YesNoWidget,
)
from members.roster_files.reading import make_sheet_field
from points.errors import (
    AmountMissing,
    FutureDate,
    LeadNotPossible,
    NoRulebook,
    PaidTooLittle,
    PaymentNotPossible,
    UnknownItem,
    WrongPeriod,
    WrongPoints,
)
from points.imports.people import People, UnclearMember
from points.models.events import PAYER_LENGTH
from points.records.entries import EventEntry, check_entry
from points.rules.payments import UNSAID, Payment
from points.rules.periods import PeriodError, parse_period, period_of, period_year
from points.rules.rulebook import AnyItem, BaseItem, ItemKind, NegativeItem, Rulebook
from points.scoring.wording import name_period_in_year

KINDS: dict[str, ItemKind] = {"得分": "points", "扣分": "deduction", "一票否决": "veto"}
PARTICULARS_LENGTH = 2000
NOTE_LENGTH = 300


class PeriodWidget(Widget):  # type: ignore[misc]
    """A period as text. `2025-03` that Excel took for a day is the month again; a number such as 2025.1 is refused."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        if isinstance(value, date):
            if value.day != 1:
                raise CellError(
                    "period_is_day",
                    _("A day stands where a period belongs."),
                    _("Write the period as 2025-03, 2025Q1, 2025H1 or 2025, as text."),
                )
            return f"{value.year}-{value.month:02}"
        if isinstance(value, float) and not value.is_integer():
            raise CellError(
                "period_is_number",
                _("Excel has turned the period into a number; January or October cannot be told apart."),
                _("Write the period as 2025-03, 2025Q1, 2025H1 or 2025, as text."),
            )
        return clean_text(value, max_length=30)


class RecordsResource(SheetResource):
    """The columns of a records workbook."""

    code = "records"
    ignored_sheets = ("作废与待定", "填写说明", "说明")

    branch = make_sheet_field("branch")
    name = make_sheet_field("name")
    id_number = make_sheet_field("id_number")
    kind = SheetField("类别", attribute="kind", widget=ChoiceWidget(KINDS), required=True)
    item = SheetField("项目", attribute="item", widget=TextWidget(80), required=True)
    date = SheetField("日期", attribute="date", widget=DateWidget(), required=True)
    period = SheetField("期次", attribute="period", widget=PeriodWidget())
    points = SheetField("分值", attribute="points", widget=TenthsWidget())
    led = SheetField("带头作用", attribute="led", widget=YesNoWidget())
    note = SheetField("说明", "依据", attribute="note", widget=TextWidget(PARTICULARS_LENGTH, multiline=True))
    decided_on = SheetField("核实日期", "支委会日期", attribute="decided_on", widget=DateWidget())
    due = SheetField("应交", "应交党费", attribute="due", widget=FenWidget())
    paid = SheetField("实交", "实交党费", attribute="paid", widget=FenWidget())
    paid_by = SheetField("代交人", attribute="paid_by", widget=TextWidget(PAYER_LENGTH))


@dataclass(slots=True)
class EventRow:
    """A row that earns points. `dated` is False where the file says no day (tick sheets).

    `person` is the member's name, `stands_on` the day of the record that stands already.
    """

    sheet: str
    row: int
    entry: EventEntry
    dated: bool = True
    outcome: RowOutcome = RowOutcome.ADDED
    person: str = ""
    stands_on: date | None = None

    @property
    def day_cell(self) -> tuple[str, str]:
        """The column that says when, and what stands there: a day, or the √ under a period."""
        if self.dated:
            return "日期", str(self.entry.date)
        return name_period_in_year(self.entry.period), "√"


@dataclass(slots=True)
class FindingRow:
    """A deduction or veto the committee has confirmed; `year` is the assessment year (D7)."""

    sheet: str
    row: int
    kind: ItemKind
    member_id: int
    item: str
    day: date
    year: int
    particulars: str
    decided_on: date
    outcome: RowOutcome = RowOutcome.ADDED
    person: str = ""

    @property
    def day_cell(self) -> tuple[str, str]:
        """The column that says when, and what stands there."""
        return "日期", str(self.day)


class RecordReader:
    """Turns cleaned rows into `EventRow`s and `FindingRow`s; errors go into the report."""

    def __init__(self, *, people: People, rulebooks: Mapping[int, Rulebook], today: date, report: ImportReport) -> None:
        self._people = people
        self._rulebooks = rulebooks
        self._today = today
        self._report = report
        self._items: dict[tuple[str, ItemKind, int], AnyItem] = {}
        self._sound: set[tuple[str, str | int, int | None, bool]] = set()
        self._id_hashes: dict[str, str] = {}
        self.events: list[EventRow] = []
        self.findings: list[FindingRow] = []

    def read(self, tables: Iterable[Table]) -> None:
        """Read every row of every table."""
        for table in tables:
            for row in RecordsResource.read_rows(table, self._report):
                if not row.errors:
                    self._read_row(row, table.titles)
        self._report.notes += self._people.notes()

    def _read_row(self, row: ReadRow, titles: Mapping[str, str]) -> None:
        values = row.values
        try:
            member_id = self._people.find(
                branch=values["branch"],
                name=values["name"],
                id_hash=self._id_hash(values.get("id_number")),
                day=values["date"],
            )
            kind: ItemKind = values["kind"]
            if kind == "points":
                entry = self._read_event(values, member_id)
                self.events.append(EventRow(row.sheet, row.row, entry, person=values["name"]))
            else:
                self.findings.append(self._read_finding(row, kind, member_id))
        except UnclearMember as error:
            self._refuse(row, titles, error.column, error)
        except _Refusal as error:
            self._refuse(row, titles, error.column, error)

    def _refuse(self, row: ReadRow, titles: Mapping[str, str], column: str, error: CellError) -> None:
        value = row.values.get(column)
        if column in ("points", "led", "kind", "due", "paid"):
            value = RecordsResource.fields[column].widget.render(value)
        elif column == "id_number" and value is not None:
            value = value.number
        self._report.add_error(
            RowError(
                row.sheet, row.row, titles[column], "" if value is None else str(value), error.problem, error.remedy
            )
        )

    def _id_hash(self, number: Any) -> str:
        if number is None:
            return ""
        found = self._id_hashes.get(number.number)
        if found is None:
            found = self._id_hashes[number.number] = keyed_hash(number.number)
        return found

    def _find_item(self, text: str, kind: ItemKind, year: int) -> AnyItem:
        """The item in the rulebook of the year, else in any adopted one (the period may lie in another year)."""
        key = (text, kind, year)
        item = self._items.get(key)
        if item is None:
            item = self._items[key] = self._look_up(text, kind, year)
        return item

    def _look_up(self, text: str, kind: ItemKind, year: int) -> AnyItem:
        years = sorted(self._rulebooks, key=lambda adopted: (adopted != year, -adopted))
        found = (self._rulebooks[adopted].find_item(text, kind) for adopted in years)
        code = next((code for code in found if code is not None), None)
        if code is None:
            if not self._rulebooks:
                raise _Refusal("date", _("The town has adopted no rulebook."), _("Adopt one with setup_town first."))
            raise _Refusal("item", *self._unknown_item(text, kind))
        for rulebook in (self._rulebooks.get(year), *self._rulebooks.values()):
            if rulebook is not None and code in rulebook.item_names(kind):
                return rulebook.item(code, kind)
        raise AssertionError(code)

    def _unknown_item(self, text: str, kind: ItemKind) -> tuple[str, str]:
        rulebook = next(iter(self._rulebooks.values()))
        for word, other in KINDS.items():
            if other != kind and rulebook.find_item(text, other) is not None:
                return (
                    _("This item belongs to the category “%(kind)s”.") % {"kind": word},
                    _("Correct the category or the item."),
                )
        names = "、".join(rulebook.item_names(kind).values())
        return (
            _("The rulebook has no such item in this category."),
            _("Write an item's code or its name: %(names)s.") % {"names": names},
        )

    def _read_event(self, values: Mapping[str, Any], member_id: int) -> EventEntry:
        day: date = values["date"]
        item = self._find_item(values["item"], "points", day.year)
        points: int | None = values.get("points")
        period = ""
        if isinstance(item, BaseItem):
            period = self._read_period(values.get("period") or "", item, day)
            if points not in (None, item.points):
                raise _Refusal(
                    "points",
                    _("The rulebook gives %(points)s for this item.") % {"points": say_points(item.points)},
                    _("Leave the points blank."),
                )
            points = None
        elif values.get("period"):
            raise _Refusal(
                "period", _("Incentive items count by their date and have no period."), _("Leave the period blank.")
            )
        if values.get("decided_on") is not None:
            raise _Refusal(
                "decided_on",
                _("Only deductions and vetoes have a date of confirmation."),
                _("Leave the cell blank, or correct the category."),
            )
        note: str = values.get("note") or ""
        if len(note) > NOTE_LENGTH:
            raise _Refusal(
                "note", _("The note is longer than %(limit)d characters.") % {"limit": NOTE_LENGTH}, _("Shorten it.")
            )
        payment = _read_payment(values)
        led = bool(values.get("led"))
        entry = EventEntry(member_id, item.code, day, period, points, led, note, payment=payment)
        # All that `check_entry` looks at, where nothing is said of a payment: most rows ask what others have asked.
        asked = (item.code, period or day.year, points, led)
        if day > self._today or payment is not UNSAID or asked not in self._sound:
            try:
                check_entry(entry, rulebooks=self._rulebooks, today=self._today)
            except DomainError as error:
                column, remedy = _correction_of(error, payment)
                raise _Refusal(column, str(error), remedy) from error
            if payment is UNSAID:
                self._sound.add(asked)
        return entry

    def _read_period(self, text: str, item: BaseItem, day: date) -> str:
        if not text:
            return period_of(day, item.per)
        try:
            return parse_period(text, item.per)
        except PeriodError as error:
            raise _Refusal(
                "period",
                _("%(item)s counts once a %(kind)s; this is not one.")
                % {"item": item.name, "kind": kind_word(item.per)},
                _("Write the period as %(example)s.") % {"example": period_of(day, item.per)},
            ) from error

    def _read_finding(self, row: ReadRow, kind: ItemKind, member_id: int) -> FindingRow:
        values = row.values
        day: date = values["date"]
        item = self._find_item(values["item"], kind, day.year)
        year = self._read_year(values.get("period") or "", kind, day)
        decided_on: date | None = values.get("decided_on")
        points: int | None = values.get("points")
        if year not in self._rulebooks:
            raise _Refusal(
                "date",
                _("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year},
                _("Correct the date or the period."),
            )
        if day > self._today:
            raise _Refusal("date", _("The date lies in the future."), _("Correct the date."))
        if points is not None and points != (item.points if isinstance(item, NegativeItem) else None):
            raise _Refusal("points", _("The rulebook alone says what a finding costs."), _("Leave the points blank."))
        if values.get("led"):
            raise _Refusal(
                "led", _("Only incentive items know a leading role."), _("Write 否 or leave the cell blank.")
            )
        payment = _read_payment(values)
        if payment.is_said:
            raise _Refusal(_first_said(payment), _("A deduction or veto has no dues to pay."), _clear_payment())
        if not values.get("note"):
            raise _Refusal(
                "note",
                _("A deduction or veto needs what was found and how it was verified."),
                _("Fill in the explanation."),
            )
        if decided_on is None:
            raise _Refusal(
                "decided_on",
                _("A deduction or veto needs the date of the committee meeting that confirmed it."),
                _("Fill in the date; enter unconfirmed ones in the workbench."),
            )
        if not day <= decided_on <= self._today:
            raise _Refusal(
                "decided_on",
                _("The confirmation lies before the finding or in the future."),
                _("Correct one of the two dates."),
            )
        if member_id not in self._people.decidable:
            raise _Refusal(
                "kind", _("You may not enter confirmed findings."), _("Ask the secretary or the town to import them.")
            )
        return FindingRow(
            row.sheet, row.row, kind, member_id, item.code, day, year, values["note"], decided_on, person=values["name"]
        )

    def _read_year(self, text: str, kind: ItemKind, day: date) -> int:
        """The assessment year: for a veto the period may name it (D7)."""
        if not text:
            return day.year
        try:
            year = period_year(parse_period(text, "year"))
        except PeriodError as error:
            raise _Refusal(
                "period", _("A finding belongs to a year, not to a part of one."), _("Leave the period blank.")
            ) from error
        if kind == "deduction" and year != day.year:
            raise _Refusal("period", _("A deduction belongs to the year of its date."), _("Leave the period blank."))
        return year


class _Refusal(CellError):
    """A row that is refused, and the field to correct."""

    def __init__(self, column: str, problem: str, remedy: str) -> None:
        super().__init__("refused", problem, remedy)
        self.column = column


def _read_payment(values: Mapping[str, Any]) -> Payment:
    due, paid, paid_by = values.get("due"), values.get("paid"), values.get("paid_by") or ""
    return UNSAID if due is None and paid is None and not paid_by else Payment(due, paid, paid_by)


def _first_said(payment: Payment) -> str:
    """The first field that says something of a payment."""
    return "due" if payment.due_fen is not None else "paid" if payment.paid_fen is not None else "paid_by"


def _clear_payment() -> str:
    return _("Clear 应交, 实交 and 代交人, or correct the category or the item.")


def _correction_of(error: DomainError, payment: Payment) -> tuple[str, str]:
    """The field to correct for what `check_entry` refuses, and how."""
    corrections: dict[type[DomainError], tuple[str, str]] = {
        FutureDate: ("date", _("Correct the date.")),
        NoRulebook: ("date", _("Correct the date or the period.")),
        UnknownItem: ("item", _("Correct the category or the item.")),
        WrongPeriod: ("period", _("Correct the date or the period.")),
        WrongPoints: ("points", _("Correct the points.")),
        LeadNotPossible: ("led", _("Write 否 or leave the cell blank.")),
        PaymentNotPossible: (_first_said(payment), _clear_payment()),
        AmountMissing: ("paid" if payment.paid_fen is None else "due", _("Fill in 应交 and 实交, or clear both.")),
        PaidTooLittle: ("paid", _("Correct the amounts, or delete the row until then.")),
    }
    return corrections[type(error)]


def kind_word(per: str) -> str:
    """How often a base item counts, in words."""
    return {"month": _("month"), "quarter": _("quarter"), "half": _("half-year"), "year": _("year")}[per]
