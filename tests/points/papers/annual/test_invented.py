"""Invented towns against a second reckoning: written from the regulation in points and fractions, sharing no code.

What the engine does in tenths, by plan and by sheet, is done here item by item with a pocket calculator's means.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from members.models import Membership
from members.selectors import system_account
from points.scoring.adoption import set_up_town
from tests.clock import FrozenClock
from tests.factories import LONG_AGO, NOW, make_batch, make_branch, make_member
from tests.points.papers.messy_town import Builder
from tests.points.papers.workbooks import read_scores

# 2.3.1: item, Chinese name, periods with the month in which each ends, points a time.
MONTHS = [(f"2025-{month:02}", month) for month in range(1, 13)]
QUARTERS = [(f"2025Q{number}", 3 * number) for number in range(1, 5)]
HALVES = [("2025H1", 6), ("2025H2", 12)]
BASE = (
    ("dues", "交纳党费", MONTHS, 1),
    ("party_day", "党员活动日", MONTHS, 1),
    ("lecture", "党课", QUARTERS, 3),
    ("assembly", "党员大会", QUARTERS, 3),
    ("life_meeting", "组织生活会", HALVES, 3),
)
YEARLY = (("appraisal", "民主评议党员"), ("pledge", "承诺践诺"))
DEEDS = {
    "heritage": "革命传统教育",
    "essay": "理论学习心得",
    "council": "党员议事会",
    "home_visit": "红色家访",
    "volunteering": "志愿服务",
    "contest": "党史知识竞赛",
    "pairing": "结对帮扶",
    "governance": "基层治理项目",
    "key_task": "年度重点工作",
    "commendation": "上级表彰",
}


@dataclass
class Life:
    """What one invented member did in 2025."""

    name: str
    since: date
    ticks: list[tuple[str, str, int, date]] = field(default_factory=list)  # item, period, month it ends, day
    yearly: list[tuple[str, date]] = field(default_factory=list)
    deeds: list[tuple[str, date, int, bool]] = field(default_factory=list)  # item, day, tenths, led
    deductions: list[date] = field(default_factory=list)
    veto: date | None = None  # the day it was confirmed


def month_end(month: int) -> date:
    return date(2025, month, calendar.monthrange(2025, month)[1])


def invent_life(random: Random, name: str) -> Life:
    life = Life(name, LONG_AGO if random.random() < 0.6 else date(2025, 1, 1) + timedelta(days=random.randrange(365)))
    zeal = random.random()
    for item, _name, periods, _points in BASE:
        for period, month in periods:
            if random.random() < zeal:
                life.ticks.append((item, period, month, month_end(month) - timedelta(days=random.randrange(-20, 28))))
    for item, _name in YEARLY:
        if random.random() < zeal:
            life.yearly.append((item, random.choice([date(2025, 3, 2), date(2025, 11, 2), date(2026, 2, 3)])))
    for item in DEEDS:
        for _ in range(random.choice([0, 0, 1, 1, 2, 5])):
            day = date(2025, 1, 1) + timedelta(days=random.randrange(365))
            life.deeds.append((item, day, random.randrange(1, 41), random.random() < 0.4))
    for _ in range(random.choice([0, 0, 0, 1, 3])):
        life.deductions.append(date(2025, 1, 1) + timedelta(days=random.randrange(365)))
    if random.random() < 0.15:
        life.veto = random.choice([date(2025, 6, 30), date(2025, 7, 1), date(2025, 12, 31), date(2026, 2, 1)])
    return life


class Reckoning:
    """One member's figures by the regulation, in points."""

    def __init__(self, life: Life, *, lead_bonus: str, part_year: str) -> None:
        self.life, self.lead_bonus, self.part_year = life, lead_bonus, part_year
        self.months = [month for month in range(1, 13) if life.since <= month_end(month)]

    def item(self, code: str, until: int) -> Fraction:
        deeds = [
            (tenths, led)
            for item, day, tenths, led in self.life.deeds
            if item == code and day.month <= until and self.life.since <= day
        ]
        awarded = Fraction(sum(tenths for tenths, _led in deeds), 10)
        bonus = Fraction(sum(tenths for tenths, led in deeds if led), 10)
        if self.lead_bonus == "within_item_cap":
            return min(Fraction(4), awarded + bonus)
        return min(Fraction(4), awarded) + min(Fraction(4), bonus)

    def was_there(self, code: str, last_month: int, day: date) -> bool:
        """D16: dues and pledge by their period, a meeting by its day, or the period's last where it was held later."""
        end = month_end(last_month)
        return self.life.since <= (end if code in ("dues", "pledge") else min(day, end))

    def base_item(self, code: str, until: int) -> int:
        for item, _name, _periods, points in BASE:
            if item == code:
                ended = [(month, day) for of, _period, month, day in self.life.ticks if of == code and month <= until]
                return points * len([1 for month, day in ended if self.was_there(code, month, day)])
        last = date(2025, until, 30)
        return 3 * len(
            [1 for item, day in self.life.yearly if item == code and day <= last and self.was_there(code, 12, day)]
        )

    def base(self, until: int) -> Fraction:
        codes = [item for item, *_ in BASE] + [item for item, _name in YEARLY]
        earned = Fraction(sum(self.base_item(code, until) for code in codes))
        if until == 12:  # what is dated after the year belongs to its second half (D3)
            after = [item for item, day in self.life.yearly if day.year > 2025]
            earned += 3 * len([1 for item in after if self.was_there(item, 12, month_end(12))])
        inside = [month for month in self.months if month <= until]
        if self.part_year == "prorate_base" and 0 < len(inside) < until:
            earned = min(Fraction(60), Fraction(int(earned * until / len(inside) * 10 + Fraction(1, 2)), 10))
        return earned

    def incentive(self, until: int) -> Fraction:
        return min(Fraction(40), sum((self.item(code, until) for code in DEEDS), Fraction(0)))

    def deducted(self, until: int) -> int:
        return 5 * len([day for day in self.life.deductions if day.month <= until])

    def total(self, until: int) -> Fraction:
        if self.life.veto and (until == 12 or self.life.veto <= date(2025, 6, 30)):
            return Fraction(0)
        return max(Fraction(0), self.base(until) + self.incentive(until) - self.deducted(until))

    @property
    def row(self) -> dict[str, Any]:
        in_first_half = self.life.since <= date(2025, 6, 30)
        part_year = len(self.months) < 12
        total = self.total(12)
        first = self.total(6) if in_first_half else None
        fails = self.life.veto is not None or (total < 60 and not part_year)
        return {
            **{name: self.item(code, 12) for code, name in DEEDS.items()},
            "基础分": self.base(12),
            "激励分": self.incentive(12),
            "扣分": self.deducted(12),
            "一票否决": "是" if self.life.veto else "否",
            "年度积分": total,
            "上半年积分": first,
            "下半年积分": total - (first or 0),
            "评定等次": "拟定不合格" if fails else "待评定",
            "评先评优资格": "是" if total >= 80 else "否",
            "备注": f"计分{len(self.months)}个月" if part_year else None,
        }


@pytest.mark.django_db
@pytest.mark.parametrize("part_year", ["as_earned", "prorate_base"])
@pytest.mark.parametrize("lead_bonus", ["beyond_item_cap", "within_item_cap"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_agrees_with_the_second_reckoning(
    clock: FrozenClock, tmp_path: Path, seed: int, lead_bonus: str, part_year: str
) -> None:
    clock.now = NOW
    settings = {"lead_bonus": lead_bonus, "part_year": part_year}
    town = set_up_town(now=NOW, name="造镇", years=[2025], settings=settings)
    builder = Builder(make_batch(system_account(town), town))
    branches = [make_branch(town, name, position=position) for position, name in enumerate(("甲支部", "乙支部"))]
    random = Random(seed)
    lives = [invent_life(random, f"党员{number}") for number in range(24)]
    for number, life in enumerate(lives):
        why = Membership.Why.REGISTERED if life.since == LONG_AGO else Membership.Why.TRANSFERRED_IN
        member = make_member(branches[number % 2], life.name, since=life.since, why=why)
        for item, period, _month, day in life.ticks:
            builder.base(member, item, [period], on=day)
        for item, day in life.yearly:
            builder.base(member, item, ["2025"], on=day)
        for item, day, tenths, led in life.deeds:
            builder.deed(member, item, day, tenths, led=led)
        builder.deduct(member, *life.deductions)
        if life.veto is not None:
            builder.veto(member, date(2025, 5, 1), life.veto)
    call_command("annual_report", "2025", "--town", "造镇", "--output", str(tmp_path / "r.xlsx"))
    rows = read_scores(tmp_path / "r.xlsx")
    reckoned = {life.name: Reckoning(life, **settings).row for life in lives}
    different = [
        (name, header, rows[name][header], value)
        for name, row in reckoned.items()
        for header, value in row.items()
        if rows[name][header] != (float(value) if isinstance(value, Fraction) else value)
    ]
    assert different == []
    for place in range(2):
        totals = [reckoned[life.name]["年度积分"] for life in lives[place::2]]
        for life, total in zip(lives[place::2], totals, strict=True):
            assert rows[life.name]["支部排名"] == 1 + len([other for other in totals if other > total])
