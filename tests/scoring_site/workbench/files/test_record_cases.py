"""Records and tick tables as offices write them (`tests/data/cases`), through the command and through the preview."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import models

from members.models import Branch
from points.models import PointEvent
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.scoring_site.workbench.files import test_cases
from tests.scoring_site.workbench.files.uploading import CASES, cells, confirm, run_command, upload


class Right(NamedTuple):
    """What is right of a file: how many records it brings, or the columns of its errors; what is said of it.

    `first` are rosters imported before it; `month` is when it comes.
    """

    added: int = 0
    errors: tuple[str, ...] = ()
    said: str = ""
    first: tuple[str, ...] = ()
    month: int = 12


MONTHS = tuple(f"{month}月" for month in range(1, 13))
TWO_ROWS = "请按项目拆成多个工作表"
RIGHT = {
    # What could be a tick or none is refused, whatever its neighbours say.
    "24-tick-glyphs/odd.xlsx": Right(errors=MONTHS, said="无法识别的打勾符号"),
    "24-tick-glyphs/ticks.xlsx": Right(11),
    # Only 1 and 0: that may be yuan or ticks, and counts the same.
    "27-dues-ledger-amounts/one-yuan.xlsx": Right(16),
    "27-dues-ledger-amounts/ticks.xlsx": Right(54, said="“交纳党费”填的是金额：54格按应交、实交同额登记"),
    "28-percent-and-rate-columns/hundred-percent-in-month.xlsx": Right(errors=MONTHS[:10], said="100%"),
    "28-percent-and-rate-columns/only-hundred.xlsx": Right(errors=MONTHS[:6], said="100%"),
    "28-percent-and-rate-columns/ticks.xlsx": Right(15, said="以下各列不认识，已忽略：序号、应到、实到、出勤率"),
    "29-tick-before-joining/activity.xlsx": Right(
        errors=(*MONTHS[:4], "第1季度"),
        said="2026-05-10以前不在名册上",
        first=("29-tick-before-joining/late-joiner.xlsx",),
    ),
    "29-tick-before-joining/ticks.xlsx": Right(
        errors=MONTHS[:4], said="2026-05-10以前不在名册上", first=("29-tick-before-joining/late-joiner.xlsx",)
    ),
    "30-future-month/ticks.xlsx": Right(errors=("12月",), said="这一期还没有开始", month=11),
    "30-future-month/records.xlsx": Right(errors=("日期", "日期"), said="2026-12-30在今天之后"),
    "32-namesakes/ticks.xlsx": Right(
        errors=("姓名",), said="请在本行填写公民身份号码", first=("32-namesakes/namesakes.xlsx",)
    ),
    "32-namesakes/ticks-id.xlsx": Right(8, first=("32-namesakes/namesakes.xlsx",)),
    "35-one-sheet-two-level-header/named-dues.xlsx": Right(errors=("B",), said=TWO_ROWS),
    "35-one-sheet-two-level-header/ticks.xlsx": Right(errors=("—",), said=TWO_ROWS),
    "36-points-with-sign-and-unit/records.xlsx": Right(errors=("分值",) * 4, said="请填写不带符号的数字"),
    "38-item-wording-of-the-regulation/records.xlsx": Right(10),
    "39-import-twice-and-superset/records.xlsx": Right(3),
    "39-import-twice-and-superset/superset.xlsx": Right(4),
    "41-quarterly-dues-one-day/bad.xlsx": Right(errors=("期次",) * 3, said="交纳党费按月计分"),
    "41-quarterly-dues-one-day/records.xlsx": Right(3),
}


@pytest.fixture
def branch(cast: Cast, clock: FrozenClock) -> Branch:
    """第一党支部 with its ten, in December."""
    clock.set(2026, 12, 20)
    run_command("import_roster", "00-base-roster/roster.xlsx", "--new-branches")
    return cast.town.branches.get(name="第一党支部")


def import_records(case: str) -> str:
    about = ("--branch", "第一党支部", "--year", "2026") if is_ticks(case) else ()
    return run_command("import_records", case, *about)


def is_ticks(case: str) -> bool:
    return Path(case).name != "records.xlsx" and Path(case).name not in ("superset.xlsx", "bad.xlsx")


def test_every_case_is_here() -> None:
    # `list.txt` is pasted into the month (tests/scoring_site/workbench/recording/test_pasted_case.py).
    files = {str(path.relative_to(CASES)) for path in CASES.rglob("*.*") if path.suffix not in (".md", ".txt")}
    first = {roster for right in RIGHT.values() for roster in right.first}
    assert files == {*test_cases.RIGHT, *RIGHT, *first}


@pytest.mark.parametrize("case", RIGHT)
def test_both_doors(case: str, cast: Cast, branch: Branch, clock: FrozenClock) -> None:
    right = RIGHT[case]
    clock.set(2026, right.month, 20)
    for roster in right.first:
        run_command("import_roster", roster)
    client = browse(cast.staff)
    about: dict[str, Any] = {"branch": branch.pk, "year": 2026} if is_ticks(case) else {"town": cast.town.pk}
    kind = "ticks" if is_ticks(case) else "records"
    preview = upload(client, kind, (CASES / case).read_bytes(), name=Path(case).name, **about)
    assert right.said in preview.content.decode()
    assert [row[1] for row in cells(preview)] == list(right.errors) or not right.errors
    said = import_records(case)
    assert right.said in said
    assert said.count("”第 ") == len(right.errors)
    assert PointEvent.objects.count() == right.added
    confirmed = confirm(client, preview)
    assert PointEvent.objects.count() == right.added
    assert right.errors or "没有新内容" in confirmed.content.decode()


def test_amounts_are_kept_and_zero_is_none(branch: Branch) -> None:
    case = "27-dues-ledger-amounts/ticks.xlsx"
    import_records(case)
    paid = {
        (name, month): fen
        for name, month, fen in PointEvent.objects.values_list("member__name", "period", "paid_fen")
        if month in ("2026-01", "2026-07")
    }
    assert paid == {
        ("陆明德", "2026-01"): 20,
        ("陆明德", "2026-07"): 20,
        ("沈秋云", "2026-01"): 100,
        ("沈秋云", "2026-07"): 100,
        ("顾长河", "2026-01"): 1000,
        ("顾长河", "2026-07"): 1000,
        ("钱小满", "2026-07"): 50,
        ("褚文博", "2026-01"): 500,
        ("褚文博", "2026-07"): 500,
    }
    assert not PointEvent.objects.exclude(due_fen=models.F("paid_fen")).exists()
    assert "没有新内容" in import_records(case)


def test_an_amount_beside_a_tick_without_one_is_told(branch: Branch) -> None:
    import_records("24-tick-glyphs/ticks.xlsx")
    said = import_records("27-dues-ledger-amounts/ticks.xlsx")
    assert "未登记金额。本行为：应交0.20元，实交0.20元。" in said
    assert PointEvent.objects.count() == 11


def test_a_second_and_a_longer_file_add_what_is_new(branch: Branch) -> None:
    import_records("39-import-twice-and-superset/records.xlsx")
    assert "没有新内容" in import_records("39-import-twice-and-superset/records.xlsx")
    assert "新增 1，已有 3" in import_records("39-import-twice-and-superset/superset.xlsx")
    assert PointEvent.objects.count() == 4
