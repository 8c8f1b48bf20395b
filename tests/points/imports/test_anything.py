"""Whatever stands in the cells: an importer takes it in, or says where what is wrong and how to mend it; never a fault.

What it refuses leaves every table as it was; what it takes in, it finds there when the same file comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from foundation.errors import DomainError
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.report import ImportReport
from tests.cast import Cast
from tests.factories import make_id_number
from tests.members.roster_files import rosters
from tests.members.roster_files.tables import Raw, make_xlsx
from tests.points.imports import test_import_records, test_tick_workbook

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
EXAMPLES = settings().max_examples // 3
"""Each reads, writes and takes back a file."""

ODD: Sequence[Any] = (
    *(None, "", " ", "　", "\ufeff", "张 三", "张伟 ", "张\u200b伟", "\u202e伟张", "𬱖", "·", "x" * 40_000, "<script>"),
    *(
        "{{7*7}}",
        "=1+1",
        "' OR 1=1",
        "²",
        "1_000",
        "１２",
        "3．５",
        "1e3",
        "1e400",
        "NaN",
        "inf",
        "-0",
        "−5",
        "50%",
        "3分",
    ),
    *(0, -1, 0.1 + 0.2, 1e300, 60, 10**18, 3.3e17, True, False, date(1900, 1, 1), date(2025, 3, 5), date(9999, 12, 31)),
    *("2025-02-29", "2025.6.31", "二〇二五年", "25/3/5", "2025年3月", "2025Q1", "2025上半年", "2025"),
    *(Raw('t="e"><v>#REF!</v>'), Raw("><f>A1</f>"), Raw('t="str"><f>1</f><v></v>')),
    *(make_id_number(7), "11010119900307759X", "110101900307759", "一支部", "二支部", "合计", "小计"),
    *("√", "假", "缺", "补课", "是", "否", "交纳党费", "志愿服务", "参与赌博", "得分", "一票否决"),
)
VALUES = st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.floats(allow_nan=False, allow_infinity=False))


def tables_of(good: dict[str, Any], names: Sequence[Any]) -> st.SearchStrategy[list[list[Any]]]:
    """A table: the good row's columns, or some of them in any order and twice; rows with a few cells that are odd."""
    headers = st.one_of(
        st.just(list(good)), st.lists(st.sampled_from([*good, "备注", "", *map(str, names)]), min_size=1, max_size=9)
    )

    def rows(header: list[str]) -> st.SearchStrategy[list[list[Any]]]:
        cells = st.tuples(*(st.one_of(st.just(good.get(name)), st.just(good.get(name)), VALUES) for name in header))
        return st.lists(cells.map(list), max_size=4).map(lambda found: [header, *found])

    return headers.flatmap(rows)


def check(
    run: Callable[..., ImportReport], count: Callable[[], list[int]], cast: Cast, sheets: dict[str, list[list[Any]]]
) -> None:
    """One file, and the same once more; everything is taken back."""
    data = make_xlsx(sheets)
    before = count()
    with transaction.atomic():
        try:
            report = run(cast, data)
        except (DomainError, UnreadableWorkbook):
            assert count() == before
            return
        for error in report.errors:
            assert error.sheet in sheets
            assert 1 <= error.row <= len(sheets[error.sheet]) + 1
            assert error.problem
            assert error.remedy
            assert error.line()
        if report.errors or report.questions:
            assert count() == before
        else:
            again = run(cast, data)
            assert (again.errors, again.added) == ([], 0)
        transaction.set_rollback(True)


UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=EXAMPLES, suppress_health_check=UNCHECKED)
@given(tables_of(test_import_records.GOOD, [*test_import_records.DEED]))
@example([list(test_import_records.GOOD), list(test_import_records.GOOD.values())])
def test_records(cast: Cast, table: list[list[Any]]) -> None:
    check(test_import_records.run, test_import_records.rows_in_tables, cast, {"积分记录": table})


@settings(max_examples=EXAMPLES, suppress_health_check=UNCHECKED)
@given(tables_of(rosters.GOOD, ["党小组", "支部职务"]))
@example([list(rosters.GOOD), list(rosters.GOOD.values())])
def test_roster(cast: Cast, table: list[list[Any]]) -> None:
    check(rosters.run, rosters.rows_in_tables, cast, {"名册": table})


TICKS: dict[str, Any] = {"姓名": "张伟", **dict.fromkeys(test_tick_workbook.MONTHS, "√")}


@settings(max_examples=EXAMPLES, suppress_health_check=UNCHECKED)
@given(
    tables_of(TICKS, ["一季度", "2025年3月", "姓 名"]),
    st.sampled_from(["交纳党费", "1.党课（每季度）", "说明", "工资"]),
)
@example([list(TICKS), list(TICKS.values())], "交纳党费")
def test_ticks(cast: Cast, table: list[list[Any]], name: str) -> None:
    check(test_tick_workbook.run, test_import_records.rows_in_tables, cast, {name: table})
