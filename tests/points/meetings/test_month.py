"""This month: dues and a meeting in one save; the sheet says what is done, by whom, and why something is not asked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from members.errors import DuplicateBatch
from members.models import AuditEntry, Branch, Exemption, Member, Membership, RecordBatch, User
from points.errors import DuplicateBaseRecord, FutureDate, HalfLocked, MeetingHeld, NothingToRecord, NotOnRoster
from points.integrity.ledger import verify_ledger
from points.meetings.holding import HeldMeeting
from points.meetings.month import MonthRow, MonthSheet, read_month, record_month
from points.models import Attendance, Meeting, PointEvent
from points.records.voiding import void_batch
from points.reviews.steps import open_review, submit_review
from points.scoring.adoption import rulebook_for
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_member, make_membership
from tests.pages import browse
from tests.points.half_stages import bring_to, settle_year_end
from tests.scoring_site.screens import visible
from tests.threads import run_at_once
from tests.work import count_queries

Status = Attendance.Status
MONTH = "2026-03"
DAY = date(2026, 3, 10)
URL = "workbench:month"


def hold(cast: Cast, statuses: dict[Member, str], *kinds: tuple[str, str]) -> HeldMeeting:
    return HeldMeeting(
        branch=cast.branch_a,
        held_on=DAY,
        kinds=kinds or (("party_day", MONTH), ("lecture", "2026Q1")),
        statuses={member.pk: status for member, status in statuses.items()},
        topic="三月党日",
        place="村部",
    )


def record(cast: Cast, actor: User | None = None, **values: Any) -> RecordBatch:
    return record_month(actor=actor or cast.recorder_a, now=NOW, branch=cast.branch_a, month=MONTH, **values)


def live() -> set[tuple[str, str, str]]:
    rows = PointEvent.objects.filter(voided_at=None)
    return set(rows.values_list("member__name", "item", "period"))


def sheet_of(cast: Cast, month: str = MONTH) -> MonthSheet:
    year = int(month[:4])
    return read_month(cast.branch_a, month, rulebook=rulebook_for(cast.town, year), now=NOW)


def row_of(sheet: MonthSheet, member: Member) -> MonthRow:
    return next(row for row in sheet.rows if row.member == member)


# The verb


def test_dues_and_meeting_are_saved_at_once_in_a_batch_each(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    meeting = hold(cast, {zhang: Status.ATTENDED, li: Status.EXCUSED, zeng: Status.ONLINE})
    batch = record(cast, dues=[zhang.pk, zeng.pk], dues_on=DAY, meeting=meeting)
    assert live() == {
        ("张伟", "dues", MONTH),
        ("曾国华", "dues", MONTH),
        ("张伟", "party_day", MONTH),
        ("曾国华", "party_day", MONTH),
        ("张伟", "lecture", "2026Q1"),
        ("曾国华", "lecture", "2026Q1"),
    }
    dues = RecordBatch.objects.get(source=RecordBatch.Source.SCREEN)
    assert set(PointEvent.objects.values_list("batch", "item")) == {
        (dues.pk, "dues"),
        (batch.pk, "party_day"),
        (batch.pk, "lecture"),
    }
    held = Meeting.objects.get()
    assert (held.batch, held.topic, held.place) == (batch, "三月党日", "村部")
    assert held.attendances.count() == 3
    assert batch.source == RecordBatch.Source.MEETING
    entry = AuditEntry.objects.get(verb="record_month")
    assert (entry.object_id, entry.new) == (str(dues.uuid), {"month": MONTH, "events": 2})
    assert AuditEntry.objects.get(verb="record_meeting").new["people"] == 3
    assert list(verify_ledger()) == []


def test_dues_alone(cast: Cast) -> None:
    batch = record(cast, dues=[cast.member_a.pk])
    assert batch.source == RecordBatch.Source.SCREEN
    assert PointEvent.objects.get().date == TODAY
    assert Meeting.objects.count() == 0


def test_a_voided_meeting_leaves_the_dues_saved_with_it(cast: Cast) -> None:
    """S6, as it was seen: sixty-two dues went with a meeting whose place was wrong."""
    meeting = hold(cast, {cast.member_a: Status.ATTENDED})
    batch = record(cast, dues=[member.pk for member in cast.members_a], meeting=meeting, token=uuid4())
    void_batch(actor=cast.recorder_a, now=NOW, batch=batch, reason="登错了")
    assert live() == {(member.name, "dues", MONTH) for member in cast.members_a}
    assert not Attendance.objects.live().exists()
    assert sheet_of(cast).due_kinds[0].item.code == "party_day"
    assert list(verify_ledger()) == []


def test_what_is_refused_leaves_nothing(cast: Cast) -> None:
    zhang = cast.member_a
    record(cast, dues=[zhang.pk], meeting=hold(cast, {zhang: Status.ATTENDED}, ("party_day", MONTH)))
    lecture = hold(cast, {zhang: Status.ATTENDED}, ("lecture", "2026Q1"))
    for values, error in (
        ({}, NothingToRecord),
        ({"dues": [zhang.pk], "meeting": lecture}, DuplicateBaseRecord),
        ({"meeting": hold(cast, {zhang: Status.ATTENDED}, ("party_day", MONTH))}, MeetingHeld),
        ({"dues": [cast.member_b.pk], "meeting": lecture}, NotOnRoster),
        ({"dues": [cast.members_a[1].pk], "dues_on": date(2026, 3, 16)}, FutureDate),
        ({"actor": cast.recorder_b, "dues": [cast.members_a[1].pk]}, PermissionDenied),
        ({"actor": cast.committee_a, "dues": [cast.members_a[1].pk]}, PermissionDenied),
    ):
        with pytest.raises(error):
            record(cast, **values)
    assert live() == {("张伟", "dues", MONTH), ("张伟", "party_day", MONTH)}
    assert RecordBatch.objects.count() == 2
    assert Meeting.objects.count() == 1


def test_a_kind_held_already_names_day_and_person(cast: Cast) -> None:
    record(cast, meeting=hold(cast, {cast.member_a: Status.ATTENDED}))
    with pytest.raises(MeetingHeld, match=r"2026-03-10.*甲记录员"):
        record(cast, meeting=hold(cast, {cast.members_a[1]: Status.ATTENDED}, ("lecture", "2026Q1")))


def test_a_submitted_half_takes_no_dues(cast: Cast) -> None:
    bring_to(cast, "submitted", half="H2")
    with pytest.raises(HalfLocked):
        record_month(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, month="2025-12", dues=[cast.member_a.pk])


def test_the_same_form_twice_is_one_batch(cast: Cast) -> None:
    token = uuid4()
    record(cast, dues=[cast.member_a.pk], token=token)
    with pytest.raises(DuplicateBatch):
        record(cast, dues=[cast.members_a[1].pk], token=token)
    assert PointEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_recorders_at_once_make_one_month(clock: FrozenClock) -> None:
    clock.now = NOW
    cast = build_cast()
    refused: list[Exception] = []

    def save(actor: User) -> None:
        try:
            meeting = hold(cast, dict.fromkeys(cast.members_a, Status.ATTENDED))
            record(cast, actor, dues=[member.pk for member in cast.members_a], meeting=meeting)
        except (MeetingHeld, DuplicateBaseRecord) as error:
            refused.append(error)

    run_at_once(lambda: save(cast.recorder_a), lambda: save(cast.secretary_a))
    assert len(refused) == 1
    assert (Meeting.objects.count(), RecordBatch.objects.count()) == (1, 2)
    assert PointEvent.objects.filter(voided_at=None).count() == 9


# The sheet


def test_an_empty_month_owes_what_the_rulebook_says(cast: Cast) -> None:
    sheet = sheet_of(cast)
    assert [(kind.item.code, kind.period) for kind in sheet.due_kinds] == [
        ("party_day", "2026-03"),
        ("lecture", "2026Q1"),
        ("assembly", "2026Q1"),
        ("life_meeting", "2026H1"),
    ]
    assert sheet.dues is not None
    assert [row.member.name for row in sheet.rows if row.may_pay] == ["张伟", "李娜", "曾国华"]
    assert (sheet.paid, sheet.expected) == (0, 3)


def test_what_is_recorded_shows_with_day_and_person(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    meeting = hold(cast, {zhang: Status.ATTENDED, li: Status.ABSENT})
    record(cast, dues=[zhang.pk], dues_on=DAY, meeting=meeting)
    sheet = sheet_of(cast)
    row = row_of(sheet, zhang)
    assert row.dues is not None
    assert (row.dues.day, row.dues.by, row.may_pay) == (DAY, "甲记录员", False)
    assert row.marks[0] is not None
    assert row.marks[0].is_earned
    missed = row_of(sheet, li).marks[1]
    assert missed is not None
    assert (missed.status, missed.day) == ("absent", DAY)
    assert row_of(sheet, zeng).marks[0] is None
    assert [kind.item.code for kind in sheet.due_kinds] == ["assembly", "life_meeting"]
    assert [(entry.meeting.held_on, entry.by) for entry in sheet.kinds[1].held] == [(DAY, "甲记录员")]
    assert (sheet.paid, sheet.expected) == (1, 3)


def test_a_lecture_of_the_quarter_is_done_in_each_of_its_months(cast: Cast) -> None:
    record(cast, meeting=hold(cast, dict.fromkeys(cast.members_a, Status.ATTENDED), ("lecture", "2026Q1")))
    for month in ("2026-01", "2026-02", "2026-03"):
        assert "lecture" not in {kind.item.code for kind in sheet_of(cast, month).due_kinds}


def test_who_owes_nothing_stands_with_the_reason(cast: Cast) -> None:
    zhang, _li, zeng = cast.members_a
    Exemption.objects.create(member=zeng, ground="age", applied_on=TODAY, decided_on=TODAY, from_date=date(2026, 1, 5))
    new = make_member(cast.branch_a, "新党员", since=date(2026, 3, 3), why=Membership.Why.ADMITTED)
    moved = make_member(cast.branch_b, "转来")
    make_membership(moved, cast.branch_a, date(2026, 3, 3), Membership.Why.MOVED)
    sheet = sheet_of(cast, "2026-02")
    assert row_of(sheet, zeng).reason == "不计分期间：自2026-01-05起不实行积分制。"
    assert row_of(sheet, new).reason == "不计分期间：2026-03-03以前不在名册上。"
    assert not row_of(sheet, new).is_open
    assert (row_of(sheet, moved).reason, row_of(sheet, moved).was_here) == ("", False)
    assert row_of(sheet, zhang).was_here
    assert row_of(sheet_of(cast), new).is_open
    assert cast.left_a.name not in {row.member.name for row in sheet.rows}


def test_a_locked_month_says_why(cast: Cast) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H2")
    settle_year_end(cast.branch_a, by=cast.recorder_a, at=NOW)
    submit_review(actor=cast.recorder_a, now=NOW, review=review)
    sheet = sheet_of(cast, "2025-11")
    assert len(sheet.locks) == 1
    assert "一支部" in sheet.locks[0]
    assert not sheet.may_pay
    assert sheet.due_kinds == ()
    assert sheet_of(cast).locks == []


def test_the_page_costs_the_same_for_10_and_150(cast: Cast) -> None:
    def cost(branch: Branch, recorder: User, more: int) -> int:
        people = [make_member(branch, f"党员{number}") for number in range(more)]
        meeting = replace(hold(cast, dict.fromkeys(people, Status.ATTENDED)), branch=branch)
        dues = [member.pk for member in people]
        record_month(actor=recorder, now=NOW, branch=branch, month=MONTH, dues=dues, meeting=meeting)
        client = browse(recorder)
        assert client.get(reverse(URL)).status_code == 200
        return count_queries(lambda: client.get(reverse(URL)))

    assert cost(cast.branch_a, cast.recorder_a, 7) == cost(cast.branch_b, cast.recorder_b, 147)


# The screen


def form(cast: Cast, **values: Any) -> dict[str, Any]:
    statuses = {f"status_{member.pk}": "attended" for member in cast.members_a}
    typed = {"token": str(uuid4()), "dues_on": "2026-03-12", "held_on": "2026-03-10", "pasted_as": "dues"}
    return typed | statuses | values


def test_a_month_is_saved_in_one_form(cast: Cast, recorder: Client) -> None:
    zhang, li, zeng = cast.members_a
    values = form(
        cast,
        kind_party_day="on",
        kind_lecture="on",
        topic="学习",
        minutes="第一项\n第二项",
        **{f"dues_{zhang.pk}": "on", f"dues_{li.pk}": "on", f"status_{zeng.pk}": "absent"},
    )
    page = recorder.post(reverse(URL), values, follow=True)
    assert "已保存：党费2人；党员活动日、党课，应到3人，实到2人。" in visible(page)
    assert Meeting.objects.get().minutes == "第一项\n第二项"
    assert len(live()) == 6
    again = recorder.post(reverse(URL), values, follow=True)
    assert "这份表单此前已经保存" in visible(again)
    assert RecordBatch.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "没有勾选任何内容"),
        ({"kind_party_day": "on", "held_on": ""}, "哪一天开展的"),
        ({"kind_party_day": "on", "held_on": "2026-03-16"}, "2026-03-16"),
        ({"kind_party_day": "on", "topic": "长" * 201}, "200"),
    ],
)
def test_a_refusal_keeps_what_was_typed(values: dict[str, str], says: str, cast: Cast, recorder: Client) -> None:
    data = form(cast, place="大礼堂", minutes="很长的记录", **values)
    page = recorder.post(reverse(URL), data)
    assert says in visible(page)
    html = page.content.decode()
    assert "大礼堂" in html
    assert "很长的记录" in html
    assert data["token"] in html
    assert PointEvent.objects.count() == Meeting.objects.count() == 0


def test_attendance_without_anything_held_is_not_dropped(cast: Cast, recorder: Client) -> None:
    member = cast.member_a
    page = recorder.post(reverse(URL), form(cast, **{f"status_{member.pk}": "absent", f"dues_{member.pk}": "on"}))
    assert "您改了张伟的参加情况" in visible(page)
    assert PointEvent.objects.count() == 0


def test_what_somebody_else_recorded_meanwhile_is_named(cast: Cast, recorder: Client) -> None:
    zhang, li, _zeng = cast.members_a
    record(cast, actor=cast.secretary_a, dues=[zhang.pk])
    data = form(cast, **{f"dues_{zhang.pk}": "on", f"dues_{li.pk}": "on"})
    page = recorder.post(reverse(URL), data)
    assert "已由他人登记或已锁定：张伟" in visible(page)
    assert re.search(rf'name="dues_{li.pk}"[^>]*checked', page.content.decode())
    assert PointEvent.objects.count() == 1


def test_all_dues_are_ticked_without_javascript(cast: Cast, recorder: Client) -> None:
    html = recorder.post(reverse(URL), form(cast, do="all")).content.decode()
    assert all(re.search(rf'name="dues_{member.pk}"[^>]*checked', html) for member in cast.members_a)
    assert RecordBatch.objects.count() == 0


def test_a_pasted_list_without_javascript(cast: Cast, recorder: Client) -> None:
    zhang, li, zeng = cast.members_a
    values = form(cast, do="paste", pasted="1. 张伟👍\n2、李 娜\n3. 老曾", pasted_as="dues")
    page = recorder.post(reverse(URL), values)
    html = page.content.decode()
    ticked = {member.name for member in cast.members_a if re.search(rf'name="dues_{member.pk}"[^>]*checked', html)}
    assert ticked == {"张伟", "李娜"}
    assert "找到2人，另有1处请您确定。 名单中没有的：1人 曾国华" in visible(page)
    assert "老曾" in html
    values = form(cast, do="paste", pasted="张伟", pasted_as="attended")
    html = recorder.post(reverse(URL), values | {f"status_{li.pk}": "excused"}).content.decode()
    assert re.search(rf'name="status_{zhang.pk}".*?<option value="attended" selected', html, re.DOTALL)
    assert re.search(rf'name="status_{li.pk}".*?<option value="excused" selected', html, re.DOTALL)
    assert re.search(rf'name="status_{zeng.pk}".*?<option value="absent" selected', html, re.DOTALL)


def test_a_list_too_long_ticks_nothing_and_stays(cast: Cast, recorder: Client) -> None:
    """Cut, it would call everybody absent who stands beyond the cut."""
    pasted = "某某\n" * 6_667 + "张伟"
    page = recorder.post(reverse(URL), form(cast, do="paste", pasted=pasted, pasted_as="attended"))
    html = page.content.decode()
    assert "名单超过20000个字，请分几次粘贴。" in html
    assert not re.search(r'<option value="absent" selected', html)
    assert html.count("某某") >= 6_667


def test_names_are_read_as_json(cast: Cast, recorder: Client) -> None:
    url = reverse("workbench:names")
    make_member(cast.branch_a, "李娜", party_group="第二党小组")
    answer = recorder.post(url, {"branch": cast.branch_a.pk, "text": "①张伟\n李娜\n平安是福"}).json()
    assert [(row["name"], row["line"]) for row in answer["found"]] == [("张伟", 1)]
    assert [(row["words"], row["why"]) for row in answer["left"]] == [
        ("李娜", "有多名党员同名"),
        ("平安是福", "本支部没有完全相同的姓名"),
    ]
    # Whoever may be meant by a line in doubt is not missing.
    assert (answer["missing"], answer["missing_names"]) == ("名单中没有的：1人", "曾国华")
    assert [one["name"] for one in answer["left"][0]["candidates"]] == ["李娜（1985年生）", "李娜（第二党小组）"]
    assert recorder.post(url, {"branch": cast.branch_b.pk, "text": "赵敏"}).status_code == 404
    assert recorder.post(url, {"branch": "x", "text": ""}).status_code == 400
    long = recorder.post(url, {"branch": cast.branch_a.pk, "text": "长" * 20_001})
    assert long.status_code == 400
    assert long.json() == {"error": "名单超过20000个字，请分几次粘贴。"}


def test_a_list_says_for_whom_nothing_can_be_set_and_reads_the_members_of_the_day(cast: Cast, recorder: Client) -> None:
    """R4: an exempt name was found and silently not ticked."""
    zhang, li, _zeng = cast.members_a
    make_member(cast.branch_a, "新来", since=date(2026, 3, 12))
    sent = {"branch": cast.branch_a.pk, "day": "2026-03-10", "as": "attended", "text": "张伟\n李娜\n新来"}
    answer = recorder.post(reverse("workbench:names"), sent | {"closed": [str(li.pk), "9" * 30, "x"]}).json()
    assert [row["id"] for row in answer["found"]] == [zhang.pk]
    assert answer["unset"] == "名单中有、但此处不能填写（原因见其所在行）：李娜。"
    assert [row["words"] for row in answer["left"]] == ["新来"]
    assert (answer["missing_names"], answer["is_whole"]) == ("曾国华", True)


def test_names_ask_for_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.recorder_a)
    url = reverse("workbench:names")
    assert client.post(url, {"branch": cast.branch_a.pk, "text": "张伟"}).status_code == 403


def test_months_to_come_and_nonsense_lead_to_this_month(cast: Cast, recorder: Client) -> None:
    for month in ("2026-12", "x", "2026-3", "", "9999-99"):
        page = recorder.get(reverse(URL), {"month": month})
        assert '<option value="2026-03" selected' in page.content.decode(), month
    page = recorder.get(reverse(URL), {"month": "2025-12"})
    assert '<option value="2025-12" selected' in page.content.decode()


def test_somebody_of_another_branch_that_day_is_named(cast: Cast, recorder: Client) -> None:
    moved = make_member(cast.branch_b, "转来")
    make_membership(moved, cast.branch_a, date(2026, 3, 12), Membership.Why.MOVED)
    values = form(cast, kind_party_day="on", **{f"status_{moved.pk}": "attended"})
    assert "转来当日不在本支部" in visible(recorder.post(reverse(URL), values))
    values[f"status_{moved.pk}"] = ""
    recorder.post(reverse(URL), values)
    assert Meeting.objects.get().attendances.count() == 3
    assert UUID(values["token"]) == RecordBatch.objects.get().uuid
