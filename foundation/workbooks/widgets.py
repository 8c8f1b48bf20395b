"""How a column is read and written: django-import-export widgets over the cell parsers.

`clean` takes a cell as `read_workbook` gives it and raises `CellError`; `render` gives what an exported cell shows.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from import_export.widgets import Widget

from foundation.id_numbers import IdNumber, check_id_number
from foundation.months import Month
from foundation.names import normalise_name
from foundation.tenths import say_points
from foundation.workbooks.cells import (
    clean_text,
    parse_choice,
    parse_date,
    parse_date_or_month,
    parse_fen,
    parse_tenths,
    parse_yes_no,
)
from foundation.workbooks.errors import CellError
from foundation.workbooks.reader import Cell
from foundation.workbooks.remarks import RemarkedName, says_gone, split_remark
from foundation.yuan import show_yuan

_PHONE = re.compile(r"\+?[0-9][0-9 ()/\-]{4,24}")


class TextWidget(Widget):  # type: ignore[misc]
    """Text of limited length; "" for a blank."""

    def __init__(self, max_length: int, *, multiline: bool = False) -> None:
        super().__init__()
        self._max_length = max_length
        self._multiline = multiline

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        return clean_text(value, max_length=self._max_length, multiline=self._multiline)


class NameWidget(Widget):  # type: ignore[misc]
    """The name of a person or a branch in its one spelling."""

    def __init__(self, max_length: int) -> None:
        super().__init__()
        self._max_length = max_length

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        if value is not None and not isinstance(value, str):
            clean_text(value)
            raise CellError(
                "not_a_name", _("A number or date stands where a name belongs."), _("Check that no column has slipped.")
            )
        return normalise_name(clean_text(value, max_length=self._max_length))


class PersonNameWidget(NameWidget):
    """The name of a person, apart from a remark in the same cell: then a `RemarkedName`."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        written, remark = split_remark(value) if isinstance(value, str) else (value, "")
        name = super().clean(written, row, **options)
        if says_gone(remark):
            raise CellError(
                "name_of_who_left",
                _("The remark “%(remark)s” says that this person is not on the roster any more.") % {"remark": remark},
                _("Delete the row; enter a death or a leaving in the workbench."),
            )
        return RemarkedName(name, remark) if remark else name


class DateWidget(Widget):  # type: ignore[misc]
    """A day; None for a blank."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> date | None:
        return parse_date(value)

    def render(self, value: date | None, obj: Any = None, **options: Any) -> date | str:
        return value or ""


class DayOrMonthWidget(DateWidget):
    """A day, or a `Month` where people know no day (出生年月, 入党时间)."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> date | None:
        return parse_date_or_month(value)

    def render(self, value: date | None, obj: Any = None, **options: Any) -> date | str:
        return value.isoformat() if isinstance(value, Month) else super().render(value, obj, **options)


class ChoiceWidget(Widget):  # type: ignore[misc]
    """One of the stored values by the names people write; "" for a blank. The first name of a value is exported."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        super().__init__()
        self._choices = choices
        self.offered = tuple(self.render(stored) for stored in dict.fromkeys(choices.values()))

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        return parse_choice(value, self._choices) or ""

    def render(self, value: str | None, obj: Any = None, **options: Any) -> str:
        return next((name for name, stored in self._choices.items() if stored == value), "")


class IdNumberWidget(Widget):  # type: ignore[misc]
    """A citizen ID number; None for a blank. A number Excel has stored as a number is refused, not repaired."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> IdNumber | None:
        text = clean_text(value, max_length=60)
        if value is not None and not isinstance(value, str):
            raise CellError(
                "id_as_number",
                _("Excel has turned the citizen ID number into a number and lost its last digits."),
                _("Format the column as text and type the number again."),
            )
        return check_id_number(text) if text else None


class PhoneWidget(Widget):  # type: ignore[misc]
    """A phone number as text; "" for a blank."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> str:
        text = clean_text(value, max_length=60).replace("－", "-").replace("（", "(").replace("）", ")")
        if text and not _PHONE.fullmatch(text):
            raise CellError(
                "phone",
                _("This is not a phone number."),
                _("Write digits only, e.g. 13900000000; format the column as text."),
            )
        return text


class TenthsWidget(Widget):  # type: ignore[misc]
    """Points as integer tenths; None for a blank. Exported as the number people see."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> int | None:
        return parse_tenths(value)

    def render(self, value: int | None, obj: Any = None, **options: Any) -> str:
        return "" if value is None else say_points(value)


class FenWidget(Widget):  # type: ignore[misc]
    """An amount in yuan as integer fen; None for a blank. Exported as the number people see."""

    def clean(self, value: Cell, row: Any = None, **options: Any) -> int | None:
        return parse_fen(value)

    def render(self, value: int | None, obj: Any = None, **options: Any) -> str:
        return "" if value is None else show_yuan(value)


class YesNoWidget(Widget):  # type: ignore[misc]
    """是 / 否; None for a blank."""

    offered = ("是", "否")

    def clean(self, value: Cell, row: Any = None, **options: Any) -> bool | None:
        return parse_yes_no(value)

    def render(self, value: bool | None, obj: Any = None, **options: Any) -> str:
        return "" if value is None else ("是" if value else "否")
