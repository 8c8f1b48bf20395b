"""What a cell says: text, date, points, yes or no. Each `parse_…` normalises what people type and refuses to guess.

Normalised without a word: full-width letters and digits, full-width, no-break and other odd spaces, zero-width and
direction characters, an apostrophe Excel put in front of text, composed accents (NFC). Blank cells give None or "".
All raise `CellError`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from django.utils.translation import gettext as _

from foundation.months import Month
from foundation.normal_forms import normalise
from foundation.workbooks.errors import CellError
from foundation.workbooks.reader import Cell, FaultyCell

T = TypeVar("T")

EARLIEST = date(1900, 3, 1)  # before it Excel's calendar is wrong (serial 60 is a day that never was)
LATEST = date(2100, 12, 31)
TEXT_LENGTH = 200
MOST_YUAN = 1_000_000  # an amount from here on has slipped from another column

_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_INVISIBLE = dict.fromkeys(
    (0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF), None
)
_SPACES = dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000), " ")
_LINE_BREAKS = {0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x85: "\n"}
_TIDY = {**_FULL_WIDTH, **_INVISIBLE, **_SPACES, **_LINE_BREAKS, 0x09: " "}
_PLAIN = re.compile(r"[!-&(-<>-~\u4e00-\u9fff]+")  # nothing to tidy: the usual case, read fast
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PUNCTUATION = str.maketrans({"．": ".", "／": "/", "－": "-", "﹣": "-", "–": "-", "—": "-"})
_DATE = re.compile(
    r"(?P<y>[0-9]{4})(?:(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"|年(?P<m2>[0-9]{1,2})月(?P<d2>[0-9]{1,2})[日号]|(?P<m3>[0-9]{2})(?P<d3>[0-9]{2}))"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)?"
)
_MONTH = re.compile(r"(?P<y>[0-9]{4})(?:[-/.](?P<m>[0-9]{1,2})|年(?P<m2>[0-9]{1,2})月|(?P<m3>[0-9]{2}))")
_YEAR = re.compile(r"[0-9]{4}年?")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")
_NEGATIVE = re.compile(r"-[0-9.]+")


class Tick(Enum):
    """A cell of a tick sheet (D24)."""

    EARNED = "earned"
    NOT_EARNED = "not_earned"
    EXCUSED = "excused"
    ABSENT = "absent"


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def clean_text(value: Cell, *, max_length: int = TEXT_LENGTH, multiline: bool = False) -> str:
    """The text of a cell, tidied; numbers as Excel shows them, dates as 2025-03-05, a blank as ""."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return _text_of_value(value)
    if _PLAIN.fullmatch(value) and len(value) <= max_length:
        return value
    text = normalise("NFC", value.replace("\r\n", "\n").translate(_TIDY)).strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1]
    text = text.removeprefix("'").removeprefix("‘").strip() if text[:1] in ("'", "‘") else text
    if _CONTROL.search(text):
        raise CellError(
            "control_character",
            _("The text contains characters that cannot be shown."),
            _("Delete the cell's content and type it anew."),
        )
    lines = text.split("\n") if multiline else [text]
    text = "\n".join(" ".join(line.split()) for line in lines)
    if len(text) > max_length:
        raise CellError(
            "too_long",
            _("The text is %(length)d characters long; at most %(limit)d are allowed.")
            % {"length": len(text), "limit": max_length},
            _("Shorten it."),
        )
    return text


def _text_of_value(value: Cell) -> str:
    if isinstance(value, FaultyCell):
        raise faulty(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def faulty(cell: FaultyCell) -> CellError:
    """The error of a cell that holds `#REF!` or a formula without a value."""
    if cell.never_calculated:
        return CellError(
            "formula_without_value",
            _("The cell holds a formula whose result was never stored."),
            _("Open the file in Excel, let it calculate, and save it; or type the value itself."),
        )
    return CellError(
        "error_value",
        _("The cell shows the Excel error %(error)s.") % {"error": cell.text},
        _("Repair the formula or type the value itself."),
    )


def format_number(value: float) -> str:
    """A number as Excel shows it: at most 15 significant digits, no needless decimals (13800001111.0 → 13800001111)."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return format(value, ".15g")


def parse_date(value: Cell) -> date | None:
    """A day: an Excel date (a time of day is dropped) or 2025-03-05, 2025/3/5, 2025.3.5, 2025年3月5日, 20250305."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return _in_range(value.date())
    if isinstance(value, date):
        return _in_range(value)
    text = _date_text(value)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise _unreadable_date()
    parts = match.groupdict()
    return _build_date(
        int(parts["y"]), int(parts["m"] or parts["m2"] or parts["m3"]), int(parts["d"] or parts["d2"] or parts["d3"])
    )


def parse_date_or_month(value: Cell) -> date | None:
    """A day, or a `Month` alone: 1965-03, 1965.3, 1965年3月, 196503; no year alone, and no 1965.10 as a number."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = _date_text(value)
        match = _MONTH.fullmatch(text)
        if match is not None:
            parts = match.groupdict()
            if isinstance(value, float) and parts["m"] == "1":
                raise CellError(
                    "month_as_number",
                    _("As a number this may be January or October: Excel drops the last 0."),
                    _("Format the column as text and write the month as %(year)s-01 or %(year)s-10.")
                    % {"year": parts["y"]},
                )
            first = _build_date(int(parts["y"]), int(parts["m"] or parts["m2"] or parts["m3"]), 1)
            return Month.of(first.year, first.month)
        if _YEAR.fullmatch(text):
            raise CellError(
                "year_alone",
                _("A year alone is not enough."),
                _("Write the month too, as %(year)s-07.") % {"year": text[:4]},
            )
    return parse_date(value)


def _date_text(value: Cell) -> str:
    if isinstance(value, bool | time | timedelta):
        raise _unreadable_date()
    text = clean_text(value, max_length=60).translate(_PUNCTUATION)
    if " " in text and ":" not in text:
        text = text.replace(" ", "")
    return text


def _build_date(year: int, month: int, day: int) -> date:
    try:
        built = date(year, month, day)
    except ValueError:
        raise CellError(
            "impossible_date",
            _("There is no such day in the calendar."),
            _("Correct the date, e.g. 2025-03-05."),
        ) from None
    return _in_range(built)


def _in_range(value: date) -> date:
    if not EARLIEST <= value <= LATEST:
        raise CellError(
            "date_out_of_range",
            _("The date lies outside of %(first)s to %(last)s.")
            % {"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
            _("Correct the date, e.g. 2025-03-05."),
        )
    return value


def _unreadable_date() -> CellError:
    return CellError(
        "unreadable_date",
        _("This is not a date that can be read without guessing."),
        _("Write the date as 2025-03-05, 2025/3/5, 2025年3月5日 or 20250305."),
    )


def parse_tenths(value: Cell) -> int | None:
    """Points as integer tenths: 3.5, +3.5, 3.5分 → 35. Numbers count as Excel shows them; finer than 0.1 is refused."""
    if isinstance(value, str):
        value = clean_text(value, max_length=40).removeprefix("+").removesuffix("分")
    points = _parse_number(value)
    if points is None:
        return None
    tenths = points * 10
    if tenths != tenths.to_integral_value():
        raise CellError("too_fine", _("Points are awarded in steps of 0.1."), _("Round to one decimal, e.g. 2.5."))
    return int(tenths)


def parse_fen(value: Cell) -> int | None:
    """An amount in yuan as integer fen: 5.2 → 520; read like points, to two decimals, and less than `MOST_YUAN`."""
    yuan = _parse_number(value)
    if yuan is None:
        return None
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise CellError(
            "too_fine", _("An amount in yuan has at most two decimals."), _("Write the amount to the fen, e.g. 5.20.")
        )
    if yuan >= MOST_YUAN:
        raise CellError(
            "too_much",
            _("An amount of %(limit)d yuan or more is not read.") % {"limit": MOST_YUAN},
            _("Correct the amount."),
        )
    return int(fen)


def _parse_number(value: Cell) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool | date | time | timedelta):
        raise _unreadable_number()
    text = clean_text(value, max_length=40).translate(_PUNCTUATION).replace("−", "-")
    if not text:
        return None
    if _NEGATIVE.fullmatch(text):
        raise CellError("negative", _("The number is negative."), _("Write it without a sign, e.g. 2.5."))
    if not _NUMBER.fullmatch(text):
        raise _unreadable_number()
    return Decimal(text)


def _unreadable_number() -> CellError:
    return CellError("unreadable_number", _("This is not a number."), _("Write a plain number, e.g. 2.5."))


YES = ("是", "√", "✓", "✔", "☑", "1", "Y", "yes", "TRUE", "有", "对")
NO = ("否", "×", "✗", "✘", "x", "0", "N", "no", "FALSE", "不是", "无", "-", "/")
"""What people write for yes and no; upper or lower case does not matter."""

TICK_WORDS = {
    Tick.EARNED: (*YES, "参加", "出席", "到会", "实到", "补课", "线上", "线上参加", "送学上门", "流入地", "在流入地"),
    Tick.NOT_EARNED: NO,
    Tick.EXCUSED: ("假", "请假", "事假", "病假", "公假", "产假", "婚假"),
    Tick.ABSENT: ("缺", "缺席", "未到"),
}
"""What stands in the cells of a tick sheet (D24); a blank is not earned."""

_YES_OR_NO = {word.casefold(): answer for words, answer in ((YES, True), (NO, False)) for word in words}
_TICKS = {"": Tick.NOT_EARNED} | {word.casefold(): tick for tick, words in TICK_WORDS.items() for word in words}


def parse_yes_no(value: Cell) -> bool | None:
    """是 / 否; None for a blank."""
    text = clean_text(value).casefold()
    if not text:
        return None
    if text in _YES_OR_NO:
        return _YES_OR_NO[text]
    raise CellError("not_yes_or_no", _("Neither 是 nor 否."), _("Write 是 or 否."))


def parse_tick(value: Cell) -> Tick:
    """What a cell of a tick sheet means by `TICK_WORDS`; whatever could be one thing or another is refused."""
    text = clean_text(value).casefold()
    if text in _TICKS:
        return _TICKS[text]
    raise CellError(
        "not_a_tick",
        _("This is no tick."),
        _("Write √ (earned), leave the cell blank or write × (not), or 假 (excused), 缺 (absent)."),
    )


def parse_choice(value: Cell, choices: Mapping[str, T]) -> T | None:
    """The choice whose name the cell gives; spaces do not matter. None for a blank."""
    text = clean_text(value).replace(" ", "")
    if not text:
        return None
    if text in choices:
        return choices[text]
    raise CellError(
        "unknown_choice",
        _("“%(value)s” is not one of the possible values.") % {"value": text[:40]},
        _("Write one of: %(choices)s.") % {"choices": "、".join(choices)},
    )
