"""What a score leads to: rating, eligibility for awards, goods and rank (4.0–4.4; D12, D13, D14)."""

from bisect import bisect_left
from collections.abc import Sequence

from points.rules.vocabulary import Rulebook

# Shown until the branch decides, codes of `suggest_rating`: 拟定不合格, 待评定, 不评定等次
PROPOSED_FAIL = "proposed_fail"
PENDING = "pending"
NOT_GRADED = "not_graded"

# What the branch can decide, codes of `allowed_ratings`: 优秀, 合格, 基本合格, 不合格, 暂缓评定
EXCELLENT = "excellent"
QUALIFIED = "qualified"
BASICALLY_QUALIFIED = "basically_qualified"
UNQUALIFIED = "unqualified"
DEFERRED = "deferred"


class RedemptionRateError(ValueError):
    """A branch's rate is negative or above the rulebook's cap a point (4.2, D13); both in fen."""

    def __init__(self, rate_fen: int, cap_fen: int) -> None:
        super().__init__(f"rate of {rate_fen} fen a point is not between 0 and {cap_fen}")
        self.rate_fen = rate_fen
        self.cap_fen = cap_fen


def fails_year(rulebook: Rulebook, total: int, *, part_year: bool, vetoed: bool) -> bool:
    """Whether an annual score in tenths is below the pass mark (4.1); part of a year fails by a veto alone (D14)."""
    return vetoed or (total < rulebook.thresholds.passing and not part_year)


def suggest_rating(
    rulebook: Rulebook, *, total: int, category: str, part_year: bool, vetoed: bool, year_over: bool
) -> str:
    """What stands in the rating column before the branch decides (D14); empty while the year runs.

    `total` is the annual score in tenths, `category` is `full` or `probationary`.
    """
    if not year_over:
        return ""
    if category == "probationary":
        return NOT_GRADED
    return PROPOSED_FAIL if fails_year(rulebook, total, part_year=part_year, vetoed=vetoed) else PENDING


def allowed_ratings(
    rulebook: Rulebook, *, total: int | None, category: str, part_year: bool, vetoed: bool, may_defer: bool
) -> tuple[str, ...]:
    """The ratings a branch may decide for an annual score in tenths (4.1, 4.4, D14), best first.

    Exempt members have no score (None) but may be rated; probationary members are not graded. `may_defer`: something
    about the score is open, for which alone a failing one may wait.
    """
    if category == "probationary":
        return ()
    if total is not None and fails_year(rulebook, total, part_year=part_year, vetoed=vetoed):
        return (UNQUALIFIED, DEFERRED) if may_defer else (UNQUALIFIED,)
    ordinary = (QUALIFIED, BASICALLY_QUALIFIED, UNQUALIFIED, DEFERRED)
    if total is not None and total >= rulebook.thresholds.excellent:
        return (EXCELLENT, *ordinary)
    return ordinary


def is_award_eligible(rulebook: Rulebook, total: int) -> bool:
    """Whether an annual score in tenths admits to 评先评优 (4.3, D12)."""
    return total >= rulebook.thresholds.award


def redeemable_fen(rulebook: Rulebook, *, total: int, rate_fen: int) -> int:
    """What an annual score in tenths is worth in goods, in fen, rounded down (4.2, D13); 0 below the pass mark.

    Raises RedemptionRateError for a rate the regulation does not allow.
    """
    if not 0 <= rate_fen <= rulebook.redemption_cap_fen:
        raise RedemptionRateError(rate_fen, rulebook.redemption_cap_fen)
    return total * rate_fen // 10 if total >= rulebook.thresholds.passing else 0


def rank_scores(totals: Sequence[int]) -> list[int]:
    """The rank of each score, best 1, equal scores sharing the better rank: 1, 1, 3."""
    ascending = sorted(-total for total in totals)
    return [bisect_left(ascending, -total) + 1 for total in totals]
