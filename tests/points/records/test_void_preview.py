"""What a void says it takes is what it takes (D30)."""

from __future__ import annotations

from datetime import date

from members.models import RecordBatch
from points.meetings.holding import HeldMeeting
from points.meetings.month import record_month
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from points.records.void_preview import (
    VoidedItem,
    VoidPreview,
    preview_attendance,
    preview_batch,
    preview_events,
)
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, base_entry, incentive_entry
from tests.points.meetings.held import change, hold

Status = Attendance.Status


def save_march(cast: Cast) -> Meeting:
    """Everybody's dues, and a meeting at which one was absent."""
    zhang, li, zeng = cast.members_a
    statuses: dict[int, str] = {zhang.pk: "attended", li.pk: "attended", zeng.pk: "absent"}
    kinds = [("party_day", "2026-03"), ("lecture", "2026Q1")]
    meeting = HeldMeeting(cast.branch_a, date(2026, 3, 5), kinds, statuses)
    dues = [member.pk for member in cast.members_a]
    batch = record_month(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, month="2026-03", dues=dues, meeting=meeting
    )
    return Meeting.objects.get(batch=batch)


def test_a_meeting_takes_its_attendance_and_what_that_earned_and_no_dues(cast: Cast) -> None:
    meeting = save_march(cast)
    preview = preview_batch(meeting.batch)
    assert preview == VoidPreview(
        items=(
            VoidedItem("party_day", 2026, "2026-03", 2, 2),
            VoidedItem("lecture", 2026, "2026Q1", 2, 2),
        ),
        attendances=(("attended", 2), ("absent", 1)),
        meetings=1,
    )
    assert preview.records == 4
    counts = void_batch(actor=cast.recorder_a, now=NOW, batch=meeting.batch, reason="重复登记")
    assert (counts["pointevent"], counts["attendance"]) == (4, 3)
    assert list(PointEvent.objects.live().values_list("item", flat=True)) == ["dues"] * 3
    dues = RecordBatch.objects.get(source=RecordBatch.Source.SCREEN)
    assert preview_batch(dues).items == (VoidedItem("dues", 2026, "2026-03", 3, 3),)


def test_what_was_changed_later_goes_along_and_what_another_meeting_earns_is_said(cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    meeting = hold(cast, {zhang: Status.ATTENDED, li: Status.ABSENT})
    change(cast, meeting, {li: Status.MADE_UP})
    hold(cast, {zhang: Status.ATTENDED}, date(2026, 2, 20))
    preview = preview_batch(meeting.batch)
    assert preview.items == (VoidedItem("party_day", 2026, "2026-02", 2, 2),)
    assert preview.attendances == (("attended", 1), ("made_up", 1))
    assert preview.earned_elsewhere == 1
    one = preview_attendance(meeting.attendances.live().get(member=zhang))
    assert (one.items, one.attendances, one.earned_elsewhere) == (
        (VoidedItem("party_day", 2026, "2026-02", 1, 1),),
        (("attended", 1),),
        1,
    )
    void_batch(actor=cast.recorder_a, now=NOW, batch=meeting.batch, reason="重复登记")
    assert preview_batch(meeting.batch) == VoidPreview((), meetings=1)
    assert PointEvent.objects.live().count() == 1


def test_records_by_item_and_a_single_one(cast: Cast) -> None:
    entries = [base_entry(member) for member in cast.members_a] + [incentive_entry(cast.member_a)]
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
    assert preview_batch(batch).items == (
        VoidedItem("volunteering", 2026, "", 1, 1),
        VoidedItem("dues", 2026, "2026-01", 3, 3),
    )
    dues = list(batch.events.filter(item="dues"))
    assert preview_events(dues[0]) == VoidPreview((VoidedItem("dues", 2026, "2026-01", 1, 1),))
    assert preview_events(*dues).items == (VoidedItem("dues", 2026, "2026-01", 3, 3),)
