"""A month without its day: never equal to a day, in time its first day, stored as it is written."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from foundation.months import Month, MonthOrDayField, latest_day, read_day_or_month

JULY = Month.of(1998, 7)


def test_a_month_is_no_day() -> None:
    assert (date(1998, 7, 1) == JULY, date(1998, 7, 1) == JULY, date(1998, 7, 1) != JULY) == (False, False, True)
    assert Month.of(1998, 7) == JULY
    assert len({JULY, date(1998, 7, 1), Month.of(1998, 7)}) == 2


def test_it_sorts_as_its_first_day_in_python_and_as_stored() -> None:
    days = [date(1998, 8, 1), date(1998, 7, 2), JULY, date(1998, 6, 30)]
    assert sorted(days) == [date(1998, 6, 30), JULY, date(1998, 7, 2), date(1998, 8, 1)]
    assert sorted(map(str, days)) == [str(day) for day in sorted(days)]


@pytest.mark.parametrize("day", [JULY, date(1998, 7, 1), date(2024, 2, 29)])
def test_it_comes_back_as_it_was_written(day: date) -> None:
    assert read_day_or_month(day.isoformat()) == day
    assert MonthOrDayField().to_python(str(day)) == day
    assert pickle.loads(pickle.dumps(day)) == day


def test_the_latest_day_it_may_mean() -> None:
    assert (latest_day(Month.of(2024, 2)), latest_day(date(2024, 2, 3))) == (date(2024, 2, 29), date(2024, 2, 3))
    assert type(latest_day(JULY)) is date
