"""积分登记册: the index names the right pages, and each page adds up to the scores the ledger gives."""

from __future__ import annotations

from datetime import date

import pytest

from points.errors import NoRulebook, NothingToPrint
from points.papers.ledger.booklet import write_register
from points.papers.ledger.register import read_member_pages
from points.papers.record_form.form import build_branch_forms
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, base_entry, incentive_entry, make_branch, make_member
from tests.points.papers.messy_town import build_messy_town
from tests.points.papers.pdf_text import read_pages, squeeze


@pytest.fixture
def played(cast: Cast) -> Cast:
    zhang, li, _zeng = cast.members_a
    entries = [
        base_entry(zhang, "dues", "2026-01"),
        base_entry(zhang, "dues", "2026-03", date(2026, 3, 8)),
        base_entry(zhang, "lecture", "2026Q1", date(2026, 3, 10)),
        incentive_entry(zhang, points=15, day=date(2026, 3, 2), led=True),
        incentive_entry(zhang, points=10, day=date(2026, 2, 2)),
        incentive_entry(li, points=10, day=date(2026, 2, 2)),
    ]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    return cast


def test_a_page_has_the_base_items_by_month_and_the_incentive_records_by_day(played: Cast) -> None:
    page, *others = read_member_pages(branch=played.branch_a, year=2026)
    assert [each.name for each in (page, *others)] == ["张伟", "李娜", "曾国华"]
    rows = {row.name: row for row in page.base_rows}
    assert [cell.shown for cell in rows["交纳党费"].cells] == ["1", "", "1", *[""] * 9]
    assert [(cell.span, cell.shown) for cell in rows["党课"].cells] == [(3, "3"), (3, ""), (3, ""), (3, "")]
    assert (rows["交纳党费"].points, rows["交纳党费"].most, rows["党课"].points) == (20, 120, 30)
    assert [(row.day, row.points, row.content) for row in page.incentive_rows] == [
        (date(2026, 2, 2), 10, ""),
        (date(2026, 3, 2), 30, "带头作用，双倍"),
    ]
    assert (page.base_total, page.incentive_total, page.deduction_total) == ("5.0", "4.0", "0.0")
    assert (page.rows_total, page.total, page.first_half, page.second_half) == (90, 90, "9.0", "0.0")


def test_every_page_adds_up_with_its_adjustments(played: Cast) -> None:
    zhang = played.members_a[0]
    entries = [incentive_entry(zhang, points=40, day=date(2026, 3, day)) for day in (3, 4)]
    record_events(actor=played.recorder_a, now=NOW, town=played.town, entries=entries)
    pages = read_member_pages(branch=played.branch_a, year=2026)
    for page in pages:
        assert page.rows_total + sum(part.points for part in page.adjustments) == page.total
    assert any(page.adjustments for page in pages)


def test_deductions_and_vetoes_stand_without_their_grounds_and_the_pages_still_add_up(db: None) -> None:
    town = build_messy_town()
    deductions = 0
    for branch in town.branches.filter(memberships__isnull=False).distinct():
        forms = {form.name: form for form in build_branch_forms(branch=branch, year=2025, now=NOW, with_grounds=False)}
        for page in read_member_pages(branch=branch, year=2025):
            assert page.rows_total + sum(part.points for part in page.adjustments) == page.total
            form = forms[page.name]
            assert (page.rows_total, page.total) == (form.rows_total, form.total)
            deductions += len(page.deduction_rows)
            assert {(row.name, row.content) for row in page.deduction_rows} <= {("负面清单扣分", "")}
    assert deductions > 0


def test_the_index_names_the_page_on_which_each_member_stands(played: Cast) -> None:
    for number in range(57):
        make_member(played.branch_a, f"党员{number:02}")
    pages = [squeeze(page) for page in read_pages(write_register(branch=played.branch_a, year=2026, now=NOW))]
    assert "党员积分登记册" in pages[0]
    assert "党支部：一支部编制日期：2026年3月15日" in pages[0]
    assert "2026年上半年积分：未定稿（半年尚未结束）" in pages[0]
    assert "—1—" not in pages[0]
    first = next(at for at, page in enumerate(pages) if "一、基础积分" in page)
    assert len(pages) == first + 60
    index = "".join(pages[1:first])
    for at, name in enumerate(["张伟", "李娜", "曾国华", *(f"党员{number:02}" for number in range(57))]):
        assert name in pages[first + at]
        assert f"—{first + at + 1}—" in pages[first + at]
    assert f"1张伟正式党员9.00.09.0{first + 1}2李娜" in index
    assert f"60党员56正式党员0.00.00.0{first + 60}" in index
    assert "在本支部计分的党员60人，积分截至2026年3月15日" in index


def test_a_branch_that_scores_nobody_has_no_register(cast: Cast) -> None:
    with pytest.raises(NothingToPrint, match="空支部"):
        write_register(branch=make_branch(cast.town, "空支部"), year=2026, now=NOW)
    with pytest.raises(NoRulebook):
        write_register(branch=cast.branch_a, year=2019, now=NOW)
