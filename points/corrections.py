"""Correcting a line that is submitted or later: the one mechanism for every change to it (D10).

A correction has the committee's date and a reason; it voids records and records new ones, and writes a new revision
of the line. The old revision stays readable. Correcting a frozen first half also revises a frozen second half.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.audit import log_change
from members.batches import open_batch
from members.locks import lock_for_score
from members.models import Member, RecordBatch, User
from points.adoption import rulebooks_of
from points.entries import EventEntry, check_entry
from points.errors import CorrectionRefused
from points.models import Correction, PointEvent, Review, ReviewLine
from points.recording import refuse_duplicates, write_events
from points.review import freeze_lines, score_reviewed
from points.rules.periods import H1, H2
from points.voiding import stamp_void


def correct_line(
    *,
    actor: User,
    now: datetime,
    review: Review,
    member: Member,
    decided_on: date,
    reason: str,
    void: Sequence[PointEvent] = (),
    record: Sequence[EventEntry] = (),
    consent_by: User | None = None,
    objection: UUID | None = None,
) -> Correction:
    """Void and record for one member of an approved half, and freeze the new revision of the line.

    `consent_by` is the town's staff member who agreed, needed once the half is final: it then returns to published
    for the revised lines.

    Raises:
        PermissionDenied, DuplicateBaseRecord and the errors of `check_entry`.
        CorrectionRefused: nothing to change, no reason, a date out of order, no frozen line, or no consent.
    """
    today = timezone.localdate(now)
    reason = reason.strip()
    if not may(actor, Action.CORRECT, review.branch, on=today):
        raise PermissionDenied(_("A correction is entered by the branch's secretary or the town's staff."))
    if not reason:
        raise CorrectionRefused(_("Say why the line is corrected; the reason stays beside it."))
    if not void and not record:
        raise CorrectionRefused(_("A correction voids a record, adds one, or both."))
    rulebooks = rulebooks_of(review.branch.town)
    for entry in record:
        if entry.member_id != member.pk:
            raise CorrectionRefused(_("A correction is about one member's line."))
        check_entry(entry, rulebooks=rulebooks, today=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=[member.pk])
        fresh = Review.objects.select_related("branch__town").get(pk=review.pk)
        _check_line(fresh, member, decided_on=decided_on, today=today)
        if fresh.state == Review.State.FINAL:
            _take_consent(fresh, consent_by, today=today)
        correction = Correction.objects.create(
            review=fresh,
            member=member,
            decided_on=decided_on,
            reason=reason[:500],
            objection=objection,
            actor=actor,
            consent_by=consent_by,
            at=now,
        )
        batch = open_batch(
            actor=actor, now=now, town=fresh.branch.town, branch=fresh.branch, source=RecordBatch.Source.SCREEN
        )
        events = PointEvent.objects.filter(pk__in=[event.pk for event in void], member=member)
        voided = stamp_void(events, actor=actor, now=now, reason=reason[:500])
        if voided != len(void):
            raise CorrectionRefused(_("A record to be voided was voided before, or is another member's."))
        refuse_duplicates(record, rulebooks)
        write_events(batch=batch, entries=record)
        _revise(fresh, member, actor=actor, now=now, correction=correction)
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="correct_line",
            subject=correction,
            new={"voided": voided, "recorded": len(record), "state": fresh.state},
        )
    return correction


def _check_line(review: Review, member: Member, *, decided_on: date, today: date) -> None:
    if not ReviewLine.objects.filter(review=review, member=member).exists():
        raise CorrectionRefused(_("%(name)s has no approved line in this half.") % {"name": member.name})
    approved_on = timezone.localdate(review.approved_at) if review.approved_at else today
    if not approved_on <= decided_on <= today:
        raise CorrectionRefused(_("The committee decides after the approval, and not in the future."))


def _take_consent(review: Review, consent_by: User | None, *, today: date) -> None:
    if consent_by is None or not may(consent_by, Action.CONSENT, review.branch, on=today):
        raise CorrectionRefused(_("The half is final: a correction needs the consent of the town's staff."))
    review.state = Review.State.PUBLISHED
    review.final_at = None
    review.save()


def _revise(review: Review, member: Member, *, actor: User, now: datetime, correction: Correction) -> None:
    """Freeze the member's new revision here, and in the second half when that is frozen and this is the first."""
    freeze_lines(
        actor=actor,
        now=now,
        review=review,
        reviewed=score_reviewed(review, [member]),
        correction_id=correction.pk,
    )
    if review.half != H1:
        return
    later = ReviewLine.objects.filter(member=member, review__year=review.year, review__half=H2)
    for second in Review.objects.filter(pk__in=later.values("review")).select_related("branch__town"):
        if second.state == Review.State.FINAL:
            second.state = Review.State.PUBLISHED
            second.final_at = None
            second.save()
        freeze_lines(
            actor=actor,
            now=now,
            review=second,
            reviewed=score_reviewed(second, [member]),
            correction_id=correction.pk,
        )
