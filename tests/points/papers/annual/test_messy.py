"""Towns whose year is irregular: movers, leavers, exempt and part-year members, vetoes, deductions below nothing.

Every figure here was worked out by hand from the regulation and the decisions named beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.clock import FrozenClock
from tests.factories import NOW, make_member
from tests.points.papers.messy_town import NAME, build_messy_town
from tests.points.papers.workbooks import read_scores, read_sheet
from tests.work import count_queries

pytestmark = pytest.mark.django_db

FIGURES = ("基础分", "激励分", "扣分", "一票否决", "年度积分", "上半年积分", "下半年积分")
JUDGED = ("评定等次", "评先评优资格", "支部排名", "备注")

# Under the default readings. Base: 12+12+12+12+6+3+3 = 60. 全勤 awarded 5.5 for heritage, 3 of it led: 4+3 (D4);
# the appraisal held in 2026 is second-half (D3): 6+6+6+6+3+3 and 7 in the first.
DEFAULT: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "全勤": ((60, 11, 0, "否", 71, 37, 34), ("待评定", "否", 1, None)),
    # D7: confirmed after the year, so the first half stands and the second is the difference.
    "次年否决": ((10, 0, 0, "是", 0, 6, -6), ("拟定不合格", "否", 4, None)),
    # D6: 12 less 15 stops at 0; D8: the second half is what is left to explain.
    "扣完为止": ((12, 0, 15, "否", 0, 6, -6), ("拟定不合格", "否", 4, None)),
    # Proposed, revoked and voided records do not count.
    "未予确认": ((4, 0, 0, "否", 4, 3, 1), ("拟定不合格", "否", 2, None)),
    "=同分": ((4, 0, 0, "否", 4, 3, 1), ("拟定不合格", "否", 2, None)),
    # D16: the branch of the last day reviews; records follow the member.
    "调动": ((8, 0, 0, "否", 8, 6, 2), ("拟定不合格", "否", 1, None)),
    "年后转出": ((0, 0, 0, "否", 0, 0, 0), ("拟定不合格", "否", 5, None)),
    # D15: exempt until 30 April, so May to December are in scope; D14: part of a year is not failed by itself.
    "恢复积分": ((5, 0, 0, "否", 5, 2, 3), ("待评定", "否", 3, "计分8个月")),
    "新预备": ((5, 0, 0, "否", 5, None, 5), ("不评定等次", "否", 3, "计分5个月")),
    # Vetoed on the last day of the half: both are 0.
    "半年否决": ((3, 0, 0, "是", 0, 0, 0), ("拟定不合格", "否", 5, "计分10个月")),
    "六月转入": ((7, 0, 0, "否", 7, 7, 0), ("待评定", "否", 2, "计分7个月")),
}
UNSCORED = {
    "转出": (None, "已转出"),
    "去世": (None, "已去世"),
    "停止": (None, "停止党籍"),
    "除名": (None, "已除名"),
    "退党": (None, "已退党"),
    "免积分": ("待评定", "不实行积分制"),
    "免预备": ("不评定等次", "不实行积分制"),
}
NO_FIGURE = {"交纳党费", "承诺践诺", "革命传统教育", "上级表彰", *FIGURES, "评先评优资格", "支部排名", "可兑现金额"}


def report(path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    call_command("annual_report", "2025", "--town", NAME, "--output", str(path / "r.xlsx"), *arguments)
    return read_scores(path / "r.xlsx")


def test_every_line_under_the_default_readings(clock: FrozenClock, tmp_path: Path) -> None:
    clock.now = NOW
    build_messy_town()
    rows = report(tmp_path)
    assert rows.keys() == DEFAULT.keys() | UNSCORED.keys()
    for name, (figures, judged) in DEFAULT.items():
        row = rows[name]
        assert (name, *(row[header] for header in FIGURES)) == (name, *figures)
        assert (name, *(row[header] for header in JUDGED)) == (name, *judged)
    for name, (rating, remark) in UNSCORED.items():
        row = rows[name]
        assert (row["评定等次"], row["备注"]) == (rating, remark)
        assert {header for header in NO_FIGURE if row[header] is not None} == set()
    assert (rows["全勤"]["革命传统教育"], rows["全勤"]["上级表彰"], rows["全勤"]["党课"]) == (7, 4, 12)


def test_lines_stand_by_branch_and_roster_order(clock: FrozenClock, tmp_path: Path) -> None:
    clock.now = NOW
    build_messy_town()
    rows = report(tmp_path)
    places = [(row["序号"], row["党支部"], name) for name, row in rows.items()]
    first = ["次年否决", "扣完为止", "未予确认", "=同分", "全勤"]
    second = ["调动", "转出", "去世", "停止", "除名", "退党", "年后转出", "免积分", "免预备", "恢复积分", "新预备"]
    second += ["半年否决", "六月转入"]
    names = [("一支部", name) for name in first] + [("二支部", name) for name in second]
    assert places == [(number, *place) for number, place in enumerate(names, start=1)]


def test_a_part_of_a_year_in_proportion(clock: FrozenClock, tmp_path: Path) -> None:
    """D16, `prorate_base`: base × months elapsed ÷ months in scope among them."""
    clock.now = NOW
    build_messy_town(part_year="prorate_base")
    rows = report(tmp_path)
    figures = {name: tuple(row[header] for header in FIGURES) for name, row in rows.items()}
    # May to December of twelve months: 5 × 12 ÷ 8 = 7.5; in the first half 2 × 6 ÷ 2 = 6.
    assert figures["恢复积分"] == (7.5, 0, 0, "否", 7.5, 6, 1.5)
    # 5 × 12 ÷ 5; the first half is out of scope.
    assert figures["新预备"] == (12, 0, 0, "否", 12, None, 12)
    # June alone: 7 × 6 ÷ 1 = 42, but by December 7 × 12 ÷ 7 = 12: the second half is negative (D8).
    assert figures["六月转入"] == (12, 0, 0, "否", 12, 42, -30)
    # Vetoed, but what was earned stays visible: 3 × 12 ÷ 10 = 3.6.
    assert figures["半年否决"] == (3.6, 0, 0, "是", 0, 0, 0)
    assert figures["全勤"] == (60, 11, 0, "否", 71, 37, 34)


def test_the_leading_role_inside_the_item_cap(clock: FrozenClock, tmp_path: Path) -> None:
    """D4, `within_item_cap`: 5.5 awarded and 3 more for leading make 4."""
    clock.now = NOW
    build_messy_town(lead_bonus="within_item_cap")
    row = report(tmp_path)["全勤"]
    assert (row["革命传统教育"], row["激励分"], row["年度积分"], row["上半年积分"]) == (4, 8, 68, 34)


def test_ratings_are_blank_to_the_last_minute_of_the_year_in_shanghai(clock: FrozenClock, tmp_path: Path) -> None:
    build_messy_town()
    clock.set(2025, 12, 31, 23, 59)
    rows = report(tmp_path)
    assert {row["评定等次"] for row in rows.values()} == {None}
    assert {row["评先评优资格"] for row in rows.values()} == {None}
    assert rows["全勤"]["年度积分"] == 71
    clock.set(2026, 1, 1, 0, 0)
    rows = report(tmp_path)
    assert rows["全勤"]["评定等次"] == "待评定"
    assert rows["转出"]["评定等次"] is None


def test_one_branch_alone_has_the_same_lines(clock: FrozenClock, tmp_path: Path) -> None:
    clock.now = NOW
    build_messy_town()
    town = report(tmp_path)
    branch = report(tmp_path, "--branch", "二支部")
    assert len(branch) == 13
    for name, row in branch.items():
        assert row == town[name] | {"序号": row["序号"]}
    assert [row["序号"] for row in branch.values()] == list(range(1, 14))


def test_the_summary_of_branches(clock: FrozenClock, tmp_path: Path) -> None:
    clock.now = NOW
    build_messy_town()
    report(tmp_path)
    rows = {row["党支部"]: row for row in read_sheet(tmp_path / "r.xlsx", "支部汇总", header_row=3)}
    first, second, total = rows["一支部"], rows["二支部"], rows["合计"]
    counted = ("党员数", "计分人数", "不实行积分制", "已离开", "平均分", "中位数", "最高分", "最低分")
    # 71 + 0 + 0 + 4 + 4 = 79 over 5
    assert [first[header] for header in counted] == [5, 5, 0, 0, 15.8, 4, 71, 0]
    # 8 + 0 + 5 + 5 + 0 + 7 = 25 over 6 = 4.1667
    assert [second[header] for header in counted] == [8, 6, 2, 5, 4.17, 5, 8, 0]
    # 104 over 11 = 9.4545
    assert [total[header] for header in counted] == [13, 11, 2, 5, 9.45, 4, 71, 0]
    assert [second[header] for header in ("优秀", "待评定", "拟定不合格", "不评定等次")] == [0, 3, 3, 2]
    assert [first[header] for header in ("待评定", "拟定不合格", "不评定等次")] == [1, 4, 0]


def test_the_number_of_queries_does_not_grow_with_the_members(clock: FrozenClock, tmp_path: Path) -> None:
    clock.now = NOW
    town = build_messy_town()
    few = count_queries(lambda: report(tmp_path))
    for number in range(40):
        make_member(town.branches.earliest("pk"), f"再来{number}")
    assert count_queries(lambda: report(tmp_path)) == few
