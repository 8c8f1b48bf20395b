from __future__ import annotations

from datetime import date
from typing import Any
from uuid import RFC_4122

import pytest

from foundation.errors import FileChanged
from foundation.workbooks.report import ImportReport, RowOutcome
from members.models import AuditEntry, FormerBranchName, Membership, RecordBatch, User
from members.places.branches import change_branch
from points.imports.records import import_records, preview_records
from points.models import PointEvent
from points.records.voiding import void_batch, void_event
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, make_id_number, make_member, make_membership
from tests.members.roster_files.tables import make_csv, make_xlsx, table_of
from tests.threads import run_at_once
from tests.veto.hearings import revoke as revoke_finding
from veto.deciding import propose_deduction
from veto.models import Deduction, VetoRecord

pytestmark = pytest.mark.engine
GOOD: dict[str, Any] = {
    "党支部": "一支部",
    "姓名": "张伟",
    "公民身份号码": None,
    "类别": "得分",
    "项目": "交纳党费",
    "日期": "2025-03-05",
    "期次": None,
    "分值": None,
    "带头作用": None,
    "说明": None,
    "核实日期": None,
}
DEED = {"项目": "志愿服务", "分值": 1.5}
FINDING = {"类别": "扣分", "项目": "参与赌博", "说明": "经支委会调查核实", "核实日期": "2025-03-10"}
VETO = FINDING | {"类别": "一票否决", "项目": "受到党纪处分"}


def records(*changes: dict[str, Any]) -> bytes:
    return make_xlsx({"积分记录": table_of([GOOD | change for change in changes or ({},)], "2025年度积分记录")})


def run(cast: Cast, data: bytes, *, actor: User | None = None, name: str = "记录.xlsx", **options: Any) -> ImportReport:
    return import_records(actor=actor or cast.staff, now=NOW, town=cast.town, data=data, filename=name, **options)


def rows_in_tables() -> list[int]:
    return [model.objects.count() for model in (PointEvent, Deduction, VetoRecord, RecordBatch, AuditEntry)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
        ({"期次": "2025-01"}, ("dues", "2025-01", date(2025, 3, 5), None, False)),
        ({"期次": "２０２５年１月"}, ("dues", "2025-01", date(2025, 3, 5), None, False)),
        ({"期次": date(2025, 1, 1)}, ("dues", "2025-01", date(2025, 3, 5), None, False)),
        ({"期次": "2024-12", "日期": "2025-01-10"}, None),
        ({"项目": "缴纳党费", "分值": 1.0, "带头作用": "否"}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
        ({"项目": "主题党日"}, ("party_day", "2025-03", date(2025, 3, 5), None, False)),
        ({"项目": "lecture", "期次": "2025Q1"}, ("lecture", "2025Q1", date(2025, 3, 5), None, False)),
        ({"项目": "支部党员大会", "期次": "2025年一季度"}, ("assembly", "2025Q1", date(2025, 3, 5), None, False)),
        ({"项目": "组织生活会", "期次": "2025上半年"}, ("life_meeting", "2025H1", date(2025, 3, 5), None, False)),
        ({"项目": "民主评议党员", "期次": 2025.0}, ("appraisal", "2025", date(2025, 3, 5), None, False)),
        (
            {"项目": "民主评议党员", "期次": "2025", "日期": "2026-02-10"},
            ("appraisal", "2025", date(2026, 2, 10), None, False),
        ),
        (DEED, ("volunteering", "", date(2025, 3, 5), 15, False)),
        (DEED | {"带头作用": "是", "分值": "４．０"}, ("volunteering", "", date(2025, 3, 5), 40, True)),
        (DEED | {"分值": 0.1 + 0.2}, ("volunteering", "", date(2025, 3, 5), 3, False)),
        (DEED | {"项目": "红色家访、党群串门"}, ("home_visit", "", date(2025, 3, 5), 15, False)),
        ({"日期": date(2025, 3, 5)}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
        ({"日期": 20250305}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
        ({"姓名": "张\u3000伟", "党支部": " 一支部 "}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
        ({"公民身份号码": make_id_number(11)}, ("dues", "2025-03", date(2025, 3, 5), None, False)),
    ],
)
def test_rows_that_earn(change: dict[str, Any], expected: tuple[object, ...] | None, cast: Cast) -> None:
    report = run(cast, records(change))
    if expected is None:  # the period lies in a year without a rulebook
        assert "2024" in report.errors[0].problem
        return
    assert (report.errors, report.added) == ([], 1)
    event = PointEvent.objects.get()
    assert (event.item, event.period, event.date, event.points, event.led) == expected
    assert event.member == cast.member_a


def test_findings_are_confirmed_and_marked_as_backfilled(cast: Cast) -> None:
    report = run(cast, records(FINDING, VETO, VETO | {"期次": "2026", "日期": "2025-12-30", "核实日期": "2026-01-05"}))
    assert (report.errors, report.added) == ([], 3)
    deduction = Deduction.objects.get()
    assert (deduction.item, deduction.date, deduction.decided_on) == ("gambling", date(2025, 3, 5), date(2025, 3, 10))
    assert (deduction.state, deduction.backfilled, deduction.decided_by) == ("confirmed", True, cast.staff)
    assert deduction.particulars == "经支委会调查核实"
    assert list(VetoRecord.objects.order_by("date").values_list("ground", "year")) == [
        ("disciplined", 2025),
        ("disciplined", 2026),
    ]


def test_of_who_has_left_an_imported_finding_asks_no_papers(cast: Cast) -> None:
    report = run(cast, records(FINDING, FINDING | {"姓名": "王五"}))
    assert (report.errors, report.added) == ([], 2)
    assert list(Deduction.objects.order_by("member").values_list("member__name", "ended_on", "ended_why")) == [
        ("张伟", None, None),
        ("王五", date(2025, 9, 1), "transferred_out"),
    ]


def test_nobody_imports_a_confirmed_finding_about_themselves(cast: Cast) -> None:
    cast.staff.member = cast.members_a[1]
    cast.staff.save()
    report = run(cast, records({}, FINDING | {"姓名": "李娜"}, VETO))

    assert [(error.row, error.column) for error in report.errors] == [(4, "类别")]
    assert not Deduction.objects.exists()


def test_an_import_is_one_batch_with_its_file_and_can_be_voided_as_one(cast: Cast) -> None:
    report = run(cast, records({}, DEED, FINDING, {"党支部": "二支部", "姓名": "赵敏"}))
    batch = RecordBatch.objects.get()
    assert (batch.source, batch.file_name, batch.file_hash) == ("import", "记录.xlsx", report.file_hash)
    assert (str(batch.uuid), batch.branch) == (report.batch, None)
    uuids = set(PointEvent.objects.values_list("uuid", flat=True))
    assert [(uuid.version, uuid.variant) for uuid in uuids] == [(4, RFC_4122)] * 3
    assert AuditEntry.objects.get(verb="import_records").new == {
        "file": "记录.xlsx",
        "file_hash": report.file_hash,
        "events": 3,
        "findings": 1,
    }
    void_batch(actor=cast.staff, now=NOW, batch=batch, reason="导错了文件")
    assert not PointEvent.objects.live().exists()
    assert not Deduction.objects.live().exists()


def test_a_batch_of_one_branch_belongs_to_it(cast: Cast) -> None:
    run(cast, records())
    assert RecordBatch.objects.get().branch == cast.branch_a


def test_the_second_import_adds_nothing_and_says_so(cast: Cast) -> None:
    data = records({}, DEED, DEED, FINDING, VETO)
    assert run(cast, data).added == 5
    before = rows_in_tables()
    report = run(cast, data)

    assert (report.errors, report.added, report.already_there, report.batch) == ([], 0, 5, "")
    assert "没有新内容" in list(report.lines())[-1]
    assert rows_in_tables() == before


def test_equal_deeds_count_as_often_as_they_stand_there(cast: Cast) -> None:
    run(cast, records(DEED))
    report = run(cast, records(DEED, DEED, DEED))

    assert (report.already_there, report.added) == (1, 2)
    assert run(cast, records(DEED, DEED, DEED, FINDING, FINDING)).added == 2
    assert run(cast, records(FINDING, FINDING, FINDING)).added == 1


def test_equal_base_rows_of_one_file_count_once(cast: Cast) -> None:
    report = run(cast, records({}, {"期次": "2025-03"}, {"项目": "dues"}))
    assert (report.errors, report.added, report.repeated) == ([], 1, 2)
    report = run(cast, records({}, {}))
    assert (report.added, report.already_there, report.repeated) == (0, 1, 1)


def test_a_base_period_with_another_date_earns_nothing_and_names_the_record(cast: Cast) -> None:
    run(cast, records())
    report = run(cast, records({"日期": "2025-03-06"}, DEED))

    assert (report.errors, report.added) == ([], 1)
    assert [(row.row, row.column, row.value) for row in report.skipped] == [(3, "日期", "2025-03-06")]
    assert "2025年3月已有记录，日期是 2025-03-05" in report.skipped[0].problem
    assert PointEvent.objects.count() == 2


def test_of_two_lectures_in_a_quarter_the_first_counts_and_the_second_is_named(cast: Cast) -> None:
    """S9, as it was seen: the second refused the whole file."""
    report = run(
        cast, records({"项目": "党课", "日期": "2025-01-10"}, {"项目": "党课", "日期": "2025-02-20"}, {"姓名": "李娜"})
    )
    assert (report.errors, report.added) == ([], 2)
    assert [(row.row, row.value) for row in report.skipped] == [(4, "2025-02-20")]
    assert "2025年第1季度已由工作表“积分记录”第 3 行（2025-01-10）计分" in report.skipped[0].problem
    lecture = PointEvent.objects.get(item="lecture")
    assert (lecture.period, lecture.date) == ("2025Q1", date(2025, 1, 10))
    assert any("第 4 行（张伟）“日期”列：“2025-02-20” 2025年第1季度已由" in line for line in report.lines())


@pytest.mark.parametrize("change", [{}, DEED])
def test_a_row_that_equals_only_a_voided_record_is_refused(change: dict[str, Any], cast: Cast) -> None:
    run(cast, records(change))
    void_event(actor=cast.staff, now=NOW, event=PointEvent.objects.get(), reason="登错了人")
    report = run(cast, records(change))

    assert "已于 2026-03-15 作废（登错了人）" in report.errors[0].problem
    assert PointEvent.objects.count() == 1


def test_a_voided_base_record_does_not_bar_another_date(cast: Cast) -> None:
    run(cast, records())
    void_event(actor=cast.staff, now=NOW, event=PointEvent.objects.get(), reason="日期错了")
    assert run(cast, records({"日期": "2025-03-06"})).added == 1


def test_a_live_equal_deed_is_enough_beside_a_voided_one(cast: Cast) -> None:
    run(cast, records(DEED, DEED))
    void_event(actor=cast.staff, now=NOW, event=PointEvent.objects.order_by("pk")[0], reason="重复")
    assert run(cast, records(DEED)).already_there == 1
    assert "作废" in run(cast, records(DEED, DEED)).errors[0].problem


def test_a_revoked_finding_is_not_brought_back(cast: Cast) -> None:
    run(cast, records(FINDING))
    revoke_finding(actor=cast.staff, now=NOW, finding=Deduction.objects.get(), reason="查无实据")
    assert "已作废、撤销或不予认定" in run(cast, records(FINDING)).errors[0].problem


def test_a_proposed_finding_is_not_confirmed_by_the_back_door(cast: Cast) -> None:
    propose_deduction(
        actor=cast.secretary_a,
        now=NOW,
        member=cast.member_a,
        item="gambling",
        date=date(2025, 3, 5),
        particulars="待查",
        papers="派出所文书",
    )
    assert "已提出，尚未决定" in run(cast, records(FINDING)).errors[0].problem
    assert Deduction.objects.count() == 1


def test_the_branch_of_the_day_or_of_today(cast: Cast) -> None:
    make_membership(cast.member_a, cast.branch_b, date(2025, 7, 1), Membership.Why.MOVED)
    report = run(
        cast,
        records(
            {"日期": "2025-03-05"},
            {"日期": "2025-08-05", "党支部": "二支部"},
            {"日期": "2025-04-05", "党支部": "二支部"},
        ),
    )
    assert (report.errors, report.added) == ([], 3)
    assert "不在这个党支部，而在二支部" in run(cast, records({"日期": "2025-09-05"})).errors[0].problem


def test_somebody_who_left_still_has_their_records(cast: Cast) -> None:
    report = run(cast, records({"姓名": "王五"}))
    assert (report.errors, PointEvent.objects.get().member) == ([], cast.left_a)


def test_namesakes_need_their_number(cast: Cast) -> None:
    twin = make_member(cast.branch_a, "张伟", id_number=make_id_number(12))
    report = run(cast, records({"公民身份号码": make_id_number(12)}))

    assert PointEvent.objects.get().member == twin
    assert "有 2 名同名党员" in run(cast, records({"日期": "2025-04-05"})).errors[0].problem
    assert report.added == 1


def test_a_namesake_in_another_branch_does_not_matter(cast: Cast) -> None:
    make_member(cast.branch_b, "张伟", id_number=make_id_number(12))
    run(cast, records())

    assert PointEvent.objects.get().member == cast.member_a


BAD_ROWS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no branch": ({"党支部": None}, "党支部", "不能空白"),
    "unknown branch": ({"党支部": "三支部"}, "党支部", "没有这个名称的党支部"),
    "no name": ({"姓名": None}, "姓名", "不能空白"),
    "unknown name": ({"姓名": "无此人"}, "姓名", "名册上没有这个姓名"),
    "name as a date": ({"姓名": date(2025, 1, 1)}, "姓名", "是数字或日期"),
    "member of another branch": ({"姓名": "赵敏"}, "党支部", "而在二支部"),
    "unknown number": ({"公民身份号码": make_id_number(99)}, "公民身份号码", "名册上没有这个公民身份号码"),
    "number of somebody else": ({"公民身份号码": make_id_number(21)}, "公民身份号码", "属于赵敏"),
    "wrong number": ({"公民身份号码": "429999197001010110"}, "公民身份号码", "校验码不对"),
    "no category": ({"类别": None}, "类别", "不能空白"),
    "unknown category": ({"类别": "加分"}, "类别", "不是可填的内容"),
    "no item": ({"项目": None}, "项目", "不能空白"),
    "unknown item": ({"项目": "打麻将"}, "项目", "没有这个项目"),
    "item of another category": ({"项目": "参与赌博"}, "项目", "属于“扣分”类别"),
    "earning item as a deduction": (FINDING | {"项目": "党课"}, "项目", "属于“得分”类别"),
    "deduction as a veto": (FINDING | {"类别": "一票否决"}, "项目", "属于“扣分”类别"),
    "no date": ({"日期": None}, "日期", "不能空白"),
    "impossible date": ({"日期": "2025-02-29"}, "日期", "日历上没有这一天"),
    "unreadable date": ({"日期": "三月五日"}, "日期", "无法确定这是哪一天"),
    "tomorrow": ({"日期": "2026-03-16"}, "日期", "在今天之后"),
    "year without a rulebook": ({"日期": "2024-03-05"}, "日期", "2024"),
    "deed in a year without a rulebook": (DEED | {"日期": "2023-03-05"}, "日期", "2023"),
    "finding in a year without a rulebook": (FINDING | {"日期": "2024-03-05"}, "日期", "2024"),
    "quarter for a month": ({"期次": "2025Q1"}, "期次", "按月计分"),
    "month for a quarter": ({"项目": "党课", "期次": "2025-03"}, "期次", "按季度计分"),
    "year for a half": ({"项目": "组织生活会", "期次": "2025"}, "期次", "按半年计分"),
    "half for a year": ({"项目": "承诺践诺", "期次": "2025上半年"}, "期次", "按年计分"),
    "month 13": ({"期次": "2025-13"}, "期次", "按月计分"),
    "quarter 5": ({"项目": "党课", "期次": "2025Q5"}, "期次", "按季度计分"),
    "period in words": ({"期次": "上个月"}, "期次", "按月计分"),
    "period Excel made a number": ({"期次": 2025.1}, "期次", "被 Excel 变成了数字"),
    "period Excel made a day": ({"期次": date(2025, 3, 5)}, "期次", "是一个日期"),
    "month Excel made of a quarter": ({"项目": "党课", "期次": date(2025, 3, 1)}, "期次", "按季度计分"),
    "period of a deed": (DEED | {"期次": "2025-03"}, "期次", "激励分按日期计"),
    "period of a deduction": (FINDING | {"期次": "2025-03"}, "期次", "按年度计"),
    "deduction in another year": (FINDING | {"期次": "2026"}, "期次", "属于其日期所在的年度"),
    "base points that disagree": ({"分值": 2}, "分值", "规定这个项目为 1 分"),
    "deed without points": (DEED | {"分值": None}, "分值", "4.0"),
    "deed for nothing": (DEED | {"分值": 0}, "分值", "4.0"),
    "deed over the cap": (DEED | {"分值": 4.1}, "分值", "4.0"),
    "two decimals": (DEED | {"分值": 1.25}, "分值", "以 0.1 分为单位"),
    "negative points": (DEED | {"分值": -1}, "分值", "负数"),
    "points in words": (DEED | {"分值": "一分"}, "分值", "不是数字"),
    "deduction with other points": (FINDING | {"分值": 3}, "分值", "由积分办法规定"),
    "veto with points": (VETO | {"分值": 5}, "分值", "由积分办法规定"),
    "leading role on dues": ({"带头作用": "是"}, "带头作用", "基础分"),
    "leading role on a deduction": (FINDING | {"带头作用": "是"}, "带头作用", "只有激励分项目"),
    "leading role perhaps": (DEED | {"带头作用": "也许"}, "带头作用", "既不是“是”也不是“否”"),
    "deduction without explanation": (FINDING | {"说明": None}, "说明", "必须说明事实"),
    "veto without explanation": (VETO | {"说明": "  "}, "说明", "必须说明事实"),
    "note too long": ({"说明": "长" * 301}, "说明", "超过 300 个字"),
    "particulars too long": (FINDING | {"说明": "长" * 2001}, "说明", "最多 2000 个字"),
    "deduction without confirmation": (FINDING | {"核实日期": None}, "核实日期", "必须填写认定它的支委会日期"),
    "veto without confirmation": (VETO | {"核实日期": None}, "核实日期", "必须填写认定它的支委会日期"),
    "confirmed before it was found": (FINDING | {"核实日期": "2025-03-04"}, "核实日期", "早于发现日期"),
    "confirmed tomorrow": (FINDING | {"核实日期": "2026-03-16"}, "核实日期", "将来"),
    "finding of tomorrow": (FINDING | {"日期": "2026-03-16", "核实日期": "2026-03-16"}, "日期", "将来"),
    "confirmation of a deed": (DEED | {"核实日期": "2025-03-10"}, "核实日期", "只有扣分和一票否决"),
    "somebody who came and went": ({"姓名": "王五", "党支部": "二支部"}, "党支部", "而在一支部"),
}


# One cell of a kind for each column: `tests/foundation/workbooks/test_cells.py` has what no cell may say.
@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row_is_located_and_explained_and_nothing_is_written(case: str, cast: Cast) -> None:
    change, column, words = BAD_ROWS[case]
    data = records({"姓名": "李娜"}, change, {"姓名": "曾国华"})
    before = rows_in_tables()
    report = run(cast, data)

    assert [(error.sheet, error.row, error.column) for error in report.errors] == [("积分记录", 4, column)]
    assert words in report.errors[0].problem
    assert report.errors[0].remedy
    assert rows_in_tables() == before
    plan = preview_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="记录.xlsx")
    assert plan.report.errors == report.errors


def test_every_bad_row_is_told(cast: Cast) -> None:
    report = run(cast, records({"日期": "昨天"}, {}, {"姓名": "无此人"}, DEED | {"分值": 9, "带头作用": "?"}))
    assert [(error.row, error.column) for error in report.errors] == [(3, "日期"), (5, "姓名"), (6, "带头作用")]


def test_preview_shows_every_row_and_writes_nothing(cast: Cast) -> None:
    run(cast, records())
    before = rows_in_tables()
    plan = preview_records(
        actor=cast.staff, now=NOW, town=cast.town, data=records({}, {}, DEED, FINDING), filename="记录.xlsx"
    )
    assert [(row.row, row.member, row.kind, row.item, row.period, row.points, row.outcome) for row in plan.rows()] == [
        (3, "张伟", "得分", "交纳党费", "2025-03", None, RowOutcome.ALREADY_THERE),
        (4, "张伟", "得分", "交纳党费", "2025-03", None, RowOutcome.REPEATED),
        (5, "张伟", "得分", "志愿服务", "", 15, RowOutcome.ADDED),
        (6, "张伟", "扣分", "参与赌博", "", None, RowOutcome.ADDED),
    ]
    assert plan.report.dry_run
    assert rows_in_tables() == before


def test_only_the_previewed_file_is_imported(cast: Cast) -> None:
    digest = preview_records(
        actor=cast.staff, now=NOW, town=cast.town, data=records(), filename="记录.xlsx"
    ).report.file_hash
    with pytest.raises(FileChanged):
        run(cast, records(DEED), expected_hash=digest)
    assert run(cast, records(), expected_hash=digest).added == 1


def test_a_recorder_imports_for_their_own_branch_only(cast: Cast) -> None:
    data = records({}, {"党支部": "二支部", "姓名": "赵敏"})
    report = run(cast, data, actor=cast.recorder_a)

    assert [(error.row, error.column) for error in report.errors] == [(4, "姓名")]
    assert "名册上没有这个姓名" in report.errors[0].problem
    assert run(cast, records(), actor=cast.recorder_a).added == 1


def test_confirmed_findings_are_for_those_who_decide(cast: Cast) -> None:
    assert "不能录入已认定" in run(cast, records(FINDING), actor=cast.recorder_a).errors[0].problem
    assert run(cast, records(FINDING), actor=cast.secretary_a).added == 1


@pytest.mark.parametrize("who", ["committee_a", "supervisor", "member_user_a", "outsider", "other_staff"])
def test_who_may_not_record_finds_nobody(who: str, cast: Cast) -> None:
    report = run(cast, records(), actor=getattr(cast, who))
    assert "名册上没有这个姓名" in report.errors[0].problem
    assert not PointEvent.objects.exists()


def test_csv_in_gb18030(cast: Cast) -> None:
    data = make_csv(table_of([GOOD, GOOD | DEED], "积分记录"), "gb18030")
    assert run(cast, data, name="记录.csv").added == 2


def test_the_sheet_of_voided_and_pending_records_is_not_read(cast: Cast) -> None:
    data = make_xlsx({"积分记录": table_of([GOOD], "x"), "作废与待定": table_of([GOOD | {"日期": "昨天"}], "x")})
    report = run(cast, data)

    assert (report.errors, report.added) == ([], 1)
    assert "工作表“作废与待定”不读取。" in report.notes


def test_a_town_without_any_rulebook(cast: Cast) -> None:
    cast.town.assessment_years.all().delete()
    assert "还没有启用积分办法" in run(cast, records()).errors[0].problem


@pytest.mark.django_db(transaction=True)
def test_the_same_file_imported_by_two_people_at_once_is_written_once() -> None:
    cast = build_cast()
    data = records({}, DEED, DEED, FINDING)
    reports = run_at_once(lambda: run(cast, data), lambda: run(cast, data, actor=cast.secretary_a))

    assert sorted((report.added, report.already_there) for report in reports) == [(0, 4), (4, 0)]
    assert (PointEvent.objects.count(), Deduction.objects.count(), RecordBatch.objects.count()) == (3, 1, 1)


def test_a_branch_is_known_by_the_name_it_bore_on_the_day(cast: Cast) -> None:
    """As it was seen: a file of last year with last year's name of a branch was refused."""
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_a, values={"name": "第一支部"})
    data = records({}, {"姓名": "李娜", "党支部": "第一支部"})
    plan = preview_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="x.xlsx")
    assert (plan.report.errors, [row.branch for row in plan.rows()]) == ([], ["第一支部", "第一支部"])
    assert plan.report.notes == ["有1行写的是“一支部”，即该支部当时的名称，现为“第一支部”。"]
    # On its last day and after it the name is the branch's no longer.
    today = {"日期": str(TODAY), "期次": "2026-01"}
    assert [error.problem for error in run(cast, records({}, today)).errors] == ["本镇没有这个名称的党支部。"]
    # Two branches bore it on the day: nobody is guessed.
    FormerBranchName.objects.create(branch=cast.branch_b, name="一支部", until=date(2025, 12, 1))
    assert [error.problem for error in run(cast, records()).errors] == ["本镇没有这个名称的党支部。"]
    # What a branch is called now is that branch.
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_b, values={"name": "一支部"})
    assert [error.problem for error in run(cast, records()).errors] == ["该党员不在这个党支部，而在第一支部。"]
