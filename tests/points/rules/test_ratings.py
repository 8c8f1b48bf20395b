"""The edges of 4.1 to 4.4 that the cases do not spell out (D12, D13, D14)."""

import pytest

from points.rules.ratings import (
    RedemptionRateError,
    allowed_ratings,
    is_award_eligible,
    rank_scores,
    redeemable_fen,
    suggest_rating,
)
from points.rules.rulebook import load_shipped_rulebook

RULEBOOK = load_shipped_rulebook()


@pytest.mark.parametrize("rate", [-1, 501, 10**6])
def test_a_rate_outside_the_cap_is_refused(rate: int) -> None:
    with pytest.raises(RedemptionRateError) as refused:
        redeemable_fen(RULEBOOK, total=100, rate_fen=rate)
    assert (refused.value.rate_fen, refused.value.cap_fen) == (rate, 500)


@pytest.mark.parametrize(
    ("total", "rate", "fen"),
    [(599, 500, 0), (600, 0, 0), (600, 1, 60), (601, 1, 60), (609, 1, 60), (1000, 500, 50_000)],
)
def test_worth_is_rounded_down_to_the_fen(total: int, rate: int, fen: int) -> None:
    assert redeemable_fen(RULEBOOK, total=total, rate_fen=rate) == fen


def test_a_probationary_member_is_not_graded_even_when_vetoed() -> None:
    suggestion = suggest_rating(
        RULEBOOK, total=0, category="probationary", part_year=False, vetoed=True, year_over=True
    )
    assert suggestion == "not_graded"
    assert (
        allowed_ratings(RULEBOOK, total=0, category="probationary", part_year=False, vetoed=True, may_defer=True) == ()
    )


def test_nothing_is_suggested_while_the_year_runs() -> None:
    for category in ("full", "probationary"):
        suggestion = suggest_rating(RULEBOOK, total=0, category=category, part_year=False, vetoed=True, year_over=False)
        assert suggestion == ""


def test_a_part_year_member_may_still_be_excellent() -> None:
    allowed = allowed_ratings(RULEBOOK, total=900, category="full", part_year=True, vetoed=False, may_defer=False)
    assert allowed[0] == "excellent"


def test_awards_begin_at_the_threshold() -> None:
    assert [is_award_eligible(RULEBOOK, total) for total in (0, 799, 800, 1000)] == [False, False, True, True]


def test_ranks_of_nobody_and_of_equals() -> None:
    assert rank_scores([]) == []
    assert rank_scores([5, 5, 5]) == [1, 1, 1]
    assert rank_scores([100, 100, 90]) == [1, 1, 3]
