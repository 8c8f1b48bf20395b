"""Reading and placing periods (D1, D2, D3)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.periods import (
    PeriodError,
    first_day,
    half_end,
    half_of,
    half_start,
    last_day,
    parse_period,
    period_half,
    period_kind,
    period_of,
    period_year,
    periods_of_year,
)

KINDS = ("month", "quarter", "half", "year")


@pytest.mark.parametrize(
    ("text", "kind", "period"),
    [
        ("2025-03", "month", "2025-03"),
        ("2025-3", "month", "2025-03"),
        ("2025年3月", "month", "2025-03"),
        ("2025年12月份", "month", "2025-12"),
        ("2025.3", "month", "2025-03"),
        ("2025/03", "month", "2025-03"),
        ("２０２５年３月", "month", "2025-03"),
        ("２０２５－０３", "month", "2025-03"),
        (" 2025 年 3 月 ", "month", "2025-03"),
        ("2025Q1", "quarter", "2025Q1"),
        ("2025q1", "quarter", "2025Q1"),
        ("２０２５Ｑ４", "quarter", "2025Q4"),
        ("2025-Q2", "quarter", "2025Q2"),
        ("2025年第1季度", "quarter", "2025Q1"),
        ("2025年1季度", "quarter", "2025Q1"),
        ("2025年一季度", "quarter", "2025Q1"),
        ("2025年第三季度", "quarter", "2025Q3"),
        ("2025年四季度", "quarter", "2025Q4"),
        ("2025H1", "half", "2025H1"),
        ("2025h2", "half", "2025H2"),
        ("2025上半年", "half", "2025H1"),
        ("2025年下半年", "half", "2025H2"),
        ("2025", "year", "2025"),
        ("2025年", "year", "2025"),
        ("2025年度", "year", "2025"),
        ("2025年全年", "year", "2025"),
    ],
)
def test_reads_what_people_write(text: str, kind: str, period: str) -> None:
    assert parse_period(text, kind) == period


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("", "month", "empty"),
        (" 　", "month", "empty"),
        ("2025-13", "month", "out_of_range"),
        ("2025-00", "month", "out_of_range"),
        ("2025Q5", "quarter", "out_of_range"),
        ("2025Q0", "quarter", "out_of_range"),
        ("2025H3", "half", "out_of_range"),
        ("0000-01", "month", "out_of_range"),
        ("1920", "year", "out_of_range"),
        ("3000", "year", "out_of_range"),
        ("2025Q1", "month", "wrong_kind"),
        ("2025", "month", "wrong_kind"),
        ("2025-03", "quarter", "wrong_kind"),
        ("2025H1", "year", "wrong_kind"),
        ("2025-03-05", "month", "unreadable"),
        ("25-03", "month", "unreadable"),
        ("二〇二五年三月", "month", "unreadable"),
        ("2025-1²", "month", "unreadable"),
        ("202503", "month", "unreadable"),
        ("２０２５年五季度", "quarter", "unreadable"),
        ("2025\u22123", "month", "unreadable"),
        ("٢٠٢٥", "year", "unreadable"),
        ("2025-03\x00", "month", "unreadable"),
        ("2025Q1; DROP", "quarter", "unreadable"),
    ],
)
def test_refuses_with_a_reason(text: str, kind: str, code: str) -> None:
    with pytest.raises(PeriodError) as refused:
        parse_period(text, kind)
    assert (refused.value.code, refused.value.text, refused.value.kind) == (code, text, kind)


def test_a_period_of_another_kind_says_which() -> None:
    with pytest.raises(PeriodError) as refused:
        parse_period("2025年一季度", "month")
    assert refused.value.found == "quarter"


def test_an_unknown_kind_is_a_mistake_of_the_caller() -> None:
    for call in (lambda: parse_period("2025", "week"), lambda: periods_of_year(2025, "week")):
        with pytest.raises(ValueError, match="kind must be one of month, quarter, half, year"):
            call()


@pytest.mark.parametrize(
    ("day", "month", "quarter", "half"),
    [
        (date(2025, 1, 1), "2025-01", "2025Q1", "2025H1"),
        (date(2025, 3, 31), "2025-03", "2025Q1", "2025H1"),
        (date(2025, 4, 1), "2025-04", "2025Q2", "2025H1"),
        (date(2025, 6, 30), "2025-06", "2025Q2", "2025H1"),
        (date(2025, 7, 1), "2025-07", "2025Q3", "2025H2"),
        (date(2025, 12, 31), "2025-12", "2025Q4", "2025H2"),
    ],
)
def test_a_day_lies_in_its_periods(day: date, month: str, quarter: str, half: str) -> None:
    assert [period_of(day, kind) for kind in KINDS] == [month, quarter, half, "2025"]
    assert half_of(day) == half[4:]


def test_a_year_has_its_periods_in_order() -> None:
    assert periods_of_year(2025, "month")[0] == "2025-01"
    assert periods_of_year(2025, "month")[11] == "2025-12"
    assert periods_of_year(2025, "quarter") == ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
    assert periods_of_year(2025, "half") == ("2025H1", "2025H2")
    assert periods_of_year(2025, "year") == ("2025",)


@pytest.mark.parametrize(
    ("period", "kind", "first", "last"),
    [
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025Q4", "quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025H1", "half", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025", "year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_a_period_has_days(period: str, kind: str, first: date, last: date) -> None:
    assert (period_kind(period), period_year(period)) == (kind, first.year)
    assert (first_day(period), last_day(period)) == (first, last)


@pytest.mark.parametrize("period", ["", "2025-3", "2025q1", "2025年", "2025-13"])
def test_only_canonical_periods_have_days(period: str) -> None:
    with pytest.raises(PeriodError):
        first_day(period)


@pytest.mark.parametrize(
    ("period", "day", "half"),
    [
        ("2025-06", date(2025, 7, 5), "H1"),
        ("2025-07", date(2025, 3, 5), "H2"),
        ("2025Q2", date(2025, 8, 5), "H1"),
        ("2025Q3", date(2025, 6, 5), "H2"),
        ("2025H1", date(2025, 9, 5), "H1"),
        ("2025H2", date(2025, 2, 5), "H2"),
        ("2025", date(2025, 6, 30), "H1"),
        ("2025", date(2025, 7, 1), "H2"),
        ("2025", date(2026, 2, 10), "H2"),
        ("2025", date(2024, 12, 31), "H1"),
    ],
)
def test_a_base_record_belongs_to_the_half_of_its_period(period: str, day: date, half: str) -> None:
    assert period_half(period, day) == half


def test_halves_have_their_days() -> None:
    assert (half_start(2025, "H1"), half_end(2025, "H1")) == (date(2025, 1, 1), date(2025, 6, 30))
    assert (half_start(2025, "H2"), half_end(2025, "H2")) == (date(2025, 7, 1), date(2025, 12, 31))
    with pytest.raises(ValueError, match="H3"):
        half_end(2025, "H3")


@given(st.dates(date(1921, 1, 1), date(2999, 12, 31)), st.sampled_from(KINDS))
def test_every_day_lies_between_the_ends_of_its_period(day: date, kind: str) -> None:
    period = period_of(day, kind)
    assert first_day(period) <= day <= last_day(period)
    assert parse_period(period, kind) == period
    assert period in periods_of_year(day.year, kind)


@given(st.text(max_size=12), st.sampled_from(KINDS))
def test_any_text_is_a_period_or_an_error_with_a_reason(text: str, kind: str) -> None:
    try:
        period = parse_period(text, kind)
    except PeriodError as error:
        outcome = error.code
    else:
        outcome = period_kind(period)
    assert outcome in {kind, "empty", "unreadable", "wrong_kind", "out_of_range"}
