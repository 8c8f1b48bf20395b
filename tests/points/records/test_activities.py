"""One deed of many members: entries by value, leading roles, what it adds under the caps, likely duplicates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from members.models import Exemption, Member, RecordBatch
from points.models import EvidenceLink, PointEvent
from points.records.added_points import AddedPoints, read_added_points
from points.rules.facts import PointRecord
from points.scoring.adoption import rulebook_for
from tests.cast import Cast
from tests.factories import make_batch, make_event, make_member
from tests.members.evidence.uploads import picture
from tests.test_scope_at_every_door import CAME, EXEMPT, came, exempt

pytestmark = pytest.mark.django_db
ACTIVITY = "/workbench/activity/"
PREVIEW = f"{ACTIVITY}preview/"
DAY = date(2026, 3, 1)


def fields(cast: Cast, **more: Any) -> dict[str, Any]:
    first, second, _third = (member.pk for member in cast.members_a)
    return {
        "token": "11111111-1111-4111-8111-111111111111",
        "item": "volunteering",
        "date": "2026-03-01",
        "deed": "河岸清理",
        "points": "1.5",
        "members": [first, second],
        "leaders": [second],
    } | more


def had(cast: Cast, member: Member, points: int, *, led: bool = False, item: str = "volunteering", **more: Any) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, member, item=item, period="", points=points, led=led, **({"date": date(2026, 1, 5)} | more))


def test_everybody_gets_an_entry_and_leaders_double(client: Client, cast: Cast, evidence_dir: object) -> None:
    client.force_login(cast.recorder_a)
    third = cast.members_a[2]
    sent = fields(cast, evidence=[picture()], **{f"points_{cast.member_a.pk}": "0.5"})
    sent["leaders"] = [cast.members_a[1].pk, third.pk]  # whoever led took part, also where only that was ticked
    response = client.post(ACTIVITY, sent)
    batch = RecordBatch.objects.get()
    assert response["Location"] == f"/workbench/members/recordbatch/{batch.pk}/change/"
    rows = PointEvent.objects.order_by("member__position").values_list("member__name", "points", "led", "date", "note")
    assert list(rows) == [
        ("张伟", 5, False, DAY, "河岸清理"),
        ("李娜", 15, True, DAY, "河岸清理"),
        ("曾国华", 15, True, DAY, "河岸清理"),
    ]
    assert [link.batch for link in EvidenceLink.objects.all()] == [batch]
    again = client.post(ACTIVITY, sent, follow=True).content.decode()
    assert PointEvent.objects.count() == 3
    assert "已" in again


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"members": [], "leaders": []}, "请勾选参加人员"),
        ({"points": ""}, "填写分数"),
        ({"points": "1.55"}, "小数"),
        ({"item": "dues"}, "选"),
        ({"date": "2026-03-16"}, "未来|今天"),
        ({"date": "2020-03-16"}, "2020"),
        ({"deed": " "}, "必填|填写"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_stays(
    change: dict[str, Any], said: str, client: Client, cast: Cast
) -> None:
    client.force_login(cast.recorder_a)
    page = client.post(ACTIVITY, fields(cast, **change)).content.decode()
    assert any(word in page for word in said.split("|"))
    assert not PointEvent.objects.exists()
    if change.get("deed") is None:
        assert "河岸清理" in page
    if change.get("members") is None:
        assert page.count(" checked") == 3


def test_members_of_another_branch_are_not_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.recorder_a)
    client.post(ACTIVITY, fields(cast, members=[cast.member_b.pk]))
    assert client.get(f"{ACTIVITY}?branch={cast.branch_b.pk}").content.decode().count("赵敏") == 0
    assert client.post(PREVIEW, fields(cast, branch=cast.branch_b.pk)).status_code == 404
    assert not PointEvent.objects.exists()


def test_who_had_not_come_or_was_exempt_on_the_day_is_named_and_nobody_gets_points(client: Client, cast: Cast) -> None:
    """S2, as it was seen: a deed before they joined, or of who was exempt, counted."""
    new, freed = came(cast), exempt(cast)
    client.force_login(cast.recorder_a)
    for member, day, why in ((new, "2026-02-01", CAME), (freed, "2026-02-20", EXEMPT)):
        page = client.post(ACTIVITY, fields(cast, date=day, members=[cast.member_a.pk, member.pk], leaders=[]))
        assert f"{member.name}：{why}" in page.content.decode()
    assert not PointEvent.objects.exists()


def test_a_like_deed_is_asked_about_and_an_unusual_leading_role_too(client: Client, cast: Cast) -> None:
    had(cast, cast.member_a, 10, date=DAY, note="河岸清理")
    client.force_login(cast.recorder_a)
    page = client.post(ACTIVITY, fields(cast)).content.decode()
    assert "张伟（03-01 河岸清理" in page
    assert PointEvent.objects.count() == 1
    assert client.post(ACTIVITY, fields(cast, confirm_similar="on")).status_code == 302
    assert PointEvent.objects.count() == 3
    odd = fields(cast, item="essay", deed="学习心得", token="22222222-2222-4222-8222-222222222222")
    assert "带头" in client.post(ACTIVITY, odd).content.decode()
    assert PointEvent.objects.count() == 3
    assert client.post(ACTIVITY, odd | {"confirm_lead": "on"}).status_code == 302
    assert PointEvent.objects.count() == 5


def test_the_preview_says_what_it_adds_under_the_caps(client: Client, cast: Cast) -> None:
    first, second, third = cast.members_a
    had(cast, first, 40)  # full
    had(cast, second, 30)
    had(cast, second, 20, led=True, date=date(2026, 1, 20))
    client.force_login(cast.recorder_a)
    sent = fields(cast, branch=cast.branch_a.pk, points="2", members=[first.pk, second.pk, third.pk])
    told = client.post(PREVIEW, sent).json()
    # 李娜: awarded 3+2=4 of 4 (cut), lead 2; now 2 more, led: the lead side goes from 2 to 4.
    assert {pk: (row["stands"], row["adds"]) for pk, row in told["members"].items()} == {
        str(first.pk): ("4.0／8.0", "+0.0"),
        str(second.pk): ("6.0／8.0", "+2.0"),
        str(third.pk): ("0.0／8.0", "+2.0"),
    }
    assert told["members"][str(first.pk)]["nothing"] == "1"
    assert not told["asks_lead"]
    assert told["similar"] == []
    assert client.post(PREVIEW, fields(cast, branch=cast.branch_a.pk, item="")).json()["members"] == {}


def test_gains_leave_out_the_exempt_and_count_the_sections_cap(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second, third = cast.members_a
    rulebook = rulebook_for(cast.town, 2026)
    for item in rulebook.incentive[:10]:
        if item.code != "volunteering":
            had(cast, first, 40, item=item.code)
    had(cast, first, 30)  # 39 of 40 in the section
    Exemption.objects.create(member=third, ground="unable", applied_on=DAY, decided_on=DAY, from_date=DAY)
    for number in range(20):
        make_member(cast.branch_a, f"员{number}")
    new = {member.pk: PointRecord(0, "volunteering", "", DAY, 20, True) for member in cast.members_a}
    with django_assert_num_queries(7):
        gains = read_added_points(
            Member.objects.filter(town=cast.town), rulebook=rulebook, year=2026, item="volunteering", new=new
        )
    assert gains[first.pk] == AddedPoints(counted=30, lead=0, added=10)
    assert gains[second.pk] == AddedPoints(counted=0, lead=0, added=40)
    assert third.pk not in gains
    assert gains[cast.member_b.pk] == AddedPoints(counted=0, lead=0, added=None)


@pytest.mark.parametrize("branch", ["9" * 5000, "9" * 30, "x", "1\0"])
def test_a_branch_that_is_none_is_not_there(branch: str, client: Client, cast: Cast) -> None:
    client.force_login(cast.recorder_a)
    assert client.post(PREVIEW, fields(cast, branch=branch)).status_code == 404
    names = client.post("/workbench/names/", {"branch": branch, "text": "张伟"})
    assert names.status_code == 400
    page = f"/workbench/archive/{cast.member_a.pk}/2026/void/"
    assert client.get(page, {"event": branch}).status_code == 200
