"""A roster of sixty as an office keeps it is imported at the first try, in few actions, without editing the file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from members.models import Member
from tests.browser import Hand, log_in, scrolls_sideways
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_id_number
from tests.members.roster_files.tables import make_merged

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "东河村、西岭村党员花名册"
HEADER = (
    (
        "序号",
        "党支部\n（全称）",
        "姓  名",
        "性 别",
        "公民身份\n号码",
        "人员类别",
        "入党情况",
        None,
        "※联系电话",
        "备注",
    ),
    (None, None, None, None, None, None, "入党日期", "转正日期", None, None),
)
JOINED = ("2001-07-01", "2001.07", "2001年7月")


def office_row(number: int, branch: str | None) -> tuple[Any, ...]:
    """One member as an office writes one: names, numbers and days each in several ways."""
    birth = date(1960 + number % 30, 1 + number % 12, 1 + number % 28)
    id_number = make_id_number(2 * number + 1, birth)
    spaced = f"{id_number[:6]} {id_number[6:14]} {id_number[14:]}"
    name = f"陆{chr(0x4E00 + 7 * number)}{chr(0x5E73 + 3 * number)}"
    return (
        number + 1,
        branch,
        f"{name}（党小组长）" if number % 20 == 7 else name,
        "男",
        spaced if number % 3 else id_number,
        "正式党员",
        JOINED[number % 3],
        "2002-07-01" if number % 3 == 0 else None,
        f"139 0000 {number:04}",
        "外出务工" if number % 15 == 4 else None,
    )


def office_roster() -> bytes:
    """Title, a header of two rows with breaks, the branch merged down, subtotals, and who filled it in below."""
    first = [office_row(number, None if number else "东河村党支部") for number in range(35)]
    second = [office_row(number, None if number > 35 else "西岭村党支部") for number in range(35, 60)]
    rows = [
        (TITLE,),
        *HEADER,
        *first,
        (None, "小计", "35人"),
        *second,
        (None, "小计", "25人"),
        (None, "合计", "60人"),
        ("填表人：陆明德",),
    ]
    return make_merged({"党员花名册": rows}, "A1:J1", "G2:H2", "B4:B38", "B40:B64")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_offices_roster_of_sixty_is_imported_at_the_first_try(
    width: int, transactional_db: None, clock: FrozenClock, browser_page: Page
) -> None:
    clock.now = NOW
    cast = build_cast()
    there = Member.objects.count()
    page, hand = browser_page, Hand()
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "staff", "/workbench/import/roster/")
    file: FilePayload = {"name": "花名册.xlsx", "mimeType": XLSX, "buffer": office_roster()}
    hand.attach(page.locator("input[name=file]"), file)
    hand.click(page.locator("input[name=new_branches]"))
    hand.click(page.get_by_role("button", name="上传并预览"))
    expect(page.get_by_text("没有错误")).to_be_visible()
    assert not scrolls_sideways(page)
    hand.click(page.get_by_role("button", name="导入60行"))
    expect(page.get_by_role("button", name="导入60行")).to_have_count(0)
    print(f"\n{width} px: a roster of sixty in {hand.actions} actions")
    assert hand.actions <= 4
    assert Member.objects.count() == there + 60
    names = ("东河村党支部", "西岭村党支部")
    branches = [cast.town.branches.get(name=name) for name in names]
    assert [Member.objects.filter(memberships__branch=branch).count() for branch in branches] == [35, 25]
    leader = Member.objects.get(name=f"陆{chr(0x4E00 + 49)}{chr(0x5E73 + 21)}")
    assert (str(leader.birth_date), leader.phone) == ("1967-08-08", "139 0000 0007")
