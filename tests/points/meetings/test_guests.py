"""Another branch's meeting in the town counts once that branch confirms it (D24)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import NotAllowed
from members.models import Member, Notification, User
from points.errors import HalfLocked, NotOnRoster
from points.integrity.ledger import verify_ledger
from points.meetings.attendance import change_attendance
from points.meetings.guests import add_guests, find_guests
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.papers.meetings.meeting_record import render_meeting_record
from points.records.voiding import void_attendance, void_batch
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_member
from tests.points.half_stages import JULY, bring_to

pytestmark = pytest.mark.django_db
Status = Attendance.Status


@pytest.fixture
def lecture(cast: Cast) -> Meeting:
    """Branch B's lecture of the first quarter."""
    return record_meeting(
        actor=cast.recorder_b, now=NOW, branch=cast.branch_b, held_on=TODAY, kinds=[("lecture", "2026Q1")],
        statuses={member.pk: Status.ATTENDED for member in cast.members_b}, topic="党课",
    )  # fmt: skip


def earned(member: Member) -> list[tuple[str, str]]:
    return list(PointEvent.objects.live().filter(member=member).values_list("item", "period"))


def test_the_branch_that_held_it_confirms_and_the_members_own_branch_is_told(cast: Cast, lecture: Meeting) -> None:
    done = add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟\n李娜 一支部")
    assert (done.added, done.changed) == (2, 0)
    assert earned(cast.member_a) == earned(cast.members_a[1]) == [("lecture", "2026Q1")]
    told = Notification.objects.filter(kind="guest_entered", about__startswith="张伟").order_by("pk")
    assert [each.user for each in told] == [cast.recorder_a, cast.secretary_a]
    assert (told[0].branch, told[0].about) == (cast.branch_a, f"张伟 {TODAY} 二支部")
    assert list(verify_ledger()) == []


def test_only_the_branch_that_held_it_confirms(cast: Cast, lecture: Meeting) -> None:
    for role in ("recorder_a", "secretary_a", "committee_b", "supervisor", "other_recorder"):
        with pytest.raises(PermissionDenied):
            add_guests(actor=getattr(cast, role), now=NOW, meeting=lecture, names="张伟")
    assert earned(cast.member_a) == []


def test_an_officer_who_is_a_member_elsewhere_does_not_confirm_themselves(cast: Cast, lecture: Meeting) -> None:
    User.objects.filter(pk=cast.member_user_a.pk).update(member=None)
    User.objects.filter(pk=cast.recorder_b.pk).update(member=cast.member_a)
    recorder = User.objects.get(pk=cast.recorder_b.pk)
    with pytest.raises(NotAllowed):
        add_guests(actor=recorder, now=NOW, meeting=lecture, names="张伟")
    with pytest.raises(NotAllowed, match="本人确认"):
        record_meeting(
            actor=recorder, now=NOW, branch=cast.branch_b, held_on=TODAY, kinds=[("assembly", "2026Q1")],
            statuses={cast.member_a.pk: Status.GUEST},
        )  # fmt: skip
    assert earned(cast.member_a) == []


def test_names_that_fit_nobody_or_two_are_all_said_and_nothing_is_saved(cast: Cast, lecture: Meeting) -> None:
    make_member(cast.branch_a, "张伟", party_group="第二党小组")
    with pytest.raises(NotOnRoster) as refused:
        add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟、王小明\n赵敏；周外；曾国华")
    assert str(refused.value) == (
        "张伟：有同名党员，请在姓名后注明支部；王小明：不是本镇其他支部的党员；赵敏：不是本镇其他支部的党员；"
        "周外：不是本镇其他支部的党员。未保存任何内容。"
    )
    assert not Attendance.objects.filter(status=Status.GUEST).exists()
    assert [guest.member for guest in find_guests("张伟 第一党小组", lecture)] == [cast.member_a]


def test_own_members_are_no_guests_and_guests_no_own_members(cast: Cast, lecture: Meeting) -> None:
    own, guest = cast.members_b[0], cast.member_a
    for statuses in ({own.pk: Status.GUEST}, {guest.pk: Status.ATTENDED}, {cast.other_member.pk: Status.GUEST}):
        with pytest.raises(NotOnRoster):
            change_attendance(actor=cast.recorder_b, now=NOW, meeting=lecture, statuses=statuses, reason="核对")
    add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟")
    with pytest.raises(NotOnRoster):
        change_attendance(
            actor=cast.recorder_b, now=NOW, meeting=lecture, statuses={guest.pk: Status.ATTENDED}, reason="核对"
        )


def test_voiding_takes_back_what_it_earned(cast: Cast, lecture: Meeting) -> None:
    add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟、李娜")
    row = Attendance.objects.live().get(member=cast.member_a)
    with pytest.raises(PermissionDenied):
        void_attendance(actor=cast.recorder_a, now=NOW, attendance=row, reason="没有去")
    void_attendance(actor=cast.recorder_b, now=NOW, attendance=row, reason="没有去")
    assert (earned(cast.member_a), earned(cast.members_a[1])) == ([], [("lecture", "2026Q1")])


def test_a_voided_meeting_takes_its_guests_too(cast: Cast, lecture: Meeting) -> None:
    add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟")
    void_batch(actor=cast.recorder_b, now=NOW, batch=lecture.batch, reason="登错")
    assert (earned(cast.member_a), list(verify_ledger())) == ([], [])


def test_being_there_wins_over_an_absence_at_home(cast: Cast, lecture: Meeting) -> None:
    record_meeting(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, held_on=TODAY, kinds=[("lecture", "2026Q1")],
        statuses={cast.member_a.pk: Status.ABSENT},
    )  # fmt: skip
    add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟")
    assert earned(cast.member_a) == [("lecture", "2026Q1")]


def test_the_half_of_the_members_own_branch_decides(cast: Cast) -> None:
    held = record_meeting(
        actor=cast.recorder_b, now=JULY, branch=cast.branch_b, held_on=date(2025, 6, 10),
        kinds=[("party_day", "2025-06")], statuses={cast.members_b[0].pk: Status.ATTENDED},
    )  # fmt: skip
    bring_to(cast, "submitted")
    with pytest.raises(HalfLocked):
        add_guests(actor=cast.recorder_b, now=JULY, meeting=held, names="张伟")


def test_the_record_of_the_meeting_counts_them_beside(cast: Cast, lecture: Meeting) -> None:
    add_guests(actor=cast.recorder_b, now=NOW, meeting=lecture, names="张伟")
    paper = render_meeting_record(lecture, now=NOW)
    assert "应到3人，实到3人" in paper
    assert '<th>外支部党员</th><td colspan="3">张伟（不计入应到、实到）</td>' in paper
