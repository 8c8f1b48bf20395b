from __future__ import annotations

import io

import openpyxl
import pytest

from foundation.workbooks.headers import column_letters
from members.models import Member
from members.people.fields import SHEET_COLUMNS
from members.roster_files.exporting import export_roster, write_roster_workbook
from members.roster_files.importing import preview_roster
from members.roster_files.reading import RosterResource
from members.roster_files.templates import ROSTER_EXPLANATIONS, roster_template
from points.imports.records import import_records, preview_records
from points.imports.records_file import RecordsResource
from points.imports.templates import RECORDS_EXAMPLES, RECORDS_EXPLANATIONS, records_template, tick_template
from points.models import PointEvent
from points.roster.closed_lists import find_closed_joinings
from points.scoring.adoption import rulebook_for
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_id_number, make_member
from tests.members.roster_files.tables import fill

SHEETS = ["交纳党费", "党员活动日", "党课", "党员大会", "组织生活会", "民主评议党员", "承诺践诺"]


def test_every_column_is_explained() -> None:
    assert set(ROSTER_EXPLANATIONS) == set(RosterResource.fields)
    assert set(RECORDS_EXPLANATIONS) == set(RecordsResource.fields)


def test_the_templates_show_an_example_of_every_column() -> None:
    """F4: on the sheet that is not imported."""
    for data, explanations in (
        (roster_template(), ROSTER_EXPLANATIONS),
        (records_template(), RECORDS_EXPLANATIONS),
    ):
        rows = list(openpyxl.load_workbook(io.BytesIO(data))["填写说明"].iter_rows(values_only=True))
        shown = [row[3] for row in rows if row[2] and row[3] != "例"]
        assert shown == [example or None for _text, example in explanations.values()]
        assert sum(bool(example) for example in shown) >= 9


def test_the_examples_of_the_records_template_fill_all_its_columns_and_are_not_imported(cast: Cast) -> None:
    """One row fills 9 of the 14 columns: dues have no points, a deed no amount."""
    data = records_template()
    book = openpyxl.load_workbook(io.BytesIO(data))
    headings, *rows = [row for row in book["填写说明"].iter_rows(values_only=True) if row[2]]
    assert headings == ("列名", "必填", "怎样填写", "例", *(f"例（{of}）" for of in RECORDS_EXAMPLES))
    shown = {row[0]: row[3:] for row in rows}
    assert set(shown) == {column.names[0] for column in RecordsResource.columns()}
    assert [name for name, examples in shown.items() if not any(examples)] == []
    assert [row for row in book["积分记录"].iter_rows(min_row=3, values_only=True) if any(row)] == []
    report = preview_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="模板.xlsx").report
    assert (report.errors, report.rows, report.added) == ([], 0, 0)


@pytest.mark.parametrize("of", RECORDS_EXAMPLES)
def test_each_further_example_of_the_records_template_can_be_imported(of: str, cast: Cast) -> None:
    make_member(cast.branch_a, "张三", id_number=SHEET_COLUMNS["id_number"].example)
    headings = {column.key: column.names[0] for column in RecordsResource.columns()}
    example = {headings[key]: value for key, value in RECORDS_EXAMPLES[of].items()}
    data = fill(records_template(), "积分记录", **example | {"党支部": "一支部"})

    report = preview_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="模板.xlsx").report

    assert (report.errors, report.added) == ([], 1)


def test_an_unfilled_roster_template_adds_nothing(cast: Cast) -> None:
    report = preview_roster(
        guard=find_closed_joinings,
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        data=roster_template(),
        filename="模板.xlsx",
    ).report

    assert (report.errors, report.rows, report.added) == ([], 0, 0)


def test_the_example_of_the_roster_template_can_be_imported(cast: Cast) -> None:
    example = {column.names[0]: ROSTER_EXPLANATIONS[column.key][1] for column in RosterResource.columns()}
    data = fill(roster_template(), "党员名册", **example)

    report = preview_roster(
        guard=find_closed_joinings, actor=cast.staff, now=NOW, town=cast.town, data=data, filename="模板.xlsx"
    ).report

    assert (report.errors, report.added) == ([], 1)


def test_the_example_of_the_records_template_can_be_imported(cast: Cast) -> None:
    example = {column.names[0]: RECORDS_EXPLANATIONS[column.key][1] for column in RecordsResource.columns()}
    data = fill(records_template(), "积分记录", **example | {"党支部": "一支部", "姓名": "张伟"})

    report = preview_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="模板.xlsx").report

    assert (report.errors, report.added) == ([], 1)


@pytest.fixture
def tick_book(cast: Cast) -> bytes:
    make_member(cast.branch_a, "李娜", id_number=make_id_number(12))
    rulebook = rulebook_for(cast.town, 2025)
    return tick_template(branch=cast.branch_a, year=2025, rulebook=rulebook, today=TODAY)


def test_the_tick_template_lists_the_branch_and_comes_back(tick_book: bytes, cast: Cast) -> None:
    book = openpyxl.load_workbook(io.BytesIO(tick_book))
    assert book.sheetnames == [*SHEETS, "填写说明"]
    sheet = book["党课"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1] == ("序号", "姓名", "公民身份号码", "一季度", "二季度", "三季度", "四季度")
    assert [row[1] for row in rows[2:]] == ["张伟", "李娜", "曾国华", "李娜"]
    assert [row[2] for row in rows[2:]] == [None, None, None, make_id_number(12)]
    sheet["D3"] = "√"
    buffer = io.BytesIO()
    book.save(buffer)

    report = import_records(
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        data=buffer.getvalue(),
        filename="打勾表.xlsx",
        branch=cast.branch_a,
        year=2025,
    )

    assert (report.errors, report.added) == ([], 1)
    event = PointEvent.objects.get()
    assert (event.member, event.item, event.period) == (cast.member_a, "lecture", "2025Q1")
    again = tick_template(branch=cast.branch_a, year=2025, rulebook=rulebook_for(cast.town, 2025), today=TODAY)
    assert openpyxl.load_workbook(io.BytesIO(again))["党课"]["D3"].value == "√"


def test_an_unfilled_tick_template_adds_nothing(tick_book: bytes, cast: Cast) -> None:
    plan = preview_records(
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        data=tick_book,
        filename="打勾表.xlsx",
        branch=cast.branch_a,
        year=2025,
    )

    assert (plan.report.errors, plan.report.added) == ([], 0)


def test_eighteen_digits_typed_into_any_of_our_files_stay_eighteen_digits(cast: Cast) -> None:
    """Excel turns them into 3.3E+17 where the column is no text."""
    exported = io.BytesIO()
    write_roster_workbook(export_roster(actor=cast.staff, now=NOW, members=Member.objects.all()), exported)
    make_member(cast.branch_a, "张伟", id_number=make_id_number(31))  # a namesake: the tick workbook has the numbers
    rulebook = rulebook_for(cast.town, 2026)
    ticks = tick_template(branch=cast.branch_a, year=2026, rulebook=rulebook, today=TODAY)
    for data in (roster_template(), records_template(), exported.getvalue(), ticks):
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        letters = [column_letters(at) for row in rows for at, value in enumerate(row) if "身份" in str(value)]
        assert letters
        assert {sheet.column_dimensions[letter].number_format for letter in letters} == {"@"}


def test_the_templates_offer_their_words(cast: Cast) -> None:
    offered = {
        rule.formula1
        for data in (roster_template(), records_template())
        for rule in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].data_validations.dataValidation
    }
    assert offered == {'"男,女"', '"正式党员,预备党员"', '"得分,扣分,一票否决"', '"是,否"'}
