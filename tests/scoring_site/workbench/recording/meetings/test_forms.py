"""The screens of meetings and attendance: free activities, changes, corrections, the list, who sees what (D24)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from members.models import AuditEntry, Exemption, Membership
from points.meetings.holding import record_meeting
from points.meetings.sign_ins import open_sign_in
from points.models import Attendance, Meeting, PointEvent, SignInScan
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_member, make_membership
from tests.pages import browse
from tests.points.meetings.held import change, hold
from tests.scoring_site.screens import visible
from tests.work import count_queries

RECORD = "workbench:points_meeting_record"
LIST = "workbench:points_meeting_changelist"
Status = Attendance.Status


def page(client: Client, name: str, meeting: Meeting) -> str:
    return client.get(reverse(f"workbench:points_meeting_{name}", args=[meeting.pk])).content.decode()


def test_a_free_activity_and_the_topic_of_a_kind(cast: Cast, recorder: Client) -> None:
    data: dict[str, Any] = {f"status_{member.pk}": "attended" for member in cast.members_a}
    data |= {"held_on": "2026-03-10", "topic": "清理河道", "minutes": "上午集合。\n下午总结。", "free": "on"}
    both = recorder.post(reverse(RECORD), data | {"token": str(uuid4()), "kind_lecture": "on"})
    assert both.context["form"].non_field_errors()
    done = recorder.post(reverse(RECORD), data | {"token": str(uuid4())}, follow=True).content.decode()
    assert "其他活动" in done
    assert "上午集合。<br>下午总结。" in done
    assert not PointEvent.objects.exists()
    del data["free"]
    data |= {"token": str(uuid4()), "kind_lecture": "on", "topic_lecture": "学习党章"}
    assert "党课（2026年第1季度）：学习党章" in recorder.post(reverse(RECORD), data, follow=True).content.decode()


def test_who_is_exempt_on_the_day_is_not_expected_and_refused_by_name(cast: Cast, recorder: Client) -> None:
    """S2: the form expected them."""
    first, second, third = cast.members_a
    since = date(2026, 3, 1)
    Exemption.objects.create(member=third, ground="unable", applied_on=since, decided_on=since, from_date=since)
    form = recorder.get(reverse(RECORD)).context["form"]
    shown = {row.member.name: (row.status, row.remark) for row in form.attendance_rows()}
    assert shown == {
        first.name: ("attended", ""),
        second.name: ("attended", ""),
        third.name: ("", "自2026-03-01起不实行积分制"),
    }
    data: dict[str, Any] = {f"status_{member.pk}": "attended" for member in cast.members_a}
    data |= {"held_on": "2026-03-10", "kind_party_day": "on", "token": str(uuid4())}
    answer = recorder.post(reverse(RECORD), data).content.decode()
    assert "曾国华：不计分期间：自2026-03-01起不实行积分制。这些不能计分" in answer
    assert not Meeting.objects.exists()
    recorder.post(reverse(RECORD), data | {f"status_{third.pk}": ""})
    assert PointEvent.objects.count() == 2


def test_a_pasted_list_without_javascript_spares_who_signed_in_and_who_is_exempt(cast: Cast, recorder: Client) -> None:
    first, second, third = cast.members_a
    fourth = make_member(cast.branch_a, "周平")
    since = date(2026, 3, 1)
    Exemption.objects.create(member=third, ground="unable", applied_on=since, decided_on=since, from_date=since)
    sign_in = open_sign_in(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, opens_at=NOW, closes_at=NOW + timedelta(hours=1)
    )
    SignInScan.objects.create(sign_in=sign_in, member=first, at=NOW)
    data: dict[str, Any] = {f"status_{member.pk}": "absent" for member in (second, fourth)}
    data |= {f"status_{first.pk}": "attended", f"status_{third.pk}": "", "held_on": TODAY, "signed": 1}
    data |= {"token": str(uuid4()), "do": "paste", "pasted": f"{second.name}\n{third.name}", "pasted_as": "attended"}
    answer = recorder.post(f"{reverse(RECORD)}?sign_in={sign_in.pk}", data)
    assert {row.member: row.status for row in answer.context["form"].attendance_rows()} == {
        first: "attended",
        second: "attended",
        third: "",
        fourth: "absent",
    }
    text = visible(answer)
    assert f"名单中有、但此处不能填写（原因见其所在行）：{third.name}。" in text
    assert f"名单中没有的：2人 {first.name}、周平" in text
    assert not Meeting.objects.exists()


def test_attendance_is_changed_on_its_page_and_the_history_stays_readable(cast: Cast, recorder: Client) -> None:
    first, second, third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT})
    address = reverse("workbench:points_meeting_attendance", args=[meeting.pk])
    form = recorder.get(address).context["form"]
    shown = {row.member.name: row.status for row in form.attendance_rows()}
    assert shown == {first.name: "attended", second.name: "absent", third.name: ""}
    sent = {"token": str(uuid4()), "reason": "经核对签到表"}
    for row in form.attendance_rows():
        sent |= {f"status_{row.member.pk}": row.status, f"seen_{row.member.pk}": row.seen}
    assert recorder.post(address, sent).context["form"].non_field_errors()  # nothing is changed yet
    sent |= {f"status_{first.pk}": "excused", f"status_{third.pk}": "online"}
    assert "reason" in recorder.post(address, sent | {"reason": ""}).context["form"].errors
    done = recorder.post(address, sent, follow=True).content.decode()
    assert "已变更1人，补录1人，移出0人" in done
    assert "<s>参加</s>" in done
    assert "经核对签到表" in done
    assert PointEvent.objects.get(voided_at=None).member == third
    stale = recorder.post(address, sent | {"token": str(uuid4()), f"status_{first.pk}": "absent"})
    assert first.name in stale.context["form"].non_field_errors()[0]
    assert dict(meeting.attendances.filter(voided_at=None).values_list("member__name", "status")) == {
        first.name: "excused",
        second.name: "absent",
        third.name: "online",
    }


def test_what_sets_many_leaves_the_exempt_alone_when_attendance_is_changed(cast: Cast, recorder: Client) -> None:
    first, second, third = cast.members_a
    meeting = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT})
    Exemption.objects.create(
        member=third, ground="unable", applied_on=TODAY, decided_on=TODAY, from_date=meeting.held_on
    )
    answer = recorder.get(reverse("workbench:points_meeting_attendance", args=[meeting.pk]))
    rows = {row.member: (row.is_closed, row.remark) for row in answer.context["form"].attendance_rows()}
    assert rows == {first: (False, ""), second: (False, ""), third: (True, f"自{meeting.held_on}起不实行积分制")}
    assert f'data-status="{third.pk}" data-usual="" data-closed>' in answer.content.decode()


def test_kinds_and_texts_are_put_right_on_their_page(cast: Cast, recorder: Client) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    address = reverse("workbench:points_meeting_edit", args=[meeting.pk])
    form = recorder.get(address).context["form"]
    assert (form["topic"].value(), form["kind_party_day"].value(), form["period_party_day"].value()) == (
        "主题党日",
        True,
        "2026-02",
    )
    data = {"token": str(uuid4()), "topic": "党课", "kind_lecture": "on", "place": "村部"}
    assert "原因" in str(recorder.post(address, data).context["form"].non_field_errors())
    recorder.post(address, data | {"reason": "类别勾错"})
    meeting.refresh_from_db()
    assert (meeting.topic, meeting.place) == ("党课", "村部")
    assert list(meeting.kinds.values_list("item", "period")) == [("lecture", "2026Q1")]


def test_the_branch_that_held_the_meeting_reads_the_attendance_of_who_moved_away(cast: Cast, client: Client) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    attendance = meeting.attendances.get()
    make_membership(cast.member_a, cast.branch_b, date(2026, 3, 1), Membership.Why.MOVED)
    address = reverse("workbench:points_attendance_change", args=[attendance.pk])
    client.force_login(cast.recorder_a)
    shown = client.get(address).content.decode()
    assert "变更参加情况" in shown
    assert reverse("workbench:members_member_change", args=[cast.member_a.pk]) not in shown
    assert address in page(client, "change", meeting)
    client.force_login(cast.recorder_b)
    there = client.get(address)
    assert there.status_code == 200  # the member's own branch of today reads it, and changes nothing
    assert "变更参加情况" not in there.content.decode()
    assert client.get(reverse("workbench:points_attendance_void", args=[attendance.pk])).status_code == 403
    client.force_login(cast.other_staff)
    assert client.get(address).status_code == 404


def test_the_list_finds_meetings_without_attendance_and_free_ones(cast: Cast, recorder: Client) -> None:
    kept = hold(cast, {cast.member_a: Status.ATTENDED})
    empty = hold(cast, {}, date(2026, 2, 12))
    gone = hold(cast, {cast.member_a: Status.ATTENDED}, date(2026, 2, 13), ())
    void_batch(actor=cast.recorder_a, now=NOW, batch=gone.batch, reason="重复登记")
    found = {
        (name, value): [row.pk for row in recorder.get(reverse(LIST), {name: value}).context["cl"].result_list]
        for name, value in (("attendance", "yes"), ("attendance", "no"), ("attendance", "void"), ("item", "free"))
    }
    assert found == {
        ("attendance", "yes"): [kept.pk],
        ("attendance", "no"): [empty.pk],
        ("attendance", "void"): [gone.pk],
        ("item", "free"): [gone.pk],
    }
    assert "变更参加情况" not in page(recorder, "change", gone)


def test_the_list_is_exported_as_it_is_filtered(cast: Cast, recorder: Client) -> None:
    first, second, third = cast.members_a[:3]
    held = hold(cast, {first: Status.ATTENDED, second: Status.ABSENT, third: Status.HOME_VISIT})
    hold(cast, {}, date(2026, 2, 12))
    assert "实到／应到 1 / 3，另1人补课、送学上门等" in visible(
        recorder.get(reverse("workbench:points_meeting_change", args=[held.pk]))
    )
    address = reverse("workbench:points_meeting_export")
    response = recorder.post(f"{address}?attendance=yes")
    rows = list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))  # type: ignore[attr-defined, union-attr]
    assert rows[0][:4] == ("党支部", "日期", "类别", "主题")
    assert len(rows) == 2
    assert (rows[1][0], rows[1][2], rows[1][6:9]) == ("一支部", "党员活动日（2026年2月）", (3, 1, 1))
    assert AuditEntry.objects.get(verb="export_meetings").new == {"count": 1}


@pytest.mark.parametrize("name", ["change", "attendance", "edit"])
def test_pages_cost_the_same_for_few_and_many(name: str, cast: Cast, recorder: Client) -> None:
    counts: list[int] = []
    for more in (7, 140):
        members = [make_member(cast.branch_a, f"党员{more}-{number}") for number in range(more)]
        meeting = hold(cast, dict.fromkeys(members, Status.ATTENDED), date(2026, 3, 1 + len(counts)))
        change(cast, meeting, dict.fromkeys(members[:5], Status.EXCUSED))
        page(recorder, name, meeting)
        counts.append(count_queries(partial(page, recorder, name, meeting)))
    assert counts[0] == counts[1]


def test_a_member_of_another_branch_is_entered_by_name_on_the_meetings_page(cast: Cast) -> None:
    """D24: branch B confirms that 张伟 of branch A was at its lecture."""
    lecture = record_meeting(
        actor=cast.recorder_b, now=NOW, branch=cast.branch_b, held_on=TODAY, kinds=[("lecture", "2026Q1")],
        statuses={member.pk: Status.ATTENDED for member in cast.members_b},
    )  # fmt: skip
    own = browse(cast.recorder_b)
    guests = reverse("workbench:points_meeting_guests", args=[lecture.pk])
    assert guests in page(own, "change", lecture)
    wrong = visible(own.post(guests, {"names": "张伟\n王小明", "token": str(uuid4())}))
    assert "王小明：不是本镇其他支部的党员" in wrong
    assert "张伟 王小明" in wrong
    done = visible(own.post(guests, {"names": "张伟", "token": str(uuid4())}, follow=True))
    assert "已登记1人，其所在支部会收到消息" in done
    assert "实到／应到 3 / 3" in done
    assert "孙立 参加 张伟 外支部党员" in done
    # The list of who took part is the branch's own, and leaves the guest alone.
    assert f"status_{cast.member_a.pk}" not in page(own, "attendance", lecture)
    home = browse(cast.recorder_a)
    assert "外支部确认本支部党员参加了其会议" in visible(home.get(reverse("notifications")))
    assert home.get(reverse("workbench:points_meeting_change", args=[lecture.pk])).status_code == 404
    archive = visible(home.get(reverse("workbench:archive", args=[cast.member_a.pk, 2026])))
    assert "党课" in archive
    assert PointEvent.objects.live().get(member=cast.member_a).item == "lecture"
