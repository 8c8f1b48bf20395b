"""积分一览: the figures of the annual report for whoever may read them, filtered, sorted, taken out as shown."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from members.models import Appointment, AuditEntry, Branch, User
from points.papers.annual.report import read_annual_report
from points.papers.scores.reading import ScoreLine, read_grid, read_scores
from points.rules.rulebook import load_shipped_rulebook
from points.scoring.squares import Square
from tests.cast import Cast
from tests.clock import SHANGHAI, FrozenClock
from tests.exemptions import exempt_member
from tests.factories import appoint, make_branch, make_member, make_user
from tests.points.half_stages import JANUARY
from tests.points.results.finished_year import earn, finish
from tests.scoring_site.screens import get, name_of, status
from tests.work import count_queries

NOW = JANUARY + timedelta(days=30)
MARCH = datetime(2025, 3, 3, 10, tzinfo=SHANGHAI)
TODAY = date(2026, 2, 7)

pytestmark = pytest.mark.django_db


@pytest.fixture
def february(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 7 February 2026; in 2025 张伟 has 98 points, the second member 62, the others none."""
    clock.now = NOW
    earn(cast, cast.members_a[0], incentive=380)
    earn(cast, cast.members_a[1], incentive=20)
    return cast


def page_of(branch: Branch | None = None, name: str = "scores", **asked: str) -> str:
    chosen = {"branch": str(branch.pk)} if branch else {}
    return reverse(f"workbench:{name}", query={"year": "2025", **chosen, **asked})


def read(cast: Cast, *branches: Branch) -> tuple[ScoreLine, ...]:
    return read_scores(cast.town, branches, rulebook=load_shipped_rulebook(), year=2025, on=TODAY)


def names_on(client: Client, user: User, address: str) -> list[str]:
    client.force_login(user)
    return [row["line"].member.name for row in client.get(address).context["rows"]]


def cells_of(response: Any) -> list[tuple[Any, ...]]:
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).worksheets[0]
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("is_final", [False, True])
def test_the_figures_are_those_of_the_annual_report(is_final: bool, february: Cast) -> None:
    if is_final:
        finish(february)
    report = read_annual_report(actor=february.staff, now=NOW, town=february.town, year=2025)
    reported = {
        (branch.name, row.name): (row.figures.total, row.figures.first_half, row.figures.second_half)
        for branch in report.branches
        for row in branch.rows
        if row.figures is not None
    }
    lines = read(february, february.branch_a, february.branch_b)
    listed = {
        (line.branch, line.member.listed_name): (line.total, line.first_half, line.second_half)
        for line in lines
        if line.total is not None
    }
    assert listed == reported
    assert listed["一支部", "张伟"][0] == 980


def test_what_is_missing_and_how_far_the_next_mark_is(february: Cast) -> None:
    best, second, third = read(february, february.branch_a)[:3]
    assert (best.mark, best.to_mark, best.gap_count, best.shown_distance) == (None, None, 0, "")
    assert (second.total, second.mark, second.to_mark, second.shown_distance) == (620, 800, 180, "距80分差18分")
    # Others of the branch have it all recorded: it was held.
    assert (third.total, third.to_mark, third.gaps) == (0, 600, {Square.NO_RECORD: third.gap_count})
    assert third.gap_count == len(third.squares) == len(best.squares)
    assert third.shown_gaps == f"未登记{third.gap_count}"


def test_the_grid_counts_who_earned_of_whom_it_asks(february: Cast) -> None:
    march = date(2025, 3, 3)
    about: dict[str, Any] = {"actor": february.system, "now": MARCH, "member": february.members_a[2]}
    exempt_member(**about, applied_on=march, decided_on=march, from_date=march)
    lines = read(february, february.branch_a)
    dues = read_grid(lines, load_shipped_rulebook(), 2025)[0]
    scored = sum(line.total is not None for line in lines)
    assert (dues.name, scored) == ("交纳党费", 2)
    assert [(cell.months, cell.earned, cell.of) for cell in dues.cells] == [(1, 2, scored)] * 12
    assert read_grid(read(february, february.branch_b), load_shipped_rulebook(), 2025)[1].cells[0].is_held is False


def test_filters_and_orders(february: Cast, client: Client) -> None:
    first, second, *rest = (member.name for member in february.members_a)
    who = february.recorder_a
    assert names_on(client, who, page_of(band="excellent")) == [first]
    assert names_on(client, who, page_of(band="passed")) == [second]
    assert set(names_on(client, who, page_of(band="below"))) >= set(rest)
    assert names_on(client, who, page_of(sort="-total"))[:2] == [first, second]
    assert names_on(client, who, page_of(sort="total", band="excellent")) == [first]
    ordered = names_on(client, who, page_of(sort="total"))
    assert [name for name in ordered if name in (first, second)] == [second, first]
    assert names_on(client, who, page_of(q=first)) == [first]
    page = get(client, who, page_of(sort="-total"))
    assert "60分以上、不足80分" in page
    assert "98.0" in page


def test_the_list_is_named_after_whose_scores_it_shows(february: Cast, client: Client) -> None:
    cast = february
    general = make_branch(cast.town, "总支")
    Branch.objects.filter(pk=cast.branch_b.pk).update(parent=general)
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    for user, branch, about in (
        (head, None, general),
        (head, cast.branch_b, cast.branch_b),
        (cast.secretary_a, None, cast.branch_a),
        (cast.staff, None, cast.town),
    ):
        client.force_login(user)
        assert client.get(page_of(branch)).context["about"] == about


def test_a_wrong_filter_is_answered_in_a_sentence(february: Cast, client: Client) -> None:
    page = get(client, february.recorder_a, page_of(band="abc", sort="height", page="999", year="xx", colour="red"))
    assert "本镇没有“xx”年度的积分细则，现显示2026年。" in page
    assert "本列表没有“colour”这一筛选条件，未按它筛选。" in page
    assert "没有“abc”这一分数段。" in page
    assert "列表不能按“height”排序。" in page
    assert february.members_a[0].name in page


def test_nobody_reads_another_branch(february: Cast, client: Client) -> None:
    stranger = make_member(february.branch_b, "郑外人")
    assert status(client, february.recorder_a, page_of(february.branch_b)) == 404
    assert status(client, february.recorder_a, page_of(february.branch_b, name="export_scores")) == 404
    assert stranger.name not in get(client, february.recorder_a, page_of())
    assert stranger.name in get(client, february.staff, page_of())
    assert status(client, february.committee_a, page_of(name="export_scores")) == 403


def test_the_workbook_has_what_the_list_shows(february: Cast, client: Client) -> None:
    client.force_login(february.recorder_a)
    response = client.post(page_of(name="export_scores", band="passed"))
    assert name_of(response).startswith("一支部-2025年-积分一览-20260")
    headings, row = cells_of(response)
    shown = dict(zip(headings, row, strict=True))
    assert (shown["姓名"], shown["年度积分"], shown["距下一分数线"]) == (february.members_a[1].name, 62, "距80分差18分")
    assert shown["基础分"] + shown["激励分"] == shown["年度积分"]
    assert AuditEntry.objects.get(verb="export_scores").new == {"year": 2025, "count": 1}


def test_as_many_queries_for_many_branches(february: Cast) -> None:
    few = count_queries(lambda: read(february, february.branch_a))
    others = [make_branch(february.town, f"新支部{number}") for number in range(5)]
    for branch in others:
        make_member(branch, f"新人{branch.pk}")
    assert count_queries(lambda: read(february, february.branch_a, february.branch_b, *others)) == few


def test_a_branch_s_page_shows_its_year_and_the_ways_on(february: Cast, client: Client) -> None:
    address = reverse("workbench:members_branch_change", args=[february.branch_a.pk], query={"year": "2025"})
    page = get(client, february.committee_a, address)
    assert "2/" in page
    assert "交纳党费" in page
    client.force_login(february.committee_a)
    context = client.get(address).context
    ways = dict(context["ways"])
    assert ways["积分一览"] == reverse("workbench:scores", query={"branch": february.branch_a.pk})
    assert "操作日志" not in ways
    assert context["standing"].count == len(february.members_a) == 3
    client.force_login(february.supervisor)
    assert "操作日志" in dict(client.get(address).context["ways"])
