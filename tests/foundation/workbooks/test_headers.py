from collections.abc import Collection, Iterator

import pytest

from foundation.workbooks.headers import Column, Table, column_letters, find_table, normalise_header
from foundation.workbooks.reader import Cell, Row, Sheet
from foundation.workbooks.report import RowError

COLUMNS = (
    Column("branch", ("党支部", "所在党支部"), required=True),
    Column("name", ("姓名",), required=True),
    Column("sex", ("性别",)),
)


class ListSheet(Sheet):
    def __init__(self, *rows: tuple[Cell, ...]) -> None:
        super().__init__("S")
        self._rows = rows

    def rows(self, *, across: Collection[int] = ()) -> Iterator[Row]:
        return ((number, row) for number, row in enumerate(self._rows, 1) if any(row))


def find(*rows: tuple[Cell, ...]) -> tuple[Table | None, list[RowError]]:
    return find_table(ListSheet(*rows), COLUMNS)


def found(*rows: tuple[Cell, ...]) -> Table:
    table, errors = find(*rows)
    assert table is not None
    assert errors == []
    return table


def test_header_below_titles_in_any_order_with_unknown_columns() -> None:
    table = found(
        ("某镇党员名册", None), (None,), ("填报单位：党支部", "姓名"), ("姓名", "序号", "党支部"), ("张三", 1.0, "东湖")
    )

    assert table.header_row == 4
    assert table.ignored == ("序号",)
    rows = list(table.rows)
    assert rows == [(5, ("张三", 1.0, "东湖"))]
    assert [table.cell(rows[0][1], key) for key in ("branch", "name", "sex")] == ["东湖", "张三", None]


@pytest.mark.parametrize(
    "name", ["所在党支部", " 党 支 部 ", "党\u3000支部", "党支部*", "党\n支部", "党支部（全称）", "党支部："]
)
def test_ways_to_write_a_header(name: str) -> None:
    table = found((name, "姓名"))

    assert table.positions == {"branch": 0, "name": 1}
    assert table.title("branch") == name.strip()


def test_missing_required_column_is_named() -> None:
    columns = (*COLUMNS, Column("category", ("人员类别", "党员类别"), required=True))
    table, errors = find_table(ListSheet(("党支部", "姓名", "性别"), ("东湖", "张三", "男")), columns)

    assert table is not None
    assert [(error.row, error.column) for error in errors] == [(1, "人员类别")]
    assert "缺少必填列“人员类别”" in errors[0].problem


def test_no_header_at_all() -> None:
    assert find(("张三", "东湖"), ("李四", "西岭")) == (None, [])
    assert find() == (None, [])


def test_duplicate_header() -> None:
    _table, errors = find(
        ("党支部", "姓名", "所在党支部"),
    )

    assert [(error.row, error.column, error.value) for error in errors] == [(1, "所在党支部", "A、C")]
    assert "两次" in errors[0].problem


def test_two_header_rows_group_above_names() -> None:
    table = found(("党支部", "基本情况", None), ("党支部", "姓名", "性别"), ("东湖", "张三", "男"))

    assert table.header_row == 2
    assert [number for number, _cells in table.rows] == [3]


def test_header_repeated_on_every_page_is_no_row() -> None:
    table = found(("党支部", "姓名"), ("东湖", "张三"), ("党支部", "姓名"), ("东湖", "李四"))

    assert [number for number, _cells in table.rows] == [2, 4]


def test_header_only() -> None:
    assert list(found(("党支部", "姓名")).rows) == []


def test_names_of_columns() -> None:
    assert [column_letters(position) for position in (0, 25, 26, 199, 16383)] == ["A", "Z", "AA", "GR", "XFD"]
    assert normalise_header(3.0) == ""
