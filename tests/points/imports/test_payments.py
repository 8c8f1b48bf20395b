"""Dues in a records workbook with what was due, what was paid and by whom (D25)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.workbooks.report import ImportReport
from points.imports.records import import_records
from points.models import PointEvent
from points.records.recording import record_events
from points.rules.payments import UNSAID, Payment
from tests.cast import Cast
from tests.factories import NOW, base_entry
from tests.members.roster_files.tables import make_xlsx, table_of

pytestmark = pytest.mark.engine
DUES: dict[str, Any] = {"党支部": "一支部", "姓名": "张伟", "类别": "得分", "项目": "交纳党费", "日期": "2025-03-05"}
BLANK: dict[str, Any] = {"分值": None, "说明": None, "核实日期": None}
PAID: dict[str, Any] = {"应交": 5.0, "实交": "５．００", "代交人": "李娜"}
UNPAID = dict.fromkeys(PAID)


def run(cast: Cast, *rows: dict[str, Any], columns: dict[str, Any] = UNPAID) -> ImportReport:
    data = make_xlsx({"积分记录": table_of([DUES | BLANK | columns | row for row in rows], "2025年度积分记录")})
    return import_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="记录.xlsx")


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.value) for error in report.errors]


@pytest.mark.parametrize(
    ("row", "payment"),
    [
        ({}, UNSAID),
        (PAID, Payment(500, 500, "李娜")),
        ({"应交": 0.2, "实交": 0.3}, Payment(20, 30)),
        ({"应交": 0.0, "实交": 0.0}, Payment(0, 0)),
        ({"代交人": " 张小红\u3000（女儿）"}, Payment(paid_by="张小红 （女儿）")),
    ],
)
def test_what_a_row_says_of_the_payment_is_recorded(row: dict[str, Any], payment: Payment, cast: Cast) -> None:
    report = run(cast, row)
    assert (report.errors, report.added) == ([], 1)
    assert PointEvent.objects.get().payment == payment


def test_a_file_may_have_the_columns_under_other_names_or_not_at_all(cast: Cast) -> None:
    report = run(cast, {"姓名": "张伟"}, columns={"应交党费": "5", "实交党费": 5.0})
    assert (report.errors, report.added) == ([], 1)
    report = run(cast, {"姓名": "李娜"}, columns={})
    assert (report.errors, report.added) == ([], 1)
    assert [event.payment for event in PointEvent.objects.order_by("member__position")] == [Payment(500, 500), UNSAID]


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (
            {"应交": 5.0, "实交": 4.5},
            "实交",
            "4.50",
            "应交党费5.00元，实交4.50元，未足额交纳，该月不计分，请补足后再登记。",
        ),
        ({"应交": 5.0}, "实交", "", "应交、实交须同时填写"),
        ({"实交": 5.0}, "应交", "", "应交、实交须同时填写"),
        ({"应交": 5.0, "实交": "5元"}, "实交", "5元", "这不是数字"),
        ({"应交": 5.001, "实交": 5.0}, "应交", "5.001", "最多两位小数"),
        (PAID | {"项目": "党员活动日"}, "应交", "5.00", "“党员活动日”不是交纳党费"),
        ({"实交": 5.0, "项目": "志愿服务", "分值": 1.0}, "实交", "5.00", "“志愿服务”不是交纳党费"),
        ({"代交人": "李娜", "项目": "党课"}, "代交人", "李娜", "“党课”不是交纳党费"),
        (
            PAID | {"类别": "扣分", "项目": "参与赌博", "说明": "查实", "核实日期": "2025-03-10"},
            *("应交", "5.00", "扣分和一票否决不涉及党费金额"),
        ),
    ],
)
def test_a_row_that_is_refused_says_where_and_why(
    row: dict[str, Any], column: str, value: str, words: str, cast: Cast
) -> None:
    report = run(cast, {"姓名": "李娜"}, row)
    assert problems(report) == [(4, column, value)]
    assert words in report.errors[0].problem
    assert not PointEvent.objects.exists()


def test_the_same_file_twice_adds_nothing_and_a_file_without_amounts_neither(cast: Cast) -> None:
    run(cast, PAID)
    for row in (PAID, {}, {"应交": 5.0, "实交": 5.0}, {"代交人": "李娜"}):
        report = run(cast, row)
        assert (report.errors, report.added, report.already_there) == ([], 0, 1), row
    assert PointEvent.objects.get().payment == Payment(500, 500, "李娜")


@pytest.mark.parametrize(
    ("stored", "row", "words"),
    [
        (
            Payment(500, 500),
            {"应交": 6.0, "实交": 6.0},
            "2025年3月已有记录，日期是 2025-03-05：应交5.00元，实交5.00元。本行为：应交6.00元，实交6.00元。",
        ),
        (Payment(500, 500, "李娜"), {"代交人": "曾国华"}, "应交5.00元，实交5.00元，由李娜代交。本行为：由曾国华代交。"),
        (UNSAID, PAID, "日期是 2025-03-05：未登记金额。本行为：应交5.00元，实交5.00元，由李娜代交。"),
    ],
)
def test_a_row_with_another_payment_than_the_record_is_refused_and_names_it(
    stored: Payment, row: dict[str, Any], words: str, cast: Cast
) -> None:
    entry = base_entry(cast.member_a, "dues", "2025-03", date(2025, 3, 5), payment=stored)
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[entry])
    report = run(cast, row)
    assert problems(report) == [(3, "日期", "2025-03-05")]
    assert words in report.errors[0].problem
    assert PointEvent.objects.get().payment == stored


def test_two_payments_for_one_month_in_a_file_are_refused(cast: Cast) -> None:
    report = run(cast, PAID, PAID, {"应交": 6.0, "实交": 6.0})
    assert problems(report) == [(5, "日期", "2025-03-05")]
    assert "第 3 行已有2025年3月：应交5.00元，实交5.00元，由李娜代交。本行为：应交6.00元" in report.errors[0].problem
    assert not PointEvent.objects.exists()


def test_a_month_recorded_with_another_date_is_named_and_refuses_nothing(cast: Cast) -> None:
    run(cast, {})
    report = run(cast, PAID | {"日期": "2025-03-06"})
    assert (report.errors, report.added, [row.row for row in report.skipped]) == ([], 0, [3])
