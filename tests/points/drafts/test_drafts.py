"""An assistant's drafts: nothing counts before the recorder has confirmed it, and then both names stand (D19)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from members.errors import DuplicateBatch, MissingReason
from members.models import Appointment, Notification, RecordBatch, User
from points.drafts.drafts import confirm_draft, make_draft, return_draft, unanswered_returns, withdraw_draft
from points.drafts.payloads import DraftContent, EventsContent, MonthContent, read_content
from points.errors import DraftRefused, DuplicateBaseRecord, WrongPoints
from points.meetings.holding import HeldMeeting
from points.models import Attendance, Draft, PointEvent
from points.records.entries import EventEntry
from tests.cast import Cast
from tests.factories import NOW, appoint, make_user

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)


@pytest.fixture
def assistant(cast: Cast) -> User:
    user = make_user("assistant-a", name="村文书", town=cast.town)
    appoint(user, Appointment.Role.ASSISTANT, branch=cast.branch_a)
    return user


def held(cast: Cast) -> HeldMeeting:
    first, second, third = (member.pk for member in cast.members_a)
    statuses = {first: "attended", second: "absent", third: "excused"}
    return HeldMeeting(
        cast.branch_a, DAY, [("party_day", "2026-03")], statuses, "清明祭扫", "烈士陵园", "甲书记", "记录", {}
    )


def everything(cast: Cast) -> list[DraftContent]:
    first, second, _third = (member.pk for member in cast.members_a)
    return [
        EventsContent([EventEntry(first, "volunteering", DAY, points=15, led=True, note="河岸清理")]),
        held(cast),
        MonthContent("2026-03", [first, second], DAY, held(cast)),
        MonthContent("2026-03", [first], None, None),
    ]


def draft_of(assistant: User, cast: Cast, content: DraftContent, token: UUID | None = None) -> Draft:
    return make_draft(actor=assistant, now=NOW, branch=cast.branch_a, content=content, token=token or uuid4())


@pytest.mark.parametrize("which", range(4))
def test_a_draft_says_again_what_was_entered(which: int, assistant: User, cast: Cast) -> None:
    content = everything(cast)[which]
    draft = draft_of(assistant, cast, content)
    assert read_content(Draft.objects.get(pk=draft.pk)) == content
    assert not PointEvent.objects.exists()
    assert not RecordBatch.objects.exists()
    told = Notification.objects.get()
    assert (told.user, told.kind, told.link) == (
        cast.recorder_a,
        "draft_waiting",
        f"/workbench/points/draft/{draft.pk}/change/",
    )


def test_confirmed_it_is_the_recorders_batch_with_both_names(assistant: User, cast: Cast) -> None:
    draft = draft_of(assistant, cast, everything(cast)[2])
    batch = confirm_draft(actor=cast.recorder_a, now=NOW, draft=draft)
    assert (batch.actor, batch.drafted_by, batch.uuid) == (cast.recorder_a, assistant, draft.uuid)
    events = PointEvent.objects.order_by("item", "member__position").values_list("item", "member__name", "period")
    assert list(events) == [
        ("dues", "张伟", "2026-03"),
        ("dues", "李娜", "2026-03"),
        ("party_day", "张伟", "2026-03"),
    ]
    statuses = Attendance.objects.order_by("member__position").values_list("status", flat=True)
    assert list(statuses) == ["attended", "absent", "excused"]
    draft.refresh_from_db()
    assert (draft.state, draft.batch, draft.decided_by) == ("confirmed", batch, cast.recorder_a)
    with pytest.raises(DraftRefused):
        confirm_draft(actor=cast.recorder_a, now=NOW, draft=draft)
    # The meeting's batch and that of the dues (D30); both bear both names.
    assert set(RecordBatch.objects.values_list("source", "actor", "drafted_by")) == {
        ("meeting", cast.recorder_a.pk, assistant.pk),
        ("screen", cast.recorder_a.pk, assistant.pk),
    }


def test_what_the_ledger_refuses_leaves_the_draft_waiting(assistant: User, cast: Cast) -> None:
    dues = MonthContent("2026-03", [cast.member_a.pk], DAY, None)
    confirm_draft(actor=cast.recorder_a, now=NOW, draft=draft_of(assistant, cast, dues))
    twice = draft_of(assistant, cast, dues)
    with pytest.raises(DuplicateBaseRecord):
        confirm_draft(actor=cast.recorder_a, now=NOW, draft=twice)
    twice.refresh_from_db()
    assert twice.state == "waiting"
    with pytest.raises(WrongPoints):
        draft_of(assistant, cast, EventsContent([EventEntry(cast.member_a.pk, "volunteering", DAY, points=41)]))
    with pytest.raises(DraftRefused):
        draft_of(assistant, cast, MonthContent("2026-03", [], None, None))


def test_who_makes_confirms_returns_and_withdraws(assistant: User, cast: Cast) -> None:
    content = everything(cast)[0]
    for actor in (cast.recorder_a, cast.recorder_b, cast.committee_a, cast.member_user_a, cast.outsider):
        with pytest.raises(PermissionDenied):
            draft_of(actor, cast, content)
    token = uuid4()
    draft = draft_of(assistant, cast, content, token)
    with pytest.raises(DuplicateBatch):
        draft_of(assistant, cast, content, token)
    for actor in (assistant, cast.recorder_b, cast.committee_a, cast.supervisor):
        with pytest.raises(PermissionDenied):
            confirm_draft(actor=actor, now=NOW, draft=draft)
        with pytest.raises(PermissionDenied):
            return_draft(actor=actor, now=NOW, draft=draft, remark="重做")
    with pytest.raises(PermissionDenied):
        withdraw_draft(actor=cast.recorder_a, now=NOW, draft=draft)
    with pytest.raises(MissingReason):
        return_draft(actor=cast.recorder_a, now=NOW, draft=draft, remark=" ")
    return_draft(actor=cast.recorder_a, now=NOW, draft=draft, remark="日期有误")
    draft.refresh_from_db()
    assert (draft.state, draft.remark) == ("returned", "日期有误")
    assert Notification.objects.get(user=assistant).kind == "draft_returned"
    with pytest.raises(DraftRefused):
        withdraw_draft(actor=assistant, now=NOW, draft=draft)
    assert list(unanswered_returns(assistant)) == [draft]
    later = NOW + timedelta(hours=1)
    other = make_draft(actor=assistant, now=later, branch=cast.branch_a, content=content, token=uuid4())
    assert not unanswered_returns(assistant).exists()
    withdraw_draft(actor=assistant, now=NOW, draft=other)
    with pytest.raises(DraftRefused):
        confirm_draft(actor=cast.recorder_a, now=NOW, draft=other)
    assert not PointEvent.objects.exists()


def test_an_assistants_activity_becomes_a_draft_and_one_click_records_it(
    client: Client, assistant: User, cast: Cast
) -> None:
    client.force_login(assistant)
    first, second, _third = (member.pk for member in cast.members_a)
    form: dict[str, Any] = {
        "token": str(uuid4()),
        "item": "volunteering",
        "date": "2026-03-10",
        "deed": "河岸清理",
        "points": "1.5",
        "members": [first, second],
        "leaders": [second],
    }
    page = client.get("/workbench/activity/").content.decode()
    assert "提交草稿" in page
    response = client.post("/workbench/activity/", form)
    draft = Draft.objects.get()
    assert response["Location"] == f"/workbench/points/draft/{draft.pk}/change/"
    assert not PointEvent.objects.exists()
    mine = client.get(response["Location"]).content.decode()
    assert "确认登记" not in mine
    assert "撤回" in mine
    assert client.post(f"/workbench/points/draft/{draft.pk}/confirm/").status_code == 403
    client.force_login(cast.recorder_a)
    shown = client.get(response["Location"]).content.decode()
    assert "1.5 ×2" in shown
    assert "河岸清理" in shown
    done = client.post(f"/workbench/points/draft/{draft.pk}/confirm/", follow=True).content.decode()
    assert "村文书" in done  # the batch's page names both
    assert "甲记录员" in done
    assert list(PointEvent.objects.order_by("member__position").values_list("points", "led")) == [
        (15, False),
        (15, True),
    ]
    again = client.post(f"/workbench/points/draft/{draft.pk}/confirm/", follow=True).content.decode()
    assert "已经确认" in again
    assert PointEvent.objects.count() == 2


def test_an_assistants_meeting_becomes_a_draft(client: Client, assistant: User, cast: Cast) -> None:
    client.force_login(assistant)
    url = "/workbench/points/meeting/record/"
    page = client.get(url).content.decode()
    assert "提交草稿" in page
    assert 'type="file"' not in page
    token = uuid4()
    sent = {"token": str(token), "held_on": "2026-03-10", "kind_party_day": "on", "period_party_day": "2026-03"}
    sent |= {f"status_{member.pk}": "attended" for member in cast.members_a}
    names = {name.removeprefix("id_") for name in re.findall(r'name="([a-z_0-9]+)"', page)}
    assert set(sent) - {"token", "held_on"} <= names
    response = client.post(url, sent)
    draft = Draft.objects.get()
    assert response["Location"] == f"/workbench/points/draft/{draft.pk}/change/"
    assert not RecordBatch.objects.exists()
    batch = confirm_draft(actor=cast.recorder_a, now=NOW, draft=draft)
    assert batch.events.filter(item="party_day", period="2026-03").count() == 3
    assert batch.drafted_by == assistant


def test_an_assistants_month_becomes_a_draft(client: Client, assistant: User, cast: Cast) -> None:
    client.force_login(assistant)
    url = "/workbench/month/?month=2026-03"
    assert "提交草稿" in client.get(url).content.decode()
    sent = {"token": str(uuid4()), "dues_on": "2026-03-10", f"dues_{cast.member_a.pk}": "on"}
    sent |= {f"status_{member.pk}": "attended" for member in cast.members_a}
    response = client.post(url, sent)
    draft = Draft.objects.get()
    assert response["Location"] == f"/workbench/points/draft/{draft.pk}/change/"
    assert client.post(url, sent).status_code == 302  # the same form again makes no second one
    assert Draft.objects.count() == 1
    assert not RecordBatch.objects.exists()
    assert read_content(draft) == MonthContent("2026-03", [cast.member_a.pk], DAY, None)


def test_what_came_back_stands_on_the_assistants_home_and_leads_to_the_form(
    client: Client, assistant: User, cast: Cast
) -> None:
    draft = draft_of(assistant, cast, everything(cast)[1])
    return_draft(actor=cast.recorder_a, now=NOW, draft=draft, remark="日期有误")
    client.force_login(assistant)
    home = client.get("/workbench/").content.decode()
    assert "草稿1件已退回" in home
    assert 'href="/workbench/points/draft/?state=returned"' in home
    page = client.get(f"/workbench/points/draft/{draft.pk}/change/").content.decode()
    assert f'href="/workbench/points/meeting/record/?branch={cast.branch_a.pk}"' in page
    client.force_login(cast.recorder_a)
    assert "重新起草" not in client.get(f"/workbench/points/draft/{draft.pk}/change/").content.decode()
    assert "草稿1件已退回" not in client.get("/workbench/").content.decode()


def test_the_menu_offers_the_recording_screens_to_who_records_or_drafts(
    client: Client, assistant: User, cast: Cast
) -> None:
    for user, offered in (
        (assistant, True),
        (cast.recorder_a, True),
        (cast.staff, True),
        (cast.committee_a, False),
        (cast.supervisor, False),
    ):
        client.force_login(user)
        home = client.get("/workbench/").content.decode()
        assert ('href="/workbench/month/"' in home) == offered
        assert ('href="/workbench/activity/"' in home) == offered


def test_a_batch_says_the_points_and_the_deed_of_each_line(client: Client, assistant: User, cast: Cast) -> None:
    batch = confirm_draft(actor=cast.recorder_a, now=NOW, draft=draft_of(assistant, cast, everything(cast)[0]))
    client.force_login(cast.recorder_a)
    page = client.get(f"/workbench/members/recordbatch/{batch.pk}/change/").content.decode()
    assert "1.5分 ×2 河岸清理" in page
    assert f'href="/workbench/points/pointevent/{batch.events.get().pk}/change/"' in page
