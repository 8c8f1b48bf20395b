"""Whom a final year admits to 评先评优, and whom it recommends first (4.3, 4.4; D12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from foundation.tenths import show_points
from members.models import Branch, Member
from members.people.naming import tell_apart
from members.selectors import members_in
from points.models import Rating, Review, ReviewLine
from points.results.open_matters import read_open_about
from points.rules.periods import H2, half_end
from points.rules.rulebook import Rulebook
from points.scoring.bands import AWARD, BANDS, EXCELLENT, find_band
from points.scoring.freezing import FrozenScore, read_payload

ELIGIBLE = (EXCELLENT, AWARD)
"""The bands that admit, best first."""


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One member's final year: the frozen score and its band, what was decided, whether something is still open."""

    member: Member
    review: Review
    """The second half whose line is frozen; it knows what the branch was called."""
    score: FrozenScore
    band: str
    rating: str
    """The latest decision; empty while there is none."""
    is_open: bool
    """A finding, appeal, objection or correction about the year waits: the score may still fall (D13)."""

    @property
    def shown_total(self) -> str:
        return show_points(self.score.cumulative)

    @property
    def is_eligible(self) -> bool:
        return self.band in ELIGIBLE

    @property
    def has_certificate(self) -> bool:
        """Whether the branch may vouch for it on paper: nothing about it is open."""
        return self.is_eligible and not self.is_open


@dataclass(frozen=True, slots=True)
class AwardList:
    """The year of some branches: the members of the final ones, best first within each; the branches that wait."""

    lines: tuple[AwardLine, ...]
    waiting: tuple[Branch, ...]
    """Those with members at the year's end whose year is not final: nobody of them is admitted or refused yet."""

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Each band, the best first, with how many stand in it; together all lines."""
        counts = Counter(line.band for line in self.lines)
        return tuple((band, counts[band]) for band in reversed(BANDS))


def read_award_list(branches: Sequence[Branch], *, year: int, rulebook: Rulebook) -> AwardList:
    """The final year of these branches, in their order; a constant number of queries.

    `rulebook` is the town's for the year; its marks part the bands.
    """
    rows = Review.objects.filter(branch__in=branches, year=year, half=H2, state=Review.State.FINAL)
    reviews = {review.pk: review for review in rows.select_related("branch").prefetch_related("branch__former_names")}
    settled = {review.branch_id for review in reviews.values()}
    frozen = _read_lines(reviews)
    ratings = dict(
        Rating.objects.filter(branch__in=settled, year=year).order_by("pk").values_list("member_id", "decision")
    )
    open_about = read_open_about(list(frozen), year)
    groups: dict[int, list[AwardLine]] = {branch.pk: [] for branch in branches}
    for member_id, line in frozen.items():
        score, review = read_payload(line.payload), reviews[line.review_id]
        groups[review.branch_id].append(
            AwardLine(
                member=line.member,
                review=review,
                score=score,
                band=find_band(score.cumulative, rulebook),
                rating=ratings.get(member_id, ""),
                is_open=member_id in open_about,
            )
        )
    for group in groups.values():
        tell_apart((line.member for line in group), lasting=True)
        group.sort(key=lambda line: (-line.score.cumulative, line.member.position, line.member.pk))
    lines = tuple(line for group in groups.values() for line in group)
    return AwardList(lines, _find_waiting(branches, settled, year))


def _read_lines(review_ids: Iterable[int]) -> dict[int, ReviewLine]:
    """The line in force of each member, by member."""
    rows = ReviewLine.objects.filter(review__in=list(review_ids)).select_related("member")
    return {line.member_id: line for line in rows.order_by("revision")}


def _find_waiting(branches: Sequence[Branch], settled: Container[int], year: int) -> tuple[Branch, ...]:
    """The branches with members on the year's last day that are not among the settled."""
    at_the_end = members_in([branch.pk for branch in branches], half_end(year, H2))
    peopled = set(at_the_end.order_by().values_list("branch_id_on_day", flat=True).distinct())  # type: ignore[misc] # an annotation
    return tuple(branch for branch in branches if branch.pk in peopled and branch.pk not in settled)
