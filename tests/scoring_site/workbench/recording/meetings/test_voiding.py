"""Voiding on the screens: what goes is shown first and said afterwards; a wrong place or day needs no void."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from points.meetings.holding import HeldMeeting
from points.meetings.month import record_month
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, base_entry, make_member
from tests.scoring_site.screens import told, visible


def save_march(cast: Cast) -> Meeting:
    zhang, li, zeng = cast.members_a
    statuses: dict[int, str] = {zhang.pk: "attended", li.pk: "attended", zeng.pk: "absent"}
    meeting = HeldMeeting(
        cast.branch_a, date(2026, 3, 5), [("party_day", "2026-03")], statuses, topic="三月党日", place="村部"
    )
    dues = [member.pk for member in cast.members_a]
    record_month(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, month="2026-03", dues=dues, meeting=meeting)
    return Meeting.objects.get()


def test_voiding_a_meeting_from_its_page_leaves_the_dues(cast: Cast, recorder: Client) -> None:
    meeting = save_march(cast)
    void = reverse("workbench:points_meeting_void", args=[meeting.pk])
    assert void in recorder.get(reverse("workbench:points_meeting_change", args=[meeting.pk])).content.decode()
    page = visible(recorder.get(void))
    goes = "作废得分记录2条：党员活动日（2026年3月）2条。 作废参加情况3条：参加2、缺席1。"
    assert goes in page
    assert "同时登记的党费不受影响" in page
    assert "地点、主持人、主题或日期有误，不必作废" in page
    done = recorder.post(void, {"reason": "重复登记"}, follow=True)
    assert goes in told(done)
    assert set(PointEvent.objects.live().values_list("member__name", "item")) == {
        (member.name, "dues") for member in cast.members_a
    }
    assert not Attendance.objects.live().exists()


def test_sixty_two_dues_saved_with_a_meeting_outlive_its_void(cast: Cast, recorder: Client) -> None:
    """S6, as it was seen: the place was wrong, the meeting was voided, and the dues saved with it went too."""
    members = [*cast.members_a, *(make_member(cast.branch_a, f"党员{number}") for number in range(59))]
    month = {"token": str(uuid4()), "dues_on": "2026-03-12", "held_on": "2026-03-10", "place": "村部"}
    month |= {"kind_party_day": "on"} | {f"dues_{member.pk}": "on" for member in members}
    month |= {f"status_{member.pk}": "attended" for member in members}
    saved = recorder.post(reverse("workbench:month"), month, follow=True)
    assert "已保存：党费62人；党员活动日，应到62人" in told(saved)
    assert PointEvent.objects.live().count() == 124
    void = reverse("workbench:points_meeting_void", args=[Meeting.objects.get().pk])
    assert "作废得分记录62条：党员活动日（2026年3月）62条" in visible(recorder.get(void))
    recorder.post(void, {"reason": "地点登错"})
    assert set(PointEvent.objects.live().values_list("item", "period")) == {("dues", "2026-03")}
    assert PointEvent.objects.live().count() == 62
    assert visible(recorder.get(reverse("workbench:month"))).count("√ 03-12") == 62


def test_a_batch_and_a_record_say_what_they_take(cast: Cast, recorder: Client) -> None:
    entries = [base_entry(member) for member in cast.members_a]
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
    void = reverse("workbench:members_recordbatch_void", args=[batch.pk])
    assert "作废得分记录3条：交纳党费（2026年1月）3条。" in visible(recorder.get(void))
    event = batch.events.all()[0]
    void_event = reverse("workbench:points_pointevent_void", args=[event.pk])
    assert "作废得分记录1条：交纳党费（2026年1月）1条。" in visible(recorder.get(void_event))
    assert "作废得分记录3条" in told(recorder.post(void, {"reason": "登记错"}, follow=True))
    assert not PointEvent.objects.live().exists()


def test_an_attendance_says_what_it_earned(cast: Cast, recorder: Client) -> None:
    meeting = save_march(cast)
    attendance = meeting.attendances.get(member=cast.member_a)
    page = recorder.get(reverse("workbench:points_attendance_void", args=[attendance.pk]))
    assert "作废得分记录1条：党员活动日（2026年3月）1条。 作废参加情况1条：参加1。" in visible(page)


def test_place_and_day_are_put_right_without_a_void(cast: Cast, recorder: Client) -> None:
    meeting = save_march(cast)
    edit = reverse("workbench:points_meeting_edit", args=[meeting.pk])
    assert 'name="held_on" value="2026-03-05"' in recorder.get(edit).content.decode()
    data = {
        "token": str(uuid4()),
        "held_on": "2026-02-27",
        "kind_party_day": "on",
        "period_party_day": "2026-03",
        "topic": "三月党日",
        "place": "文化礼堂",
        "reason": "日期和地点写错",
    }
    recorder.post(edit, data)
    meeting.refresh_from_db()
    assert (meeting.held_on, meeting.place) == (date(2026, 2, 27), "文化礼堂")
    assert not meeting.batch.is_void
    # The period follows the day: it was that of the old one.
    events = PointEvent.objects.live().filter(item="party_day")
    assert set(events.values_list("member__name", "period", "date")) == {
        ("张伟", "2026-02", date(2026, 2, 27)),
        ("李娜", "2026-02", date(2026, 2, 27)),
    }
    assert PointEvent.objects.live().filter(item="dues").count() == 3
    page = recorder.post(edit, data | {"token": str(uuid4()), "held_on": "2025-12-30"})
    assert "不在同一个半年" in visible(page)
