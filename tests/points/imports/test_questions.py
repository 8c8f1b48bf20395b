"""What an import asks before it writes: unusual leading roles (D4), one deed at two levels (D5); S8."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.workbooks.report import ImportReport
from points.imports.questions import ask_about
from points.imports.records import import_records, preview_records
from points.imports.records_file import EventRow
from points.models import PointEvent
from points.records.entries import EventEntry
from points.rules.rulebook import load_shipped_rulebook
from tests.cast import Cast
from tests.doubling import MOST_GROWTH, growth
from tests.factories import NOW
from tests.members.roster_files.tables import make_xlsx, table_of

HONOUR = {
    "党支部": "一支部",
    "姓名": "张伟",
    "类别": "得分",
    "项目": "上级表彰",
    "日期": "2025-07-01",
    "分值": 1,
    "说明": "优秀共产党员",
}


def run(cast: Cast, *changes: dict[str, Any], confirmed: bool = False) -> ImportReport:
    data = make_xlsx({"积分记录": table_of([HONOUR | change for change in changes], "积分记录")})
    given: dict[str, Any] = {"actor": cast.staff, "now": NOW, "town": cast.town, "data": data, "filename": "记录.xlsx"}
    preview = preview_records(**given).report
    report = import_records(**given, confirmed=confirmed)
    assert preview.questions == report.questions
    return report


@pytest.mark.parametrize("item", ["党史知识竞赛", "上级表彰", "理论学习心得"])
def test_an_unusual_leading_role_waits_for_a_confirmation(item: str, cast: Cast) -> None:
    asked = run(cast, {"项目": item, "带头作用": "是"})

    assert [(row.row, row.person, row.column, row.value) for row in asked.questions] == [(3, "张伟", "带头作用", "是")]
    assert f"“{item}”一般没有带头作用" in asked.questions[0].problem
    assert asked.is_held
    assert not PointEvent.objects.exists()
    assert run(cast, {"项目": item, "带头作用": "是"}, confirmed=True).batch
    assert PointEvent.objects.get().led


@pytest.mark.parametrize(
    "second",
    [
        {"分值": 2},
        {"分值": 2, "日期": "2025-07-20"},
        {"分值": 3, "日期": "2025-07-05", "说明": "市里通报表扬"},
        {"项目": "志愿服务", "日期": "2025-06-20", "分值": 2},
        {"项目": "志愿服务", "日期": "2025-05-17", "分值": 2},
        {"项目": "志愿服务", "日期": "2025-08-15", "分值": 2},
    ],
)
def test_one_deed_at_two_levels_waits_for_a_confirmation(second: dict[str, Any], cast: Cast) -> None:
    asked = run(cast, {}, second)

    assert [(row.row, row.person, row.column, row.value) for row in asked.questions] == [
        (4, "张伟", "项目", second.get("项目", "上级表彰"))
    ]
    assert "可能与2025-07-01的“上级表彰”（1分，优秀共产党员；第 3 行）是同一件事" in asked.questions[0].problem
    assert not PointEvent.objects.exists()


def test_a_deed_that_stands_in_the_ledger_is_asked_about_too(cast: Cast) -> None:
    run(cast, {})

    asked = run(cast, {"分值": 2})

    assert [row.row for row in asked.questions] == [3]
    assert "已登记）是同一件事" in asked.questions[0].problem
    assert PointEvent.objects.count() == 1
    assert any("请核对是否无误" in line for line in asked.lines())


@pytest.mark.parametrize(
    "rows",
    [
        ({}, {}),  # equal rows count as often as they stand there
        ({}, {"分值": 2, "日期": "2025-12-01"}),
        ({}, {"分值": 2, "姓名": "李娜"}),
        ({"项目": "志愿服务", "带头作用": "是"}, {"项目": "志愿服务", "日期": "2025-07-03", "分值": 2}),
    ],
)
def test_what_is_usual_is_not_asked_about(rows: tuple[dict[str, Any], ...], cast: Cast) -> None:
    report = run(cast, *rows)

    assert (report.errors, report.questions, report.added) == ([], [], 2)
    assert PointEvent.objects.filter(date__gte=date(2025, 1, 1)).count() == 2


def test_a_file_of_one_members_deeds_takes_no_time_that_grows_with_the_square(db: None) -> None:
    rulebook = load_shipped_rulebook()
    item = rulebook.incentive[0].code

    def ask(rows: list[EventRow]) -> None:
        ask_about(rows, ImportReport("记录.xlsx", ""), rulebooks={2026: rulebook}, names={1: "张伟"})

    def deeds(size: int) -> list[EventRow]:
        entries = (EventEntry(1, item, date(2026, 1, 1), points=10, note=f"第{number}件") for number in range(size))
        return [EventRow("积分记录", number, entry) for number, entry in enumerate(entries)]

    assert growth(ask, deeds) < MOST_GROWTH
