"""Months in the scheme (2.1, D15, D16)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules.rulebook import BaseItem, IncentiveItem, load_shipped_rulebook
from points.rules.scope import (
    Span,
    cut_to_year,
    is_in_scope,
    is_owed,
    may_count,
    months_in_scope,
    spans_of_months,
    subtract_spans,
)

ALL_YEAR = tuple(range(1, 13))
RULEBOOK = load_shipped_rulebook()
FROM_10_MARCH = [Span(date(2025, 3, 10))]
UNTIL_20_AUGUST = [Span(date(2001, 7, 1), date(2025, 8, 20))]


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


@pytest.mark.parametrize(
    ("item", "period", "day", "spans", "counts"),
    [
        # Dues by their month, whenever they are paid.
        ("dues", "2025-02", date(2025, 4, 1), FROM_10_MARCH, False),
        ("dues", "2025-03", date(2025, 3, 1), FROM_10_MARCH, True),
        ("dues", "2025-07", date(2025, 9, 1), UNTIL_20_AUGUST, True),
        ("dues", "2025-08", date(2025, 8, 1), UNTIL_20_AUGUST, False),
        # A meeting by its day; held after its period by the period's last day.
        ("lecture", "2025Q1", date(2025, 3, 9), FROM_10_MARCH, False),
        ("lecture", "2025Q1", date(2025, 3, 10), FROM_10_MARCH, True),
        ("lecture", "2025Q1", date(2025, 5, 1), FROM_10_MARCH, True),
        ("lecture", "2025Q3", date(2025, 8, 19), UNTIL_20_AUGUST, True),
        ("lecture", "2025Q3", date(2025, 8, 20), UNTIL_20_AUGUST, False),
        ("party_day", "2025-07", date(2025, 9, 1), UNTIL_20_AUGUST, True),
        ("appraisal", "2025", date(2026, 2, 10), UNTIL_20_AUGUST, False),
        ("appraisal", "2025", date(2026, 2, 10), FROM_10_MARCH, True),
        # A meeting of the period before it began: by its day.
        ("life_meeting", "2025H2", date(2025, 6, 30), [Span(date(2025, 7, 1))], False),
        # The pledge by its year.
        ("pledge", "2025", date(2025, 1, 5), FROM_10_MARCH, True),
        ("pledge", "2024", date(2025, 5, 5), FROM_10_MARCH, False),
        ("pledge", "2025", date(2025, 12, 1), UNTIL_20_AUGUST, True),
        # A deed by its day.
        ("volunteering", "", date(2025, 3, 9), FROM_10_MARCH, False),
        ("volunteering", "", date(2025, 3, 10), FROM_10_MARCH, True),
        ("volunteering", "", date(2025, 8, 20), UNTIL_20_AUGUST, False),
        ("volunteering", "", date(2025, 5, 1), [], False),
    ],
)
def test_what_may_count(item: str, period: str, day: date, spans: list[Span], counts: bool) -> None:
    found = RULEBOOK.item(item)
    assert isinstance(found, BaseItem | IncentiveItem)
    assert may_count(found, period, day, spans) is counts


DAYS = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(n))
SPANS = st.lists(st.builds(Span, DAYS, st.none() | DAYS), max_size=4)


@given(SPANS, SPANS, DAYS)
def test_a_day_is_left_when_it_was_in_and_not_taken_out(spans: list[Span], minus: list[Span], day: date) -> None:
    left = subtract_spans(spans, minus)
    assert is_in_scope(left, day) == (is_in_scope(spans, day) and not is_in_scope(minus, day))
    assert all(span.end is None or span.start < span.end for span in left)


PARTY_DAY, LECTURE, DUES = (RULEBOOK.item(code) for code in ("party_day", "lecture", "dues"))


@pytest.mark.parametrize(
    ("item", "period", "held_on", "spans", "on", "owed"),
    [
        # Held before they came: theirs is no gap, though the month's last day is in scope; held after, it is.
        (PARTY_DAY, "2025-03", [date(2025, 3, 5)], FROM_10_MARCH, date(2025, 4, 1), False),
        (PARTY_DAY, "2025-03", [date(2025, 3, 5), date(2025, 3, 20)], FROM_10_MARCH, date(2025, 4, 1), True),
        (LECTURE, "2025Q1", [date(2025, 2, 5)], FROM_10_MARCH, date(2025, 4, 1), False),
        # Made up after the period: by its last day.
        (LECTURE, "2025Q1", [date(2025, 4, 20)], FROM_10_MARCH, date(2025, 5, 1), True),
        # While the period runs another may be held.
        (LECTURE, "2025Q1", [date(2025, 2, 5)], FROM_10_MARCH, date(2025, 3, 15), True),
        (LECTURE, "2025Q3", [date(2025, 7, 5)], UNTIL_20_AUGUST, date(2025, 8, 25), True),
        (LECTURE, "2025Q3", [date(2025, 8, 25)], UNTIL_20_AUGUST, date(2025, 8, 25), False),
        # Held on no day: any day of the period will do.
        (LECTURE, "2025Q1", [], FROM_10_MARCH, date(2025, 4, 1), True),
        (PARTY_DAY, "2025-02", [], FROM_10_MARCH, date(2025, 4, 1), False),
        (LECTURE, "2025Q4", [], UNTIL_20_AUGUST, date(2026, 1, 1), False),
        # Dues by the month, whenever anything was held.
        (DUES, "2025-03", [date(2025, 3, 5)], FROM_10_MARCH, date(2025, 4, 1), True),
        (DUES, "2025-08", [], UNTIL_20_AUGUST, date(2025, 9, 1), False),
    ],
)
def test_a_meeting_is_owed_only_if_it_was_held_on_a_day_in_scope(
    item: BaseItem, period: str, held_on: list[date], spans: list[Span], on: date, owed: bool
) -> None:
    assert is_owed(item, period, held_on, spans, on=on) is owed


@pytest.mark.parametrize(
    ("months", "spans"),
    [
        ((), ()),
        (ALL_YEAR, (Span(date(2025, 1, 1), date(2026, 1, 1)),)),
        ((11, 12), (Span(date(2025, 11, 30), date(2026, 1, 1)),)),
        ((1, 2, 11), (Span(date(2025, 1, 1), date(2025, 3, 1)), Span(date(2025, 11, 30), date(2025, 12, 1)))),
    ],
)
def test_where_the_months_alone_are_known_each_says_its_last_day(
    months: tuple[int, ...], spans: tuple[Span, ...]
) -> None:
    assert spans_of_months(2025, months) == spans
    assert months_in_scope(2025, spans) == months


def test_spans_cut_to_a_year() -> None:
    spans = [
        Span(date(2001, 7, 1), date(2025, 1, 1)),
        Span(date(2025, 3, 1), date(2025, 4, 1)),
        Span(date(2025, 5, 1), date(2026, 2, 1)),
        Span(date(2026, 3, 1)),
    ]
    assert cut_to_year(spans, 2025) == (Span(date(2025, 3, 1), date(2025, 4, 1)), Span(date(2025, 5, 1)))
    assert cut_to_year([Span(date.min)], 2025) == (Span(date(2025, 1, 1)),)
