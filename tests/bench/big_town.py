"""The files of a big town, the same every time: 3,000 members in 60 branches, 90 records each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from openpyxl import Workbook

from tests.factories import make_id_number

TOWN = "大镇"
YEAR = 2025
MEMBERS = 3000
BRANCHES = 60
RECORDS_EACH = 90

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN_NAMES = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国文"
ROSTER_HEADERS = ("党支部", "姓名", "公民身份号码", "人员类别", "入党日期", "联系电话")
RECORD_HEADERS = (
    "党支部",
    "姓名",
    "公民身份号码",
    "类别",
    "项目",
    "日期",
    "期次",
    "分值",
    "带头作用",
    "说明",
    "核实日期",
)
INCENTIVE_NAMES = (
    *("革命传统教育", "理论学习心得", "党员议事会", "红色家访", "志愿服务"),
    *("党史知识竞赛", "结对帮扶", "基层治理项目", "年度重点工作", "上级表彰"),
)

Person = tuple[str, str, str]


def people() -> list[Person]:
    """Branch, name and ID number of every member."""
    found = []
    for number in range(MEMBERS):
        name = SURNAMES[number % 32] + GIVEN_NAMES[number // 32 % 31] + GIVEN_NAMES[number // 1024 * 7 % 31]
        born = date(1950, 1, 1) + timedelta(days=number * 5)
        found.append((f"第{number % BRANCHES + 1}党支部", name, make_id_number(number % 1000, born)))
    return found


def base_periods() -> list[tuple[str, str, date]]:
    """Item, period and date of the 36 base records of a whole year."""
    months = [(f"{YEAR}-{month:02}", date(YEAR, month, 5)) for month in range(1, 13)]
    quarters = [(f"{YEAR}Q{number}", date(YEAR, 3 * number - 1, 8)) for number in range(1, 5)]
    halves = [(f"{YEAR}H1", date(YEAR, 6, 20)), (f"{YEAR}H2", date(YEAR, 12, 20))]
    years = [(str(YEAR), date(YEAR, 12, 28))]
    groups = (
        (("交纳党费", "党员活动日"), months),
        (("党课", "党员大会"), quarters),
        (("组织生活会",), halves),
        (("民主评议党员", "承诺践诺"), years),
    )
    return [(item, *period) for items, periods in groups for item in items for period in periods]


def records(everybody: list[Person]) -> Iterator[tuple[object, ...]]:
    """Every row of the records workbook: a whole year's base records, deeds, and here and there a deduction."""
    random = Random(2025)
    base = base_periods()
    for number, person in enumerate(everybody):
        for item, period, day in base:
            yield (*person, "得分", item, day, period, None, None, None, None)
        deeds = RECORDS_EACH - len(base)
        if number % 50 == 0:
            deeds -= 1
            found = date(YEAR, 1 + number % 12, 3)
            yield (*person, "扣分", "参与赌博", found, None, None, None, "经支委会调查核实", found + timedelta(days=10))
        for _ in range(deeds):
            day = date(YEAR, 1, 1) + timedelta(days=random.randrange(365))
            led = "是" if random.random() < 0.2 else "否"
            points = random.randrange(1, 41) / 10
            yield (*person, "得分", random.choice(INCENTIVE_NAMES), day, None, points, led, None, None)


def write_files(directory: Path) -> None:
    """Write `roster.xlsx` and `records.xlsx`."""
    everybody = people()
    assert len(set(everybody)) == MEMBERS
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("党员名册")
    sheet.append(ROSTER_HEADERS)
    for number, (branch, name, id_number) in enumerate(everybody):
        sheet.append((branch, name, id_number, "正式党员", date(2000, 7, 1), f"139{number:08}"))
    workbook.save(directory / "roster.xlsx")
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("积分记录")
    sheet.append(RECORD_HEADERS)
    for row in records(everybody):
        sheet.append(row)
    workbook.save(directory / "records.xlsx")
