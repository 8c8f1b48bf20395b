"""The members' pages about notices: whose they are, one's own line, who opened them, what one is told (D21)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from lxml import html

from members.models import Exemption, Membership, Notification, User
from members.notifications import notify_users
from points.reviews.steps import reopen_review
from publicity.models import Notice, Reading
from publicity.notices.audience import notices_for, readers_of
from publicity.notices.publication import close_notice, post_notice, post_revised_lines, prepare_notice
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import LONG_AGO, TODAY, make_batch, make_event, make_member, make_membership, make_user
from tests.publicity.stages import (
    CONTACT,
    FIRST_MINUTE,
    JULY_5,
    JULY_7,
    approved,
    at,
    choose,
    corrected,
    dues,
    posted,
    prepared,
    record,
    veto,
)
from tests.scoring_site.portal.own_points import read
from tests.work import count_queries
from veto.models import Deduction, VetoRecord

pytestmark = pytest.mark.django_db
KIND = Notification.Kind.NOTICE_POSTED


def url_of(notice: Notice) -> str:
    return f"/notices/{notice.uuid}/"


def test_a_notice_shows_ones_own_line_first_and_everybody_without_reasons(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    record(cast, dues(cast.member_a), dues(cast.member_a, 4), dues(cast.members_a[1]))
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=JULY_5)
    finding = Deduction.objects.create(
        batch=batch, member=cast.members_a[1], item="rumour", date=date(2025, 3, 1), particulars="转发不实信息"
    )
    Deduction.objects.filter(pk=finding.pk).update(
        notified_on=date(2025, 3, 2),
        decided_on=date(2025, 3, 20),
        confirmed_at=JULY_5,
        decided_by=cast.secretary_a,
    )
    notice = posted(cast)
    clock.now = at(7, 9)
    page = read(client, cast.member_user_a, url_of(notice))
    assert "一支部2025年上半年积分公示" in page
    assert "公示第2天，公示至2025-07-14（含当日）" in page
    assert page.index("我的积分 半年积分 2.0") < page.index("全部名单")
    assert "基础分 2.0 激励分 0.0 扣分 0.0 半年积分 2.0" in page
    # Of the others the score alone: their parts would tell of the finding (D21).
    assert "姓名 半年 张伟 2.0 李娜 0.0 曾国华 0.0 王五" in page
    assert CONTACT in page
    for secret in ("谣言", "不实信息", "13900000011", "一票否决"):
        assert secret not in page


def test_the_others_lines_are_behind_one_tap_for_whoever_has_one(client: Client, cast: Cast) -> None:
    """W9, as it was seen: a notice of 12,500 pixels."""
    address = url_of(posted(cast))
    for user, folded in ((cast.member_user_a, True), (cast.staff, False)):
        client.force_login(user)
        page: Any = html.fromstring(client.get(address).content.decode())
        [part] = page.xpath("//details[.//table]")
        assert ("open" in part.attrib, "李娜" in part.text_content()) == (not folded, True)
        assert part.xpath("normalize-space(./summary)") == "全部名单（4人）"
        part.getparent().remove(part)
        assert "李娜" not in page.text_content()


def test_a_vetoed_line_shows_nothing_earned_except_to_its_own_member(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    """W3: the vetoed member's own row says so."""
    record(cast, dues(cast.member_a))
    veto(cast)
    other = make_user("li-na", name="李娜", town=cast.town, member=cast.members_a[1])
    notice = posted(cast)
    clock.now = at(7, 8)
    assert "姓名 半年 张伟 0.0 李娜 0.0" in read(client, other, url_of(notice))
    own = read(client, cast.member_user_a, url_of(notice))
    assert "我的积分 半年积分 0.0 分 公示中 因一票否决，" in own
    assert "基础分 1.0 激励分 0.0 扣分 0.0 " in own
    assert "纪委" not in own + read(client, other, url_of(notice))


def test_the_list_shows_ones_own_score_of_each_notice_and_nobody_elses(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    record(cast, dues(cast.member_a), dues(cast.member_a, 4), dues(cast.members_a[1]))
    posted(cast)
    clock.now = at(7, 9)
    assert "一支部 2025年上半年 我的积分：半年积分 2.0 分 公示中" in read(client, cast.member_user_a, "/notices/")
    assert "我的积分" not in read(client, cast.staff, "/notices/")


def test_a_second_half_shows_both_scores_and_hides_a_negative_one(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    record(cast, dues(cast.member_a), dues(cast.members_a[1]))
    approved(cast)
    record(cast, dues(cast.member_a, 8), now=at(9, 1))
    veto_of = cast.members_a[1]
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=at(9, 1))
    row = VetoRecord.objects.create(
        batch=batch, member=veto_of, ground="disrepute", year=2025, date=date(2025, 9, 1), particulars="经查实"
    )
    VetoRecord.objects.filter(pk=row.pk).update(
        decided_on=date(2025, 9, 20), confirmed_at=at(9, 20), decided_by=cast.staff
    )
    now = at(1, 5, year=2026)
    notice = posted(cast, prepared(cast, approved(cast, half="H2", now=now), now=now), now=now)
    clock.now = now
    page = read(client, cast.member_user_a, url_of(notice))
    assert "一支部2025年下半年积分公示" in page
    assert "姓名 上半年 下半年 年度 张伟 1.0 1.0 2.0 李娜 1.0 — 0.0" in page
    assert "我的积分 年度积分 2.0 分 公示中 上半年积分 1.0 下半年积分 1.0 年度积分 2.0 全年累计： 基础分 2.0" in page


def test_where_the_town_chose_so_the_page_shows_the_parts(client: Client, cast: Cast, clock: FrozenClock) -> None:
    choose(cast, outside_columns="parts")
    record(cast, dues(cast.member_a), dues(cast.members_a[1]))
    veto(cast)
    clock.now = at(7, 8)
    page = read(client, cast.recorder_a, url_of(posted(cast)))
    assert "姓名 基础分 激励分 扣分 半年 张伟 — — — 0.0 李娜 1.0 0.0 0.0 1.0" in page
    assert "一票否决" not in page
    now = at(1, 5, year=2026)
    notice = posted(cast, prepared(cast, approved(cast, half="H2", now=now), now=now), now=now)
    clock.now = now
    assert "姓名 全年累计 基础分 全年累计 激励分 全年累计 扣分 上半年 下半年 年度 张伟 — — —" in read(
        client, cast.recorder_a, url_of(notice)
    )


# --- who may open it ---


def test_a_notice_is_for_its_branch_its_workers_and_those_with_a_line(cast: Cast) -> None:
    notice = posted(cast)
    left = make_user("left-a", member=cast.left_a, town=cast.town)
    allowed = [
        cast.member_user_a,
        left,
        cast.recorder_a,
        cast.secretary_a,
        cast.committee_a,
        cast.staff,
        cast.supervisor,
    ]
    refused = [cast.member_user_b, cast.recorder_b, cast.secretary_b, cast.outsider, cast.other_staff]
    for user in (*allowed, *refused):
        assert list(notices_for(user, on=TODAY)) == [notice] * (user in allowed), user


def test_nobody_opens_it_before_it_is_up(client: Client, cast: Cast) -> None:
    notice = prepared(cast)
    client.force_login(cast.secretary_a)
    assert client.get(url_of(notice)).status_code == 404


def test_the_web_page_opens_with_its_own_channel(client: Client, cast: Cast) -> None:
    notice = prepared(cast)
    Notice.objects.filter(pk=notice.pk).update(required=["board", "web"])
    post_notice(actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=["web"], posted_on=JULY_7)
    assert "其他渠道尚待张贴" in read(client, cast.member_user_a, "/notices/")
    assert "尚未公示" in read(client, cast.member_user_a, url_of(notice))


def test_whoever_moves_on_keeps_the_old_notices_and_gets_the_new_branchs(cast: Cast) -> None:
    a = posted(cast)
    b = prepare_notice(actor=cast.secretary_b, now=JULY_5, review=approved(cast, branch=cast.branch_b), contact=CONTACT)
    post_notice(actor=cast.secretary_b, now=at(7, 7), notice=b, channels=["board"], posted_on=JULY_7)

    def seen(user: User, on: date) -> set[Notice]:
        return set(notices_for(User.objects.get(pk=user.pk), on=on))

    assert seen(cast.member_user_a, date(2025, 9, 1)) == {a}
    make_membership(cast.member_a, cast.branch_b, date(2025, 9, 10), Membership.Why.MOVED)
    assert seen(cast.member_user_a, date(2025, 9, 11)) == {a, b}
    make_membership(cast.member_a, None, date(2025, 10, 1), Membership.Why.TRANSFERRED_OUT)
    assert seen(cast.member_user_a, date(2025, 11, 1)) == {a}


def test_an_exempt_member_who_left_keeps_the_notices_of_their_time(cast: Cast) -> None:
    """They had no line; the branch they belonged to when the half ended decides."""
    veteran = make_member(cast.branch_a, "老党员")
    user = make_user("veteran", member=veteran, town=cast.town)
    Exemption.objects.create(member=veteran, ground="age", applied_on=LONG_AGO, decided_on=LONG_AGO, from_date=LONG_AGO)
    notice = posted(cast)
    make_membership(veteran, cast.branch_b, date(2025, 9, 1), Membership.Why.MOVED)
    assert list(notices_for(user, on=date(2025, 10, 1))) == [notice]


# --- reading and being told ---


def test_the_first_opening_is_kept_and_the_message_is_read(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = posted(cast)
    clock.now = at(7, 8)
    assert "消息 1 未读" in read(client, cast.member_user_a, "/")
    assert "您所在党支部的积分已公示 一支部 2025年上半年 2025-07-07 10:00 ● 未读" in read(
        client, cast.member_user_a, "/notifications/"
    )
    assert not Reading.objects.exists()
    read(client, cast.member_user_a, url_of(notice))
    clock.now = at(7, 9)
    page = read(client, cast.member_user_a, url_of(notice))
    assert "未读" not in page
    assert [(row.user, row.at) for row in Reading.objects.all()] == [(cast.member_user_a, at(7, 8))]
    assert Notification.objects.get().read_at == at(7, 8)
    assert "2025-07-07 10:00 2025-07-08 10:00已读" in read(client, cast.member_user_a, "/notifications/")
    readers = {reader.member.name: (reader.read_at, reader.has_account) for reader in readers_of(notice, now=at(7, 9))}
    assert readers == {
        "张伟": (at(7, 8), True),
        "李娜": (None, False),
        "曾国华": (None, False),
        "王五": (None, False),
    }


def test_messages_are_ones_own(client: Client, cast: Cast) -> None:
    posted(cast)
    assert "一支部" not in read(client, cast.member_user_b, "/notifications/")
    assert "未读" not in read(client, cast.member_user_b, "/")


def test_corrections_stay_readable(client: Client, cast: Cast, clock: FrozenClock) -> None:
    record(cast, dues(cast.member_a))
    notice = posted(cast)
    corrected(cast, notice.review, cast.member_a, now=at(7, 9))
    clock.now = at(7, 9)
    assert "更正后的积分还没有发布" in read(client, cast.member_user_a, url_of(notice))
    post_revised_lines(actor=cast.secretary_a, now=at(7, 10), notice=notice, posted_on=date(2025, 7, 10))
    clock.now = at(7, 11)
    page = read(client, cast.member_user_a, url_of(notice))
    assert "更正后的积分自2025-07-10起公示，公示至2025-07-15（含当日）" in page
    assert "张伟 已更正 2.0" in page
    assert "更正前 张伟 1.0 至2025-07-09" in page
    assert "漏登" not in page


def test_a_closed_notice_says_so_until_it_is_opened_again(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = posted(cast)
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)
    clock.now = at(8, 1)
    assert "已结束；公示时间2025-07-07至2025-07-14" in read(client, cast.member_user_a, url_of(notice))
    assert "公示已结束，积分已定稿" in read(client, cast.member_user_a, "/notices/")
    reopen_review(actor=cast.staff, now=at(8, 1), review=notice.review, reason="漏登")
    assert "公示期已满" in read(client, cast.member_user_a, url_of(notice))


def test_unknown_days_off_do_not_hide_the_notice(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = posted(cast, prepared(cast, now=at(12, 20, year=2026)), now=at(12, 28, year=2026))
    clock.now = at(12, 29, year=2026)
    page = read(client, cast.member_user_a, url_of(notice))
    assert "2026-12-28起公示" in page
    assert "2027年的放假安排还不知道" in page


def test_in_english(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = posted(cast)
    clock.now = at(7, 8)
    page = read(client, cast.member_user_a, url_of(notice), language="en")
    for text in ("Notices", "Messages", "day 1; it stays up until the end of 2025-07-14", "My line", "All lines"):
        assert text in page


def test_a_page_costs_the_same_for_any_branch(client: Client, cast: Cast, clock: FrozenClock) -> None:
    def count(notice: Any) -> int:
        clock.now = at(7, 8)
        assert client.get(url_of(notice)).status_code == 200
        return count_queries(lambda: client.get(url_of(notice)))

    client.force_login(cast.staff)
    b = prepare_notice(actor=cast.secretary_b, now=JULY_5, review=approved(cast, branch=cast.branch_b), contact=CONTACT)
    post_notice(actor=cast.secretary_b, now=at(7, 7), notice=b, channels=["board"], posted_on=JULY_7)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=JULY_5)
    for number in range(20):
        member = make_member(cast.branch_a, f"党员{number}")
        make_event(batch, member, "dues", "2025-03", date=date(2025, 3, 10), year=2025)
    assert count(posted(cast)) == count(b)


def notify(user: User, cast: Cast, count: int) -> None:
    link = "/notices/"
    for _number in range(count):
        notify_users(users=[user], now=JULY_5, kind=KIND, branch=cast.branch_a, period="2025H1", link=link)


def test_everything_can_be_marked_as_read_at_once_and_nobody_elses(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    notify(cast.member_user_a, cast, 3)
    notify(cast.member_user_b, cast, 2)
    assert "消息 3条未读" in read(client, cast.member_user_a, "/notifications/")
    clock.now = at(7, 8)
    assert client.get("/notifications/read/").status_code == 405
    assert client.post("/notifications/read/", follow=True).redirect_chain == [("/notifications/", 302)]
    assert set(Notification.objects.filter(user=cast.member_user_a).values_list("read_at", flat=True)) == {at(7, 8)}
    assert Notification.objects.filter(user=cast.member_user_b, read_at=None).count() == 2
    page = read(client, cast.member_user_a, "/notifications/")
    assert "未读" not in page
    assert "全部标为已读" not in page


def test_the_list_of_messages_costs_the_same_queries_however_many(client: Client, cast: Cast) -> None:
    client.force_login(cast.member_user_a)
    notify(cast.member_user_a, cast, 1)
    assert client.get("/notifications/").status_code == 200
    few = count_queries(lambda: client.get("/notifications/"))
    notify(cast.member_user_a, cast, 59)
    assert count_queries(lambda: client.get("/notifications/")) == few
