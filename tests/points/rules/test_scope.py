"""Months in the scheme (2.1, D15, D16)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.scope import Span, is_in_scope, months_in_scope, subtract_spans

ALL_YEAR = tuple(range(1, 13))


@pytest.mark.parametrize(
    ("spans", "months"),
    [
        ([], ()),
        ([Span(date(2001, 7, 1))], ALL_YEAR),
        ([Span(date(2025, 1, 31))], ALL_YEAR),
        ([Span(date(2025, 2, 1))], ALL_YEAR[1:]),
        ([Span(date(2001, 7, 1), date(2025, 5, 31))], (1, 2, 3, 4)),
        ([Span(date(2001, 7, 1), date(2025, 6, 1))], (1, 2, 3, 4, 5)),
        ([Span(date(2001, 7, 1), date(2025, 2, 10)), Span(date(2025, 11, 10))], (1, 11, 12)),
        ([Span(date(2025, 3, 5), date(2025, 3, 25))], ()),
        ([Span(date(2026, 1, 1))], ()),
        ([Span(date(2025, 3, 31), date(2025, 3, 31))], ()),
    ],
)
def test_a_month_counts_by_its_last_day(spans: list[Span], months: tuple[int, ...]) -> None:
    assert months_in_scope(2025, spans) == months


def test_february_of_a_leap_year_ends_on_the_29th() -> None:
    assert months_in_scope(2024, [Span(date(2024, 2, 29), date(2024, 3, 1))]) == (2,)


def test_a_span_runs_up_to_but_without_its_end() -> None:
    spans = [Span(date(2025, 3, 1), date(2025, 3, 10))]
    assert not is_in_scope(spans, date(2025, 2, 28))
    assert is_in_scope(spans, date(2025, 3, 1))
    assert is_in_scope(spans, date(2025, 3, 9))
    assert not is_in_scope(spans, date(2025, 3, 10))


def test_exemptions_are_cut_out() -> None:
    member = [Span(date(2001, 7, 1))]
    assert subtract_spans(member, [Span(date(2025, 7, 1), date(2025, 10, 1))]) == (
        Span(date(2001, 7, 1), date(2025, 7, 1)),
        Span(date(2025, 10, 1)),
    )
    assert subtract_spans(member, [Span(date(2025, 7, 1))]) == (Span(date(2001, 7, 1), date(2025, 7, 1)),)
    assert subtract_spans(member, [Span(date(2000, 1, 1))]) == ()
    assert subtract_spans(member, []) == tuple(member)
    assert subtract_spans(member, [Span(date(2025, 7, 1), date(2025, 7, 1))]) == tuple(member)


DAYS = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(n))
SPANS = st.lists(st.builds(Span, DAYS, st.none() | DAYS), max_size=4)


@given(SPANS, SPANS, DAYS)
def test_a_day_is_left_when_it_was_in_and_not_taken_out(spans: list[Span], minus: list[Span], day: date) -> None:
    left = subtract_spans(spans, minus)
    assert is_in_scope(left, day) == (is_in_scope(spans, day) and not is_in_scope(minus, day))
    assert all(span.end is None or span.start < span.end for span in left)
