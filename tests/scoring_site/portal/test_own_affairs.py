"""The portal's pages for a member's own affairs: data held, and exemption; and who answers in the workbench."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from members.models import DataRequest, ExemptionApplication, Member, Membership, Notification
from members.people.fields import MEMBER_FIELDS
from members.roster_files.matching import BEFORE_ANY_YEAR
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_membership
from tests.members.people.values import make_values

pytestmark = pytest.mark.django_db


def test_my_data_is_shown_to_me_and_a_mistake_is_put_right_by_the_town(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    client.force_login(cast.member_user_a)
    page = client.get("/my-data/").content.decode()
    for shown in ("张伟", "一支部", "第一党小组", "13900000011", cast.member_a.id_number, "1970-01-01"):
        assert shown in page
    assert "13900000021" not in page
    empty = client.post("/my-data/", {"text": "  "}).content.decode()
    assert "error" in empty
    assert client.post("/my-data/", {"text": "电话应为13900000099"})["Location"] == "/my-data/"
    asked = DataRequest.objects.get()
    assert list(Notification.objects.values_list("user__username", "kind")) == [("staff", "data_asked")]
    client.force_login(cast.staff)
    answer = f"/workbench/members/datarequest/{asked.pk}/answer/"
    assert "电话应为13900000099" in client.get(answer).content.decode()
    client.post(answer, {"answer": "已更正"})
    again = client.post(answer, {"answer": "再答一次"}).content.decode()
    assert "已经答复" in again
    client.force_login(cast.member_user_a)
    assert Notification.objects.get(kind="data_answered").read_at is None
    assert "已更正" in client.get("/my-data/").content.decode()
    assert Notification.objects.get(kind="data_answered").read_at is not None


def test_my_data_shows_all_that_is_stored_about_me(client: Client, cast: Cast) -> None:
    member = cast.member_a
    Member.objects.filter(pk=member.pk).update(**make_values())
    make_membership(member, cast.branch_b, date(2025, 9, 1), Membership.Why.MOVED)
    member.refresh_from_db()
    client.force_login(cast.member_user_a)
    page = client.get("/my-data/").content.decode()
    for field in MEMBER_FIELDS.values():
        assert getattr(member, field.name) not in ("", None)
        assert f"<dt>{field.label}</dt><dd>{field.say_of(member, in_full=True)}</dd>" in page, field.name
    assert "2015-07-01 一支部 在册<br>2025-09-01 二支部 镇内转接" in page
    Membership.objects.filter(member=member, branch=cast.branch_a).update(from_date=BEFORE_ANY_YEAR)
    assert "<dd>一支部 在册<br>" in client.get("/my-data/").content.decode()


def test_other_members_never_see_a_request(client: Client, cast: Cast, clock: FrozenClock) -> None:
    DataRequest.objects.create(member=cast.member_a, text="电话应为13900000099", at=clock.now)
    client.force_login(cast.member_user_b)
    assert "13900000099" not in client.get("/my-data/").content.decode()


def test_three_requests_wait_at_most_and_what_was_typed_stays(client: Client, cast: Cast, clock: FrozenClock) -> None:
    client.force_login(cast.member_user_a)
    for number in range(3):
        assert client.post("/my-data/", {"text": f"第{number}条"}).status_code == 302
    page = client.post("/my-data/", {"text": "第四条要改的内容"}).content.decode()
    assert "等待答复" in page
    assert "第四条要改的内容" in page
    assert DataRequest.objects.count() == 3


VOTE = {"expected": "3", "present": "3", "in_favour": "3", "against": "0", "abstained": "0", "is_unrelated": "on"}


def test_an_application_travels_to_the_secretary_and_back(client: Client, cast: Cast, clock: FrozenClock) -> None:
    client.force_login(cast.member_user_a)
    kept = client.post("/exemption/", {"ground": "unable", "text": ""}).content.decode()
    assert "请简要说明" in kept
    assert '<button class="main" type="submit">申请</button>' in kept
    client.post("/exemption/", {"ground": "unable", "text": "腿脚不便"})
    application = ExemptionApplication.objects.get()
    client.force_login(cast.secretary_a)
    row = f"/workbench/members/exemptionapplication/{application.pk}/"
    assert "腿脚不便" in client.get(f"{row}change/").content.decode()
    client.post(
        f"{row}decline/",
        {
            **VOTE,
            "in_favour": "1",
            "against": "2",
            "decided_on": f"{clock.now:%Y-%m-%d}",
            "explanation": "可以送学上门",
        },
    )
    client.force_login(cast.member_user_a)
    page = client.get("/exemption/").content.decode()
    assert "未同意" in page
    assert "可以送学上门" in page
    assert f"{clock.now:%Y-%m-%d}" in page


def test_whoever_left_is_told_that_nobody_decides_before_writing(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    client.force_login(cast.member_user_a)
    assert "<textarea" in client.get("/exemption/").content.decode()
    make_membership(cast.member_a, None, timezone.localdate(clock.now), Membership.Why.TRANSFERRED_OUT)
    page = client.get("/exemption/").content.decode()
    assert "<textarea" not in page
    assert "您目前不在任何党支部，无法由支部研究决定，请联系镇党建办。" in page


def test_one_takes_ones_application_back(client: Client, cast: Cast, clock: FrozenClock) -> None:
    application = ExemptionApplication.objects.create(
        member=cast.member_a, ground="unable", text="腿脚不便", applied_on=clock.now.date(), at=clock.now
    )
    client.force_login(cast.member_user_a)
    assert client.post(f"/exemption/{application.uuid}/withdraw/").status_code == 302
    assert ExemptionApplication.objects.get().state == "withdrawn"
