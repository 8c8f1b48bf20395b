"""A month's sheet on the day of an announced meeting: accepted leave is shown before anything is saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from points.meetings.announcing import ComingMeeting, announce_meeting
from points.meetings.leaves import answer_leave, ask_leave
from points.models import Announcement, Meeting, PointEvent
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
KIND = ("party_day", f"{TODAY:%Y-%m}")


def sheet_of(cast: Cast) -> str:
    return f"/workbench/month/?branch={cast.branch_a.pk}&month={TODAY:%Y-%m}"


def announced(cast: Cast, *, accepted: bool = True) -> Announcement:
    """An activity day of today from which 张伟 has leave, or asked for it."""
    coming = ComingMeeting(TODAY, NOW.time().replace(hour=15), "村部", [KIND])
    before = NOW - timedelta(days=3)
    row = announce_meeting(actor=cast.recorder_a, now=before, branch=cast.branch_a, coming=coming)
    leave = ask_leave(actor=cast.member_user_a, now=before, announcement=row, reason="住院检查")
    if accepted:
        answer_leave(actor=cast.recorder_a, now=before, leave=leave, accepted=True)
    return row


def fill(cast: Cast, **values: Any) -> dict[str, Any]:
    statuses = {f"status_{member.pk}": "attended" for member in cast.members_a}
    return {"token": str(uuid4()), "held_on": TODAY.isoformat(), "dues_on": TODAY.isoformat(), **statuses, **values}


def test_on_the_day_of_an_announced_meeting_the_sheet_begins_with_its_leave(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    response = client.get(sheet_of(cast))
    form = response.context["form"]
    assert [form.marks.statuses[member.pk] for member in cast.members_a] == ["excused", "attended", "attended"]
    assert form["leaves"].value() == str(cast.member_a.pk)
    page = response.content.decode()
    assert "1人已准假" in page
    assert "已准假</small>" in page


def test_who_only_asked_begins_as_usual(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast, accepted=False)
    client.force_login(cast.recorder_a)
    response = client.get(sheet_of(cast))
    assert response.context["form"].marks.statuses[cast.member_a.pk] == "attended"
    page = response.content.decode()
    assert "0人已准假" in page
    assert "另有1人申请请假尚未答复" in page
    assert "已申请请假，尚未答复</small>" in page


def test_leave_accepted_since_the_sheet_was_opened_is_shown_before_anything_is_saved(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    sent = fill(cast, kind_party_day="on", place="礼堂", **{f"dues_{cast.members_a[1].pk}": "on"})
    form = client.post(sheet_of(cast), sent).context["form"]
    assert not Meeting.objects.exists()
    assert not PointEvent.objects.exists()
    assert (form.marks.statuses[cast.member_a.pk], form["place"].value()) == ("excused", "礼堂")
    assert form.marks.dues == {cast.members_a[1].pk}
    sent |= {"leaves": form["leaves"].value(), f"status_{cast.member_a.pk}": "excused"}
    assert client.post(sheet_of(cast), sent).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.attendances.get(member=cast.member_a).status == "excused"
    assert meeting.announcement.pk == Announcement.objects.get().pk
    earned = PointEvent.objects.filter(item="party_day").values_list("member", flat=True)
    assert set(earned) == {member.pk for member in cast.members_a[1:]}


def test_who_came_all_the_same_is_recorded_as_there(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    sent = fill(cast, kind_party_day="on", leaves=str(cast.member_a.pk))
    assert client.post(sheet_of(cast), sent).status_code == 302
    assert Meeting.objects.get().attendances.get(member=cast.member_a).status == "attended"


def test_dues_alone_are_saved_beside_leave(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    leave = {"leaves": str(cast.member_a.pk), f"status_{cast.member_a.pk}": "excused"}
    sent = fill(cast, **leave, **{f"dues_{cast.member_a.pk}": "on"})
    assert client.post(sheet_of(cast), sent).status_code == 302
    assert not Meeting.objects.exists()
    assert PointEvent.objects.get().item == "dues"


def test_the_leave_of_another_day_changes_nothing(client: Client, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    announced(cast)
    client.force_login(cast.recorder_a)
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert client.post(sheet_of(cast), fill(cast, kind_party_day="on", held_on=yesterday)).status_code == 302
    assert Meeting.objects.get().attendances.get(member=cast.member_a).status == "attended"
    assert Announcement.objects.open().exists()
