"""Which years and halves a member can open, and what each says of where it stands and whom it counts."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from members.models import Exemption, Membership
from points.scoring.adoption import set_up_town
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_branch, make_event, make_member, make_membership, make_user
from tests.points.half_stages import HOUR, JULY, bring_to
from tests.scoring_site.portal.own_points import read, read_squares


def test_a_year_that_is_over(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a, "/?year=2025")
    assert "3.0 分 未定稿 2025年度积分3分" in page
    assert "比60分（合格线）少57分" in page
    assert "民主评议等次： 拟定不合格（由支部讨论决定）" in page
    squares = read_squares(client, recorded.member_user_a, "/?year=2025")
    assert squares["党课"] == "第1季度 得分 第2季度 支部未组织 第3季度 支部未组织 第4季度 支部未组织 3.0 /12"


@pytest.mark.parametrize("year", ["2024", "1999", "x", "", "02025"])
def test_only_adopted_years_can_be_opened(client: Client, recorded: Cast, year: str) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get(f"/?year={year}").status_code == 404


def test_the_years_are_offered_latest_first(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    html = client.get("/?year=2025").content.decode()
    assert re.findall(r'href="/\?year=(\d+)"( aria-current="page")?>\d', html) == [
        ("2026", ""),
        ("2025", ' aria-current="page"'),
    ]


def test_next_year_before_its_rules_the_latest_year_is_shown(
    client: Client, recorded: Cast, clock: FrozenClock
) -> None:
    clock.set(2027, 1, 5)
    page = read(client, recorded.member_user_a)
    assert "9.5 分 未定稿 2026年度积分9.5分" in page


def test_a_leaver_is_told_that_the_records_are_kept(client: Client, cast: Cast) -> None:
    user = make_user("left-a", member=cast.left_a)
    assert "您的组织关系已于2025年从本镇党支部转出或终止，该年度不计年度积分" in read(client, user, "/?year=2025")
    assert "2026年您不在本镇党支部名册中，该年度没有积分。" in read(client, user)


def test_part_of_a_year_is_said(client: Client, cast: Cast) -> None:
    member = make_member(cast.branch_a, "新来", since=date(2025, 9, 10), why=Membership.Why.TRANSFERRED_IN)
    page = read(client, make_user("new", member=member), "/?year=2025")
    assert "计分4个月。" in page
    assert "民主评议等次： 待评定" in page


def test_a_mover_belongs_to_the_branch_of_the_last_day(client: Client, recorded: Cast) -> None:
    make_membership(recorded.member_a, recorded.branch_b, date(2026, 3, 1), Membership.Why.MOVED)
    assert "甲镇 二支部 9.5" in read(client, recorded.member_user_a)
    assert "甲镇 一支部 3.0" in read(client, recorded.member_user_a, "/?year=2025")


def test_a_town_without_rules_has_a_page_of_its_own(client: Client, cast: Cast) -> None:
    bare = set_up_town(now=NOW, name="丙镇", years=(), settings={})
    member = make_member(make_branch(bare, "四支部"), "早来")
    assert "早来，欢迎您 本镇尚未启用任何年度的积分办法。" in read(client, make_user("early", member=member))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("draft", "未定稿 未定稿，以党支部核定、公示为准。"),
        ("submitted", "核定中 未定稿，党支部正在核定。"),
        ("approved", "已核定 党支部已核定，尚待公示。"),
        ("published", "公示中 已核定，正在公示；如有不同意见，可以提出异议。"),
        ("final", "已定稿 已定稿：已核定，公示已结束。"),
    ],
)
def test_a_half_says_where_it_stands_and_who_countersigned(client: Client, cast: Cast, state: str, said: str) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=JULY)
    make_event(batch, cast.member_a, "lecture", "2025Q1", date=date(2025, 3, 1), year=2025)
    bring_to(cast, state)
    page = read(client, cast.member_user_a, "/?year=2025&half=H1")
    assert f"张伟的2025年上半年积分 甲镇 一支部 3.0 分 {said}" in page
    assert ("书记签字确认：甲书记（2025-07-05支委会核定）" in page) == (state not in ("draft", "submitted"))
    assert ("书记尚未签字确认：由支部在半年核定时确认。" in page) == (state in ("draft", "submitted"))
    assert "还差" not in page


def test_who_is_exempt_since_the_approval_finds_the_half_that_stands(client: Client, cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=JULY)
    make_event(batch, cast.member_a, "lecture", "2025Q1", date=date(2025, 3, 1), year=2025)
    bring_to(cast, "approved")
    ground = {"ground": Exemption.Ground.UNABLE, "applied_on": date(2025, 9, 1), "decided_on": date(2025, 9, 2)}
    Exemption.objects.create(member=cast.member_a, from_date=date(2025, 10, 1), **ground)
    page = read(client, cast.member_user_a, "/?year=2025")
    assert "2025年度对您不实行积分制教育管理" in page
    assert "上半年已核定为3.0分，仍然有效。 我的半年积分确认" in page
    assert "3.0" in read(client, cast.member_user_a, "/results/")


@pytest.mark.parametrize("half", ["H3", "x", "h1", "H2'"])
def test_only_halves_of_the_year_can_be_opened(client: Client, recorded: Cast, half: str) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get("/", {"year": "2025", "half": half}).status_code == 404
    assert client.get("/?year=2026&half=H2").status_code == 404  # it has not begun


def test_both_halves_add_up_to_the_year_which_is_the_big_figure_of_the_second(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "dues", "2025-09", date=date(2025, 9, 9), year=2025)
    page = read(client, recorded.member_user_a, "/?year=2025&half=H2")
    assert "张伟的2025年下半年积分 甲镇 一支部 年度积分 4.0 分 未定稿" in page
    assert "上半年积分 3.0 下半年积分 1.0 年度积分 4.0" in page


def test_the_first_half_tells_of_its_own_periods_alone(client: Client, recorded: Cast) -> None:
    """As it was seen: "7月 未登记" on the page of the first half, beside a July that had earned its point."""
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "dues", "2025-07", date=date(2025, 7, 9), year=2025)
    page = read(client, recorded.member_user_a, "/?year=2025&half=H1")
    assert "6月 未登记 没有登记交纳。" in page
    assert "7月" not in page


def test_a_years_item_that_earned_in_the_first_half_stands_in_its_calendar(client: Client, recorded: Cast) -> None:
    batch = make_batch(recorded.recorder_a, recorded.town, recorded.branch_a)
    make_event(batch, recorded.member_a, "pledge", "2025", date=date(2025, 5, 9), year=2025)
    squares = read_squares(client, recorded.member_user_a, "/?year=2025&half=H1")
    assert (squares["承诺践诺"], squares["民主评议党员"]) == ("全年 得分 3.0 /3", "0.0 /3")


def test_a_year_with_a_second_half_alone_opens_it(client: Client, cast: Cast) -> None:
    """As it was seen: 我的半年积分 links to the second half of whoever came in autumn, and it was a 404."""
    member = make_member(cast.branch_a, "新来", since=date(2025, 9, 10), why=Membership.Why.TRANSFERRED_IN)
    user = make_user("new", member=member)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=NOW - 7 * HOUR)
    make_event(batch, member, "dues", "2025-10", date=date(2025, 10, 9), year=2025)
    bring_to(cast, "published", start=NOW - 6 * HOUR)
    bring_to(cast, "published", half="H2", start=NOW - 3 * HOUR)
    client.force_login(user)
    links = re.findall(r'href="(/\?year=2025[^"]*)"', client.get("/results/").content.decode())
    assert [unescape(link) for link in links] == ["/?year=2025&half=H2"]
    page = read(client, user, unescape(links[0]))
    assert "新来的2025年下半年积分 甲镇 一支部 年度积分 1.0 分" in page
    assert "上半年积分 — 下半年积分 1.0 年度积分 1.0" in page
    assert "“—”表示该半年不单列" in page
    client.force_login(user)
    assert client.get("/?year=2025&half=H1").status_code == 404
