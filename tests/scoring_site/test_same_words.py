"""Absence reads as absence and an excuse as an excuse, in the same words wherever a square is shown (D24, W2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Membership
from points.meetings.holding import record_meeting
from points.meetings.month import read_month
from points.models import Meeting
from points.papers.reviews.table import build_review_paper, render_review_paper
from points.reviews.steps import open_review
from points.reviews.table import read_review_table
from points.scoring.adoption import rulebook_for
from points.scoring.squares import Square
from points.ticks.sheet import CellState, read_sheet
from tests.cast import Cast
from tests.factories import NOW, make_member, make_user
from tests.scoring_site.screens import get


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
    assert "10月 支部未组织 11月 缺席 12月 支部未组织" in page
    assert (
        "11月 缺席 2025-11-10的党员活动日，登记为缺席（甲记录员登记）。下半年提交核定前可以补课，补课后得分。"
    ) in page
    assert "如您已参加" not in page.split("党课")[0]


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
    page = get(client, make_user("late", member=late), "/?year=2025")
    assert "10月 不计分期间 11月 不计分期间 12月 支部未组织" in page
    assert "2025-11-10" not in page
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
