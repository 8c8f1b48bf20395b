"""A correction as two officers make it, entered and reviewed, in one call for tests of what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from members.access import Action, may
from members.models import Appointment, Member, User
from points.models import Correction, PointEvent, Review
from points.records.entries import EventEntry
from points.roster.moves import RosterChange
from publicity.corrections.plans import CorrectionPlan
from publicity.models import EnteredCorrection
from publicity.rechecking.steps import DecidingMeeting, enter_correction, review_correction
from veto.models import Finding

MET = DecidingMeeting(3, 3, "核对台账，一致同意更正。")


def second_officer(review: Review, *, first: User, now: datetime) -> User:
    """Who reviews what `first` entered: of the branch's committee, or of the town's staff where the town must."""
    rows = Appointment.objects.on(timezone.localdate(now)).exclude(user=first.pk).select_related("user")
    committee = rows.filter(branch=review.branch_id, role=Appointment.Role.COMMITTEE_MEMBER).order_by("pk")
    staff = rows.filter(town=review.branch.town_id, role=Appointment.Role.TOWN_STAFF).order_by("pk")
    by_town = may(first, Action.CONSENT, review.branch, on=timezone.localdate(now))
    ordered = [*committee, *staff] if by_town or review.state != Review.State.FINAL else [*staff, *committee]
    return ordered[0].user


def enter_line(
    *,
    actor: User,
    now: datetime,
    review: Review,
    member: Member,
    decided_on: date,
    reason: str,
    void: Sequence[PointEvent] = (),
    record: Sequence[EventEntry] = (),
    confirm: Sequence[Finding] = (),
    revoke: Sequence[Finding] = (),
    void_findings: Sequence[Finding] = (),
    roster: RosterChange | None = None,
    token: UUID | None = None,
) -> EnteredCorrection:
    """Entered by `actor`, waiting for its review."""
    plan = CorrectionPlan(
        review, member, decided_on, reason, tuple(void), tuple(record), tuple(confirm), tuple(revoke),
        tuple(void_findings), roster,
    )  # fmt: skip
    entering = enter_correction(actor=actor, now=now, plan=plan, meeting=MET, is_unrelated=True, token=token)
    assert entering.entered is not None
    return entering.entered


def correct_line(
    *, actor: User, now: datetime, review: Review, reviewer: User | None = None, **given: Any
) -> Correction:
    """Entered by `actor`, reviewed at the same moment by `reviewer` or whoever may; both or neither."""
    with transaction.atomic():
        entered = enter_line(actor=actor, now=now, review=review, **given)
        reviewer = reviewer or second_officer(review, first=actor, now=now)
        return review_correction(actor=reviewer, now=now, entered=entered, is_unrelated=True)
