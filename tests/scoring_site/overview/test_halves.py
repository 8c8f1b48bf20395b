"""Where each half stands: its state and age against the town's days, for all branches at once."""

from __future__ import annotations

from datetime import date

import pytest

from points.models import Review, ReviewDates
from points.reviews.steps import open_review
from publicity.models import Notice
from scoring_site.overview.halves import HalfStanding, find_halves, read_halves
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_branch, make_member
from tests.work import count_queries

pytestmark = pytest.mark.django_db
H1 = (2025, "H1")
State = Review.State


def read(cast: Cast, on: date) -> HalfStanding:
    """The first half of 2025 of branch A."""
    return read_halves([cast.branch_a, cast.branch_b], [H1], on=on)[cast.branch_a.pk][H1]


def shown(cast: Cast, on: date) -> tuple[str, str, bool]:
    half = read(cast, on)
    return half.shown, half.note, half.is_late


@pytest.fixture
def dates(cast: Cast) -> ReviewDates:
    return ReviewDates.objects.create(
        town=cast.town,
        year=2025,
        half="H1",
        submit_by=date(2025, 7, 15),
        approve_by=date(2025, 7, 25),
        post_by=date(2025, 7, 31),
    )


def test_which_halves_are_at_hand() -> None:
    assert find_halves(2026, on=date(2026, 2, 1)) == ((2025, "H2"), (2026, "H1"))
    assert find_halves(2026, on=date(2026, 7, 1)) == ((2026, "H1"), (2026, "H2"))
    assert find_halves(2025, on=date(2026, 2, 1)) == ((2025, "H1"), (2025, "H2"))


def test_each_state_says_how_long_and_how_late(cast: Cast, dates: ReviewDates) -> None:
    assert shown(cast, date(2025, 6, 1)) == ("进行中", "", False)
    assert shown(cast, date(2025, 7, 10)) == ("尚未开启", "07-15前", False)
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    assert shown(cast, date(2025, 7, 20)) == ("草稿", "逾期5天", True)
    moment = FrozenClock().set(2025, 7, 20)
    Review.objects.filter(pk=review.pk).update(state=State.SUBMITTED, submitted_at=moment)
    assert shown(cast, date(2025, 7, 24)) == ("待核定", "07-25前", False)
    assert shown(cast, date(2025, 7, 30)) == ("待核定", "逾期5天", True)
    assert read(cast, date(2025, 7, 30)).days == 10
    dates.delete()
    assert shown(cast, date(2025, 7, 30))[1] == "已10天"
    Review.objects.filter(pk=review.pk).update(state=State.APPROVED, approved_at=moment)
    assert shown(cast, date(2025, 7, 30))[0] == "待公示"
    Review.objects.filter(pk=review.pk).update(state=State.PUBLISHED, published_at=moment)
    Notice.objects.create(
        review=review,
        days=5,
        required=[],
        contact="-",
        prepared_at=moment,
        prepared_by=cast.staff,
        posted_on=date(2025, 7, 21),
    )
    assert shown(cast, date(2025, 7, 24)) == ("公示中 第3天", "至07-28", False)
    assert shown(cast, date(2025, 7, 29)) == ("公示中 第8天", "天数已满", False)
    assert read(cast, date(2025, 7, 24)).is_closed
    Review.objects.filter(pk=review.pk).update(state=State.FINAL)
    assert shown(cast, date(2025, 8, 30)) == ("已定稿", "", False)


def test_no_half_of_who_had_nobody_in_it_and_none_that_has_not_begun(cast: Cast) -> None:
    empty = make_branch(cast.town, "空支部")
    later = make_branch(cast.town, "新支部")
    make_member(later, "新人", since=date(2025, 8, 1))
    on = date(2025, 9, 1)
    found = read_halves([empty, later, cast.branch_a], [H1, (2025, "H2"), (2026, "H1")], on=on)
    assert found[empty.pk] == {}
    assert set(found[later.pk]) == {(2025, "H2")}
    assert set(found[cast.branch_a.pk]) == {H1, (2025, "H2")}


def test_many_branches_cost_what_one_does(cast: Cast, dates: ReviewDates) -> None:
    def count() -> int:
        branches = list(cast.town.branches.select_related("town"))
        return count_queries(lambda: read_halves(branches, [H1, (2025, "H2")], on=date(2025, 9, 1)))

    few = count()
    for number in range(5):
        branch = make_branch(cast.town, f"新支部{number}")
        make_member(branch, "新人")
        open_review(branch=branch, year=2025, half="H1")
    assert count() == few
