"""A year of many branches: what is entered of what is due, and the spread, are what single branches' pages say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from foundation.tenths import show_points
from points.meetings.holding import record_meeting
from points.models import Attendance
from points.papers.scores.reading import read_scores
from points.rules.rulebook import load_shipped_rulebook
from scoring_site.overview.year import Due, Spread, list_due, read_spread, read_year
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.exemptions import exempt_member
from tests.factories import NOW, TODAY, make_batch, make_branch, make_event, make_member
from tests.growth import grow_branch
from tests.points.half_stages import JANUARY
from tests.points.results.finished_year import earn, finish
from tests.work import count_queries

pytestmark = pytest.mark.django_db
RULEBOOK = load_shipped_rulebook()


def dues_of(cast: Cast, year: int = 2026) -> dict[tuple[str, str], Due]:
    """Those of branch A by item and period."""
    read = read_year(cast.town, [cast.branch_a, cast.branch_b], rulebook=RULEBOOK, year=year)
    return {(due.item.code, due.period): due for due in list_due(read.branches[cast.branch_a.pk], RULEBOOK, year)}


def test_what_is_entered_of_what_is_due(cast: Cast) -> None:
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    make_event(batch, cast.members_a[0])
    make_event(batch, cast.members_a[1])
    make_event(batch, cast.member_b)
    found = dues_of(cast)
    january, february = found["dues", "2026-01"], found["dues", "2026-02"]
    assert (january.due, january.entered, january.missing, january.is_untouched) == (3, 2, 1, False)
    assert (february.due, february.entered, february.is_untouched) == (3, 0, True)
    assert january.is_over(TODAY)
    assert not found["dues", "2026-03"].is_over(TODAY)
    assert found["lecture", "2026Q1"].has_begun(TODAY)
    assert not found["lecture", "2026Q2"].has_begun(TODAY)
    # 王五 left in 2025 and is asked for nothing more.
    assert {due.due for due in found.values()} == {3}


def test_absent_and_excused_are_entered_and_the_exempt_are_not_asked(cast: Cast) -> None:
    status = Attendance.Status
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 10),
        kinds=[("party_day", "2026-02")],
        statuses=dict(
            zip((member.pk for member in cast.members_a), (status.ATTENDED, status.ABSENT, status.EXCUSED), strict=True)
        ),
    )
    assert (dues_of(cast)["party_day", "2026-02"].due, dues_of(cast)["party_day", "2026-02"].missing) == (3, 0)
    late: dict[str, Any] = {"applied_on": TODAY, "decided_on": TODAY, "from_date": TODAY}
    exempt_member(actor=cast.system, now=NOW, member=cast.members_a[2], **late)
    assert dues_of(cast)["dues", "2026-01"].due == 2


@pytest.mark.parametrize("is_final", [False, True])
def test_scores_and_bands_are_those_of_the_list_of_scores(is_final: bool, cast: Cast, clock: FrozenClock) -> None:
    clock.now = JANUARY + timedelta(days=30)
    earn(cast, cast.members_a[0], incentive=380)
    earn(cast, cast.members_a[1], incentive=20)
    branches = [cast.branch_a, cast.branch_b]
    if is_final:
        finish(cast)
    on = clock.now.date()
    lines = read_scores(cast.town, branches, rulebook=RULEBOOK, year=2025, on=on)
    totals = sorted(line.total for line in lines if line.total is not None)
    running = read_year(cast.town, branches, rulebook=RULEBOOK, year=2025)
    past = read_spread(cast.town, branches, rulebook=RULEBOOK, year=2025)
    assert sorted(running.spread.totals) == sorted(past.totals) == totals
    assert sorted(running.branches[cast.branch_a.pk].totals)[-2:] == [620, 980]
    assert past.is_final is running.spread.is_final
    assert [count for _words, count in past.bands] == [len(totals) - 2, 1, 0, 1]
    assert (past.steps[6], past.steps[9], sum(past.steps)) == (1, 1, len(totals))


def test_a_mark_belongs_to_the_band_above_and_a_hundred_to_the_last_step() -> None:
    spread = Spread(2025, (599, 600, 800, 899, 900, 1000), RULEBOOK, is_final=True)
    assert [count for _words, count in spread.bands] == [1, 1, 2, 2]
    assert spread.steps == (0, 0, 0, 0, 0, 1, 1, 0, 2, 2)
    assert [show_points(mark) for mark in spread.marks] == ["60.0", "80.0", "90.0"]
    assert spread.average == "79.97"
    assert Spread(2025, (), RULEBOOK, is_final=False).average == "—"


def test_a_town_is_read_in_a_constant_number_of_queries(cast: Cast) -> None:
    def count() -> list[int]:
        branches = list(cast.town.branches.all())
        read = (
            lambda: read_year(cast.town, branches, rulebook=RULEBOOK, year=2026),
            lambda: read_spread(cast.town, branches, rulebook=RULEBOOK, year=2025),
        )
        return [count_queries(each) for each in read]

    grow_branch(cast, 2)
    few = count()
    grow_branch(cast, 10)
    for number in range(4):
        make_member(make_branch(cast.town, f"新支部{number}"), "新人")
    assert count() == few
