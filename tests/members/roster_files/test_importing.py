"""What a roster brings: new members and branches, filled cells, whom a row means, what people write."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.workbooks.report import RowOutcome
from members.models import AuditEntry, Branch, Member, Membership
from members.roster_files.importing import import_roster
from members.selectors import branch_on
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, make_id_number, make_member
from tests.members.roster_files.rosters import GOOD, ID, SEX, look, roster, rows_in_tables, run
from tests.members.roster_files.tables import make_csv, make_xlsx, table_of
from tests.rare_characters import RARE
from tests.threads import run_at_once

pytestmark = pytest.mark.engine


def test_a_new_member_with_every_column(cast: Cast) -> None:
    report = run(
        cast,
        roster(
            {"党内职务": "组织委员", "党小组": "第一党小组", "党籍状态": "正常", "是否流动党员": "否", "是否失联": "否"}
        ),
    )

    assert (report.errors, report.added, report.rows) == ([], 1, 1)
    member = Member.objects.get(town=cast.town, name="周新")
    assert (member.sex, member.ethnicity, member.category) == ("male" if SEX == "男" else "female", "汉族", "full")
    assert (member.id_number, member.phone) == (ID, "13900000099")
    assert (member.birth_date, member.joined_on) == (date(1980, 6, 15), date(2005, 7, 1))
    assert (member.full_since, member.branch_post) == (date(2006, 7, 1), "组织委员")
    assert (member.party_group, member.party_standing) == ("第一党小组", "正常")
    assert (member.floating, member.out_of_contact) == ("否", "否")
    assert (member.pinyin, member.initials) == ("zhou xin", "zx")
    assert branch_on(member, date(2005, 7, 1)) == cast.branch_a
    assert branch_on(member, date(2005, 6, 30)) is None
    assert AuditEntry.objects.filter(verb="import_roster").get().new["added"] == 1
    assert AuditEntry.objects.filter(verb="create_member", object_id=str(member.uuid)).count() == 1


@pytest.mark.parametrize(
    ("change", "start", "why"),
    [
        ({"转入日期": "2025年9月3日"}, date(2025, 9, 3), "transferred_in"),
        ({}, date(2005, 7, 1), "admitted"),
        ({"入党日期": None, "转正日期": None}, date(1921, 7, 1), "registered"),
    ],
)
def test_when_a_new_member_begins(change: dict[str, Any], start: date, why: str, cast: Cast) -> None:
    run(cast, roster(change))

    membership = Membership.objects.get(member__name="周新")
    assert (membership.from_date, membership.why) == (start, why)


def test_new_branches_are_made_in_order_and_named(cast: Cast) -> None:
    other = {"公民身份号码": make_id_number(501), "出生日期": None, "性别": None}
    report = run(cast, roster({"党支部": "新 村党支部"}, other | {"党支部": "老村党支部"}))

    assert "新建党支部：新村党支部。" in report.notes
    names = list(cast.town.branches.order_by("position").values_list("name", flat=True))
    assert names[-2:] == ["新村党支部", "老村党支部"]


def test_members_keep_the_order_of_the_file(cast: Cast) -> None:
    anybody = {"出生日期": None, "性别": None}
    rows = ({"姓名": f"周{word}", "公民身份号码": make_id_number(510 + n)} for n, word in enumerate("丙乙甲"))
    run(cast, roster(*(anybody | row for row in rows)))

    names = (
        Member.objects.filter(name__startswith="周", town=cast.town).order_by("position").values_list("name", flat=True)
    )
    assert list(names) == ["周丙", "周乙", "周甲"]


def test_the_second_import_changes_nothing_and_says_so(cast: Cast) -> None:
    run(cast, roster())
    before = rows_in_tables()

    report = run(cast, roster())

    assert (report.added, report.updated, report.unchanged) == (0, 0, 1)
    assert "没有新内容" in list(report.lines())[-1]
    assert rows_in_tables() == before


def test_filled_cells_update_and_blank_cells_keep(cast: Cast) -> None:
    run(cast, roster())

    report = run(cast, roster({"联系电话": "13900000098", "民族": None, "入党日期": None, "转正日期": None}))

    member = Member.objects.get(name="周新")
    assert (report.updated, member.phone, member.ethnicity, member.joined_on) == (
        1,
        "13900000098",
        "汉族",
        date(2005, 7, 1),
    )
    entry = AuditEntry.objects.get(verb="update_member")
    assert "13900000098" not in str(entry.new)
    assert entry.new == {"phone": "***"}


def test_a_probationary_member_becomes_full(cast: Cast) -> None:
    run(cast, roster({"人员类别": "预备党员", "转正日期": None}))

    report = run(cast, roster())

    member = Member.objects.get(name="周新")
    assert (report.updated, member.category, member.full_since) == (1, "full", date(2006, 7, 1))


def test_absence_from_the_file_means_nothing(cast: Cast) -> None:
    run(cast, roster())

    assert branch_on(cast.member_a, TODAY) == cast.branch_a


def test_a_member_without_number_is_matched_and_gets_one(cast: Cast) -> None:
    member = make_member(cast.branch_a, "周新", birth_date=date(1980, 6, 15))

    report = run(cast, roster())

    member.refresh_from_db()
    assert (report.updated, member.id_number) == (1, ID)


def test_a_row_without_number_finds_the_member_by_branch_name_and_birth(cast: Cast) -> None:
    run(cast, roster())

    report = run(cast, roster({"公民身份号码": None, "性别": None}))

    assert (report.errors, report.unchanged) == ([], 1)


def test_namesakes_are_told_apart_by_number(cast: Cast) -> None:
    report = run(cast, roster({}, {"公民身份号码": make_id_number(502, date(1980, 6, 15)), "性别": None}))

    assert (report.errors, report.added) == ([], 2)


def test_namesakes_are_told_apart_by_birth(cast: Cast) -> None:
    one = {"公民身份号码": None, "性别": None}

    assert run(cast, roster(one, one | {"出生日期": "1981.6.15"})).added == 2


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"姓名": "周\u3000新"}, "name", "周新"),
        ({"姓名": " 周 新 "}, "name", "周新"),
        ({"姓名": "阿依古丽•买买提"}, "name", "阿依古丽·买买提"),
        ({"姓名": "𬱖䶮"}, "name", "𬱖䶮"),
        ({"姓名": "<script>alert(1)</script>"}, "name", "<script>alert(1)</script>"),
        ({"联系电话": 13900000099.0}, "phone", "13900000099"),
        ({"联系电话": "0731-88888888"}, "phone", "0731-88888888"),
        ({"公民身份号码": ID.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))}, "id_number", ID),
        ({"公民身份号码": f" {ID.lower()} "}, "id_number", ID),
        ({"公民身份号码": f"'{ID}"}, "id_number", ID),
        ({"出生日期": date(1980, 6, 15)}, "birth_date", date(1980, 6, 15)),
        ({"出生日期": "1980年6月"}, "birth_date", date(1980, 6, 15)),
        ({"出生日期": 19800615}, "birth_date", date(1980, 6, 15)),
        ({"入党日期": "２００５．７．１"}, "joined_on", date(2005, 7, 1)),
    ],
)
def test_what_people_write_is_read(change: dict[str, Any], field: str, value: object, cast: Cast) -> None:
    report = run(cast, roster(change))

    assert report.errors == []
    assert getattr(Member.objects.filter(town=cast.town).latest("pk"), field) == value


def test_csv_in_gb18030(cast: Cast) -> None:
    data = make_csv(table_of([GOOD], "党员名册"), "gb18030")

    assert run(cast, data, "名册.csv").added == 1


def test_every_sheet_with_a_table_is_read(cast: Cast) -> None:
    second = GOOD | {"党支部": "二支部", "公民身份号码": make_id_number(503), "出生日期": None, "性别": None}
    data = make_xlsx(
        {
            "说明": [["如何填写"]],
            "一支部": table_of([GOOD], "一支部名册"),
            "二支部": table_of([second], "二支部名册"),
            "其他": [["备忘"]],
        }
    )

    report = run(cast, data)

    assert report.added == 2
    assert "工作表“说明”不读取。" in report.notes
    assert "工作表“其他”没有所需的表头，未读取。" in report.notes


def test_preview_writes_nothing_and_says_what_would_happen(cast: Cast) -> None:
    before = rows_in_tables()

    plan = look(cast, roster({}, {"姓名": "张伟", "公民身份号码": make_id_number(11), "出生日期": None, "性别": None}))

    assert [(row.name, row.outcome) for row in plan.rows] == [("周新", RowOutcome.ADDED), ("张伟", RowOutcome.UPDATED)]
    assert (plan.report.dry_run, plan.report.added, plan.report.updated) == (True, 1, 1)
    assert rows_in_tables() == before


def test_a_name_no_font_can_print_is_told_before_and_after(cast: Cast) -> None:
    data = roster({"姓名": f"周{RARE}"})
    for report in (look(cast, data).report, run(cast, data)):
        [note] = [note for note in report.notes if "字库" in note]
        assert "（U+323AF）" in note
    assert not any("字库" in note for note in look(cast, roster()).report.notes)


def test_the_same_number_in_another_town_is_nobodys_business(cast: Cast) -> None:
    run(cast, roster())

    report = import_roster(
        guard=find_closed_joinings,
        actor=cast.other_staff,
        now=NOW,
        town=cast.other_town,
        data=roster(),
        filename="名册.xlsx",
    )

    assert report.added == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_roster_imported_by_two_people_at_once_is_written_once() -> None:
    cast = build_cast()
    data = roster({"党支部": "新村党支部"})

    reports = run_at_once(lambda: run(cast, data), lambda: run(cast, data))

    assert sorted((report.added, report.unchanged) for report in reports) == [(0, 1), (1, 0)]
    assert Branch.objects.filter(name="新村党支部").count() == 1
