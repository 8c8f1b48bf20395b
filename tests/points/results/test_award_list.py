"""Who may stand for awards: of final years alone, by the marks of the rulebook, nothing open passed over (4.3, 4.4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from points.results.award_list import AwardList, read_award_list
from points.rules.rulebook import load_shipped_rulebook
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_branch, make_member
from tests.points.half_stages import JANUARY
from tests.points.results.finished_year import earn, finish
from tests.work import count_queries
from veto.deciding import propose_deduction

NOW = JANUARY + timedelta(days=30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 7 February 2026, who earned 90, 80 and 79.9 points in 2025; nothing is final yet."""
    clock.now = NOW
    for member, incentive in zip(cast.members_a, (300, 200, 199), strict=True):
        earn(cast, member, incentive=incentive)
    return cast


def read(cast: Cast) -> AwardList:
    return read_award_list([cast.branch_a, cast.branch_b], year=2025, rulebook=load_shipped_rulebook())


def test_a_mark_belongs_to_the_band_above_it(scored: Cast) -> None:
    finish(scored)
    listed = read(scored)
    assert [(line.member, line.shown_total, line.band, line.has_certificate) for line in listed.lines] == [
        (scored.members_a[0], "90.0", "excellent", True),
        (scored.members_a[1], "80.0", "award", True),
        (scored.members_a[2], "79.9", "passed", False),
    ]
    assert listed.counts == (("excellent", 1), ("award", 1), ("passed", 1), ("below", 0))


def test_a_branch_whose_year_is_not_final_is_named_and_admits_nobody(scored: Cast) -> None:
    listed = read(scored)
    assert (listed.lines, listed.waiting) == ((), (scored.branch_a, scored.branch_b))
    finish(scored)
    assert read(scored).waiting == (scored.branch_b,)


def test_what_is_open_withholds_the_certificate(scored: Cast) -> None:
    """D13: a finding about the year is not decided; the score stands, and may still fall."""
    finish(scored)
    propose_deduction(
        actor=scored.recorder_a,
        now=NOW,
        member=scored.members_a[0],
        item="gambling",
        date=date(2025, 12, 20),
        particulars="群众反映",
        papers="派出所文书",
    )
    first, second, _third = read(scored).lines
    assert (first.is_open, first.is_eligible, first.has_certificate) == (True, True, False)
    assert (second.is_open, second.has_certificate) == (False, True)


def test_as_many_queries_for_many_branches(scored: Cast) -> None:
    finish(scored)
    rulebook = load_shipped_rulebook()
    few = count_queries(lambda: read_award_list([scored.branch_a], year=2025, rulebook=rulebook))
    others = [make_branch(scored.town, f"新支部{number}") for number in range(5)]
    for branch in others:
        make_member(branch, f"新人{branch.pk}")
    many = [scored.branch_a, scored.branch_b, *others]
    assert count_queries(lambda: read_award_list(many, year=2025, rulebook=rulebook)) == few
