"""A chat's list with names like other names (case 54), pasted into the month: with scripts and without."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Exemption, Member
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_member
from tests.scoring_site.screens import visible
from tests.scoring_site.workbench.files.uploading import CASES

LIST = (CASES / "54-pasted-list-similar-names" / "list.txt").read_text(encoding="utf-8")
NAMES = (
    *("高建波", "崔文斌", "韩卫东", "王红星", "石长青", "余诗雨", "刘建军", "刘建军", "潘青松", "吴长顺", "谢小满"),
    *("吴远帆", "黄红兵", "韩云霞", "李明轩", "单志和", "施玉兰"),
)
TICKED = ["高建波", "崔文斌", "余诗雨", "吴长顺", "谢小满", "韩云霞"]
ASKED = {
    "11月组织生活会报到": [],
    "韩卫东": ["韩卫东"],
    "王红星代石长青": ["王红星", "石长青"],
    "刘建军": ["刘建军（1970年生）", "刘建军（1971年生）"],
    # 潘青松 is another name: whose name only begins so is not even offered.
    "潘青": [],
    "大吴远帆": ["吴远帆"],
    "黄红兵爱人": ["黄红兵"],
    "李明轩未到": ["李明轩"],
    "张三": [],
}
MISSING = ["张伟", "李娜", "曾国华", "潘青松", "施玉兰"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(cast: Cast, clock: FrozenClock) -> list[Member]:
    """The names of the list beside the cast, two 刘建军, one who is not in it, and 单志和 exempt (2.6)."""
    clock.set(2026, 11, 20)
    members: list[Member] = []
    for name in NAMES:
        born = 1970 + sum(one.name == name for one in members)
        members.append(make_member(cast.branch_a, name, birth_date=date(born, 5, 1)))
    (exempt,) = [member for member in members if member.name == "单志和"]
    day = date(2026, 1, 5)
    Exemption.objects.create(member=exempt, ground="unable", applied_on=day, decided_on=day, from_date=day)
    return members


def test_pasted_with_scripts(members: list[Member], cast: Cast, recorder: Client) -> None:
    answer = recorder.post(reverse("workbench:names"), {"branch": cast.branch_a.pk, "text": LIST}).json()
    assert [row["name"] for row in answer["found"]] == [*TICKED, "单志和"]
    assert {row["words"]: [one["name"] for one in row["candidates"]] for row in answer["left"]} == ASKED
    assert answer["missing_names"].split("、") == MISSING


def test_pasted_without_scripts(members: list[Member], cast: Cast, recorder: Client) -> None:
    typed = {"token": str(uuid4()), "dues_on": "2026-11-20", "held_on": "2026-11-20", "do": "paste", "pasted": LIST}
    month = f"{reverse('workbench:month')}?branch={cast.branch_a.pk}&month=2026-11"
    page = recorder.post(month, typed | {"pasted_as": "dues"})
    ticked = set(re.findall(r'name="dues_(\d+)"[^>]*checked', page.content.decode()))
    assert [member.name for member in members if str(member.pk) in ticked] == TICKED
    text = visible(page)
    assert (
        "找到6人，另有9处请您确定。 名单中有、但此处不能填写（原因见其所在行）：单志和。 "
        "名单中没有的：5人 张伟、李娜、曾国华、潘青松、施玉兰"
    ) in text
