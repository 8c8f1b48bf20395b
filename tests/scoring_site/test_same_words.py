"""Absence reads as absence and an excuse as an excuse, in the same words wherever a square is shown (D24, W2)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.models import Membership
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.meetings.month import read_month
from points.models import Meeting
from points.papers.annual.report import read_annual_report
from points.papers.reviews.result_slips import build_slips
from points.papers.reviews.table import build_review_paper, render_review_paper
from points.reviews.steps import open_review
from points.reviews.table import read_review_table
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import current_lines
from points.scoring.squares import Square
from points.ticks.sheet import CellState, read_sheet
from tests.cast import Cast
from tests.factories import NOW, make_member, make_user
from tests.points.half_stages import HOUR, JULY, bring_to, line_of, record_dues, score_of
from tests.scoring_site.portal.own_points import read_squares
from tests.scoring_site.portal.world import veto
from tests.scoring_site.screens import get
from tests.scoring_site.workbench.reviews.addresses import url


@pytest.fixture
def held(cast: Cast) -> Meeting:
    """张伟 was absent from last year's November activity day, 李娜 excused; of December nobody has a record."""
    zhang, li, zeng = cast.members_a
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2025, 11, 10),
        kinds=[("party_day", "2025-11")],
        statuses={zhang.pk: "absent", li.pk: "excused", zeng.pk: "attended"},
    )


def test_the_member_reads_it_in_the_portal(held: Meeting, cast: Cast, client: Client) -> None:
    page = get(client, cast.member_user_a, "/?year=2025")
    squares = read_squares(client, cast.member_user_a, "/?year=2025")
    assert "10月 支部未组织 11月 缺席 12月 支部未组织" in squares["党员活动日"]
    assert (
        "11月 缺席 2025-11-10的党员活动日，登记为缺席（甲记录员登记）。下半年提交核定前可以补课，补课后得分。"
    ) in page
    assert "如您已参加" not in page.split("党员活动日 0.0 / 12")[1].split("党课 0.0 / 12")[0]


def test_the_workbench_says_the_same_of_the_member(held: Meeting, cast: Cast, client: Client) -> None:
    zhang, li, _zeng = cast.members_a
    address = "workbench:members_member_change"
    page = get(client, cast.secretary_a, reverse(address, args=[zhang.pk]) + "?year=2025")
    assert "10月 支部未组织 11月 缺席 12月 支部未组织" in page
    page = get(client, cast.secretary_a, reverse(address, args=[li.pk]) + "?year=2025")
    assert "10月 支部未组织 11月 请假 12月 支部未组织" in page


def test_the_month_and_the_tick_sheet(held: Meeting, cast: Cast, client: Client) -> None:
    page = get(client, cast.recorder_a, reverse("workbench:month") + "?month=2025-11")
    assert "缺席 11-10" in page
    assert "请假 11-10" in page
    assert "√ 11-10" in page
    page = get(client, cast.recorder_a, reverse("workbench:month") + "?month=2025-12")
    assert "支部未组织" in page
    client.force_login(cast.recorder_a)
    address = reverse("workbench:ticks", args=[cast.branch_a.pk]) + "?item=party_day&year=2025"
    html = client.get(address).content.decode()
    assert '<td class="missed absent">缺</td>' in html
    assert '<td class="missed excused">假</td>' in html
    for word in ("得分", "请假", "缺席", "支部未组织", "未登记", "未到期", "不计分期间"):
        assert f"</span> {word}</li>" in html
    [cell] = [
        cell
        for cell in client.get(
            reverse("workbench:tick_cells", args=[cast.branch_a.pk]) + "?item=party_day&year=2025"
        ).json()["cells"]
        if cell[:2] == [cast.member_a.pk, "2025-11"]
    ]
    assert (cell[2], cell[5:]) == ("missed", ["缺", "missed absent", held.pk])


def test_the_review_and_its_signed_paper(held: Meeting, cast: Cast) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H2")
    table = read_review_table(review, actor=cast.secretary_a, on=NOW.date())
    flags: list[dict[str, Any]] = [{flag.kind: (flag.label, flag.detail) for flag in row.flags} for row in table.rows]
    assert flags[0]["absent"] == ("缺席1项", "党员活动日 11月")
    assert flags[1]["excused"] == ("请假1项", "党员活动日 11月")
    assert "absent" not in flags[2]
    assert "党员活动日" not in flags[0]["gap"][1]
    paper = render_review_paper(build_review_paper(review=review, actor=cast.secretary_a, now=NOW))
    assert "缺席1项（党员活动日 11月）" in paper
    assert "请假1项（党员活动日 11月）" in paper
    assert "未登记" in paper
    assert "缺记录" not in paper


def test_what_was_held_before_somebody_came_is_no_gap_of_theirs(held: Meeting, cast: Cast, client: Client) -> None:
    """As it was seen: "the member is not on that list" of a meeting held two weeks before they were admitted (D16)."""
    late = make_member(cast.branch_a, "后来", since=date(2025, 11, 24), why=Membership.Why.ADMITTED)
    user = make_user("late", member=late)
    squares = read_squares(client, user, "/?year=2025")
    assert "10月 不计分期间 11月 不计分期间 12月 支部未组织" in squares["党员活动日"]
    assert "2025-11-10" not in get(client, user, "/?year=2025")
    address = reverse("workbench:members_member_change", args=[late.pk]) + "?year=2025"
    assert "10月 不计分期间 11月 不计分期间 12月 支部未组织" in get(client, cast.secretary_a, address)
    cell = read_sheet(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, item="party_day", year=2025).cells[
        late.pk, "2025-11"
    ]
    assert (cell.state, cell.square) == (CellState.OUTSIDE, Square.OUT_OF_SCOPE)
    assert "2025-11-24" in cell.explanation
    month = read_month(cast.branch_a, "2025-11", rulebook=rulebook_for(cast.town, 2025), now=NOW)
    [row] = [row for row in month.rows if row.member == late]
    assert [square for kind, square in zip(month.kinds, row.squares, strict=True) if kind.item.code == "party_day"] == [
        Square.OUT_OF_SCOPE
    ]
    review = open_review(branch=cast.branch_a, year=2025, half="H2")
    table = read_review_table(review, actor=cast.secretary_a, on=NOW.date())
    [details] = [[flag.detail for flag in row.flags] for row in table.rows if row.member == late]
    assert any("党课" in detail for detail in details)
    assert all("11月" not in detail for detail in details if "党员活动日" in detail)


def test_a_final_half_says_of_each_month_what_the_roster_says(held: Meeting, cast: Cast, client: Client) -> None:
    """As it was seen: "1月 未登记" with advice, on four pages of somebody who joined in November (D16)."""
    late = make_member(cast.branch_a, "后来", since=date(2025, 11, 20), why=Membership.Why.ADMITTED)
    user = make_user("late", member=late)
    bring_to(cast, "final", start=NOW - 6 * HOUR)
    review = bring_to(cast, "final", half="H2", start=NOW - 3 * HOUR)
    before = " ".join(f"{month}月 不计分期间" for month in range(1, 11))
    own = [
        get(client, user, address) + " ".join(read_squares(client, user, address).values())
        for address in ("/?year=2025", "/?year=2025&half=H2")
    ]
    pages = [
        get(client, cast.secretary_a, reverse("workbench:members_member_change", args=[late.pk]) + "?year=2025"),
        get(client, cast.secretary_a, url("line", review.pk, late.pk)),
    ]
    for page in (*own, *pages):
        assert f"{before} 11月 未登记 12月 未登记" in page  # dues
        assert f"{before} 11月 不计分期间 12月 支部未组织" in page  # activity days: that of the 10th was before
        assert "第1季度 不计分期间 第2季度 不计分期间 第3季度 不计分期间 第4季度 支部未组织" in page
        assert "2025-11-10" not in page
    table = read_review_table(review, actor=cast.secretary_a, on=NOW.date())
    [flags] = [{flag.kind: (flag.label, flag.detail) for flag in row.flags} for row in table.rows if row.member == late]
    assert flags["gap"] == ("未登记2项", "交纳党费 11月、12月")
    assert flags["part_year"][0] == "计分2个月"
    paper = render_review_paper(build_review_paper(review=review, actor=cast.secretary_a, now=NOW))
    assert "未登记2项（交纳党费 11月、12月）；计分2个月" in paper
    assert line_of(review, late).payload.count('"in_scheme":[["2025-11-20",null]]') == 1
    assert list(verify_ledger()) == []


def test_a_second_half_below_0_has_no_figure_anywhere(cast: Cast, client: Client) -> None:
    """As it was seen: -41.5 on the line's page, the review, its paper and the annual report, — on all others (D8)."""
    zhang = cast.member_a
    record_dues(cast, month=3, now=JULY)
    bring_to(cast, "final")
    veto(cast)
    review = bring_to(cast, "final", half="H2", start=NOW - 3 * HOUR)
    assert score_of(review, zhang).half_score == -10
    address = reverse("workbench:members_member_change", args=[zhang.pk]) + "?year=2025"
    pages = {
        "line": get(client, cast.secretary_a, url("line", review.pk, zhang.pk)),
        "review": get(client, cast.secretary_a, url("change", review.pk)),
        "member": get(client, cast.secretary_a, address),
        "own year": get(client, cast.member_user_a, "/?year=2025"),
        "own half": get(client, cast.member_user_a, "/?year=2025&half=H2"),
        "own results": get(client, cast.member_user_a, "/results/"),
        "table": render_review_paper(build_review_paper(review=review, actor=cast.secretary_a, now=NOW)),
    }
    # 1 of March, and what the veto takes of the year: nothing else is below 0.
    said = {name: re.sub(r"一票否决，年度积分为0分\S* -1\.0", "", page) for name, page in pages.items()}
    assert {name: "-1.0" in page for name, page in said.items()} == dict.fromkeys(pages, False)
    assert "上半年积分 1.0 下半年积分 — 全年累计： 基础分 +1.0" in pages["line"]
    assert (
        "上半年积分 1.0 下半年积分 — 年度积分 0.0 下面列的是全年累计；“—”表示该半年不单列，以年度积分为准。"
        in pages["own half"]
    )
    assert (
        '<td class="sum">1.0</td>\n            <td class="sum">—</td>\n            <td class="sum">0.0</td>'
        in pages["table"]
    )
    [slip] = [slip for slip in build_slips(current_lines(review)) if slip.name == "张伟"]
    assert (slip.first_half, slip.half, slip.annual, slip.adds_up) == ("1.0", "—", "0.0", False)
    [row] = [
        row
        for branch in read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025).branches
        for row in branch.rows
        if row.name == "张伟"
    ]
    assert row.figures is not None
    assert (row.figures.first_half, row.figures.second_half, row.figures.total) == (10, -10, 0)


def test_one_name_for_what_members_answer(cast: Cast, client: Client) -> None:
    """As it was seen: 告知与申辩 in 更多, another name on its pages and in both papers, which send members there."""
    name = "告知与申辩"
    assert name in get(client, cast.member_user_a, reverse("more"))
    assert name in get(client, cast.member_user_a, reverse("hearings"))
    for paper in ("hearing_notice", "decision_letter"):
        assert f"登录后在“{name}”中" in (settings.BASE_DIR / f"templates/veto/{paper}.html").read_text()
