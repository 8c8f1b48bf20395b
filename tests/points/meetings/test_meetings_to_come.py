"""Meetings to come and leave from them: who announces, who is asked, who answers, and what recording makes of it."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from members.errors import MissingReason, NotAllowed
from members.models import AuditEntry, Exemption, Membership, Notification, User
from points.errors import AnnouncementRefused, LeaveRefused, UnknownItem
from points.meetings.announcing import (
    ComingMeeting,
    announce_meeting,
    change_announcement,
    find_announcement,
    withdraw_announcement,
)
from points.meetings.holding import record_meeting
from points.meetings.leaves import (
    answer_leave,
    ask_leave,
    enter_leave,
    leaves_to_answer,
    read_leave_roll,
    take_back_leave,
)
from points.models import Announcement, Attendance, LeaveRequest, Meeting, PointEvent
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.exemptions import exempt_member
from tests.factories import NOW, TODAY, make_member, make_membership, make_user

DAY = date(2026, 3, 20)
COMING = ComingMeeting(DAY, time(15), "村部会议室", [("lecture", "2026Q1")], topic="清明祭扫")
State = LeaveRequest.State


def announce(cast: Cast, coming: ComingMeeting = COMING, **about: Any) -> Announcement:
    arguments: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "branch": cast.branch_a} | about
    return announce_meeting(coming=coming, **arguments)


def ask(cast: Cast, announcement: Announcement, reason: str = "住院检查") -> LeaveRequest:
    return ask_leave(actor=cast.member_user_a, now=NOW, announcement=announcement, reason=reason)


def record(cast: Cast, day: date = TODAY, item: tuple[str, str] = ("lecture", "2026Q1")) -> Meeting:
    statuses = {cast.member_a.pk: Attendance.Status.EXCUSED.value}
    return record_meeting(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, held_on=day, kinds=[item], statuses=statuses
    )


def today(cast: Cast) -> Announcement:
    return announce(cast, ComingMeeting(TODAY, time(15), "村部", [("lecture", "2026Q1")]))


def test_an_announcement_gives_nothing_and_its_members_are_told(cast: Cast) -> None:
    token = uuid4()
    announcement = announce(cast, token=token)
    assert announce(cast, token=token) == announcement
    assert [(kind.item, kind.period) for kind in announcement.kinds.all()] == [("lecture", "2026Q1")]
    assert not PointEvent.objects.exists()
    told = Notification.objects.get()
    assert (told.user, told.kind) == (cast.member_user_a, "meeting_announced")
    assert told.about == "2026-03-20 星期五 15:00 村部会议室"
    assert told.link == f"/meetings/{announcement.uuid}/"


@pytest.mark.parametrize("who", ["committee_a", "recorder_b", "member_user_a", "supervisor", "other_staff"])
def test_only_who_records_for_the_branch_announces(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        announce(cast, actor=getattr(cast, who))


@pytest.mark.parametrize(
    ("coming", "error"),
    [
        (ComingMeeting(date(2026, 3, 14), time(15), "村部"), AnnouncementRefused),
        (ComingMeeting(date(2026, 12, 14), time(15), "村部"), AnnouncementRefused),
        (ComingMeeting(DAY, time(15), "村部", [("nothing", "2026Q1")]), UnknownItem),
        (COMING, AnnouncementRefused),
    ],
)
def test_what_cannot_be_announced(cast: Cast, coming: ComingMeeting, error: type[Exception]) -> None:
    announce(cast)
    with pytest.raises(error):
        announce(cast, coming)
    assert Announcement.objects.count() == 1


def test_leave_is_asked_for_and_accepted_with_a_word(cast: Cast) -> None:
    announcement = announce(cast)
    leave = ask(cast, announcement)
    assert list(leaves_to_answer(cast.recorder_a, on=TODAY)) == [leave]
    assert list(leaves_to_answer(cast.recorder_b, on=TODAY)) == []
    answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=True, remark="好好休养")
    leave.refresh_from_db()
    assert (leave.state, leave.remark, leave.answered_by) == (State.ACCEPTED, "好好休养", cast.recorder_a)
    assert read_leave_roll(announcement).accepted == {cast.member_a.pk}
    assert Notification.objects.filter(kind="leave_answered").get().user == cast.member_user_a
    with pytest.raises(LeaveRefused, match="已准假"):
        answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=False, remark="不行")


def test_the_reason_lies_encrypted_and_in_no_log(cast: Cast) -> None:
    ask(cast, announce(cast))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM points_leaverequest")
        assert "住院" not in cursor.fetchone()[0]
    assert not [row for row in AuditEntry.objects.all() if "住院" in f"{row.old}{row.new}"]


def test_who_declines_says_why_and_the_member_may_ask_again(cast: Cast) -> None:
    leave = ask(cast, announce(cast))
    with pytest.raises(MissingReason):
        answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=False)
    answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=False, remark="请当面说明")
    assert ask(cast, leave.announcement, "仍在住院").state == State.WAITING


def test_nobody_asks_twice(cast: Cast) -> None:
    announcement = announce(cast)
    ask(cast, announcement)
    with pytest.raises(LeaveRefused, match="待答复"):
        ask(cast, announcement)


def test_one_s_own_leave_is_another_s_to_answer(cast: Cast) -> None:
    announcement = announce(cast)
    User.objects.filter(pk=cast.recorder_a.pk).update(member=cast.members_a[1])
    recorder = User.objects.get(pk=cast.recorder_a.pk)
    leave = ask_leave(actor=recorder, now=NOW, announcement=announcement, reason="住院")
    assert list(leaves_to_answer(recorder, on=TODAY)) == []
    with pytest.raises(NotAllowed):
        answer_leave(actor=recorder, now=NOW, leave=leave, accepted=True)
    answer_leave(actor=cast.secretary_a, now=NOW, leave=leave, accepted=True)


def test_who_telephoned_is_entered_and_a_namesake_is_another(cast: Cast) -> None:
    namesake = make_member(cast.branch_a, "张伟")
    announcement = announce(cast)
    leave = enter_leave(
        actor=cast.recorder_a, now=NOW, announcement=announcement, member=namesake, reason="电话：外出打工"
    )
    assert (leave.state, leave.entered_by) == (State.ACCEPTED, cast.recorder_a)
    assert read_leave_roll(announcement).accepted == {namesake.pk}
    assert ask(cast, announcement).member == cast.member_a


def test_the_exempt_and_those_of_elsewhere_are_not_asked(cast: Cast) -> None:
    about = {"applied_on": TODAY, "decided_on": TODAY, "from_date": TODAY}
    exempt_member(actor=cast.staff, now=NOW, member=cast.members_a[1], ground=Exemption.Ground.UNABLE, **about)
    make_membership(cast.member_a, cast.branch_b, date(2026, 3, 18), Membership.Why.TRANSFERRED_IN)
    announcement = announce(cast)
    assert not Notification.objects.filter(kind="meeting_announced").exists()
    for member in cast.members_a[:2]:
        assert not Announcement.objects.seen_by(member.pk, since=TODAY).exists()
        with pytest.raises(LeaveRefused):
            enter_leave(actor=cast.recorder_a, now=NOW, announcement=announcement, member=member, reason="外出")
    newcomer = make_member(cast.branch_a, "新来", since=date(2026, 3, 19))
    assert list(Announcement.objects.seen_by(newcomer.pk, since=TODAY)) == [announcement]


def test_recording_closes_what_announced_it_and_leave_comes_too_late(cast: Cast) -> None:
    announcement = today(cast)
    leave = ask(cast, announcement)
    meeting = record(cast)
    announcement.refresh_from_db()
    assert announcement.meeting == meeting
    assert list(leaves_to_answer(cast.recorder_a, on=TODAY)) == []
    with pytest.raises(LeaveRefused, match="会议已登记"):
        answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=True)
    with pytest.raises(LeaveRefused, match="会议已登记"):
        take_back_leave(actor=cast.member_user_a, now=NOW, leave=leave)
    with pytest.raises(AnnouncementRefused):
        withdraw_announcement(actor=cast.recorder_a, now=NOW, announcement=announcement, reason="取消")
    void_batch(actor=cast.recorder_a, now=NOW, batch=meeting.batch, reason="登记有误")
    assert find_announcement(cast.branch_a, TODAY) == announcement
    again = record(cast)
    announcement.refresh_from_db()
    assert announcement.meeting == again


def test_a_meeting_of_another_kind_closes_nothing(cast: Cast) -> None:
    announcement = today(cast)
    record(cast, item=("party_day", "2026-03"))
    announcement.refresh_from_db()
    assert announcement.meeting is None


def test_who_can_come_after_all_takes_it_back(cast: Cast) -> None:
    leave = ask(cast, announce(cast))
    answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=True)
    with pytest.raises(NotAllowed):
        take_back_leave(actor=cast.recorder_a, now=NOW, leave=leave)
    take_back_leave(actor=cast.member_user_a, now=NOW, leave=leave)
    assert read_leave_roll(leave.announcement).accepted == set()


def test_on_another_day_leave_stands_for_nothing(cast: Cast) -> None:
    announcement = announce(cast)
    leave = ask(cast, announcement)
    later = ComingMeeting(date(2026, 3, 27), time(15), "村部会议室", COMING.kinds, topic=COMING.topic)
    change_announcement(actor=cast.recorder_a, now=NOW, announcement=announcement, coming=later)
    announcement.refresh_from_db()
    assert announcement.day == date(2026, 3, 27)
    assert Notification.objects.filter(kind="meeting_moved").get().user == cast.member_user_a
    entry = AuditEntry.objects.get(verb="change_announcement")
    assert (entry.old, entry.new) == ({"day": "2026-03-20"}, {"day": "2026-03-27"})
    assert list(leaves_to_answer(cast.recorder_a, on=TODAY)) == []
    with pytest.raises(LeaveRefused, match="另一天"):
        answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=True)
    assert ask(cast, announcement).day == date(2026, 3, 27)


def test_what_is_withdrawn_asks_for_no_leave(cast: Cast) -> None:
    announcement = announce(cast)
    withdraw_announcement(actor=cast.recorder_a, now=NOW, announcement=announcement, reason="暴雨")
    assert Notification.objects.filter(kind="meeting_withdrawn").count() == 1
    with pytest.raises(LeaveRefused, match="已取消"):
        ask(cast, announcement)
    with pytest.raises(AnnouncementRefused, match="已取消"):
        change_announcement(actor=cast.recorder_a, now=NOW, announcement=announcement, coming=COMING)


def test_an_account_without_a_member_asks_for_nothing(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        ask_leave(actor=make_user("nobody"), now=NOW, announcement=announce(cast), reason="外出")
