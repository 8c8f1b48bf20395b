"""全镇总览 as a paper and a workbook: one A4 page however many branches, the page's own figures, nobody's name."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from members.errors import NotAllowed
from members.models import AuditEntry, Branch, User
from points.rules.rulebook import load_shipped_rulebook
from scoring_site.overview.exports import export_overview
from scoring_site.workbench.overview.paper import describe_paper, write_overview
from scoring_site.workbench.overview.reading import list_watched, read_overview
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_branch, make_event, make_member, make_overseer
from tests.pages import browse
from tests.points.papers.pdf_text import read_pages, squeeze

pytestmark = pytest.mark.django_db
ON = date(2025, 7, 20)
RULEBOOK = load_shipped_rulebook()


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    clock.set(2025, 7, 20)
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    for member in cast.members_a[:2]:
        make_event(batch, member, period="2025-05", year=2025, date=date(2025, 5, 9))
    return cast


def read(cast: Cast, user: User) -> Any:
    branches = [branch for branch in list_watched(user, on=ON) if branch.town_id == cast.town.pk]
    return read_overview(user, cast.town, branches, rulebooks={2025: RULEBOOK}, year=2025, on=ON)


def sheets_of(response: Any) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book.worksheets}


def test_the_paper_is_one_page_and_says_what_the_page_says(july: Cast) -> None:
    overview = read(july, july.staff)
    (page,) = read_pages(write_overview(july.staff, overview))
    text = squeeze(page)
    for said in (
        "甲镇支部积分工作总览",
        "2025年度（年度尚未结束",
        "二支部",
        "逾期的支部",
        "6个月没有党费记录",
        "积分分布",
    ):
        assert squeeze(said) in text
    for unsaid in (july.member_a.name, july.members_a[1].name, "不合格", "三支部"):
        assert unsaid not in text


@pytest.mark.slow
@pytest.mark.parametrize(("branches", "named"), [(15, 8), (38, 6), (60, 5)])
def test_many_branches_stand_on_one_page_too(branches: int, named: int, july: Cast) -> None:
    for number in range(branches - 2):
        make_member(make_branch(july.town, f"云岭茶叶专业合作社第{number}党支部", position=number), f"党员{number}")
    overview = read(july, july.staff)
    assert len(overview.rows) == branches
    (page,) = read_pages(write_overview(july.staff, overview))
    assert squeeze(page).count("合作社第") >= branches - 2
    assert describe_paper(july.staff, overview)["late_more"] == branches - named
    assert f"另有{branches - named}个支部逾期" in squeeze(page)


def test_the_workbook_holds_the_same_and_the_log_says_who_took_it_out(july: Cast) -> None:
    client = browse(july.staff)
    address = reverse("workbench:export_overview", query={"year": "2025"})
    assert "没有党员姓名" in client.get(address).content.decode()
    assert not AuditEntry.objects.filter(verb="export_overview").exists()
    response = client.post(address)
    assert "党员" not in response["Content-Disposition"]
    sheets = sheets_of(response)
    assert list(sheets) == ["登记进度", "核定与公示", "积分分布", "逾期与待办"]
    rows = sheets["登记进度"]
    assert rows[0][0] == "甲镇 2025年度 2025-07-20"
    assert ("一支部", "交纳党费", "5月", 3, 2, 1, None) in rows
    assert ("一支部", "交纳党费", "6月", 3, 0, 3, "未登记") in rows
    assert ("一支部", "交纳党费", "7月", 3, 0, 3, "未到期") in rows
    assert not [row for row in rows if row[2] == "8月"]
    assert ("一支部", "2025年上半年", "尚未开启", None, None, 3, 0.67) in sheets["核定与公示"]
    assert sheets["积分分布"][2][1] == 6
    late = {row[0]: row[1:3] for row in sheets["逾期与待办"][2:]}
    assert late["二支部"] == ("6个月没有党费记录，最早是2025年1月（逾期170天）", 170)
    named = {member.name for member in (*july.members_a, *july.members_b)}
    assert not [cell for sheet in sheets.values() for row in sheet for cell in row if cell in named]
    entry = AuditEntry.objects.get(verb="export_overview")
    assert (entry.actor, entry.new) == (july.staff, {"year": 2025, "count": 2})


def test_who_reads_them_all_takes_them_out_and_nobody_else(july: Cast) -> None:
    overseer = make_overseer(july.branch_a)
    for user, names in ((july.supervisor, {"一支部", "二支部"}), (overseer, {"一支部"})):
        for name in ("overview_paper", "export_overview"):
            assert browse(user).get(reverse(f"workbench:{name}", query={"year": "2025"})).status_code == 200
        sheets = sheets_of(browse(user).post(reverse("workbench:export_overview", query={"year": "2025"})))
        assert {row[0] for row in sheets["登记进度"][2:]} == names
        assert "二支部" in names or "二支部" not in str(sheets)
    for user in (july.recorder_a, july.committee_a):
        for name in ("overview_paper", "export_overview"):
            assert browse(user).get(reverse(f"workbench:{name}")).status_code == 403
    every = list(Branch.objects.filter(town=july.town))
    for user in (overseer, july.recorder_a, july.other_staff, july.outsider):
        with pytest.raises(NotAllowed):
            export_overview(actor=user, now=july.staff.date_joined, town=july.town, year=2025, branches=every)
    assert AuditEntry.objects.filter(verb="export_overview").count() == 2
    other = reverse("workbench:export_overview", query={"town": str(july.other_town.pk)})
    assert browse(july.staff).get(other).status_code == 404


def test_a_year_without_a_rulebook_has_neither(july: Cast) -> None:
    july.town.assessment_years.all().delete()
    for name in ("overview_paper", "export_overview"):
        assert browse(july.staff).get(reverse(f"workbench:{name}")).status_code == 404
