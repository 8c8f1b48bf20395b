from __future__ import annotations

from datetime import date
from typing import Any

from import_export.resources import Resource

from foundation.workbooks.report import ImportReport
from foundation.workbooks.resource import SheetField, SheetResource, open_file
from foundation.workbooks.widgets import ChoiceWidget, DateWidget, NameWidget, TenthsWidget, YesNoWidget
from tests.members.roster_files.tables import make_xlsx


class SmallResource(SheetResource):
    most_rows = 3

    branch = SheetField("党支部", attribute="branch", widget=NameWidget(20), required=True)
    name = SheetField("姓名", attribute="name", widget=NameWidget(20), required=True)
    sex = SheetField("性别", attribute="sex", widget=ChoiceWidget({"男": "male", "女": "female"}))
    day = SheetField("日期", attribute="day", widget=DateWidget())
    points = SheetField("分值", attribute="points", widget=TenthsWidget())
    led = SheetField("带头作用", attribute="led", widget=YesNoWidget())


def read(*rows: list[Any]) -> tuple[ImportReport, list[dict[str, Any]]]:
    book, report = open_file(make_xlsx({"S": rows}), "a.xlsx", dry_run=True)
    values = [
        row.values
        for table in SmallResource.find_tables(book, report)
        for row in SmallResource.read_rows(table, report)
    ]
    return report, values


def test_values_come_by_field_name_whatever_the_columns_order() -> None:
    report, values = read(["分值", "姓名", "党支部", "备注"], [1.5, "张 三", "东湖", "好"])

    assert values == [{"branch": "东湖", "name": "张三", "points": 15}]
    assert (report.rows, report.notes) == (1, ["工作表“S”：以下各列不认识，已忽略：备注。"])


def test_a_true_below_an_equal_number_is_no_number() -> None:
    report, values = read(
        ["姓名", "党支部", "分值", "带头作用"],
        ["张三", "东湖", 1, 1],
        ["李四", "东湖", True, True],
        ["王五", "东湖", 1, 0],
    )

    assert [(row.get("points"), row["led"]) for row in values] == [(10, True), (None, True), (10, False)]
    assert [(error.row, error.column, error.value) for error in report.errors] == [(3, "分值", "True")]


def test_rows_blank_in_every_known_column_are_no_rows() -> None:
    report, values = read(
        ["序号", "姓名", "党支部"], [1, "张三", "东湖"], [2, None, None], [3, " ", "\u3000"], [4, "李四", "东湖"]
    )

    assert [row["name"] for row in values] == ["张三", "李四"]
    assert report.rows == 2


def test_reading_stops_with_an_error_at_the_most_rows() -> None:
    report, values = read(["姓名", "党支部"], *(["张三", "东湖"] for _ in range(9)))

    assert len(values) == 3
    assert [(error.row, error.problem) for error in report.errors] == [(5, "文件超过 3 行。")]


def test_a_long_value_is_kept_short_in_its_error() -> None:
    report, _values = read(["姓名", "党支部"], ["长" * 30_000, "东湖"])

    assert len(report.errors[0].value) == 200
    assert "30000 个字" in report.errors[0].problem


def test_the_same_fields_write_a_row_out_again() -> None:
    row = {"branch": "东湖", "name": "张三", "sex": "male", "day": date(2025, 3, 5), "points": 15, "led": True}

    dataset = Resource.export(SmallResource(), [row])

    assert dataset.headers == ["党支部", "姓名", "性别", "日期", "分值", "带头作用"]
    assert dataset[0] == ("东湖", "张三", "男", date(2025, 3, 5), "1.5", "是")


def test_what_is_written_out_reads_the_same() -> None:
    row = {"branch": "东湖", "name": "张三", "sex": "female", "day": date(2025, 3, 5), "points": 40, "led": False}
    dataset = SmallResource().export([row])

    _report, values = read(list(dataset.headers), list(dataset[0]))

    assert values == [row]
