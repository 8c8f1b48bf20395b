"""What of a year the branches have settled: reviews, the frozen lines of final ones, decided ratings, chain links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from members.models import Branch
from points.models import Freeze, Rating, Review, ReviewLine
from points.rules.periods import H2
from points.scoring.freezing import FrozenScore, links_of_year, read_payload


@dataclass(frozen=True, slots=True)
class FrozenYear:
    """Reviews by branch and half; scores by member, of final years only; ratings by member; last links by branch."""

    reviews: Mapping[tuple[int, str], Review]
    scores: Mapping[int, FrozenScore]
    ratings: Mapping[int, str]
    links: Mapping[int, Freeze]

    def is_final(self, branch_id: int) -> bool:
        """Whether a branch's year is final."""
        review = self.reviews.get((branch_id, H2))
        return review is not None and review.state == Review.State.FINAL


def read_frozen_year(branches: Iterable[Branch], year: int) -> FrozenYear:
    """What these branches have settled of a year; at most four queries."""
    ids = [branch.pk for branch in branches]
    reviews = {(review.branch_id, review.half): review for review in Review.objects.filter(branch__in=ids, year=year)}
    final = [review.pk for (_, half), review in reviews.items() if half == H2 and review.state == Review.State.FINAL]
    payloads: dict[int, str] = {}
    ratings: dict[int, str] = {}
    if final:
        lines = ReviewLine.objects.filter(review__in=final).order_by("revision")
        payloads.update(lines.values_list("member_id", "payload").iterator())
        rows = Rating.objects.filter(branch__in=ids, year=year).order_by("pk")
        ratings.update(rows.values_list("member_id", "decision"))
    return FrozenYear(
        reviews=reviews,
        scores={member_id: read_payload(payload) for member_id, payload in payloads.items()},
        ratings=ratings,
        links=links_of_year(ids, year),
    )
