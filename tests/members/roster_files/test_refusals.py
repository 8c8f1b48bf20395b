"""Rosters that are refused: bad rows, no table, another file than previewed, no staff of the town."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from foundation.errors import FileChanged
from members.models import Branch, Member, Membership
from members.roster_files.importing import import_roster, preview_roster
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, make_id_number, make_member, make_membership
from tests.members.roster_files.rosters import ID, look, roster, rows_in_tables, run
from tests.members.roster_files.tables import Raw, make_xlsx

BAD_ROWS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no branch": ({"党支部": None}, "党支部", "不能空白"),
    "branch of spaces": ({"党支部": " \u3000"}, "党支部", "不能空白"),
    "branch too long": ({"党支部": "村" * 101}, "党支部", "101 个字"),
    "closed branch": ({"党支部": "撤销支部"}, "党支部", "已于 2020-01-01 撤销"),
    "no name": ({"姓名": None}, "姓名", "不能空白"),
    "number as name": ({"姓名": 12.0}, "姓名", "是数字或日期"),
    "name too long": ({"姓名": "长" * 61}, "姓名", "最多 60 个字"),
    "#REF! as name": ({"姓名": Raw('t="e"><v>#REF!</v>')}, "姓名", "错误值 #REF!"),
    "formula never calculated": ({"姓名": Raw("><f>A1</f>")}, "姓名", "没有保存计算结果"),
    "control character": ({"姓名": "周_x0007_新"}, "姓名", "无法显示的字符"),
    "no category": ({"人员类别": None}, "人员类别", "不能空白"),
    "unknown category": ({"人员类别": "群众"}, "人员类别", "“群众”不是可填的内容"),
    "unknown sex": ({"性别": "M"}, "性别", "“M”不是可填的内容"),
    "number as a number": ({"公民身份号码": 429999198006155000.0}, "公民身份号码", "被 Excel 变成了数字"),
    "15 digits": ({"公民身份号码": "429999800615501"}, "公民身份号码", "15位的旧身份证号码"),
    "17 digits": ({"公民身份号码": ID[:17]}, "公民身份号码", "应为18位"),
    "wrong check digit": ({"公民身份号码": ID[:17] + ("1" if ID[17] != "1" else "2")}, "公民身份号码", "校验码不对"),
    "impossible birth in number": ({"公民身份号码": ID[:10] + "1345" + ID[14:]}, "公民身份号码", "出生日期不存在"),
    "month of birth against number": ({"出生日期": "1980-07"}, "出生日期", "不符"),
    "neither number nor birth": ({"公民身份号码": None, "出生日期": None}, "出生日期", "必须填写完整的出生日期"),
    "only month of birth": ({"公民身份号码": None, "出生日期": "1980-06"}, "出生日期", "必须填写完整的出生日期"),
    "born tomorrow": (
        {"公民身份号码": None, "出生日期": "2026-03-16", "入党日期": None, "转正日期": None},
        "出生日期",
        "日期在将来",
    ),
    "impossible birth": ({"出生日期": "1981-02-29"}, "出生日期", "日历上没有这一天"),
    "two-digit year": ({"入党日期": "05/07/01"}, "入党日期", "无法确定这是哪一天"),
    "Excel's day that never was": ({"入党日期": Raw('s="1"><v>60</v>')}, "入党日期", "不在 1900-03-01"),
    "joined tomorrow": ({"入党日期": "2026-03-16", "转正日期": None}, "入党日期", "日期在将来"),
    "joined before birth": ({"入党日期": "1979-07-01"}, "入党日期", "早于出生日期"),
    "full before joining": ({"转正日期": "2004-07-01"}, "转正日期", "早于入党日期"),
    "full tomorrow": ({"转正日期": "2026-03-16"}, "转正日期", "日期在将来"),
    "probationary with a day of becoming full": ({"人员类别": "预备党员"}, "转正日期", "尚未转正"),
    "came tomorrow": ({"转入日期": "2026-03-16"}, "转入日期", "日期在将来"),
    "came before joining": ({"转入日期": "2004-01-01"}, "转入日期", "早于入党日期"),
    "phone in words": ({"联系电话": "没有"}, "联系电话", "不是电话号码"),
    "phone in scientific notation": ({"联系电话": "1.39E+10"}, "联系电话", "不是电话号码"),
    "ethnicity too long": ({"民族": "汉" * 31}, "民族", "最多 30 个字"),
    "known number, other name": (
        {"公民身份号码": make_id_number(11), "出生日期": None, "性别": None},
        "姓名",
        "属于张伟",
    ),
    "known number, other branch": (
        {"公民身份号码": make_id_number(11), "姓名": "张伟", "出生日期": None, "性别": None, "党支部": "二支部"},
        "党支部",
        "该党员在一支部",
    ),
    "known without number in another branch": (
        {"公民身份号码": None, "姓名": "李娜", "出生日期": "1985-05-05", "性别": None, "党支部": "二支部"},
        "党支部",
        "该党员在一支部",
    ),
    "left the roster": (
        {"公民身份号码": make_id_number(77), "姓名": "吴离", "出生日期": None, "性别": None},
        "党支部",
        "已不在名册上",
    ),
    "full member as probationary": (
        {
            "公民身份号码": make_id_number(11),
            "姓名": "张伟",
            "出生日期": None,
            "性别": None,
            "人员类别": "预备党员",
            "转正日期": None,
        },
        "人员类别",
        "名册上已是正式党员",
    ),
    "another day of coming": (
        {"公民身份号码": make_id_number(11), "姓名": "张伟", "出生日期": None, "性别": None, "转入日期": "2025-05-05"},
        "转入日期",
        "与名册上该党员的转入日期不同",
    ),
    "namesake without number or birth": (
        {"姓名": "王五同", "公民身份号码": None, "性别": None},
        "姓名",
        "有同名党员，无法区分",
    ),
}


@pytest.fixture
def town(cast: Cast) -> Cast:
    """The cast, a closed branch, somebody who left and somebody without any date."""
    Branch.objects.create(town=cast.town, name="撤销支部", closed_on=date(2020, 1, 1), position=9)
    left = make_member(cast.branch_a, "吴离", id_number=make_id_number(77), birth_date=date(1970, 1, 1))
    make_membership(left, None, date(2024, 1, 1), Membership.Why.DECEASED)
    make_member(cast.branch_a, "王五同")
    return cast


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row_is_located_and_explained_and_nothing_is_written(case: str, town: Cast) -> None:
    change, column, words = BAD_ROWS[case]
    other = {"姓名": "周好", "公民身份号码": make_id_number(505), "出生日期": None, "性别": None}
    data = roster(other, change)
    before = rows_in_tables()

    report = run(town, data)

    assert [(error.sheet, error.row, error.column) for error in report.errors] == [("名册", 4, column)]
    assert words in report.errors[0].problem
    assert report.errors[0].remedy
    assert rows_in_tables() == before
    assert look(town, data).report.errors == report.errors


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        (({}, {"姓名": "周二"}), "公民身份号码", "第 3 行（周新）的公民身份号码重复"),
        (({"公民身份号码": None, "性别": None}, {"公民身份号码": None, "性别": None}), "姓名", "第 3 行同支部、同姓名"),
        (({}, {"公民身份号码": None, "性别": None}), "姓名", "第 3 行同支部、同姓名"),
    ],
)
def test_the_same_person_twice(rows: tuple[dict[str, Any], ...], column: str, words: str, cast: Cast) -> None:
    report = run(cast, roster(*rows))

    assert [(error.row, error.column) for error in report.errors] == [(4, column)]
    assert words in report.errors[0].problem
    assert not Member.objects.filter(name__startswith="周", town=cast.town).exists()


def test_every_bad_row_and_every_bad_cell_is_told(cast: Cast) -> None:
    report = run(
        cast, roster({"性别": "M", "入党日期": "昨天"}, {}, {"姓名": None, "公民身份号码": make_id_number(506)})
    )

    assert [(error.row, error.column) for error in report.errors] == [(3, "性别"), (3, "入党日期"), (5, "姓名")]


def test_new_branches_may_be_forbidden(cast: Cast) -> None:
    report = run(cast, roster({"党支部": "一枝部"}), allow_new_branches=False)

    assert "没有这个名称的党支部" in report.errors[0].problem
    assert not Branch.objects.filter(name="一枝部").exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [["姓名", "人员类别"], ["周新", "正式党员"]],
            "本表没有“党支部”列，工作表名称和表上方的标题也都不是党支部名称",
        ),
        ([["党支部", "姓名", "类别"], ["一支部", "周新", "正式党员"]], "缺少必填列“人员类别”"),
        ([["党支部", "姓名", "人员类别", "姓 名"], ["一支部", "周新", "正式党员", "周新"]], "出现了两次"),
        ([["周新", "一支部", "正式党员"]], "找不到表头"),
        ([], "找不到表头"),
    ],
)
def test_tables_that_cannot_be_one(rows: list[list[Any]], words: str, cast: Cast) -> None:
    report = run(cast, make_xlsx({"名册": rows}))

    assert words in report.errors[0].problem


def test_only_the_previewed_file_is_imported(cast: Cast) -> None:
    digest = look(cast, roster()).report.file_hash

    with pytest.raises(FileChanged):
        run(cast, roster({"姓名": "周换"}), expected_hash=digest)
    assert run(cast, roster(), expected_hash=digest).added == 1


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "supervisor", "member_user_a", "outsider", "other_staff"])
def test_only_the_towns_staff_may_import(who: str, cast: Cast) -> None:
    for verb in (import_roster, preview_roster):
        with pytest.raises(PermissionDenied):
            verb(
                guard=find_closed_joinings,
                actor=getattr(cast, who),
                now=NOW,
                town=cast.town,
                data=roster(),
                filename="名册.xlsx",
            )
