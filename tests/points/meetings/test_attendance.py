"""Who took part is changed by voiding and recording anew; what was earned follows, frozen results stand (D20, D24)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch, MissingReason
from members.models import AuditEntry, Member, Membership, RecordBatch
from points.errors import (
    AttendanceChanged,
    HalfLocked,
    MadeUpTooLate,
    MeetingVoided,
    NothingToChange,
    NotOnRoster,
    RecordFrozen,
    UnknownStatus,
)
from points.integrity.ledger import verify_ledger
from points.meetings.attendance import NOT_EXPECTED, AttendanceChange, change_attendance
from points.meetings.changes import change_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.voiding import void_batch
from tests.cast import Cast, build_cast
from tests.factories import NOW, make_membership
from tests.points.half_stages import bring_to
from tests.points.meetings.held import DAY, PARTY_DAY, change, hold
from tests.threads import run_at_once

Status = Attendance.Status


def live(member: Member) -> list[tuple[str, str, int]]:
    """(item, period, meeting) of the member's live records."""
    rows = PointEvent.objects.filter(member=member, voided_at=None).order_by("item", "period")
    return list(rows.values_list("item", "period", "attendance__meeting"))


def standing(meeting: Meeting) -> dict[str, str]:
    rows = meeting.attendances.filter(voided_at=None)
    return dict(rows.values_list("member__name", "status"))


def test_several_members_are_changed_at_once_and_what_they_earned_follows(cast: Cast) -> None:
    first, second, third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT})
    done = change(cast, meeting, {first: Status.EXCUSED, second: Status.MADE_UP, third: Status.ONLINE})
    assert (done.changed, done.added, done.removed) == (2, 1, 0)
    assert standing(meeting) == {first.name: "excused", second.name: "made_up", third.name: "online"}
    assert [live(member) for member in cast.members_a] == [
        [],
        [("party_day", "2026-02", meeting.pk)],
        [("party_day", "2026-02", meeting.pk)],
    ]
    voided = meeting.attendances.voided().get(member=first)
    assert (voided.status, voided.voided_by, voided.void_reason) == ("attended", cast.recorder_a, "签到表核对")
    assert set(PointEvent.objects.filter(voided_at=None).values_list("batch", flat=True)) == {done.batch.pk}
    assert done.batch.source == RecordBatch.Source.MEETING
    entry = AuditEntry.objects.get(verb="change_attendance")
    assert entry.new["reason"] == "签到表核对"
    assert sorted(entry.old["attendance_changes"]) == sorted(
        [[str(first.uuid), "attended"], [str(second.uuid), "absent"], [str(third.uuid), ""]]
    )
    assert list(verify_ledger()) == []


def test_another_meeting_of_the_period_earns_and_gives_back(cast: Cast) -> None:
    member = cast.member_a
    first = hold(cast, {member: Status.ATTENDED})
    second = hold(cast, {member: Status.ATTENDED}, DAY + timedelta(days=3))
    assert live(member) == [("party_day", "2026-02", first.pk)]
    change(cast, first, {member: Status.ABSENT})
    assert live(member) == [("party_day", "2026-02", second.pk)]
    change(cast, first, {member: Status.HOME_VISIT})
    assert live(member) == [("party_day", "2026-02", second.pk)]
    change(cast, second, {member: NOT_EXPECTED})
    assert live(member) == [("party_day", "2026-02", first.pk)]
    assert standing(second) == {}


def test_one_who_took_part_in_another_way_keeps_earning_by_the_same_meeting(cast: Cast) -> None:
    member = cast.member_a
    later = hold(cast, {member: Status.ATTENDED}, DAY + timedelta(days=3))
    earlier = hold(cast, {member: Status.ATTENDED})
    change(cast, later, {member: Status.ONLINE})
    assert live(member) == [("party_day", "2026-02", later.pk)]
    assert standing(earlier) == {member.name: "attended"}


def test_who_stands_like_that_already_is_left_alone(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED, cast.members_a[1]: Status.ABSENT})
    kept = meeting.attendances.get(member=cast.member_a)
    change(cast, meeting, {cast.member_a: Status.ATTENDED, cast.members_a[1]: Status.EXCUSED})
    kept.refresh_from_db()
    assert not kept.is_void
    with pytest.raises(NothingToChange):
        change(cast, meeting, {cast.member_a: Status.ATTENDED})
    assert RecordBatch.objects.count() == 2


def test_what_was_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    change(cast, meeting, {cast.member_a: Status.EXCUSED})
    with pytest.raises(AttendanceChanged, match="张伟"):
        change_attendance(
            actor=cast.secretary_a,
            now=NOW,
            meeting=meeting,
            statuses={cast.member_a.pk: Status.ABSENT},
            seen={cast.member_a.pk: Status.ATTENDED},
            reason="缺席",
        )
    assert standing(meeting) == {"张伟": "excused"}


@pytest.mark.parametrize(
    ("reason", "who", "status", "error"),
    [
        (" ", "member_a", Status.ABSENT, MissingReason),
        ("改", "member_a", "present", UnknownStatus),
        ("改", "member_b", Status.ATTENDED, NotOnRoster),
        ("改", "left_a", Status.ATTENDED, NotOnRoster),
    ],
)
def test_refusals(reason: str, who: str, status: str, error: type[Exception], cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    with pytest.raises(error):
        change(cast, meeting, {getattr(cast, who): status}, reason)
    assert standing(meeting) == {"张伟": "attended"}
    assert RecordBatch.objects.count() == 1


def test_sent_twice_it_is_changed_once(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    token = uuid4()
    for _attempt in range(2):
        try:
            change_attendance(
                actor=cast.recorder_a,
                now=NOW,
                meeting=meeting,
                statuses={cast.member_a.pk: Status.ABSENT},
                reason="缺席",
                token=token,
            )
        except DuplicateBatch:
            continue
    assert meeting.attendances.count() == 2


@pytest.mark.parametrize("actor", ["supervisor", "committee_a", "member_user_a", "recorder_b", "other_staff"])
def test_who_may_not(actor: str, cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    with pytest.raises(PermissionDenied):
        change(cast, meeting, {cast.member_a: Status.ABSENT}, actor=getattr(cast, actor))


def test_the_branch_that_held_the_meeting_changes_it_after_the_member_moved(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ABSENT})
    make_membership(cast.member_a, cast.branch_b, date(2026, 3, 1), Membership.Why.MOVED)
    change(cast, meeting, {cast.member_a: Status.EXCUSED})
    assert standing(meeting) == {"张伟": "excused"}
    with pytest.raises(PermissionDenied):
        change(cast, meeting, {cast.member_a: Status.ABSENT}, actor=cast.recorder_b)


def test_a_voided_meeting_takes_its_changes_along_and_is_changed_no_more(cast: Cast) -> None:
    first, second, _third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT})
    change(cast, meeting, {second: Status.ATTENDED})
    void_batch(actor=cast.recorder_a, now=NOW, batch=meeting.batch, reason="没有开会")
    assert standing(meeting) == {}
    assert live(first) == live(second) == []
    with pytest.raises(MeetingVoided):
        change(cast, meeting, {first: Status.ATTENDED})
    assert list(verify_ledger()) == []


OLD_DAY, OLD_KIND = date(2025, 3, 10), (("party_day", "2025-03"),)


def test_a_submitted_half_is_locked_and_says_so(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ABSENT}, OLD_DAY, OLD_KIND)
    bring_to(cast, "submitted", start=NOW - timedelta(hours=5))
    with pytest.raises(HalfLocked, match="一支部"):
        change(cast, meeting, {cast.member_a: Status.ATTENDED})
    with pytest.raises(HalfLocked):
        change_meeting(
            actor=cast.recorder_a, now=NOW, meeting=meeting, kinds=OLD_KIND, topics={}, texts={"topic": "改"}
        )


def test_after_approval_late_attendance_counts_but_no_make_up_and_no_frozen_record(cast: Cast) -> None:
    first, second, third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT, third: Status.ABSENT}, OLD_DAY, OLD_KIND)
    bring_to(cast, "approved", start=NOW - timedelta(hours=5))
    change(cast, meeting, {second: Status.ATTENDED})
    assert live(second) == [("party_day", "2025-03", meeting.pk)]
    with pytest.raises(MadeUpTooLate, match=third.name):
        change(cast, meeting, {third: Status.MADE_UP})
    with pytest.raises(RecordFrozen):
        change(cast, meeting, {first: Status.ABSENT})
    assert standing(meeting) == {first.name: "attended", second.name: "attended", third.name: "absent"}


def test_make_up_is_entered_while_the_half_is_a_draft(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ABSENT}, OLD_DAY, OLD_KIND)
    bring_to(cast, "draft")
    change(cast, meeting, {cast.member_a: Status.MADE_UP})
    assert live(cast.member_a) == [("party_day", "2025-03", meeting.pk)]


def test_a_free_activity_keeps_attendance_and_earns_nothing(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED}, kinds=())
    change(cast, meeting, {cast.member_a: Status.MADE_UP, cast.members_a[1]: Status.ATTENDED})
    assert standing(meeting) == {cast.member_a.name: "made_up", cast.members_a[1].name: "attended"}
    assert not PointEvent.objects.exists()


def test_kinds_are_put_right_with_what_they_earned(cast: Cast) -> None:
    first, second, _third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT})
    other = hold(cast, {first: Status.ATTENDED}, DAY + timedelta(days=1))
    changed = change_meeting(
        actor=cast.recorder_a,
        now=NOW,
        meeting=meeting,
        kinds=[("lecture", "2026Q1"), ("assembly", "2026Q1")],
        topics={"lecture": "学习党章"},
        texts={"topic": "党课和党员大会", "place": "会议室", "host": "甲书记", "minutes": "一、学习。\n二、讨论。"},
        reason="类别勾错",
    )
    assert sorted(changed.kinds.values_list("item", "period", "topic")) == [
        ("assembly", "2026Q1", ""),
        ("lecture", "2026Q1", "学习党章"),
    ]
    assert (changed.topic, changed.place, changed.host) == ("党课和党员大会", "会议室", "甲书记")
    assert live(first) == [
        ("assembly", "2026Q1", meeting.pk),
        ("lecture", "2026Q1", meeting.pk),
        ("party_day", "2026-02", other.pk),
    ]
    assert live(second) == []
    entry = AuditEntry.objects.get(verb="change_meeting")
    assert entry.old == {
        "topic": "主题党日",
        "place": "",
        "host": "",
        "minutes": "",
        "kinds": [["party_day", "2026-02"]],
    }
    assert entry.new["reason"] == "类别勾错"
    assert entry.new["kinds"] == [["assembly", "2026Q1"], ["lecture", "2026Q1", "学习党章"]]
    assert list(verify_ledger()) == []


def test_kinds_change_with_a_reason_only_and_texts_without(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    about: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "meeting": meeting}
    with pytest.raises(MissingReason):
        change_meeting(**about, kinds=[("lecture", "2026Q1")], topics={}, texts={})
    with pytest.raises(NothingToChange):
        change_meeting(**about, kinds=PARTY_DAY, topics={"party_day": ""}, texts={"topic": "主题党日"})
    assert change_meeting(**about, kinds=PARTY_DAY, topics={}, texts={"minutes": "记录"}).minutes == "记录"
    with pytest.raises(PermissionDenied):
        change_meeting(**about | {"actor": cast.committee_a}, kinds=PARTY_DAY, topics={}, texts={"minutes": "改"})


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_leave_one_live_attendance_and_one_record() -> None:
    cast = build_cast()
    meeting = hold(cast, {cast.member_a: Status.ABSENT})
    outcomes = run_at_once(
        *(
            lambda status=status: change(cast, meeting, {cast.member_a: status})
            for status in (Status.ATTENDED, Status.ONLINE)
        )
    )
    assert all(isinstance(outcome, AttendanceChange) for outcome in outcomes)
    assert meeting.attendances.filter(voided_at=None).count() == 1
    assert PointEvent.objects.filter(voided_at=None).count() == 1
    assert meeting.attendances.count() == 3
