"""A final year on paper: the frozen lines, 已定稿, decided ratings, days and the chain's head."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from points.models import Freeze, PointEvent
from points.papers.annual.report import read_annual_report
from points.papers.annual.workbook import write_annual_workbook
from points.papers.record_form.form import build_member_form
from points.papers.record_form.pdf import write_record_form
from points.results.ratings import decide_ratings
from points.reviews.steps import reopen_review
from points.scoring.freezing import chain_head
from tests.cast import Cast
from tests.flush import without_ledger_triggers
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, record_dues
from tests.points.papers.pdf_text import read_pages, squeeze

NOW = JANUARY + timedelta(days=30)


def settle(cast: Cast) -> None:
    """Branch A: 张伟 has 3 points in the first half and 1 in the second; the year is final."""
    for month in (1, 2, 3):
        record_dues(cast, month=month, now=JULY)
    bring_to(cast, "final", start=JULY + HOUR)
    record_dues(cast, month=9, now=JULY + timedelta(days=90))
    bring_to(cast, "final", half="H2")


def write(cast: Cast, **given: Any) -> Any:
    file = BytesIO()
    write_annual_workbook(read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025, **given), file)
    return openpyxl.load_workbook(file)


@pytest.mark.django_db
def test_a_final_branch_is_printed_as_it_was_frozen(cast: Cast) -> None:
    settle(cast)
    event = PointEvent.objects.get(period="2025-09")
    with without_ledger_triggers():  # past every lock: the paper still says what was frozen
        PointEvent.objects.filter(pk=event.pk).update(voided_at=NOW, voided_by=cast.staff, void_reason="越权")
    report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025)
    figures = report.branches[0].rows[0].figures
    assert figures is not None
    assert (figures.total, figures.first_half, figures.second_half, figures.base_items[0]) == (40, 30, 10, 40)
    assert [branch.is_final for branch in report.branches] == [True, False]
    assert report.is_final is False
    assert report.branches[0].days == (JULY.date(), JULY.date(), JANUARY.date(), JANUARY.date())
    assert report.branches[1].days == (None, None, None, None)


@pytest.mark.django_db
def test_a_report_of_final_branches_says_so_and_shows_the_head(cast: Cast) -> None:
    settle(cast)
    head = chain_head(cast.branch_a)
    assert head is not None
    mixed, final = write(cast), write(cast, branch=cast.branch_a)
    assert "未定稿" in mixed["年度积分"]["A2"].value
    assert final["年度积分"]["A2"].value.split(" · ")[2] == "已定稿"
    notes = {row[0].value: row[1].value for row in final["说明"].iter_rows(min_row=3)}
    assert notes["校验码：一支部"] == f"第2号 {head.hash}"
    summary = [cell.value for cell in final["支部汇总"][4]]
    assert [day.date() for day in summary[-4:]] == [JULY.date(), JULY.date(), JANUARY.date(), JANUARY.date()]


@pytest.mark.django_db
def test_decided_ratings_are_printed_while_the_year_is_final(cast: Cast) -> None:
    settle(cast)

    def ratings() -> list[str]:
        return [
            row.rating
            for row in read_annual_report(
                actor=cast.staff, now=NOW, town=cast.town, year=2025, branch=cast.branch_a
            ).rows
        ]

    assert ratings() == ["proposed_fail", "proposed_fail", "proposed_fail", ""]
    decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={cast.member_a.pk: "unqualified", cast.members_a[1].pk: "deferred"},
        met_on=date(2026, 2, 1),
        settle_by=date(2026, 3, 31),
        is_unrelated=True,
    )
    assert ratings() == ["unqualified", "deferred", "proposed_fail", ""]
    reopen_review(actor=cast.staff, now=NOW, review=cast.branch_a.reviews.get(half="H2"), reason="上级核查")
    assert ratings() == ["proposed_fail", "proposed_fail", "proposed_fail", ""]


@pytest.mark.django_db
def test_the_record_form_says_final_and_shows_the_head(cast: Cast) -> None:
    form = build_member_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False)
    assert form is not None
    assert (form.state[:3], form.link) == ("未定稿", None)
    settle(cast)
    head = Freeze.objects.get(branch=cast.branch_a, sequence=2)
    form = build_member_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False)
    assert form is not None
    assert (form.state, form.link, form.total) == ("已定稿", (2, head.hash), 40)
    pages = read_pages(write_record_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False))
    assert f"校验码（第2号）：{head.hash}" in squeeze("".join(pages))
    left = build_member_form(member=cast.left_a, year=2025, now=NOW, with_grounds=False)
    assert left is not None
    assert left.state.startswith("未定稿")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("submitted", "未定稿（2025年度积分待支部核定）"),
        ("approved", "未定稿（2025年度积分已核定，待公示）"),
        ("published", "未定稿（2025年度积分公示中）"),
        ("final", "已定稿"),
    ],
)
def test_the_record_form_says_how_far_the_year_is(cast: Cast, state: str, said: str) -> None:
    bring_to(cast, "final", start=JULY + HOUR)
    bring_to(cast, state, half="H2")
    form = build_member_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False)
    assert form is not None
    assert form.state == said
