"""The words of a town's workbooks and papers, which are Chinese whatever language the screen is in.

One map per code, each value the regulation's own word or that of `D14` and `D16`.
"""

from __future__ import annotations

from collections.abc import Mapping

from foundation.tenths import say_points
from members.models import Member, Membership
from points.rules import ratings
from points.rules.rulebook import ItemKind, Rulebook
from veto.models import Finding

YES = "是"
NO = "否"
PROVISIONAL = "未定稿"
FINAL = "已定稿"
EXEMPT = "不实行积分制"
LED = "带头作用，双倍"

CATEGORIES: Mapping[str, str] = {
    Member.Category.FULL: "正式党员",
    Member.Category.PROBATIONARY: "预备党员",
}

LEFT: Mapping[str, str] = {
    Membership.Why.TRANSFERRED_OUT: "已转出",
    Membership.Why.DECEASED: "已去世",
    Membership.Why.SUSPENDED: "停止党籍",
    Membership.Why.REMOVED: "已除名",
    Membership.Why.WITHDRAWN: "已退党",
}

RATINGS: Mapping[str, str] = {
    "": "",
    ratings.EXCELLENT: "优秀",
    ratings.QUALIFIED: "合格",
    ratings.BASICALLY_QUALIFIED: "基本合格",
    ratings.UNQUALIFIED: "不合格",
    ratings.DEFERRED: "暂缓评定",
    ratings.PENDING: "待评定",
    ratings.PROPOSED_FAIL: "拟定不合格",
    ratings.NOT_GRADED: "不评定等次",
}

RECORD_KINDS: Mapping[ItemKind, str] = {"points": "得分", "deduction": "扣分", "veto": "一票否决"}

RECORD_STATES: Mapping[str, str] = {
    Finding.State.VOID: "作废",
    Finding.State.REVOKED: "已撤销",
    Finding.State.DISMISSED: "未予确认",
    Finding.State.ENDED: "已终止",
    Finding.State.PROPOSED: "待定",
}

SETTING_NAMES: Mapping[str, str] = {
    "lead_bonus": "双倍加分与单项满分",
    "part_year": "计分不满一年",
    "late_dues": "补交党费",
    "notice_days": "公示天数",
    "notice_day_kind": "公示天数的算法",
    "restart_on_correction": "公示期间更正",
    "exemption_age": "可申请不实行积分制的年龄",
    "outside_columns": "对外公示的内容",
    "appeal_days": "申诉期限",
    "mark_above": "核定时重点提示的加分",
}

SETTING_VALUES: Mapping[tuple[str, str | int | bool], str] = {
    (
        "lead_bonus",
        "beyond_item_cap",
    ): "带头加分另计：每项参与分、带头加分各以{item}为限，{items}项合计不超过{incentive}分",
    ("lead_bonus", "within_item_cap"): "带头加分计入单项满分：每项参与分加带头加分不超过{item}",
    ("part_year", "as_earned"): "按实得分计算，注明计分月数",
    ("part_year", "prorate_base"): "基础分按计分月数折算，四舍五入到0.1分，不超过{base}分",
    ("late_dues", "until_approval"): "支部核定以后补交的，销欠缴、不计分",
    ("late_dues", "always"): "补交的照常计分",
    ("notice_day_kind", "calendar"): "自然日，最后一天遇法定休假日顺延",
    ("notice_day_kind", "working"): "工作日",
    ("restart_on_correction", True): "更正的一行重新公示满天数",
    ("restart_on_correction", False): "更正的一行不重新计算天数",
    ("outside_columns", "score"): "只公示积分",
    ("outside_columns", "parts"): "公示积分和基础分、激励分、扣分合计",
}

SETTING_UNITS: Mapping[str, str] = {
    "notice_days": "天",
    "exemption_age": "周岁",
    "appeal_days": "天",
    "mark_above": "分（一次加分超过此数）",
}


READINGS: Mapping[tuple[str, str | int | bool], str] = {
    ("lead_bonus", "beyond_item_cap"): "带头加分另计",
    ("lead_bonus", "within_item_cap"): "带头加分计入单项满分",
    ("part_year", "as_earned"): "不满一年按实得分",
    ("part_year", "prorate_base"): "不满一年按月折算",
}
"""The readings that change figures, short enough to stand over a table (D4, D16)."""


def name_setting_value(rulebook: Rulebook, name: str, value: str | int | bool) -> str:
    """What a setting says under a rulebook, in words."""
    words = SETTING_VALUES.get((name, value))
    return words.format_map(name_limits(rulebook)) if words else f"{value}{SETTING_UNITS.get(name, '')}"


def name_limits(rulebook: Rulebook) -> Mapping[str, str]:
    """The rulebook's numbers for the words that speak of them; those of items where all items agree."""
    caps, takes = {item.cap for item in rulebook.incentive}, {item.points for item in rulebook.negative}
    return {
        "items": _count(len(rulebook.incentive)),
        "item": f"{say_points(min(caps))}分" if len(caps) == 1 else "该项满分",
        "finding": f"每次{say_points(min(takes))}分" if len(takes) == 1 else "每次按该项的分值",
        "full": say_points(rulebook.caps.base + rulebook.caps.incentive),
        "base": say_points(rulebook.caps.base),
        "incentive": say_points(rulebook.caps.incentive),
        "passing": say_points(rulebook.thresholds.passing),
        "award": say_points(rulebook.thresholds.award),
        "excellent": say_points(rulebook.thresholds.excellent),
    }


def _count(number: int) -> str:
    """A number of items in Chinese up to 99, in figures beyond: 七, 十, 十二, 二十."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    head = f"{_DIGITS[tens] if tens > 1 else ''}十" if tens else ""
    return head + (_DIGITS[ones] if ones or not tens else "")


_DIGITS = "零一二三四五六七八九"


def name_part_year(months: int) -> str:
    """The remark on a member who was in the scheme for part of the year (D16)."""
    return f"计分{months}个月"
