"""A member's copy of what is held about them: all of it, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.test import Client

from members.accounts.sessions import PROVEN
from members.models import AccessEntry, Member, User
from members.people.fields import MEMBER_FIELDS
from points.models import ReviewLine
from publicity.models import Notice
from publicity.objections.objections import raise_objection
from scoring_site.portal.own_copy import LEFT_OUT, PARTS
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_batch, make_event
from tests.pages import browse
from tests.scoring_site.portal.world import World, build_world, veto
from veto.deciding import propose_deduction

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(clock: FrozenClock) -> World:
    clock.now = NOW
    world = build_world()
    veto(world.cast)
    return world


def take_copy(cast: Cast, who: str = "member_user_a") -> dict[str, list[tuple[Any, ...]]]:
    """The rows below each sheet's header."""
    answer = browse(getattr(cast, who)).get("/my-data/copy/")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    first, *others = book.worksheets
    rows = {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in others}
    return {first.title: list(first.iter_rows(min_row=4, values_only=True)), **rows}


def test_every_kind_of_record_has_its_sheet_in_words(world: World) -> None:
    member = world.cast.member_a
    member.refresh_from_db()
    copy = take_copy(world.cast)
    assert copy["本人信息"] == [
        *((str(field.label), field.say_of(member, in_full=True)) for field in MEMBER_FIELDS.values()),
        ("用户名", "member-a"),
    ]
    events = copy["积分记录"]
    assert [(row[1], row[3], row[4], row[5]) for row in events] == [
        ("交纳党费", "2026-01", 1, "否"),
        ("交纳党费", "2026-02", 1, "否"),
        ("党员活动日", "2026-01", 1, "否"),
        ("志愿服务", None, 2.5, "是"),
    ]
    assert {row[8] for row in events} == {"甲记录员"}
    [deduction] = copy["扣分"]
    assert deduction[0] == "传播谣言"
    assert deduction[2:5] == ("经网信办认定", "县网信办认定书1号", "已提出，待决定")
    [found] = copy["一票否决"]
    assert (found[0], found[3], found[5]) == (2025, "县纪委〔2025〕3号", "已确认，计入")
    [line] = copy["核定结果"]
    frozen = ReviewLine.objects.get(member=member)
    assert (line[0], line[1], line[2], line[-1]) == ("2025年上半年", "一支部", 1, frozen.hash)
    assert [row[2] for row in copy["异议"]] == ["漏登一次党课"]
    assert [row[3] for row in copy["积分申报"]] == ["参加议事会"]
    assert [row[2] for row in copy["不实行积分制申请"]] == ["腿脚不便"]
    assert [row[1] for row in copy["消息"]][-1] == "您所在党支部的积分已公示"


def test_nothing_of_anybody_else_is_in_it(world: World) -> None:
    cast = world.cast
    other = cast.members_a[1]
    neighbour = User.objects.create_user("neighbour", town=cast.town, member=other)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, other, "volunteering", "", points=10, date=TODAY, note="别人的好事")
    notice = Notice.objects.get()
    raise_objection(actor=neighbour, now=NOW, notice=notice, text="张伟的分多算了", about=cast.member_a)
    for member, text in ((other, "别人的事由"), (cast.member_a, "还没有告知本人的事由")):
        propose_deduction(
            actor=cast.recorder_a, now=NOW, item="rumour", member=member, date=TODAY, particulars=text, papers="材料"
        )
    said = str(take_copy(cast))
    for leaked in ("别人的好事", "张伟的分多算了", "别人的事由", "还没有告知本人的事由", other.name):
        assert leaked not in said
    assert "漏登一次党课" in said


def test_it_is_taken_after_the_password_and_noted(world: World) -> None:
    client = browse(world.cast.member_user_a)
    session = client.session
    session[PROVEN] = (NOW - timedelta(days=1)).isoformat()
    session.save()
    asked = client.get("/my-data/copy/")
    assert (asked.status_code, "password_again" in asked.content.decode()) == (403, True)
    take_copy(world.cast)
    assert AccessEntry.objects.filter(user=world.cast.member_user_a, path="/my-data/copy/").count() == 1
    assert "/my-data/copy/" in browse(world.cast.member_user_a).get("/my-data/").content.decode()


def test_every_table_with_a_persons_rows_is_in_it_or_says_why_not() -> None:
    """Whoever adds a table decides; rows of an office (by, actor, entered_by …) are the town's."""
    whose = {"member", "user", "objector", "objection__objector", "line__member"}
    tables = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ("members", "points", "veto", "publicity")
        and any(field.name in whose and field.related_model in (Member, User) for field in model._meta.fields)
    }
    there = {part.model._meta.label for part in PARTS}
    assert tables - there - set(LEFT_OUT) == set()
    assert there & set(LEFT_OUT) == set()


def test_its_own_words_are_chinese_whatever_the_page_is_in(world: World, client: Client) -> None:
    client.force_login(world.cast.member_user_a)
    answer = client.get("/my-data/copy/", headers={"accept-language": "en"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    heads = [str(cell.value) for sheet in book.worksheets[1:] for cell in sheet[1]]
    assert [head for head in heads if any("a" <= letter <= "z" for letter in head.lower())] == []
