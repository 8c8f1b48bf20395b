from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from foundation.workbooks.report import ImportReport
from points.imports.records import import_records
from points.imports.templates import tick_template
from points.meetings.holding import record_meeting
from points.models import PointEvent
from points.records.voiding import void_event
from points.scoring.adoption import rulebook_for
from tests.cast import Cast
from tests.factories import NOW, make_id_number, make_member
from tests.members.roster_files.tables import make_merged, make_xlsx
from tests.points.half_stages import bring_to

MONTHS = [f"{month}月" for month in range(1, 13)]


def ticks(sheets: dict[str, list[list[Any]]]) -> bytes:
    return make_xlsx({name: [[f"一支部 2025年度 {name}"], *rows] for name, rows in sheets.items()})


def run(cast: Cast, data: bytes, **options: Any) -> ImportReport:
    said: dict[str, Any] = {"branch": cast.branch_a, "year": 2025} | options
    return import_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="打勾表.xlsx", **said)


def earned() -> list[tuple[str, str, date]]:
    return list(PointEvent.objects.order_by("member__position", "period").values_list("member__name", "period", "date"))


def test_ticks_earn_and_the_rest_does_not(cast: Cast) -> None:
    report = run(
        cast,
        ticks(
            {
                "交纳党费": [
                    ["序号", "姓名", *MONTHS, "合计"],
                    [1, "张 伟", "√", "✓", 1, "是", "×", "否", None, "假", "0", "1", True, "x", 6],
                    [2, "李娜", "√"],
                    [None, None],
                ]
            }
        ),
    )

    assert (report.errors, report.added, report.rows) == ([], 7, 2)
    months = [int(period[5:]) for name, period, _day in earned() if name == "张伟"]
    assert months == [1, 2, 3, 4, 10, 11]
    assert ("李娜", "2025-01", NOW.date()) in earned()  # D25
    assert "有 1 格是请假" in report.notes[-1]


@pytest.mark.parametrize(
    ("item", "header", "period", "day"),
    [
        ("主题党日", "1月份", "2025-01", date(2025, 1, 31)),
        ("party_day", "十二月", "2025-12", date(2025, 12, 31)),
        ("党员活动日", "2025-02", "2025-02", date(2025, 2, 28)),
        ("党员活动日", date(2025, 2, 1), "2025-02", date(2025, 2, 28)),
        ("党员活动日", 3, "2025-03", date(2025, 3, 31)),
        ("党课", "一季度", "2025Q1", date(2025, 3, 31)),
        ("党课", "第2季度", "2025Q2", date(2025, 6, 30)),
        ("党课", "第三季度", "2025Q3", date(2025, 9, 30)),
        ("党员大会", "Q4", "2025Q4", date(2025, 12, 31)),
        ("组织生活会", "上半年", "2025H1", date(2025, 6, 30)),
        ("组织生活会", "2025年下半年", "2025H2", date(2025, 12, 31)),
        ("民主评议党员", "全年", "2025", date(2025, 12, 31)),
        ("承诺践诺", "2025", "2025", date(2025, 12, 31)),
        ("承诺践诺", "2025年度", "2025", date(2025, 12, 31)),
    ],
)
def test_sheets_and_columns_as_people_name_them(item: str, header: object, period: str, day: date, cast: Cast) -> None:
    report = run(cast, ticks({item: [["姓名", header], ["张伟", "√"]]}))

    assert report.errors == []
    assert earned() == [("张伟", period, day)]


def test_dues_and_a_running_period_are_dated_today(cast: Cast) -> None:
    sheet = [["姓名", "2月", "3月"], ["张伟", "√", "√"]]
    report = run(cast, ticks({"交纳党费": sheet, "党员活动日": sheet}), year=2026)

    assert report.errors == []
    days = dict(PointEvent.objects.filter(item="dues").values_list("period", "date"))
    assert days == {"2026-02": NOW.date(), "2026-03": NOW.date()}
    days = dict(PointEvent.objects.filter(item="party_day").values_list("period", "date"))
    assert days == {"2026-02": date(2026, 2, 28), "2026-03": NOW.date()}


def test_a_second_import_adds_nothing_whatever_the_date(cast: Cast) -> None:
    data = ticks({"交纳党费": [["姓名", "1月", "2月"], ["张伟", "√", "√"]]})
    run(cast, data)
    report = run(cast, data)

    assert (report.errors, report.added, report.already_there) == ([], 0, 2)


def test_a_voided_record_is_not_brought_back_by_its_tick(cast: Cast) -> None:
    data = ticks({"交纳党费": [["姓名", "1月"], ["张伟", "√"]]})
    run(cast, data)
    void_event(actor=cast.staff, now=NOW, event=PointEvent.objects.get(), reason="没有交")

    assert "作废（没有交）" in run(cast, data).errors[0].problem


def test_other_sheets_are_named_and_ignored(cast: Cast) -> None:
    report = run(cast, ticks({"党课": [["姓名", "一季度"], ["张伟", "√"]], "备注": [["姓名", "备注"], ["张伟", "好"]]}))

    assert report.added == 1
    assert "工作表“备注”不是基础分项目的打勾表，已忽略。" in report.notes


def test_namesakes_by_number(cast: Cast) -> None:
    twin = make_member(cast.branch_a, "张伟", id_number=make_id_number(12))
    sheet: list[list[Any]] = [
        ["姓名", "公民身份号码", "一季度"],
        ["张伟", make_id_number(12), "√"],
        ["张伟", make_id_number(11), None],
    ]

    assert run(cast, ticks({"党课": sheet})).errors == []
    assert PointEvent.objects.get().member == twin


def test_a_tick_merged_over_months_and_members_is_a_tick_in_each(cast: Cast) -> None:
    """As it was seen: √ over January to June counted once, the rest vanished (S3)."""
    sheet: list[list[Any]] = [
        ["一支部2025年党费"],
        ["序号", "姓名", *MONTHS],
        [1, "张伟", "√"],
        [2, "李娜", None, None, "√"],
        [3, "曾国华"],
    ]
    data = make_merged({"交纳党费": sheet}, "A1:N1", "C3:H3", "E4:F5")

    report = run(cast, data)

    assert (report.errors, report.added) == ([], 10)
    months: dict[str, list[int]] = {}
    for name, period, _day in earned():
        months.setdefault(name, []).append(int(period[5:]))
    assert months == {"张伟": [1, 2, 3, 4, 5, 6], "李娜": [3, 4], "曾国华": [3, 4]}


def test_a_leave_merged_over_months_is_one_in_each(cast: Cast) -> None:
    report = run(
        cast, make_merged({"党员活动日": [["姓名", "1月", "2月", "3月", "4月"], ["张伟", "√", "请假"]]}, "C2:E2")
    )

    assert (report.errors, report.added) == ([], 1)
    assert "有 3 格是请假" in report.notes[-1]


def test_a_remark_merged_over_the_row_is_named_and_no_tick(cast: Cast) -> None:
    rows: list[list[Any]] = [["序号", "姓名", "1月", "2月"], [1, "张伟", "√"], ["填表人：李娜 2025年3月1日"]]
    report = run(cast, make_merged({"交纳党费": rows}, "A3:D3"))

    assert (report.errors, report.added) == ([], 1)
    assert (
        "工作表“交纳党费”：以下各行在可识别的列中没有内容，未读取：第 3 行（填表人：李娜 2025年3月1日）。"
        in report.notes
    )


def test_columns_nobody_reads_are_named(cast: Cast) -> None:
    rows: list[list[Any]] = [["姓名", "1月", None, "二月分", "合计"], ["张伟", "√", "√", "√", 3]]
    report = run(cast, ticks({"交纳党费": rows}))

    assert (report.errors, report.added) == ([], 1)
    assert "工作表“交纳党费”：以下各列不认识，已忽略：二月分、合计。" in report.notes
    assert "工作表“交纳党费”：以下各列有内容但没有列名，未读取：C。" in report.notes


@pytest.mark.parametrize("headers", [["1月", "2月", "4月"], ["一季度", "第1季度", "二季度"], ["一季度", "2月", "4月"]])
def test_of_two_lectures_in_a_quarter_the_first_counts(headers: list[str], cast: Cast) -> None:
    """S9: the others are named."""
    report = run(cast, ticks({"党课": [["姓名", *headers], ["张伟", "√", "√", "√"], ["李娜", None, "√", None]]}))

    assert (report.errors, report.added) == ([], 3)
    assert [(name, period) for name, period, _day in earned()] == [
        ("张伟", "2025Q1"),
        ("张伟", "2025Q2"),
        ("李娜", "2025Q1"),
    ]
    assert [(row.row, row.person, row.column, row.value) for row in report.skipped] == [(3, "张伟", headers[1], "√")]
    assert f"2025年第1季度的党课已在“{headers[0]}”列打勾" in report.skipped[0].problem


@pytest.mark.parametrize("name", ["1.党课", "三、党课", "党课（每季度）", "党课(每季度)", "支部大会"])
def test_a_sheet_s_name_is_read_as_a_header_is(name: str, cast: Cast) -> None:
    report = run(cast, ticks({name: [["姓名", "一季度"], ["张伟", "√"]]}))

    assert (report.errors, report.added) == ([], 1)


@pytest.mark.parametrize(
    ("name", "header", "words"),
    [("党课记录表", "一季度", "工作表名称不是基础分项目"), ("交纳党费", "一季度", "按月计分，本表没有这样的列")],
)
def test_ticks_that_are_not_understood_are_an_error_not_a_note(name: str, header: str, words: str, cast: Cast) -> None:
    data = ticks({"党员大会": [["姓名", "一季度"], ["张伟", "√"]], name: [["姓名", header], ["张伟", "√"]]})
    report = run(cast, data)

    assert [(error.sheet, error.row) for error in report.errors] == [(name, 1)]
    assert words in report.errors[0].problem
    assert not PointEvent.objects.exists()


BAD_SHEETS: dict[str, tuple[list[list[Any]], dict[str, Any], tuple[int, str], str]] = {
    "no tick": ([["姓名", "1月"], ["张伟", "半"]], {}, (3, "1月"), "无法识别的打勾符号"),
    "unknown name": ([["姓名", "1月"], ["无此人", "√"]], {}, (3, "姓名"), "名册上没有这个姓名"),
    "no name": ([["姓名", "1月"], [None, "√"]], {}, (3, "姓名"), "不能空白"),
    "member of another branch": ([["姓名", "1月"], ["赵敏", "√"]], {}, (3, "姓名"), "而在二支部"),
    "the same member twice": (
        [["姓名", "1月"], ["张伟", "√"], ["张伟", "√"]],
        {},
        (4, "姓名"),
        "与第 3 行是同一名党员",
    ),
    "wrong number": (
        [["姓名", "身份证号", "1月"], ["张伟", "429999197001010110", "√"]],
        {},
        (3, "身份证号"),
        "校验码不对",
    ),
    "a month to come": ([["姓名", "4月"], ["张伟", "√"]], {"year": 2026}, (3, "4月"), "还没有开始"),
    "another year": ([["姓名", "2024年1月"], ["张伟", "√"]], {}, (2, "B"), "不属于 2025 年度"),
    "two columns of names": ([["姓名", "1月", "姓名", "2月"], ["张伟", "√", "李娜", "√"]], {}, (2, "C"), "出现了两次"),
    "no branch said": ([["姓名", "1月"], ["张伟", "√"]], {"branch": None}, (1, ""), "没有写明党支部和年度"),
    "no year said": ([["姓名", "1月"], ["张伟", "√"]], {"year": None}, (1, ""), "没有写明党支部和年度"),
    "a year without a rulebook": ([["姓名", "1月"], ["张伟", "√"]], {"year": 2024}, (1, ""), "2024"),
}


@pytest.mark.parametrize("case", BAD_SHEETS)
def test_bad_tick_sheet_is_located_and_nothing_is_written(case: str, cast: Cast) -> None:
    rows, options, place, words = BAD_SHEETS[case]

    report = run(cast, ticks({"交纳党费": rows}), **options)

    assert [(error.sheet, error.row, error.column) for error in report.errors] == [("交纳党费", *place)]
    assert words in report.errors[0].problem
    assert report.errors[0].remedy
    assert not PointEvent.objects.exists()


def test_a_tick_of_a_submitted_half_is_named_by_its_period(cast: Cast) -> None:
    """The workbook has no column of days to name."""
    bring_to(cast, "submitted")
    report = run(cast, ticks({"交纳党费": [["姓名", "3月", "7月"], ["张伟", "√", "√"]]}))

    assert [(error.row, error.person, error.column, error.value) for error in report.errors] == [
        (3, "张伟", "3月", "√")
    ]
    assert "一支部已提交2025年上半年的核定" in report.errors[0].problem
    assert not PointEvent.objects.exists()


def test_a_tick_for_who_was_absent_is_refused_and_the_template_says_absent(cast: Cast) -> None:
    """A file changes no attendance: the cell says 缺, and a √ in it names the meeting (D24)."""
    zhang, li, _zeng = cast.members_a
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2025, 5, 9),
        kinds=[("party_day", "2025-05")],
        statuses={zhang.pk: "absent", li.pk: "excused"},
    )
    book = tick_template(branch=cast.branch_a, year=2025, rulebook=rulebook_for(cast.town, 2025), today=NOW.date())
    rows = list(openpyxl.load_workbook(io.BytesIO(book))["党员活动日"].iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if "姓名" in row)
    may = rows[head].index("5月")
    assert [row[may] for row in rows[head + 1 :]] == ["缺", "假", None]
    report = run(cast, ticks({"党员活动日": [["姓名", "5月"], ["张伟", "√"], ["李娜", "√"], ["曾国华", "√"]]}))
    assert {(error.column, error.value) for error in report.errors} == {("5月", "√")}
    assert [error.person for error in report.errors] == ["张伟", "李娜"]
    assert [error.problem for error in report.errors] == [
        "2025-05-09的会议登记为缺席（甲记录员登记）。只能在该次会议中更改参加情况。",
        "2025-05-09的会议登记为请假（甲记录员登记）。只能在该次会议中更改参加情况。",
    ]
    assert earned() == []
    report = run(cast, ticks({"党员活动日": [["姓名", "5月"], ["张伟", "缺"], ["李娜", "假"], ["曾国华", "√"]]}))
    assert report.errors == []
    assert earned() == [("曾国华", "2025-05", date(2025, 5, 31))]
