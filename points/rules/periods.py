"""Periods and halves: `2025-03`, `2025Q1`, `2025H1`, `2025` (D1, D2, D3)."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from points.rules.vocabulary import PERIODS_PER_YEAR

H1 = "H1"
H2 = "H2"
HALVES = (H1, H2)

EARLIEST_YEAR = 1921
LATEST_YEAR = 2999

# Only full-width ASCII and the ideographic space are read as their narrow forms: a raised ² is no digit.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4", "上": "1", "下": "2"}
_SHAPES = {
    "month": re.compile(r"([0-9]{4})(?:[-./]|年)([0-9]{1,2})(?:月份?)?"),
    "quarter": re.compile(r"([0-9]{4})(?:年|[-./])?(?:Q([0-9])|第?([0-9一二三四])季度?)"),
    "half": re.compile(r"([0-9]{4})(?:年|[-./])?(?:H([0-9])|([上下])半年)"),
    "year": re.compile(r"([0-9]{4})(?:年度?|年?全年)?"),
}


class PeriodError(ValueError):
    """A text is no period of the kind asked for.

    `code`: `empty`, `unreadable`, `wrong_kind` (a period, but of `found` instead of `kind`) or `out_of_range`
    (month 13, quarter 5, a year outside 1921–2999); `text` is what was read.
    """

    def __init__(self, code: str, text: str, kind: str, found: str = "") -> None:
        super().__init__(f'"{text[:40]}" is not a {kind}: {code}')
        self.code = code
        self.text = text
        self.kind = kind
        self.found = found


@lru_cache(maxsize=4096)
def parse_period(text: str, kind: str) -> str:
    """The canonical period a text means for an item counted per `kind` (month, quarter, half, year).

    Reads `2025-03`, 2025年3月, 2025.3, 2025/03; `2025Q1`, 2025年第1季度, 2025年一季度; `2025H1`, 2025上半年; 2025,
    2025年度; full-width characters and blanks do not matter. Raises PeriodError.
    """
    _check_kind(kind)
    plain = "".join(text.translate(_NARROW).split()).upper()
    if not plain:
        raise PeriodError("empty", text, kind)
    for found, shape in _SHAPES.items():
        match = shape.fullmatch(plain)
        if match is None:
            continue
        if found != kind:
            raise PeriodError("wrong_kind", text, kind, found)
        year, *numbers = (part for part in match.groups() if part is not None)
        number = int(_DIGITS.get(numbers[0], numbers[0])) if numbers else 1
        if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR or not 1 <= number <= PERIODS_PER_YEAR[kind]:
            raise PeriodError("out_of_range", text, kind)
        return _format_period(int(year), kind, number)
    raise PeriodError("unreadable", text, kind)


def period_of(day: date, kind: str) -> str:
    """The period of a kind in which a day lies."""
    _check_kind(kind)
    return _format_period(day.year, kind, (day.month - 1) * PERIODS_PER_YEAR[kind] // 12 + 1)


def periods_of_year(year: int, kind: str) -> tuple[str, ...]:
    """All periods of a kind in a year, in order."""
    _check_kind(kind)
    return tuple(_format_period(year, kind, number) for number in range(1, PERIODS_PER_YEAR[kind] + 1))


def period_kind(period: str) -> str:
    """The kind of a canonical period. Raises PeriodError."""
    return _split(period)[1]


def half_it_ends_in(period: str) -> str:
    """The half by whose end a period is owed: a year's item by the end of the year, whenever it is held (D3)."""
    return H2 if period_kind(period) == "year" else period_half(period, first_day(period))


def period_year(period: str) -> int:
    """The assessment year of a canonical period. Raises PeriodError."""
    return _split(period)[0]


def first_day(period: str) -> date:
    """The first day of a canonical period. Raises PeriodError."""
    year, kind, number = _split(period)
    return date(year, (number - 1) * (12 // PERIODS_PER_YEAR[kind]) + 1, 1)


@lru_cache(maxsize=1024)
def last_day(period: str) -> date:
    """The last day of a canonical period. Raises PeriodError."""
    year, kind, number = _split(period)
    return month_end(year, number * (12 // PERIODS_PER_YEAR[kind]))


def period_half(period: str, day: date) -> str:
    """The half a base record belongs to (D3): that of its period; for a yearly period that of its day,
    H1 when dated before that year and H2 when dated after it. Raises PeriodError.
    """
    year, kind, number = _split(period)
    if kind != "year":
        return H1 if number * 2 <= PERIODS_PER_YEAR[kind] else H2
    if day.year != year:
        return H1 if day.year < year else H2
    return half_of(day)


def half_of(day: date) -> str:
    """The half in which a day lies (D1)."""
    return H1 if day.month <= 6 else H2


def half_start(year: int, half: str) -> date:
    """The first day of a half. Raises ValueError for anything but H1 and H2."""
    return date(year, 6 * _half_number(half) - 5, 1)


def begun_halves(years: Iterable[int], day: date) -> list[tuple[int, str]]:
    """(year, half) of those of the years that have begun by a day, the latest first."""
    return sorted(((year, half) for year in years for half in HALVES if half_start(year, half) <= day), reverse=True)


def half_end(year: int, half: str) -> date:
    """The last day of a half: 30 June or 31 December. Raises ValueError for anything but H1 and H2."""
    return month_end(year, 6 * _half_number(half))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


@lru_cache(maxsize=1024)
def _split(period: str) -> tuple[int, str, int]:
    for kind, shape in _SHAPES.items():
        if shape.fullmatch(period) and parse_period(period, kind) == period:
            tail = period[4:].lstrip("-QH")
            return int(period[:4]), kind, int(tail) if tail else 1
    raise PeriodError("unreadable", period, "period")


def _half_number(half: str) -> int:
    if half not in HALVES:
        raise ValueError(f"half must be one of {', '.join(HALVES)}, got {half!r}")
    return HALVES.index(half) + 1


def _format_period(year: int, kind: str, number: int) -> str:
    tail = {"month": f"-{number:02}", "quarter": f"Q{number}", "half": f"H{number}", "year": ""}[kind]
    return f"{year:04}{tail}"


def _check_kind(kind: str) -> None:
    if kind not in PERIODS_PER_YEAR:
        raise ValueError(f"kind must be one of {', '.join(PERIODS_PER_YEAR)}, got {kind!r}")
