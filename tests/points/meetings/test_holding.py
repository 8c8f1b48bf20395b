"""Attendance earns what the meeting counts for, once; and earns again when the record that stood in its way goes."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch
from members.models import AuditEntry, Member, RecordBatch, User
from points.errors import (
    DuplicateBaseRecord,
    FutureDate,
    NotOnRoster,
    UnknownItem,
    UnknownStatus,
    WrongPeriod,
    WrongPoints,
)
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, base_entry
from tests.points.meetings.held import DAY, hold
from tests.points.who_records import WHO_RECORDS
from tests.threads import run_at_once

Status = Attendance.Status


def tick(cast: Cast, member: Member, item: str = "party_day", period: str = "2026-02") -> PointEvent:
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(member, item, period, DAY)])
    return PointEvent.objects.get(member=member, item=item, period=period, voided_at=None)


def live(member: Member) -> list[tuple[str, str, int | None]]:
    """(item, period, attendance) of the member's live records."""
    rows = PointEvent.objects.filter(member=member, voided_at=None).order_by("item", "period")
    return list(rows.values_list("item", "period", "attendance"))


def attendance_of(meeting: Meeting, member: Member) -> Attendance:
    return meeting.attendances.get(member=member, voided_at=None)


@pytest.mark.parametrize(
    ("status", "earns"),
    [
        (Status.ATTENDED, True),
        (Status.MADE_UP, True),
        (Status.HOME_VISIT, True),
        (Status.ONLINE, True),
        (Status.AT_PLACE_OF_STAY, True),
        (Status.EXCUSED, False),
        (Status.ABSENT, False),
    ],
)
def test_who_took_part_earns(status: str, earns: bool, cast: Cast) -> None:  # D24
    meeting = hold(cast, {cast.member_a: status})
    attendance = attendance_of(meeting, cast.member_a)
    assert attendance.status == status
    assert live(cast.member_a) == ([("party_day", "2026-02", attendance.pk)] if earns else [])


def test_a_meeting_of_several_kinds_earns_each_in_its_own_period(cast: Cast) -> None:
    kinds = (("party_day", "2026-02"), ("lecture", "2026Q1"), ("assembly", "2026Q1"), ("appraisal", "2025"))
    meeting = hold(cast, {cast.member_a: Status.ATTENDED, cast.members_a[1]: Status.ABSENT}, kinds=kinds)
    assert [(item, period) for item, period, _attendance in live(cast.member_a)] == sorted(kinds)
    assert set(PointEvent.objects.values_list("item", "year")) == {
        ("party_day", 2026),
        ("lecture", 2026),
        ("assembly", 2026),
        ("appraisal", 2025),
    }
    assert live(cast.members_a[1]) == []
    assert PointEvent.objects.exclude(batch=meeting.batch).count() == 0
    assert meeting.batch.source == RecordBatch.Source.MEETING
    entry = AuditEntry.objects.get(verb="record_meeting")
    assert (entry.actor, entry.object_id, entry.new["people"]) == (cast.recorder_a, str(meeting.uuid), 2)


def test_what_is_counted_already_is_not_counted_twice(cast: Cast) -> None:
    event = tick(cast, cast.member_a)
    hold(cast, {cast.member_a: Status.ATTENDED, cast.members_a[1]: Status.ATTENDED})
    assert live(cast.member_a) == [("party_day", "2026-02", None)]
    assert PointEvent.objects.get(member=cast.member_a) == event
    assert len(live(cast.members_a[1])) == 1


def test_a_tick_after_the_meeting_is_refused(cast: Cast) -> None:
    hold(cast, {cast.member_a: Status.ATTENDED})
    with pytest.raises(DuplicateBaseRecord):
        tick(cast, cast.member_a)


def test_when_the_tick_is_voided_the_attendance_earns(cast: Cast) -> None:
    event = tick(cast, cast.member_a)
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    void_event(actor=cast.recorder_a, now=NOW, event=event, reason="勾错人")
    assert live(cast.member_a) == [("party_day", "2026-02", attendance_of(meeting, cast.member_a).pk)]
    earned = PointEvent.objects.get(member=cast.member_a, voided_at=None)
    assert (earned.date, earned.batch, earned.year) == (DAY, meeting.batch, 2026)


def test_when_an_attendance_is_voided_another_meeting_of_the_period_earns(cast: Cast) -> None:
    first = hold(cast, {cast.member_a: Status.ATTENDED})
    third = hold(cast, {cast.member_a: Status.ATTENDED}, DAY + timedelta(days=12))
    second = hold(cast, {cast.member_a: Status.ATTENDED}, DAY + timedelta(days=5))
    for meeting, heir in ((first, second), (second, third)):
        void_attendance(
            actor=cast.recorder_a, now=NOW, attendance=attendance_of(meeting, cast.member_a), reason="没有到会"
        )
        assert live(cast.member_a) == [("party_day", "2026-02", attendance_of(heir, cast.member_a).pk)]
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=attendance_of(third, cast.member_a), reason="没有到会")
    assert live(cast.member_a) == []


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        (Status.ABSENT, (("party_day", "2026-02"),)),
        (Status.EXCUSED, (("party_day", "2026-02"),)),
        (Status.ATTENDED, (("party_day", "2026-03"),)),
        (Status.ATTENDED, (("lecture", "2026Q1"),)),
    ],
)
def test_only_an_earning_attendance_of_the_same_item_and_period_earns_again(
    status: str, kinds: tuple[tuple[str, str], ...], cast: Cast
) -> None:
    first = hold(cast, {cast.member_a: Status.ATTENDED})
    hold(cast, {cast.member_a: status, cast.members_a[1]: Status.ATTENDED}, DAY + timedelta(days=1), kinds)
    before = live(cast.member_a)
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=attendance_of(first, cast.member_a), reason="没有到会")
    assert live(cast.member_a) == [row for row in before if row[:2] != ("party_day", "2026-02")]


def test_voiding_an_attendance_that_earned_nothing_leaves_the_record_that_stands(cast: Cast) -> None:
    tick(cast, cast.member_a)
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=attendance_of(meeting, cast.member_a), reason="未到")
    assert live(cast.member_a) == [("party_day", "2026-02", None)]


def test_when_a_meetings_batch_is_voided_another_meeting_earns(cast: Cast) -> None:
    everybody = dict.fromkeys(cast.members_a, Status.ATTENDED)
    first = hold(cast, dict(everybody))
    second = hold(cast, {cast.member_a: Status.ATTENDED}, DAY + timedelta(days=1))
    counts = void_batch(actor=cast.recorder_a, now=NOW, batch=first.batch, reason="录错月份")
    assert (counts["pointevent"], counts["attendance"]) == (3, 3)
    assert live(cast.member_a) == [("party_day", "2026-02", attendance_of(second, cast.member_a).pk)]
    assert [live(member) for member in cast.members_a[1:]] == [[], []]


def test_when_an_imports_batch_is_voided_the_attendance_earns(cast: Cast) -> None:
    event = tick(cast, cast.member_a)
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    void_batch(actor=cast.recorder_a, now=NOW, batch=_with_branch(event.batch, cast), reason="导错文件")
    assert live(cast.member_a) == [("party_day", "2026-02", attendance_of(meeting, cast.member_a).pk)]


def _with_branch(batch: RecordBatch, cast: Cast) -> RecordBatch:
    batch.branch = cast.branch_a  # in memory only: the ledger keeps the row
    return batch


def test_a_corrected_attendance_earns_in_the_new_batch(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    old = attendance_of(meeting, cast.member_a)
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=old, reason="改记为请假")
    Attendance.objects.create(batch=meeting.batch, meeting=meeting, member=cast.member_a, status=Status.EXCUSED)
    assert live(cast.member_a) == []
    assert list(meeting.attendances.order_by("pk").values_list("status", "void_reason")) == [
        ("attended", "改记为请假"),
        ("excused", None),
    ]


@pytest.mark.parametrize(
    ("kinds", "day", "error"),
    [
        ((("party_day", "2026-03"),), TODAY + timedelta(days=1), FutureDate),
        ((), TODAY + timedelta(days=1), FutureDate),
        ((("party_day", "2026Q1"),), DAY, WrongPeriod),
        ((("party_day", ""),), DAY, WrongPeriod),
        ((("singing", "2026-02"),), DAY, UnknownItem),
        ((("volunteering", ""),), DAY, WrongPoints),
    ],
)
def test_a_refused_meeting_writes_nothing(
    kinds: tuple[tuple[str, str], ...], day: date, error: type[Exception], cast: Cast
) -> None:
    with pytest.raises(error):
        hold(cast, {cast.member_a: Status.ATTENDED}, day, kinds)
    assert not Meeting.objects.exists()
    assert not RecordBatch.objects.exists()


@pytest.mark.parametrize("status", ["", "present", "ATTENDED", "参加"])
def test_an_unknown_attendance_is_refused_in_words(status: str, cast: Cast) -> None:  # D24
    with pytest.raises(UnknownStatus) as refusal:
        hold(cast, {cast.member_a: Status.ATTENDED, cast.members_a[1]: status})
    assert f"“{status}”不是参加情况" in str(refusal.value)
    assert "送学上门" in str(refusal.value)
    assert not Meeting.objects.exists()
    assert not RecordBatch.objects.exists()


def test_people_who_were_not_in_the_branch_that_day_are_refused(cast: Cast) -> None:
    for stranger, day in ((cast.member_b, DAY), (cast.left_a, DAY)):
        with pytest.raises(NotOnRoster) as refusal:
            hold(cast, {cast.member_a: Status.ATTENDED, stranger: Status.ATTENDED}, day)
        assert "一支部" in str(refusal.value)
    assert not Meeting.objects.exists()


def test_somebody_who_left_since_counts_on_a_day_they_were_there(cast: Cast) -> None:
    hold(cast, {cast.left_a: Status.ATTENDED}, date(2025, 8, 20), (("party_day", "2025-08"),))
    assert live(cast.left_a)[0][:2] == ("party_day", "2025-08")


def test_a_meeting_sent_twice_is_saved_once(cast: Cast) -> None:
    token = uuid4()
    for attempt in range(2):
        try:
            record_meeting(
                actor=cast.recorder_a,
                now=NOW,
                branch=cast.branch_a,
                held_on=DAY,
                kinds=[("party_day", "2026-02")],
                statuses={cast.member_a.pk: Status.ATTENDED},
                token=token,
            )
        except DuplicateBatch:
            assert attempt == 1
    assert Meeting.objects.count() == Attendance.objects.count() == PointEvent.objects.count() == 1


@pytest.mark.parametrize(("actor", "allowed"), WHO_RECORDS)
def test_who_may_record_a_meeting_of_branch_a(actor: str, allowed: bool, cast: Cast) -> None:
    user: User = getattr(cast, actor)
    with contextlib.suppress(PermissionDenied):
        record_meeting(actor=user, now=NOW, branch=cast.branch_a, held_on=DAY, kinds=[], statuses={})
    assert Meeting.objects.count() == allowed


@pytest.mark.django_db(transaction=True)
def test_a_meeting_and_a_tick_at_once_make_one_record() -> None:
    cast = build_cast()
    outcomes = run_at_once(lambda: hold(cast, {cast.member_a: Status.ATTENDED}), lambda: tick(cast, cast.member_a))
    assert not any(isinstance(outcome, AssertionError) for outcome in outcomes)
    assert PointEvent.objects.filter(voided_at=None).count() == 1
    assert Attendance.objects.count() == 1
