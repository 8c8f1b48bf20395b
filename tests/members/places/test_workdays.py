"""The town's table of days off: entered whole for years nobody ships, by the town's staff, and logged (D9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import TextTooLong, WorkYearRefused
from members.models import AuditEntry, WorkDay
from members.places.workdays import TownCalendar, find_year_to_enter, is_shipped, set_work_year
from publicity.notices.counted_days import last_day_up
from tests.cast import Cast
from tests.factories import NOW

NATIONAL_DAY = {date(2027, 10, day): "国庆节" for day in range(1, 8)}
NEW_YEAR = {date(2027, 1, day): "元旦" for day in range(1, 4)}
OFF = NEW_YEAR | NATIONAL_DAY


def test_which_years_are_shipped() -> None:
    assert is_shipped(2025)
    assert is_shipped(2026)
    assert not is_shipped(2050)


@pytest.mark.django_db
def test_working_days_are_counted_from_the_day_after(cast: Cast) -> None:
    calendar = TownCalendar(cast.town)
    # Friday 26 September 2025; Sunday 28 is worked, 1 to 8 October are not, Saturday 11 makes up for them.
    friday = date(2025, 9, 26)
    after = [date(2025, 9, 28), date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 9), date(2025, 10, 10)]
    assert list(calendar.workdays_after(friday, through=date(2025, 10, 10))) == after
    assert list(calendar.workdays_after(friday, through=friday)) == []
    assert list(calendar.workdays_after(friday, through=date(2025, 9, 1))) == []
    assert [calendar.add_workdays(friday, count) for count in (1, 4, 6)] == [after[0], after[3], date(2025, 10, 11)]
    assert [calendar.next_workday(day) for day in (friday, date(2025, 9, 27), date(2025, 10, 1))] == [
        friday,
        after[0],
        after[3],
    ]


@pytest.mark.django_db
def test_the_name_of_a_day_is_kept_whole_or_refused(cast: Cast) -> None:
    about = {"actor": cast.staff, "now": NOW, "town": cast.town, "year": 2026}
    day = date(2026, 7, 6)
    for lists in ({"off": {day: "长" * 41}, "worked": {}}, {"off": {}, "worked": {day: "长" * 41}}):
        with pytest.raises(TextTooLong):
            set_work_year(**about, **lists)  # type: ignore[arg-type]
    assert not WorkDay.objects.exists()
    set_work_year(off={day: "长" * 40}, worked={}, **about)  # type: ignore[arg-type]
    assert WorkDay.objects.get().name == "长" * 40


@pytest.mark.django_db
def test_a_new_year_is_entered_whole_and_replaced_whole(cast: Cast) -> None:
    about = {"actor": cast.staff, "now": NOW, "town": cast.town, "year": 2050}
    off = {day.replace(year=2050): name for day, name in OFF.items()}
    set_work_year(off=off, worked={date(2050, 10, 8): "补班"}, **about)  # type: ignore[arg-type]
    calendar = TownCalendar(cast.town)
    # 1 October 2050 is a Saturday; 8 October is the Saturday that makes up for it.
    assert last_day_up(date(2050, 9, 28), days=5, working=False, calendar=calendar) == date(2050, 10, 8)
    shifted = {day + timedelta(days=1): name for day, name in off.items()}
    set_work_year(off=shifted, worked={}, **about)  # type: ignore[arg-type]
    assert set(WorkDay.objects.filter(town=cast.town).values_list("day", flat=True)) == set(shifted)
    entry = AuditEntry.objects.filter(verb="set_work_year").latest("pk")
    assert entry.old["worked"] == ["2050-10-08"]
    assert entry.new["off"][0] == "2050-01-02"
    assert not WorkDay.objects.filter(town=cast.other_town).exists()


@pytest.mark.parametrize(
    ("off", "worked", "said"),
    [
        ({}, {}, "至少10天"),
        (NEW_YEAR, {}, "至少10天"),
        (OFF | {date(2026, 12, 31): ""}, {}, "2026-12-31不是2027年"),
        (OFF, {date(2027, 10, 7): ""}, "2027-10-07"),
    ],
)
@pytest.mark.django_db
def test_half_a_year_and_contradictions_are_refused(
    cast: Cast, off: dict[date, str], worked: dict[date, str], said: str
) -> None:
    with pytest.raises(WorkYearRefused, match=said):
        set_work_year(actor=cast.staff, now=NOW, town=cast.town, year=2027, off=off, worked=worked)
    assert not WorkDay.objects.exists()


@pytest.mark.django_db
def test_of_a_shipped_year_only_the_difference_is_entered(cast: Cast) -> None:
    set_work_year(actor=cast.staff, now=NOW, town=cast.town, year=2026, off={date(2026, 7, 6): "抗洪"}, worked={})
    calendar = TownCalendar(cast.town)
    assert not calendar.is_workday(date(2026, 7, 6))
    assert calendar.is_workday(date(2026, 7, 7))
    assert not calendar.is_workday(date(2026, 10, 1))


@pytest.mark.parametrize("who", ["secretary_a", "supervisor", "other_staff", "member_user_a"])
@pytest.mark.django_db
def test_only_the_towns_staff_enter_days(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        set_work_year(actor=getattr(cast, who), now=NOW, town=cast.town, year=2027, off=OFF, worked={})


@pytest.mark.django_db
def test_the_year_to_enter_is_this_one_until_it_is_known(cast: Cast) -> None:
    assert find_year_to_enter(cast.town, on=date(2026, 12, 20)) == 2027
    assert find_year_to_enter(cast.town, on=date(2050, 1, 10)) == 2050
    off = {date(2050, 1, 1) + timedelta(days=number): "" for number in range(10)}
    set_work_year(actor=cast.staff, now=NOW, town=cast.town, year=2050, off=off, worked={})
    assert find_year_to_enter(cast.town, on=date(2050, 1, 10)) == 2051
    assert find_year_to_enter(cast.other_town, on=date(2050, 1, 10)) == 2050
