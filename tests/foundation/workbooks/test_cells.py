from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from foundation.months import Month
from foundation.workbooks.cells import (
    Tick,
    clean_text,
    format_number,
    parse_choice,
    parse_date,
    parse_date_or_month,
    parse_fen,
    parse_tenths,
    parse_tick,
    parse_yes_no,
)
from foundation.workbooks.errors import CellError
from foundation.workbooks.reader import Cell, FaultyCell


def code_of(parse: Callable[[Cell], object], value: Cell) -> str:
    with pytest.raises(CellError) as caught:
        parse(value)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.problem)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.remedy)
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("  张三 ", "张三"),
        ("张\u3000三", "张 三"),
        ("张\u00a0三", "张 三"),
        pytest.param("\ufeff张\u200b三\u200e", "张三", id="zero width"),
        pytest.param("\u202e三张\u202c", "三张", id="right to left"),
        ("１２Ａｂ", "12Ab"),
        ("e\u0301", "é"),
        ("²", "²"),
        ("䶮㛃𬱖𫖯", "䶮㛃𬱖𫖯"),
        ("'430101", "430101"),
        ('="430101"', "430101"),
        pytest.param("a\x0bb\r\nc\td", "a b c d", id="breaks and tabs"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        (13800001111.0, "13800001111"),
        (3.5, "3.5"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        (True, "TRUE"),
        (date(2025, 3, 5), "2025-03-05"),
        (datetime(2025, 3, 5), "2025-03-05"),
    ],
)
def test_text(value: Cell, expected: str) -> None:
    assert clean_text(value) == expected


def test_text_of_several_lines_keeps_them_when_asked() -> None:
    assert clean_text(" 一 \r\n二", multiline=True) == "一\n二"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("a\0b", "control_character", id="NUL"),
        pytest.param("a\x1bb", "control_character", id="escape"),
        pytest.param("a\ud800", "control_character", id="lone surrogate"),
        pytest.param("长" * 201, "too_long", id="201 characters"),
        pytest.param("x" * 40_000, "too_long", id="40,000 characters"),
        (FaultyCell("#REF!"), "error_value"),
        (FaultyCell("="), "formula_without_value"),
    ],
)
def test_text_that_is_refused(value: Cell, code: str) -> None:
    assert code_of(clean_text, value) == code


@pytest.mark.parametrize(
    ("number", "expected"), [(1e20, "1e+20"), (-0.0, "0"), (1.39e10, "13900000000"), (2.675, "2.675"), (5, "5")]
)
def test_numbers_as_excel_shows_them(number: float, expected: str) -> None:
    assert format_number(number) == expected


@pytest.mark.parametrize(
    "value",
    [
        date(2025, 3, 5),
        datetime(2025, 3, 5, 23, 59, 59),
        "2025-03-05",
        "2025/3/5",
        "2025.3.5",
        "2025年3月5日",
        "2025 年 3 月 5 日",
        "2025年3月5号",
        "20250305",
        "２０２５年３月５日",
        "２０２５０３０５",
        "2025．3．5",
        "2025／03／05",
        " 2025-3-5\u3000",
        "2025-03-05 00:00:00",
        "2025-03-05T08:30",
        20250305,
        20250305.0,
    ],
)
def test_dates(value: Cell) -> None:
    assert parse_date(value) == date(2025, 3, 5)


@pytest.mark.parametrize("value", [None, "", "  ", "\u3000"])
def test_no_date(value: Cell) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2025-02-29", "impossible_date"),
        ("2025.6.31", "impossible_date"),
        ("2025年13月1日", "impossible_date"),
        ("20251301", "impossible_date"),
        ("2025-00-10", "impossible_date"),
        ("二〇二五年三月五日", "unreadable_date"),
        ("25/06/01", "unreadable_date"),
        ("2025-3", "unreadable_date"),
        ("2025/3-5", "unreadable_date"),
        ("3月5日", "unreadable_date"),
        ("昨天", "unreadable_date"),
        ("2025²03²05", "unreadable_date"),
        ("٢٠٢٥-٠٣-٠٥", "unreadable_date"),
        (45721.0, "unreadable_date"),
        (20250305.5, "unreadable_date"),
        (float("nan"), "unreadable_date"),
        (True, "unreadable_date"),
        (time(12), "unreadable_date"),
        (timedelta(1), "unreadable_date"),
        (date(1900, 2, 28), "date_out_of_range"),
        ("1899-12-31", "date_out_of_range"),
        ("2101-01-01", "date_out_of_range"),
        (FaultyCell("#VALUE!"), "error_value"),
    ],
)
def test_dates_that_are_refused(value: Cell, code: str) -> None:
    assert code_of(parse_date, value) == code


@pytest.mark.parametrize("value", ["1965-03", "1965年3月", "1965.03", "1965.3", 1965.03, "196503", 196503.0])
def test_month_of_birth(value: Cell) -> None:
    assert parse_date_or_month(value) == Month.of(1965, 3)


def test_day_where_a_month_would_do() -> None:
    assert parse_date_or_month("1965.3.8") == date(1965, 3, 8)


@pytest.mark.parametrize(
    ("value", "code"),
    [(1965.1, "month_as_number"), ("1965年", "year_alone"), (1965.0, "year_alone"), ("65.3", "unreadable_date")],
)
def test_months_that_are_refused(value: Cell, code: str) -> None:
    assert code_of(parse_date_or_month, value) == code


@pytest.mark.parametrize("value", ["1965-13", "196500"])
def test_impossible_month(value: str) -> None:
    assert code_of(parse_date_or_month, value) == "impossible_date"


@pytest.mark.parametrize(
    ("value", "tenths"),
    [
        ("3.5", 35),
        ("３．５", 35),
        (3.5, 35),
        (4, 40),
        ("4.0", 40),
        ("0.10", 1),
        ("+3", 30),
        ("２分", 20),
        (0.1 + 0.2, 3),
        (0.7, 7),
        (None, None),
        (" ", None),
        (0.0, 0),
    ],
)
def test_tenths(value: Cell, tenths: int | None) -> None:
    assert parse_tenths(value) == tenths


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("3.55", "too_fine"),
        (3.55, "too_fine"),
        ("0.30000000000000004", "too_fine"),
        (-1.0, "negative"),
        ("-0", "negative"),
        ("−1", "negative"),
        ("－１", "negative"),
        ("NaN", "unreadable_number"),
        ("inf", "unreadable_number"),
        (float("nan"), "unreadable_number"),
        (float("inf"), "unreadable_number"),
        ("1e3", "unreadable_number"),
        ("1_000", "unreadable_number"),
        ("²", "unreadable_number"),
        ("٣", "unreadable_number"),
        ("3,5", "unreadable_number"),
        ("++3", "unreadable_number"),
        ("3分分", "unreadable_number"),
        ("100%", "unreadable_number"),
        (".5", "unreadable_number"),
        ("1 000", "unreadable_number"),
        ("9" * 12, "unreadable_number"),
        (1e300, "unreadable_number"),
        (date(2025, 3, 5), "unreadable_number"),
        (True, "unreadable_number"),
    ],
)
def test_tenths_that_are_refused(value: Cell, code: str) -> None:
    assert code_of(parse_tenths, value) == code


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        ("5", 500),
        ("5.2", 520),
        ("５．２０", 520),
        (0.2, 20),
        (0.1 + 0.2, 30),
        (1.15, 115),
        (0.0, 0),
        ("999999.99", 99_999_999),
        (None, None),
        (" ", None),
    ],
)
def test_amounts(value: Cell, fen: int | None) -> None:
    assert parse_fen(value) == fen


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0.205", "too_fine"),
        (5.001, "too_fine"),
        (-5.0, "negative"),
        (1_000_000.0, "too_much"),
        ("999999999", "too_much"),
        ("5元", "unreadable_number"),
        ("1,000", "unreadable_number"),
        ("五元", "unreadable_number"),
        (date(2025, 3, 5), "unreadable_number"),
        (True, "unreadable_number"),
    ],
)
def test_amounts_that_are_refused(value: Cell, code: str) -> None:
    assert code_of(parse_fen, value) == code


@pytest.mark.parametrize(
    ("value", "expected"),
    [("是", True), ("√", True), (1.0, True), (True, True), ("否", False), ("×", False), (0.0, False), (None, None)],
)
def test_yes_or_no(value: Cell, expected: bool | None) -> None:
    assert parse_yes_no(value) is expected


@pytest.mark.parametrize("value", ["也许", "2", "是否"])
def test_neither_yes_nor_no(value: str) -> None:
    assert code_of(parse_yes_no, value) == "not_yes_or_no"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("√", Tick.EARNED),
        ("✓", Tick.EARNED),
        (1.0, Tick.EARNED),
        ("１", Tick.EARNED),
        ("是", Tick.EARNED),
        (None, Tick.NOT_EARNED),
        ("×", Tick.NOT_EARNED),
        ("X", Tick.NOT_EARNED),
        ("ｘ", Tick.NOT_EARNED),
        ("否", Tick.NOT_EARNED),
        (0.0, Tick.NOT_EARNED),
        ("假", Tick.EXCUSED),
        ("请假", Tick.EXCUSED),
        ("缺", Tick.ABSENT),
        ("缺席", Tick.ABSENT),
        *((word, Tick.EARNED) for word in ("补课", "线上", "送学上门", "在流入地", "参加")),
    ],
)
def test_ticks(value: Cell, expected: Tick) -> None:
    assert parse_tick(value) is expected


@pytest.mark.parametrize("value", ["半", 2.0, "√√", date(2025, 1, 1)])
def test_no_tick(value: Cell) -> None:
    assert code_of(parse_tick, value) == "not_a_tick"


def test_choice() -> None:
    assert parse_choice(" 男 ", {"男": "male", "女": "female"}) == "male"
    assert parse_choice(None, {"男": "male"}) is None
    assert code_of(lambda value: parse_choice(value, {"男": "male"}), "M") == "unknown_choice"
