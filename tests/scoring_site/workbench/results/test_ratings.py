"""The ratings in the workbench: a branch's year on one page, many decisions in one form, every decision readable."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Exemption, Member, User
from points.models import Rating
from points.reviews.steps import reopen_review
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_branch, make_member
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to
from tests.points.results.finished_year import earn, finish
from tests.scoring_site.screens import get, status, visible
from tests.work import count_queries

NOW = JANUARY + timedelta(days=30)
MET_ON = "2026-02-05"

pytestmark = pytest.mark.django_db


@pytest.fixture
def february(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 7 February 2026, the year 2025 not reviewed yet; 张伟 has 98 points, the others none."""
    clock.now = NOW
    earn(cast, cast.member_a, incentive=380)
    return cast


def sheet_of(cast: Cast, year: int = 2025) -> str:
    return reverse("workbench:points_rating_sheet", args=[cast.branch_a.pk, year])


def send(client: Client, cast: Cast, user: User, met_on: str = MET_ON, **ratings: str) -> Any:
    """Post the form; `ratings` are codes by the member's place in the branch: m0, m1, m2."""
    client.force_login(user)
    data = {f"rating_{cast.members_a[int(key[1])].pk}": code for key, code in ratings.items()}
    return client.post(sheet_of(cast), {"met_on": met_on, "is_unrelated": "on", **data}, follow=True)


def chosen(response: Any, member: Member) -> tuple[list[str], str]:
    """The codes offered for a member, and the one that is chosen."""
    field = response.context["form"][f"rating_{member.pk}"]
    return [code for code, _label in field.field.choices], field.value() or ""


def test_the_sheet_before_anything_is_decided(february: Cast, client: Client) -> None:
    finish(february)
    page = get(client, february.secretary_a, sheet_of(february))
    assert "一支部 2025年度评定等次" in page
    assert "等次由支部会议评定" in page
    assert "共3名党员，3名待评定" in page
    assert "张伟 98.0 优秀、合格、基本合格、不合格、暂缓评定 —" in page
    assert "李娜 低于及格线 0.0 不合格 —" in page  # nothing is open, so nothing is deferred (D14)
    response = client.get(sheet_of(february))
    assert chosen(response, february.member_a)[1] == ""
    # Preset, not decided: nothing is written before the form is sent.
    assert chosen(response, february.members_a[1]) == (["", "unqualified"], "unqualified")
    assert not Rating.objects.exists()


def test_a_meeting_decides_on_many_and_a_later_one_replaces(february: Cast, client: Client) -> None:
    finish(february)
    page = visible(send(client, february, february.secretary_a, m0="excellent", m1="unqualified"))
    assert "已登记2名党员的等次，还有1名待评定" in page
    assert "张伟 98.0 优秀、合格、基本合格、不合格、暂缓评定 优秀 2026-02-05会议，甲书记登记" in page
    assert [(row.member.name, row.decision, str(row.met_on)) for row in Rating.objects.order_by("pk")] == [
        ("张伟", "excellent", MET_ON), ("李娜", "unqualified", MET_ON),
    ]  # fmt: skip
    page = visible(send(client, february, february.staff, met_on="2026-02-06", m0="qualified"))
    assert "合格 2026-02-06会议，镇干部登记 以前的评定 优秀 2026-02-05会议，甲书记登记" in page
    response = client.get(sheet_of(february))
    assert chosen(response, february.member_a)[1] == ""
    assert "保持不变" in visible(response)
    assert "已经登记过" in visible(send(client, february, february.staff, met_on="2026-02-06", m0="qualified"))
    assert Rating.objects.count() == 3


def test_a_refusal_keeps_what_was_chosen(february: Cast, client: Client) -> None:
    finish(february)
    early = send(client, february, february.secretary_a, met_on="2025-12-31", m0="excellent", m1="deferred")
    assert "年度结束以后" in visible(early)
    assert chosen(early, february.member_a)[1] == "excellent"
    assert chosen(early, february.members_a[1])[1] == "deferred"
    assert early.context["form"]["met_on"].value() == "2025-12-31"
    wrong = send(client, february, february.secretary_a, m0="excellent", m1="qualified")
    assert "李娜" in visible(wrong)
    assert wrong.context["form"].errors
    assert chosen(wrong, february.member_a)[1] == "excellent"
    assert "至少为一名党员" in visible(send(client, february, february.secretary_a))
    assert not Rating.objects.exists()


def test_votes_are_entered_beside_the_rating_or_refused_where_they_stand(february: Cast, client: Client) -> None:
    finish(february)
    client.force_login(february.secretary_a)
    first = february.member_a.pk
    data = {"met_on": MET_ON, "is_unrelated": "on", f"rating_{first}": "excellent"}
    wrong = client.post(sheet_of(february), data | {f"votes_{first}": "12、5"})
    assert "请填四个数" in visible(wrong)
    unticked = client.post(sheet_of(february), data | {"is_unrelated": ""})
    assert list(unticked.context["form"].errors) == ["is_unrelated"]
    assert "本次登记等次的党员中没有我的" in visible(unticked)
    assert not Rating.objects.exists()
    page = visible(client.post(sheet_of(february), data | {f"votes_{first}": "12，5，1，0"}, follow=True))
    assert Rating.objects.get().votes == "12/5/1/0"
    assert "优秀 2026-02-05会议，甲书记登记 · 测评票数12/5/1/0" in page


def test_nobody_finds_a_field_for_their_own_rating(february: Cast, client: Client) -> None:
    """P4, as it was seen: the secretary entered his own with one date."""
    finish(february)
    february.secretary_a.member = february.members_a[1]
    february.secretary_a.save()
    page = get(client, february.secretary_a, sheet_of(february))
    assert "不能登记本人的等次" in page
    fields = client.get(sheet_of(february)).context["form"].fields
    assert f"rating_{february.members_a[1].pk}" not in fields
    assert f"rating_{february.member_a.pk}" in fields
    assert "至少为一名党员" in visible(send(client, february, february.secretary_a, m1="unqualified"))
    assert "已登记1名党员的等次" in visible(send(client, february, february.committee_a, m1="unqualified"))
    assert Rating.objects.get().by == february.committee_a


def test_a_deferred_rating_waits_on_the_home_of_who_enters_it_and_of_the_town(february: Cast, client: Client) -> None:
    finish(february)
    client.force_login(february.secretary_a)
    data = {"met_on": MET_ON, "is_unrelated": "on", f"rating_{february.member_a.pk}": "deferred"}
    assert "请填写暂缓评定的于何日前评定" in visible(client.post(sheet_of(february), data))
    page = visible(client.post(sheet_of(february), data | {"settle_by": "2026-03-31"}, follow=True))
    assert "暂缓评定 2026-02-05会议，甲书记登记 · 应于2026-03-31前评定" in page
    waits = "一支部：2025年度有1人暂缓评定"
    for user, sees in ((february.secretary_a, True), (february.staff, True), (february.secretary_b, False)):
        assert (waits in get(client, user, reverse("workbench:index"))) is sees
    send(client, february, february.secretary_a, met_on="2026-02-06", m0="qualified")
    assert waits not in get(client, february.staff, reverse("workbench:index"))


def test_more_than_a_third_excellent_is_said_and_not_refused(february: Cast, client: Client) -> None:
    earn(february, february.members_a[1], incentive=400)
    finish(february)
    page = visible(send(client, february, february.secretary_a, m0="excellent", m1="excellent"))
    assert "已登记2名党员的等次" in page
    assert "正式党员3人中已有2人评为优秀，超过三分之一。" in page
    assert "超过三分之一" in get(client, february.supervisor, sheet_of(february))


def test_what_to_know_about_each_member(february: Cast, client: Client) -> None:
    _first, probationary, exempt = february.members_a
    probationary.category = Member.Category.PROBATIONARY
    probationary.save()
    Exemption.objects.create(
        member=exempt,
        ground="age",
        applied_on=date(2025, 1, 1),
        decided_on=date(2025, 1, 2),
        from_date=date(2025, 1, 2),
    )
    late = make_member(february.branch_a, "新来", since=date(2025, 6, 1))
    finish(february)
    page = get(client, february.secretary_a, sheet_of(february))
    assert "李娜 预备党员 不评定等次" in page
    assert "曾国华 不实行积分制 没有积分，可以评定 — 合格、基本合格、不合格、暂缓评定 —" in page
    assert "新来 计分7个月 0.0 合格、基本合格、不合格、暂缓评定 —" in page
    form = client.get(sheet_of(february)).context["form"]
    assert f"rating_{probationary.pk}" not in form.fields
    assert form[f"rating_{late.pk}"].value() in (None, "")  # below 60 in part of a year is not forced


def test_who_became_full_since_is_rated_as_of_the_years_last_day(february: Cast, client: Client) -> None:
    """S7, as it was seen: 转正 in January made last year's probationary member one to be rated."""
    Member.objects.filter(pk=february.members_a[1].pk).update(full_since=date(2026, 1, 10))
    finish(february)
    page = get(client, february.secretary_a, sheet_of(february))
    assert "李娜 预备党员 不评定等次" in page
    fields = client.get(sheet_of(february)).context["form"].fields
    rated = [member.name for member in february.members_a if f"rating_{member.pk}" in fields]
    assert rated == ["张伟", "曾国华"]
    assert "至少为一名党员" in visible(send(client, february, february.secretary_a, m1="qualified"))
    assert not Rating.objects.exists()


@pytest.mark.parametrize("state", ["none", "draft", "published"])
def test_before_the_year_is_final_it_says_why_not(february: Cast, client: Client, state: str) -> None:
    bring_to(february, "final", start=JULY + HOUR)
    if state != "none":
        bring_to(february, state, half="H2")
    page = get(client, february.secretary_a, sheet_of(february))
    assert "2025年度尚未定稿；定稿以后才评定等次" in page
    assert "登记评定等次" not in page
    assert ("张伟" in page) is (state == "published")
    refused = send(client, february, february.secretary_a, m0="excellent")
    assert not Rating.objects.exists()
    assert "定稿以后才评定等次" in visible(refused)


def test_a_reopened_year_waits_and_shows_what_was_decided(february: Cast, client: Client) -> None:
    finish(february)
    send(client, february, february.secretary_a, m0="excellent")
    review = february.branch_a.reviews.get(half="H2")
    reopen_review(actor=february.staff, now=NOW, review=review, reason="上级核查")
    page = get(client, february.secretary_a, sheet_of(february))
    assert "2025年度已重新打开、正在更正；再次定稿后才能评定等次。" in page
    assert "优秀 2026-02-05会议，甲书记登记" in page
    assert "登记评定等次" not in page
    assert "重新打开" in visible(send(client, february, february.secretary_a, m0="qualified"))
    assert Rating.objects.count() == 1


def test_who_sees_it_and_who_decides(february: Cast, client: Client) -> None:
    finish(february)
    for reader in (february.recorder_a, february.committee_a, february.supervisor):
        page = get(client, reader, sheet_of(february))
        assert "张伟 98.0" in page
        assert "登记评定等次" not in page
        assert client.post(sheet_of(february), {"met_on": MET_ON}).status_code == 403
    assert status(client, february.secretary_a, sheet_of(february, 2019)) == 404
    assert not Rating.objects.exists()


def test_the_way_there(february: Cast, client: Client) -> None:
    finish(february)
    send(client, february, february.secretary_a, m0="excellent")
    send(client, february, february.secretary_a, met_on="2026-02-06", m0="qualified")
    review = february.branch_a.reviews.get(half="H2")
    address = reverse("workbench:points_review_change", args=[review.pk])
    assert sheet_of(february) in client.get(address).content.decode()
    first_half = reverse("workbench:points_review_change", args=[february.branch_a.reviews.get(half="H1").pk])
    assert sheet_of(february) not in client.get(first_half).content.decode()
    listed = reverse("workbench:points_rating_changelist")
    page = get(client, february.secretary_a, listed)
    assert "2025年度各支部评定等次 一支部 已定稿，已评定1人" in page
    assert "张伟 一支部 2025 优秀 2026年2月5日 — 甲书记 已被以后的评定取代" in page
    assert "张伟 一支部 2025 合格 2026年2月6日 — 甲书记 有效" in page
    assert "二支部" not in page
    assert "二支部 尚未定稿" in get(client, february.staff, listed)
    assert "张伟" not in get(client, february.secretary_b, listed)
    row = reverse("workbench:points_rating_change", args=[Rating.objects.order_by("pk")[0].pk])
    assert "已被以后的评定取代" in get(client, february.recorder_a, row)


def test_a_large_branch_costs_no_more_queries(february: Cast, client: Client) -> None:
    counts = []
    for size in (5, 60):
        branch = make_branch(february.town, f"{size}人支部")
        for number in range(size):
            make_member(branch, f"党员{number}")
        bring_to(february, "final", branch=branch, start=JULY + HOUR, by=february.staff)
        bring_to(february, "final", half="H2", branch=branch, by=february.staff)
        client.force_login(february.staff)
        client.get(reverse("workbench:points_rating_changelist"))
        address = reverse("workbench:points_rating_sheet", args=[branch.pk, 2025])
        assert len(client.get(address).context["rows"]) == size
        counts.append(count_queries(partial(client.get, address)))
    assert counts[0] == counts[1]


def test_the_summary_is_printed_from_the_sheet(february: Cast, client: Client) -> None:
    finish(february)
    address = reverse("workbench:points_rating_summary", args=[february.branch_a.pk, 2025])
    client.force_login(february.secretary_a)
    assert address in client.get(sheet_of(february)).content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert unquote(answer["Content-Disposition"]).endswith("一支部-2025年-民主评议党员测评汇总表.pdf")
    client.force_login(february.committee_a)
    assert address not in client.get(sheet_of(february)).content.decode()
