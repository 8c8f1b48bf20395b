"""Words that speak of the rulebook's numbers say those of the rulebook at hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from points.papers.annual.workbook import HOW_TO_READ
from points.papers.words import name_limits, name_setting_value
from points.rules.rulebook import Caps, Rulebook, Thresholds, load_shipped_rulebook

SHIPPED = load_shipped_rulebook()
OTHER = replace(
    SHIPPED,
    caps=Caps(base=700, incentive=300),
    thresholds=Thresholds(passing=505, award=700, excellent=850),
    incentive=(replace(SHIPPED.incentive[0], cap=55), *SHIPPED.incentive[1:7]),
    negative=(replace(SHIPPED.negative[0], points=100), *SHIPPED.negative[1:]),
)


@pytest.mark.parametrize(
    ("rulebook", "name", "value", "says"),
    [
        (SHIPPED, "lead_bonus", "beyond_item_cap", "带头加分另计：每项参与分、带头加分各以4分为限，十项合计不超过40分"),
        (SHIPPED, "lead_bonus", "within_item_cap", "带头加分计入单项满分：每项参与分加带头加分不超过4分"),
        (SHIPPED, "part_year", "prorate_base", "基础分按计分月数折算，四舍五入到0.1分，不超过60分"),
        (SHIPPED, "notice_days", 5, "5天"),
        (OTHER, "lead_bonus", "beyond_item_cap",
         "带头加分另计：每项参与分、带头加分各以该项满分为限，七项合计不超过30分"),
        (OTHER, "lead_bonus", "within_item_cap", "带头加分计入单项满分：每项参与分加带头加分不超过该项满分"),
        (OTHER, "part_year", "prorate_base", "基础分按计分月数折算，四舍五入到0.1分，不超过70分"),
    ],
)  # fmt: skip
def test_settings_in_words(rulebook: Rulebook, name: str, value: str | int, says: str) -> None:
    assert name_setting_value(rulebook, name, value) == says


@pytest.mark.parametrize(
    ("rulebook", "figures"),
    [
        (SHIPPED, ("100", "十", "40", "每次5分", "60", "80", "90")),
        (OTHER, ("100", "七", "30", "每次按该项的分值", "50.5", "70", "85")),
    ],
)
def test_how_to_read_the_annual_report(rulebook: Rulebook, figures: tuple[str, ...]) -> None:
    full, items, incentive, finding, passing, award, excellent = figures
    notes = {subject: text.format_map(name_limits(rulebook)) for subject, text in HOW_TO_READ}
    assert notes["年度积分"].endswith(f"满分{full}分。")
    assert notes["激励各项"] == f"列出双倍加分和单项限额之后的得分；“激励分”为{items}项合计，不超过{incentive}分。"
    assert notes["扣分"] == f"年内经支委会确认的扣分合计；{finding}，扣完为止。"
    assert notes["评先评优资格"] == f"年度结束前为空；年度积分{award}分及以上为“是”（《办法》四）。"
    assert f"年度积分{passing}分及以上的才有数" in notes["可兑现金额"]
    assert notes["分数界限"] == f"{passing}分算合格，{award}分、{excellent}分均含本数。"


COUNTS = [(1, "一"), (9, "九"), (11, "十一"), (20, "二十"), (34, "三十四"), (100, "100")]


@pytest.mark.parametrize(("number", "says"), COUNTS)
def test_items_are_counted_in_chinese(number: int, says: str) -> None:
    items = SHIPPED.incentive * 10
    assert name_limits(replace(SHIPPED, incentive=items[:number]))["items"] == says
