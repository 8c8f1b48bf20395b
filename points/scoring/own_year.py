"""How a member's own year stands: each half's review and frozen line, and who countersigned which record (3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from members.models import Member
from points.models import Review, ReviewLine
from points.rules.periods import H1, H2, HALVES
from points.rules.prospects import Openness
from points.scoring.freezing import FrozenScore, read_payload


@dataclass(frozen=True, slots=True)
class Countersignature:
    """The approval of a half, which countersigns the records its line lists: who entered it, and the meeting's day."""

    who: str
    day: date
    by_assembly: bool


@dataclass(frozen=True, slots=True)
class OwnHalf:
    """One half of a member's year; without a review it is a draft, and before approval it has no line."""

    half: str
    review: Review | None = None
    line: ReviewLine | None = None
    score: FrozenScore | None = None
    revisions: tuple[ReviewLine, ...] = ()
    """Of the line, the current one last."""

    @property
    def state(self) -> str:
        return self.review.state if self.review else Review.State.DRAFT

    @property
    def is_final(self) -> bool:
        return self.line is not None and self.state == Review.State.FINAL


@dataclass(frozen=True, slots=True)
class OwnYear:
    """Both halves of a member's year, and the countersignatures of its records by the record's uuid."""

    halves: Mapping[str, OwnHalf]
    countersigned: Mapping[str, Countersignature] = field(default_factory=dict)

    def openness(self, *, on: date, held: Mapping[tuple[str, str], Collection[date]]) -> Openness:
        """What is still open on a day, as the halves stand (D20, D24)."""
        closed = {half for half, own in self.halves.items() if own.state != Review.State.DRAFT}
        locked = {half for half, own in self.halves.items() if own.state == Review.State.SUBMITTED}
        if self.halves[H2].state in (Review.State.SUBMITTED, Review.State.FINAL):
            locked = set(HALVES)
        return Openness(on=on, locked=frozenset(locked), closed=frozenset(closed), held=held)


def read_own_year(member: Member, *, branch_id: int, year: int) -> OwnYear:
    """Both halves of a member's year; `branch_id` is where they stand when no line says another branch; two queries."""
    reviews = {review.half: review for review in Review.objects.filter(branch=branch_id, year=year)}
    lines: dict[str, list[ReviewLine]] = defaultdict(list)
    rows = ReviewLine.objects.filter(member=member, review__year=year)
    for line in rows.select_related("review__approved_by", "correction").order_by("revision"):
        lines[line.review.half].append(line)
    halves = {}
    countersigned: dict[str, Countersignature] = {}
    for half in (H1, H2):
        if half not in lines:
            review = reviews.get(half)
            # Where the branch froze its half without this member, it is not the member's.
            halves[half] = OwnHalf(half, None if review and review.state in Review.FROZEN else review)
            continue
        current = lines[half][-1]
        score = read_payload(current.payload)
        halves[half] = OwnHalf(half, current.review, current, score, tuple(lines[half]))
        signature = _countersignature(current.review)
        for uuid in score.events:
            countersigned.setdefault(uuid, signature)
    return OwnYear(halves, countersigned)


def _countersignature(review: Review) -> Countersignature:
    approved = timezone.localdate(review.approved_at) if review.approved_at else date.min
    return Countersignature(str(review.approved_by), review.met_on or approved, review.by_assembly)
