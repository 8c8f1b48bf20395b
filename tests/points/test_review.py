"""The half-year review: every step from every state by everybody, what approval freezes, and what it forbids (3.2)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from points.entries import EventEntry
from points.errors import HalfLocked, RecordFrozen, TransitionRefused
from points.freezing import current_lines, read_payload
from points.models import PointEvent, Review
from points.recording import record_events
from points.review import CommitteeMeeting, approve_review, open_review, return_review, submit_review
from points.voiding import void_event
from tests.cast import Cast

JULY = datetime(2025, 7, 5, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MEETING = CommitteeMeeting(date(2025, 7, 4), "村部会议室", 3, 3, "核定上半年积分，一致通过。")


def record_dues(cast: Cast, *, month: int = 3) -> PointEvent:
    batch = record_events(
        actor=cast.recorder_a,
        now=JULY,
        town=cast.town,
        branch=cast.branch_a,
        entries=[EventEntry(cast.member_a.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")],
    )
    return PointEvent.objects.get(batch=batch)


def submit(cast: Cast) -> Review:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    return submit_review(actor=cast.recorder_a, now=JULY, review=review)


def approve(cast: Cast) -> Review:
    return approve_review(actor=cast.secretary_a, now=JULY, review=submit(cast), meeting=MEETING)


@pytest.mark.django_db
def test_approval_freezes_one_line_per_member(cast: Cast) -> None:
    event = record_dues(cast)
    review = approve(cast)
    lines = current_lines(review)
    # 王五 left only in September, so his first half is reviewed too.
    assert [line.member.name for line in lines] == ["张伟", "李娜", "曾国华", "王五"]
    score = read_payload(lines[0].payload)
    assert (score.cumulative, score.base, score.events) == (10, 10, (str(event.uuid),))
    assert [line.revision for line in lines] == [1, 1, 1, 1]
    assert lines[0].freeze.sequence == 1


@pytest.mark.django_db
def test_while_submitted_nothing_is_recorded_or_voided(cast: Cast) -> None:
    event = record_dues(cast)
    review = submit(cast)
    with pytest.raises(HalfLocked, match="一支部已提交"):
        record_dues(cast, month=4)
    with pytest.raises(HalfLocked):
        void_event(actor=cast.recorder_a, now=JULY, event=event, reason="误登")
    return_review(actor=cast.secretary_a, now=JULY, review=review, line_remarks={cast.member_a.pk: "4月漏登"})
    record_dues(cast, month=4)
    assert PointEvent.objects.filter(member=cast.member_a, voided_at__isnull=True).count() == 2


@pytest.mark.django_db
def test_after_approval_a_counted_record_is_not_voided_but_late_ones_are_welcome(cast: Cast) -> None:
    event = record_dues(cast)
    approve(cast)
    with pytest.raises(RecordFrozen):
        void_event(actor=cast.recorder_a, now=JULY, event=event, reason="误登")
    late = record_dues(cast, month=5)
    void_event(actor=cast.recorder_a, now=JULY, event=late, reason="误登")


@pytest.mark.django_db
def test_who_recorded_does_not_approve(cast: Cast) -> None:
    record_events(
        actor=cast.secretary_a,
        now=JULY,
        town=cast.town,
        branch=cast.branch_a,
        entries=[EventEntry(cast.member_a.pk, "dues", date(2025, 3, 10), "2025-03")],
    )
    review = submit(cast)
    with pytest.raises(TransitionRefused, match="D19"):
        approve_review(actor=cast.secretary_a, now=JULY, review=review, meeting=MEETING)
    with pytest.raises(PermissionDenied):
        approve_review(actor=cast.recorder_a, now=JULY, review=review, meeting=MEETING)
    approve_review(actor=cast.staff, now=JULY, review=review, meeting=MEETING)
    assert Review.objects.get(pk=review.pk).state == Review.State.APPROVED
