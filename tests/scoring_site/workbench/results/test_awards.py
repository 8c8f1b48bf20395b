"""评先评优 on screen, as a workbook and on paper: the same members, to whoever may read them (4.3, 4.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from members.models import AuditEntry, Branch
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_member
from tests.points.half_stages import JANUARY
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.points.results.finished_year import earn, finish
from tests.scoring_site.screens import get, name_of, status
from veto.deciding import propose_deduction

NOW: datetime = JANUARY + timedelta(days=30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def february(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 7 February 2026; the year 2025 of branch A is final: 98, 85 and 62 points."""
    clock.now = NOW
    for member, incentive in zip(cast.members_a, (380, 250, 20), strict=True):
        earn(cast, member, incentive=incentive)
    finish(cast)
    return cast


def page_of(branch: Branch | None = None, name: str = "awards", **asked: str) -> str:
    chosen = {"branch": str(branch.pk)} if branch else {}
    return reverse(f"workbench:{name}", query={**chosen, **asked})


def test_the_year_before_is_shown_and_every_band_counted(february: Cast, client: Client) -> None:
    page = get(client, february.committee_a, page_of())
    first, second, third = (member.name for member in february.members_a)
    assert first in page
    assert second in page
    assert third not in page
    assert "有资格，优先推荐" in page
    assert third in get(client, february.committee_a, page_of(band="passed"))
    counts = client.get(page_of()).context["counts"]
    assert [many for _words, many, _use in counts] == [1, 1, 1, 0]


def test_a_certificate_of_each_who_is_admitted_and_of_nobody_else(february: Cast, client: Client) -> None:
    client.force_login(february.recorder_a)
    response = client.get(page_of(name="award_certificates"))
    assert name_of(response) == "一支部-2025年-评先评优积分证明.pdf"
    first, second = map(squeeze, read_pages(response.content))
    for member, text, points, is_first in zip(
        february.members_a, (first, second), (98, 85), (True, False), strict=False
    ):
        assert f"{member.name}同志系甲镇一支部党员" in text
        assert f"积分为{points}分" in text
        assert ("优先推荐" in text) is is_first
    alone = client.get(page_of(name="award_certificates", member=str(february.members_a[1].pk)))
    assert len(read_pages(alone.content)) == 1
    # Who is below the mark gets the reason in words, and no paper.
    refused = client.get(page_of(name="award_certificates", member=str(february.members_a[2].pk)), follow=True)
    assert "没有可出具积分证明的党员" in refused.content.decode()


def test_a_matter_open_is_said_without_its_kind(february: Cast, client: Client) -> None:
    propose_deduction(
        actor=february.recorder_a,
        now=NOW,
        member=february.members_a[0],
        item="gambling",
        date=date(2025, 12, 20),
        particulars="群众反映",
        papers="派出所文书",
    )
    page = get(client, february.committee_a, page_of())
    assert "有未办结事项" in page
    assert "有扣分或一票否决尚未作出决定" not in page
    pages = read_pages(client_of(client, february).get(page_of(name="award_certificates")).content)
    assert [february.members_a[1].name in text for text in pages] == [True]


def client_of(client: Client, cast: Cast) -> Client:
    client.force_login(cast.recorder_a)
    return client


def test_the_workbook_has_what_the_list_shows(february: Cast, client: Client) -> None:
    response = client_of(client, february).post(page_of(name="export_awards"))
    assert name_of(response).startswith("一支部-2025年-评先评优积分名单-2026")
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).worksheets[0]  # type: ignore[attr-defined]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]
    first, second, _third = february.members_a
    assert rows == [
        (1, "一支部", first.name, "正式党员", 98, "是", "是", None, "否"),
        (2, "一支部", second.name, "正式党员", 85, "是", "否", None, "否"),
    ]
    assert AuditEntry.objects.get(verb="export_award_list").new == {"year": 2025, "count": 2}


def test_nobody_reads_another_branch(february: Cast, client: Client) -> None:
    stranger = make_member(february.branch_b, "郑外人")
    for name in ("awards", "export_awards", "award_certificates"):
        assert status(client, february.recorder_a, page_of(february.branch_b, name=name)) == 404
    assert status(client, february.committee_a, page_of(name="export_awards")) == 403
    assert status(client, february.committee_a, page_of(name="award_certificates")) == 403
    assert stranger.name not in get(client, february.recorder_a, page_of())


def test_a_band_that_is_none_is_said(february: Cast, client: Client) -> None:
    assert "没有“abc”这一分数段。" in get(client, february.committee_a, page_of(band="abc"))
