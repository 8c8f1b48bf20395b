"""The annual report's workbook: its contract of headers and sheets, who gets it, and text that stays text."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry, Member, User
from points.scoring.adoption import rulebook_for
from tests.cast import Cast
from tests.factories import NOW, forbid_grounds, make_batch, make_event, make_member, permit_grounds
from tests.points.papers.workbooks import read_scores, read_sheet
from veto.models import Deduction, VetoRecord

HEADERS = [
    *("序号", "党支部", "姓名", "人员类别"),
    *("交纳党费", "党员活动日", "党课", "党员大会", "组织生活会", "民主评议党员", "承诺践诺", "基础分"),
    *("革命传统教育", "理论学习心得", "党员议事会", "红色家访", "志愿服务", "党史知识竞赛", "结对帮扶"),
    *("基层治理项目", "年度重点工作", "上级表彰", "激励分"),
    *("扣分", "一票否决", "年度积分", "上半年积分", "下半年积分"),
    *("评定等次", "评先评优资格", "支部排名", "可兑现金额", "备注"),
]


def write(cast: Cast, path: Path, *arguments: str, year: int = 2025) -> Path:
    output = path / "r.xlsx"
    call_command("annual_report", str(year), "--town", cast.town.name, "--output", str(output), *arguments)
    return output


def confirm_findings(cast: Cast) -> None:
    batch = make_batch(cast.system, cast.town)
    decision = {"decided_on": date(2025, 5, 6), "confirmed_at": NOW, "decided_by": cast.system}
    for member in (cast.member_a, cast.members_a[1]):
        Deduction.objects.create(
            batch=batch, member=member, item="gambling", date=date(2025, 5, 1), particulars="秘密一", **decision
        )
    Deduction.objects.create(
        batch=batch, member=cast.member_b, item="rumour", date=date(2025, 5, 1), particulars="秘密二"
    )
    VetoRecord.objects.create(
        batch=batch,
        member=cast.member_b,
        ground="cult",
        year=2025,
        date=date(2025, 5, 1),
        particulars="秘密三",
        **decision,
    )


def test_the_headers_and_the_two_lines_above_them(cast: Cast, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(cast, tmp_path))["年度积分"]
    assert [cell.value for cell in sheet[3]] == HEADERS
    assert sheet["A1"].value == "甲镇2025年度积分汇总"
    state = sheet["A2"].value.split(" · ")
    assert state[:3] == ["甲镇", "2025年度", "未定稿"]
    assert state[3].startswith("积分办法版本 2023（")
    assert state[4:] == ["带头加分另计", "不满一年按实得分"]


def test_the_sheet_is_ready_for_the_screen_and_the_printer(cast: Cast, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(cast, tmp_path))["年度积分"]
    assert sheet.freeze_panes == "D4"
    assert sheet.auto_filter.ref == "A3:AG10"  # four members of A, three of B
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.column_dimensions["B"].width == 22
    assert sheet["E4"].number_format == "0.0"
    assert sheet["AG3"].font.bold
    assert sheet["AG3"].alignment.wrap_text


def test_the_further_sheets(cast: Cast, tmp_path: Path) -> None:
    output = write(cast, tmp_path)
    workbook = openpyxl.load_workbook(output)
    assert workbook.sheetnames == ["年度积分", "支部汇总", "分数分布", "说明"]
    with zipfile.ZipFile(output) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/")]
    assert len(charts) == 1
    assert "<barChart>" in charts[0]
    assert "'分数分布'!$B$4:$B$13" in charts[0]
    bands = read_sheet(output, "分数分布", header_row=3)
    assert [row["年度积分"] for row in bands][::9] == ["0～9.9", "90～100"]
    assert [row["人数"] for row in bands] == [6, 0, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("tenths", "band"), [(99, 0), (100, 1), (599, 5), (600, 6), (899, 8), (900, 9), (1000, 9)])
def test_a_boundary_belongs_to_the_band_above_it(cast: Cast, tmp_path: Path, tenths: int, band: int) -> None:
    """D12, as 60, 80 and 90 do."""
    batch = make_batch(cast.system, cast.town)
    for item, per in (("dues", 10), ("party_day", 10)):
        for month in range(1, 13):
            if tenths >= per:
                make_event(batch, cast.member_a, item, f"2025-{month:02}", date=date(2025, month, 1), year=2025)
                tenths -= per
    quarters = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
    rest = [(item, period) for item in ("lecture", "assembly") for period in quarters]
    rest += [("life_meeting", "2025H1"), ("life_meeting", "2025H2"), ("appraisal", "2025"), ("pledge", "2025")]
    for item, period in rest:
        if tenths >= 30:
            make_event(batch, cast.member_a, item, period, date=date(2025, 1, 1), year=2025)
            tenths -= 30
    for deed in rulebook_for(cast.town, 2025).incentive:
        if tenths > 0:
            points = min(tenths, 40)
            make_event(batch, cast.member_a, deed.code, "", date=date(2025, 1, 1), year=2025, points=points)
            tenths -= points
    counts = [row["人数"] for row in read_sheet(write(cast, tmp_path), "分数分布", header_row=3)]
    assert counts[band] == (6 if band == 0 else 1)
    assert sum(counts) == 6


def test_the_notes_name_the_rulebook_and_every_setting_in_force(cast: Cast, tmp_path: Path) -> None:
    notes = {row["栏目"]: row for row in read_sheet(write(cast, tmp_path), "说明", header_row=2)}
    lead = "带头加分另计：每项参与分、带头加分各以4分为限，十项合计不超过40分"
    assert notes["设置：双倍加分与单项满分"]["说明"] == lead
    assert notes["设置：双倍加分与单项满分"]["依据"] == "《办法》二（三）2末段"
    assert notes["设置：公示天数"]["说明"] == "5天"
    assert notes["设置：公示期间更正"]["说明"] == "更正的一行重新公示满天数"
    assert notes["设置：对外公示的内容"]["说明"] == "只公示积分"
    assert notes["设置：申诉期限"]["说明"] == "30天"
    assert len([subject for subject in notes if subject.startswith("设置：")]) == 10
    adopted = cast.town.assessment_years.get(year=2025)
    assert notes["积分办法校验值"]["说明"] == f"SHA-256 {adopted.rulebook.hash}"
    assert notes["制表时间"]["说明"] == "2026-03-15 10:00"


def test_no_cell_of_the_report_shows_a_key(cast: Cast, tmp_path: Path) -> None:
    """W7, as it was seen: keys of the settings stood in the report in English, and clauses by numbers of ours."""
    book = openpyxl.load_workbook(write(cast, tmp_path))
    texts = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert len(texts) > 100
    shown = [re.sub(r"SHA-256 [0-9a-f]{64}|（[0-9a-f]{12}）", "", text) for text in texts]
    assert [text for text in shown if re.search(r"[A-Za-z_]{2,}|[1-5]\.\d+\.\d|\bD\d", text)] == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "\r=1", "#N/A", " =HYPERLINK(1)"]


@pytest.mark.parametrize("name", FORMULAS)
def test_text_stays_text(cast: Cast, tmp_path: Path, name: str) -> None:
    make_member(cast.branch_a, name, position=0)
    cell = openpyxl.load_workbook(write(cast, tmp_path))["年度积分"]["C4"]
    assert cell.data_type == "s"
    assert cell.value.replace("\n", "\r") == name  # XML reads a carriage return as a line feed
    assert cell.quotePrefix or name == "#N/A"


def test_a_character_that_no_workbook_can_hold_is_left_out(cast: Cast, tmp_path: Path) -> None:
    Member.objects.filter(pk=cast.member_a.pk).update(name="张\x0b伟")
    assert "张伟" in read_scores(write(cast, tmp_path))


def test_findings_are_not_in_it_unless_asked_for(cast: Cast, tmp_path: Path) -> None:
    confirm_findings(cast)
    output = write(cast, tmp_path)
    assert "扣分与否决" not in openpyxl.load_workbook(output).sheetnames
    scores = read_scores(output)
    assert (scores["张伟"]["扣分"], scores["赵敏"]["一票否决"]) == (5, "是")
    with zipfile.ZipFile(output) as package:
        everything = "".join(package.read(name).decode() for name in package.namelist())
    assert "赌博" not in everything
    assert "秘密" not in everything


def test_categories_and_counts_for_who_has_the_permission(cast: Cast, tmp_path: Path) -> None:
    confirm_findings(cast)
    forbid_grounds(cast.staff)
    with pytest.raises(CommandError, match="权限"):
        write(cast, tmp_path, "--with-findings", "--as", "staff")
    assert not (tmp_path / "r.xlsx").exists()
    permit_grounds(cast.staff)
    output = write(cast, tmp_path, "--with-findings", "--as", "staff")
    assert [tuple(row.values()) for row in read_sheet(output, "扣分与否决", header_row=3)] == [
        ("一支部", "扣分", "参与赌博", 2),
        ("二支部", "一票否决", "信仰邪教、参与邪教活动", 1),
    ]
    entry = AuditEntry.objects.get(verb="read_finding_categories")
    assert (entry.actor, entry.at) == (cast.staff, NOW)


def test_a_branch_officer_gets_the_own_branch_only(cast: Cast, tmp_path: Path) -> None:
    assert set(read_scores(write(cast, tmp_path, "--as", "recorder-a"))) == {"张伟", "李娜", "曾国华", "王五"}
    for arguments in (
        ("--as", "recorder-a", "--branch", "二支部"),
        ("--as", "other-staff"),
        ("--as", "outsider"),
        ("--as", "member-a"),
    ):
        with pytest.raises(CommandError, match="无权导出"):
            write(cast, tmp_path, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("2025", "--town", "丙镇"), "没有名为“丙镇”的镇。现有：乙镇、甲镇", 1),
        (("2019", "--town", "甲镇"), "2019", 1),
        (("99999", "--town", "甲镇"), "99999", 1),
        (("2025", "--town", "甲镇", "--branch", "九支部"), "一支部、二支部", 1),
        (("2025", "--town", "甲镇", "--as", "nobody"), "nobody", 1),
        (("2025", "--town", "甲镇", "--output", "report.csv"), ".xlsx", 2),
        (("2025", "--town", "甲镇", "--output", "no/such/folder/r.xlsx"), "文件夹不存在", 2),
    ],
)
def test_what_cannot_be_done_is_said_in_chinese(
    cast: Cast, tmp_path: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    with pytest.raises(CommandError, match=said) as refusal:
        call_command("annual_report", *("--output", str(tmp_path / "r.xlsx")), *arguments)
    assert refusal.value.returncode == code
    assert list(tmp_path.iterdir()) == []


def test_an_account_that_was_closed_cannot_be_named(cast: Cast, tmp_path: Path) -> None:
    User.objects.filter(username="staff").update(is_active=False)
    with pytest.raises(CommandError, match="staff"):
        write(cast, tmp_path, "--as", "staff")
