"""What somebody means to correct on one line (D10), shown as old and new figures before anything is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from members.models import Member, User
from points.halves.locks import half_key_of
from points.models import Correction, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.reviews.late import first_half_lines
from points.roster.moves import RosterChange
from points.rules.periods import H2
from points.scoring.freezing import FrozenScore, read_payload
from publicity.corrections.corrections import TwoOfficers, correct_line
from veto.models import Finding


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """What the committee decided about one member: the arguments of `correct_line`."""

    review: Review
    member: Member
    decided_on: date
    reason: str
    void: tuple[PointEvent, ...] = ()
    record: tuple[EventEntry, ...] = ()
    confirm: tuple[Finding, ...] = ()
    revoke: tuple[Finding, ...] = ()
    void_findings: tuple[Finding, ...] = ()
    roster: RosterChange | None = None


@dataclass(frozen=True, slots=True)
class RevisedLine:
    """One line before and after a correction; a corrected first half also revises the second (D8).

    A change of the roster may revise lines of later years too.
    """

    line: ReviewLine
    replaced: ReviewLine
    old: FrozenScore
    new: FrozenScore

    @property
    def fingerprint(self) -> str:
        """Tells whether the figures are still those that were shown."""
        new = self.new
        figures = (new.base, new.incentive, new.deducted, new.half_score, new.cumulative, *new.months_in_scope)
        return ":".join(map(str, (self.line.review_id, self.line.revision, *figures)))


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a correction comes out; `correction` is None where nothing was saved: tried out, or not what was seen."""

    correction: Correction | None
    revised: tuple[RevisedLine, ...]

    @property
    def fingerprint(self) -> str:
        """What says that these figures were seen."""
        return "/".join(entry.fingerprint for entry in self.revised)


def try_plan(*, entered_by: User, now: datetime, plan: CorrectionPlan) -> Attempt:
    """The lines as the plan would make them; nothing is saved.

    It is carried out and rolled back, so every guard speaks at once.

    Raises:
        What `correct_line` raises.
    """
    with transaction.atomic():
        attempt = _attempt(TwoOfficers(entered_by, None), now=now, plan=plan, objection=None)
        transaction.set_rollback(True)
    return Attempt(None, attempt.revised)


def carry_out_plan(
    *, officers: TwoOfficers, now: datetime, plan: CorrectionPlan, seen: str | None, objection: UUID | None = None
) -> Attempt:
    """Correct the line; with `seen`, the fingerprint of an earlier attempt, only if it comes out like that one.

    Where it does not, all is rolled back and the attempt has no correction.

    Raises:
        What `correct_line` raises.
    """
    with transaction.atomic():
        attempt = _attempt(officers, now=now, plan=plan, objection=objection)
        if seen is None or attempt.fingerprint == seen:
            return attempt
        transaction.set_rollback(True)
    return Attempt(None, attempt.revised)


def _attempt(officers: TwoOfficers, *, now: datetime, plan: CorrectionPlan, objection: UUID | None) -> Attempt:
    correction = correct_line(
        officers=officers,
        now=now,
        review=plan.review,
        member=plan.member,
        decided_on=plan.decided_on,
        reason=plan.reason,
        void=plan.void,
        record=plan.record,
        confirm=plan.confirm,
        revoke=plan.revoke,
        void_findings=plan.void_findings,
        roster=plan.roster,
        objection=objection,
    )
    return Attempt(correction, tuple(read_revised_lines(correction)))


def read_revised_lines(correction: Correction) -> list[RevisedLine]:
    """The lines a correction wrote beside those it replaced, first half first; two queries."""
    lines = list(
        correction.lines.select_related("review__branch__town", "member", "freeze").order_by(
            "review__year", "review__half", "pk"
        )
    )
    replaced = {
        (line.review_id, line.member_id, line.revision): line
        for line in ReviewLine.objects.filter(
            review__in=[line.review_id for line in lines], member__in=[line.member_id for line in lines]
        ).select_related("freeze")
    }
    revised = []
    for line in lines:
        old = replaced[line.review_id, line.member_id, line.revision - 1]
        revised.append(RevisedLine(line, old, read_payload(old.payload), read_payload(line.payload)))
    return revised


def correctable_events(review: Review, member: Member) -> list[PointEvent]:
    """The member's live records that a correction of this half can void, by date.

    In a second half also what came late for the first one; what the first half's line counted is corrected there.
    """
    frozen = {
        uuid
        for line in first_half_lines([member.pk], review.year)
        if review.half == H2
        for uuid in read_payload(line.payload).events
    }
    events = PointEvent.objects.live().filter(member=member, year=review.year)
    return [
        event
        for event in events.select_related("member", "batch__actor").order_by("date", "pk")
        if half_key_of(event)[2] == review.half or (review.half == H2 and str(event.uuid) not in frozen)
    ]
