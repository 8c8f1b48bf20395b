"""The pages of meetings to come: who reads a reason, and what a meeting's form makes of accepted leave."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import uuid4

from django.test import Client

from points.meetings.announcing import ComingMeeting, announce_meeting, withdraw_announcement
from points.meetings.leaves import answer_leave, ask_leave
from points.models import Announcement, LeaveRequest, Meeting
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_user

YESTERDAY = date(2026, 3, 14)
RECORD = "/workbench/points/meeting/record/"


def announced(cast: Cast, day: date = TODAY, *, accepted: bool = True) -> LeaveRequest:
    """A party day of branch A from which 张伟 has leave."""
    coming = ComingMeeting(day, time(15), "村部", [("party_day", "2026-03")])
    row = announce_meeting(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, coming=coming)
    leave = ask_leave(actor=cast.member_user_a, now=NOW, announcement=row, reason="住院检查")
    if accepted:
        answer_leave(actor=cast.recorder_a, now=NOW, leave=leave, accepted=True)
    return leave


def page_of(leave: LeaveRequest) -> str:
    return f"/workbench/points/announcement/{leave.announcement_id}/change/"


def fill(cast: Cast, day: date, **values: Any) -> dict[str, Any]:
    statuses = {f"status_{member.pk}": "attended" for member in cast.members_a}
    return {"held_on": day, "kind_party_day": "on", "token": uuid4(), **statuses, **values}


def test_only_who_records_reads_the_reason(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    page = page_of(announced(cast, accepted=False))
    seen = {}
    for who in ("recorder_a", "secretary_a", "staff", "committee_a", "supervisor"):
        client.force_login(getattr(cast, who))
        seen[who] = "住院检查" in client.get(page).content.decode()
    assert seen == {"recorder_a": True, "secretary_a": True, "staff": True, "committee_a": False, "supervisor": False}


def test_another_member_sees_the_meeting_and_no_leave(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    leave = announced(cast)
    client.force_login(make_user("neighbour", town=cast.town, member=cast.members_a[1]))
    page = client.get(f"/meetings/{leave.announcement.uuid}/").content.decode()
    assert "村部" in page
    assert "住院" not in page
    assert "张伟" not in page
    client.force_login(cast.member_user_b)
    assert client.get(f"/meetings/{leave.announcement.uuid}/").status_code == 404


def test_the_form_opened_by_itself_begins_with_the_leave(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    response = client.get(RECORD)
    form = response.context["form"]
    assert [form.statuses[member.pk] for member in cast.members_a] == ["excused", "attended", "attended"]
    assert (form["place"].value(), form["kind_party_day"].value()) == ("村部", True)
    assert "1人已准假" in response.content.decode()


def test_who_asked_and_has_no_answer_is_named_on_the_form(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast, accepted=False)
    client.force_login(cast.recorder_a)
    response = client.get(RECORD)
    assert response.context["form"].statuses[cast.member_a.pk] == "attended"
    remarks = {row.member.name: row.remark for row in response.context["form"].attendance_rows()}
    assert remarks == {"张伟": "已申请请假，尚未答复", "李娜": "", "曾国华": ""}
    assert "另有1人申请请假尚未答复" in response.content.decode()


def test_leave_the_page_did_not_show_is_shown_before_anything_is_saved(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    clock.now = NOW
    leave = announced(cast, TODAY)
    Announcement.objects.update(day=YESTERDAY)
    LeaveRequest.objects.update(day=YESTERDAY)
    client.force_login(cast.recorder_a)
    response = client.post(RECORD, fill(cast, YESTERDAY, place="礼堂"))
    form = response.context["form"]
    assert not Meeting.objects.exists()
    assert (form.statuses[cast.member_a.pk], form["place"].value()) == ("excused", "礼堂")
    assert form["leaves"].value() == str(leave.member_id)
    sent = fill(cast, YESTERDAY, leaves=str(leave.member_id), **{f"status_{cast.member_a.pk}": "excused"})
    assert client.post(RECORD, sent).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.attendances.get(member=cast.member_a).status == "excused"
    assert meeting.announcement.pk == leave.announcement_id


def test_who_came_all_the_same_is_recorded_as_there(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    leave = announced(cast)
    client.force_login(cast.recorder_a)
    assert client.post(RECORD, fill(cast, TODAY, leaves=str(leave.member_id))).status_code == 302
    assert Meeting.objects.get().attendances.get(member=cast.member_a).status == "attended"


def test_the_home_of_a_member_shows_what_is_to_come(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    leave = announced(cast, accepted=False)
    client.force_login(cast.member_user_a)
    assert [row.leave for row in client.get("/").context["to_come"]] == [leave]
    withdraw_announcement(actor=cast.recorder_a, now=NOW, announcement=leave.announcement, reason="暴雨")
    assert "已取消" in client.get("/").content.decode()
    page = client.get(f"/meetings/{leave.announcement.uuid}/").content.decode()
    assert "本次会议取消：暴雨" in page


def test_what_was_typed_stays_where_leave_comes_too_late(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    leave = announced(cast, accepted=False)
    client.force_login(cast.recorder_a)
    client.post(RECORD, fill(cast, TODAY))
    client.force_login(cast.member_user_a)
    page = client.post(f"/meetings/{leave.announcement.uuid}/", {"reason": "还是来不了"}).content.decode()
    assert "会议已登记" in page


def test_a_decline_without_a_word_is_asked_for_one(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    leave = announced(cast, accepted=False)
    client.force_login(cast.recorder_a)
    url = f"/workbench/points/announcement/{leave.announcement_id}/answer/"
    page = client.post(url, {"leave": leave.pk, "answer": "decline"}).content.decode()
    assert "请向党员说明不准假的原因" in page
    assert client.post(url, {"leave": leave.pk, "answer": "decline", "remark": "人数不足"}).status_code == 302
    leave.refresh_from_db()
    assert (leave.state, leave.remark) == ("declined", "人数不足")
