"""The export of a year's records: what counts first, what does not apart, and grounds for who may read them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from members.models import AuditEntry, Membership, User
from points.models import PointEvent
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_event
from points.roster.moves import change_membership
from points.rules.payments import Payment
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, forbid_grounds, make_id_number, make_member, make_membership, permit_grounds
from tests.points.papers.workbooks import read_sheet
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import revoke as revoke_finding
from veto.deciding import propose_deduction, propose_veto, void_finding
from veto.models import Answer, Deduction, Finding

HEADERS = [
    *("党支部", "姓名", "公民身份号码", "类别", "项目", "日期", "期次", "分值", "带头作用", "说明", "核实日期"),
    *("应交", "实交", "代交人"),
]
UNPAID = (None, None, None)
FOUND = date(2026, 2, 1)
DECIDED = date(2026, 2, 20)
PROPOSED = datetime(2026, 2, 2, 9, tzinfo=SHANGHAI)


def export(cast: Cast, path: Path, *arguments: str, year: int = 2026) -> Path:
    output = path / "records.xlsx"
    call_command("export_records", str(year), "--town", cast.town.name, "--output", str(output), *arguments)
    return output


def live(output: Path) -> list[dict[str, Any]]:
    return read_sheet(output, "积分记录")


def others(output: Path) -> list[dict[str, Any]]:
    return read_sheet(output, "作废与待定")


def record(cast: Cast, *entries: EventEntry, actor: User | None = None) -> None:
    record_events(actor=actor or cast.staff, now=NOW, town=cast.town, entries=entries)


def deduct(cast: Cast, *, actor: User | None = None, member: int = 0, particulars: str = "当场查实") -> Deduction:
    return propose_deduction(
        actor=actor or cast.staff,
        now=PROPOSED,
        member=cast.members_a[member],
        item="gambling",
        date=FOUND,
        particulars=particulars,
        papers="核实材料",
    )


def hear(cast: Cast, finding: Finding) -> None:
    hear_member(
        actor=cast.staff,
        now=NOW,
        finding=finding,
        notified_on=date(2026, 2, 3),
        answered_on=date(2026, 2, 12),
        answer=Answer.Kind.WAIVED,
    )


def confirm(cast: Cast, finding: Finding) -> None:
    hear(cast, finding)
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=DECIDED)


def test_what_counts_stands_on_the_first_sheet_in_roster_order(cast: Cast, tmp_path: Path) -> None:
    record(
        cast,
        EventEntry(cast.member_b.pk, "dues", date(2026, 1, 9), "2026-01"),
        EventEntry(cast.member_a.pk, "volunteering", date(2026, 3, 1), "", 15, led=True, note="河道清理"),
        EventEntry(cast.member_a.pk, "lecture", date(2026, 2, 7), "2026Q1"),
        EventEntry(cast.members_a[1].pk, "contest", date(2026, 1, 5), "", 40),
        EventEntry(cast.member_a.pk, "appraisal", date(2026, 2, 8), "2025"),
    )
    deduction = deduct(cast)
    confirm(cast, deduction)
    output = export(cast, tmp_path)
    workbook = openpyxl.load_workbook(output)
    assert workbook.sheetnames == ["积分记录", "作废与待定"]
    assert [cell.value for cell in workbook["积分记录"][1]] == HEADERS
    number = cast.member_a.id_number
    assert [tuple(row.values()) for row in live(output)] == [
        ("一支部", "张伟", number, "得分", "党课", datetime(2026, 2, 7), "2026Q1", None, None, None, None, *UNPAID),
        (
            "一支部",
            "张伟",
            number,
            "得分",
            "志愿服务",
            datetime(2026, 3, 1),
            None,
            1.5,
            "是",
            "河道清理",
            None,
            *UNPAID,
        ),
        (
            *("一支部", "张伟", number, "扣分", "参与赌博", datetime(2026, 2, 1), None, None, None),
            *("当场查实", datetime(2026, 2, 20), *UNPAID),
        ),
        ("一支部", "李娜", None, "得分", "党史知识竞赛", datetime(2026, 1, 5), None, 4, "否", None, None, *UNPAID),
        *(
            ("二支部", "赵敏", cast.member_b.id_number, *rest)
            for rest in [("得分", "交纳党费", datetime(2026, 1, 9), "2026-01", None, None, None, None, *UNPAID)]
        ),
    ]
    assert others(output) == []
    (last_year,) = live(export(cast, tmp_path, year=2025))
    assert (last_year["项目"], last_year["日期"], last_year["期次"]) == ("民主评议党员", datetime(2026, 2, 8), "2025")


def test_what_was_paid_is_exported_and_recognised_again(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    paid = Payment(520, 1000, "张小红（女儿）")
    entries = [
        EventEntry(cast.member_a.pk, "dues", date(2026, 1, 9), "2026-01", payment=paid),
        EventEntry(cast.member_a.pk, "dues", date(2026, 2, 9), "2026-02"),
    ]
    record(cast, *entries)
    output = export(cast, tmp_path)
    assert [(row["应交"], row["实交"], row["代交人"]) for row in live(output)] == [
        (5.2, 10, "张小红（女儿）"),
        (None, None, None),
    ]
    capsys.readouterr()
    call_command("import_records", str(output), "--town", cast.town.name)
    assert "没有新内容" in capsys.readouterr().out
    void_event(actor=cast.secretary_a, now=NOW, event=PointEvent.objects.get(period="2026-01"), reason="金额有误")
    assert [(row["应交"], row["状态"]) for row in others(export(cast, tmp_path))] == [(5.2, "作废")]


def test_what_does_not_count_stands_apart_with_who_when_and_why(cast: Cast, tmp_path: Path) -> None:
    record(cast, EventEntry(cast.member_a.pk, "dues", date(2026, 1, 9), "2026-01"), actor=cast.recorder_a)
    void_event(actor=cast.secretary_a, now=NOW, event=PointEvent.objects.get(), reason="记错人")
    deduct(cast, member=0, particulars="待查")
    dismissed = deduct(cast, member=1)
    hear(cast, dismissed)
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=dismissed, decided_on=DECIDED)
    revoked = deduct(cast, member=1)
    confirm(cast, revoked)
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=revoked, reason="查无实据")
    voided = propose_veto(
        actor=cast.staff,
        now=NOW,
        member=cast.members_a[2],
        ground="disciplined",
        date=FOUND,
        year=2025,
        particulars="文号",
        papers="核实材料",
    )
    void_finding(actor=cast.staff, now=NOW, finding=voided, reason="填错年度", is_unrelated=True)
    output = export(cast, tmp_path)
    assert live(output) == []
    columns = ("姓名", "项目", "状态", "处理人", "处理时间", "原因", "登记人", "登记时间")
    at, proposed = "2026-03-15 10:00", "2026-02-02 09:00"
    assert [tuple(row[column] for column in columns) for row in others(output)] == [
        ("张伟", "交纳党费", "作废", "甲书记", at, "记错人", "甲记录员", at),
        ("张伟", "参与赌博", "待定", None, None, None, "镇干部", proposed),
        ("李娜", "参与赌博", "未予确认", "甲书记", at, None, "镇干部", proposed),
        ("李娜", "参与赌博", "已撤销", "甲书记", at, "查无实据", "镇干部", proposed),
    ]
    # A veto stands in its assessment year, which its date does not say here (D7).
    (veto,) = others(export(cast, tmp_path, year=2025))
    assert (veto["姓名"], veto["期次"], veto["状态"], veto["原因"]) == ("曾国华", "2025", "作废", "填错年度")


def test_what_ended_with_a_death_says_so_whatever_the_language(cast: Cast, tmp_path: Path) -> None:
    deduct(cast)
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        branch=None,
        from_date=date(2026, 3, 10),
        why=Membership.Why.DECEASED,
    )
    with translation.override("en"):
        output = export(cast, tmp_path)
    (row,) = others(output)
    assert (row["状态"], row["原因"], live(output)) == ("已终止", "2026-03-10 去世", [])


def test_whoever_moved_or_left_stands_under_the_last_branch(cast: Cast, tmp_path: Path) -> None:
    leaver = make_member(cast.branch_a, "吴远")
    record(cast, *(EventEntry(row.pk, "dues", date(2026, 1, 9), "2026-01") for row in (cast.member_a, leaver)))
    make_membership(leaver, None, date(2026, 2, 1), Membership.Why.TRANSFERRED_OUT)
    make_membership(cast.member_a, cast.branch_b, date(2026, 2, 1), Membership.Why.MOVED)
    assert [(row["党支部"], row["姓名"]) for row in live(export(cast, tmp_path))] == [
        ("一支部", "吴远"),
        ("二支部", "张伟"),
    ]


def test_id_numbers_tell_namesakes_apart_and_otherwise_are_for_town_staff(cast: Cast, tmp_path: Path) -> None:
    """A namesake counts who ever was in the branch: an import looks where the member was on the record's day."""
    wei = cast.member_a
    na, namesake = (
        make_member(cast.branch_a, name, id_number=make_id_number(n)) for name, n in (("孙娜", 31), ("孙娜", 32))
    )
    once_here = make_member(cast.branch_a, "周平", id_number=make_id_number(33))
    here_now = make_member(cast.branch_b, "周平", id_number=make_id_number(34))
    make_membership(once_here, cast.branch_b, date(2026, 1, 20), Membership.Why.MOVED)
    make_membership(here_now, cast.branch_a, date(2026, 1, 20), Membership.Why.MOVED)
    make_member(cast.branch_b, "张伟", id_number=make_id_number(35))  # another branch's 张伟 confuses nobody
    people = (wei, na, namesake, here_now)
    record(cast, *(EventEntry(member.pk, "dues", date(2026, 2, 9), "2026-02") for member in people))

    def numbers(*arguments: str) -> dict[tuple[str, str | None], int]:
        return Counter((row["姓名"], row["公民身份号码"]) for row in live(export(cast, tmp_path, *arguments)))

    apart = {("孙娜", na.id_number): 1, ("孙娜", namesake.id_number): 1, ("周平", here_now.id_number): 1}
    assert numbers("--as", "recorder-a") == {("张伟", None): 1, **apart}
    assert numbers("--as", "secretary-a") == {("张伟", None): 1, **apart}
    assert numbers("--as", "staff") == {("张伟", wei.id_number): 1, **apart}


def test_what_a_branch_exports_is_recognised_again(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    twins = [make_member(cast.branch_a, "孙娜", id_number=make_id_number(number)) for number in (31, 32)]
    people = (cast.member_a, *twins)
    record(cast, *(EventEntry(member.pk, "dues", date(2026, 2, 9), "2026-02") for member in people))
    exported = export(cast, tmp_path, "--as", "recorder-a")
    for actor in ("recorder-a", "staff"):
        capsys.readouterr()
        call_command("import_records", str(exported), "--town", cast.town.name, "--as", actor)
        assert "没有新内容" in capsys.readouterr().out
    assert PointEvent.objects.count() == 3


def test_grounds_only_for_who_may_read_them(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    """D21: the committee of the branch, whoever proposed it, the town's own account; town staff by permission."""
    confirm(cast, deduct(cast, actor=cast.recorder_a, particulars="记录员所报"))
    confirm(cast, deduct(cast, member=1, particulars="镇里所报"))
    seen = {}
    for name in ("secretary-a", "recorder-a", "secretary-b", "staff", ""):
        output = export(cast, tmp_path, *(("--as", name) if name else ()))
        said = capsys.readouterr().out
        seen[name] = ([row["说明"] for row in live(output)], "未列出" in said)
    assert seen == {
        "secretary-a": (["记录员所报", "镇里所报"], False),
        "recorder-a": (["记录员所报"], False),
        "secretary-b": ([], False),
        "staff": (["镇里所报"], True),
        "": (["记录员所报", "镇里所报"], False),
    }


def test_the_permission_opens_grounds_with_a_reason_that_is_logged(cast: Cast, tmp_path: Path) -> None:
    confirm(cast, deduct(cast, actor=cast.recorder_a))
    forbid_grounds(cast.staff)
    with pytest.raises(CommandError, match="权限"):
        export(cast, tmp_path, "--as", "staff", "--reason", "年度归档")
    permit_grounds(cast.staff)
    assert live(export(cast, tmp_path, "--as", "staff")) == []
    with pytest.raises(CommandError, match="理由"):
        export(cast, tmp_path, "--as", "staff", "--reason", "  ")
    assert len(live(export(cast, tmp_path, "--as", "staff", "--reason", "年度归档"))) == 1
    entry = AuditEntry.objects.filter(verb="export_records").latest("pk")
    assert (entry.actor, entry.new["reason"], entry.new["year"]) == (cast.staff, "年度归档", 2026)


def test_only_the_branches_one_may_export(cast: Cast, tmp_path: Path) -> None:
    record(
        cast,
        EventEntry(cast.member_a.pk, "dues", date(2026, 1, 9), "2026-01"),
        EventEntry(cast.member_b.pk, "dues", date(2026, 1, 9), "2026-01"),
    )
    assert [row["姓名"] for row in live(export(cast, tmp_path, "--as", "recorder-b"))] == ["赵敏"]
    for name in ("committee-a", "supervisor", "other-staff", "outsider"):
        with pytest.raises(CommandError, match="无权导出"):
            export(cast, tmp_path, "--as", name)


def test_a_year_without_a_rulebook_is_refused(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="2019"):
        export(cast, tmp_path, year=2019)
    assert list(tmp_path.iterdir()) == []
