"""How long a notice stays up, moment by moment (3.3, D9): `closing_moments.csv` is for committee members to read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from members.errors import UnknownWorkYear
from members.models import Town, WorkDay
from members.places.workdays import TownCalendar
from publicity.notices.counted_days import closes_at, last_day_up
from tests.cast import Cast
from tests.clock import SHANGHAI

TABLE = Path(__file__).with_name("closing_moments.csv")
WEEKDAYS = "一二三四五六日"


def read_rows() -> Iterator[tuple[date, int, bool, date, datetime]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            closes = datetime.strptime(row["此时起可以结束"], "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
            working = {"自然日": False, "工作日": True}[row["算法"]]
            yield read_day(row["上墙日期"]), int(row["公示天数"]), working, read_day(row["应保留到"]), closes


def read_day(text: str) -> date:
    """`2025-07-07（周一）`; the weekday must be the right one."""
    day = date.fromisoformat(text[:10])
    assert text[10:] == f"（周{WEEKDAYS[day.weekday()]}）"
    return day


ROWS = list(read_rows())


@pytest.fixture
def calendar(db: None) -> TownCalendar:
    return TownCalendar(Town.objects.create(name="甲镇"))


@pytest.mark.parametrize(("posted_on", "days", "working", "last_day", "closes"), ROWS)
def test_closing_moments(
    calendar: TownCalendar, posted_on: date, days: int, working: bool, last_day: date, closes: datetime
) -> None:
    found = last_day_up(posted_on, days=days, working=working, calendar=calendar)
    assert found == last_day
    assert closes_at(found) == closes


def test_the_table_has_at_least_forty_moments() -> None:
    assert len({row[:3] for row in ROWS}) >= 40


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert closes_at(date(2025, 10, 9)) == datetime(2025, 10, 9, 16, 0, tzinfo=UTC)


def test_a_notice_is_never_up_for_fewer_than_its_days(calendar: TownCalendar) -> None:
    day = date(2024, 12, 1)
    while day < date(2026, 12, 1):
        last_day = last_day_up(day, days=5, working=False, calendar=calendar)
        assert last_day >= day + timedelta(days=5)
        assert calendar.is_workday(last_day)
        assert not any(calendar.is_workday(day + timedelta(days=extra)) for extra in range(5, (last_day - day).days))
        day += timedelta(days=1)


def test_ten_working_days_for_an_answer(calendar: TownCalendar) -> None:
    # D11: received on Friday 26 September; Sunday 28 is worked, the National Day holiday is not.
    assert calendar.add_workdays(date(2025, 9, 26), 10) == date(2025, 10, 16)


def test_a_year_nobody_knows_says_what_to_do(calendar: TownCalendar) -> None:
    with pytest.raises(UnknownWorkYear, match=r"2027年的放假安排还不知道.*放假和调休"):
        last_day_up(date(2026, 12, 28), days=5, working=False, calendar=calendar)


def test_the_towns_own_days_go_before_the_shipped_calendar(cast: Cast) -> None:
    WorkDay.objects.create(town=cast.town, day=date(2025, 7, 14), is_worked=False, name="抗洪放假")
    WorkDay.objects.create(town=cast.town, day=date(2025, 7, 19), is_worked=True, name="补班")
    calendar = TownCalendar(cast.town)
    assert last_day_up(date(2025, 7, 7), days=5, working=False, calendar=calendar) == date(2025, 7, 15)
    assert last_day_up(date(2025, 7, 14), days=5, working=False, calendar=calendar) == date(2025, 7, 19)
    assert last_day_up(date(2025, 7, 7), days=5, working=False, calendar=TownCalendar(cast.other_town)) == date(
        2025, 7, 14
    )
