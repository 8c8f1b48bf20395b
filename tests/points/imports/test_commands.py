"""The import commands: exit statuses 0, 1 and 2, and what the terminal says."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from members.models import Branch, Member
from points.models import PointEvent
from tests.cast import Cast
from tests.factories import make_id_number
from tests.members.roster_files.tables import make_merged, make_xlsx, table_of
from tests.test_scope_at_every_door import CAME, EXEMPT, came, exempt

pytestmark = pytest.mark.engine
ROSTER = {"党支部": "新村党支部", "姓名": "周新", "公民身份号码": make_id_number(500), "人员类别": "正式党员"}
RECORD = {"党支部": "一支部", "姓名": "张伟", "类别": "得分", "项目": "党课", "日期": "2025-03-05"}


def write(folder: Path, *rows: dict[str, Any], sheet: str = "表") -> str:
    path = folder / "文件.xlsx"
    path.write_bytes(make_xlsx({sheet: table_of(rows, "标题")}))
    return str(path)


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, "--town", "甲镇", stdout=out)
    return out.getvalue()


def refused(*words: str, status: int) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*words, "--town", "甲镇", stdout=out)
    assert caught.value.returncode == status
    return out.getvalue() + str(caught.value)


def test_roster(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, ROSTER)

    assert "这是试运行" in run("import_roster", path, "--dry-run", "--new-branches")
    assert not Branch.objects.filter(name="新村党支部").exists()
    assert "新增 1" in run("import_roster", path, "--new-branches")
    assert Member.objects.filter(name="周新").count() == 1
    assert "没有新内容" in run("import_roster", path)


def test_a_town_without_branches_gets_them(cast: Cast, tmp_path: Path) -> None:
    call_command("setup_town", "丙镇", stdout=StringIO())
    call_command("import_roster", write(tmp_path, ROSTER), "--town", "丙镇", stdout=StringIO())
    assert Branch.objects.get(name="新村党支部").town.name == "丙镇"


def test_roster_without_new_branches(cast: Cast, tmp_path: Path) -> None:
    said = refused("import_roster", write(tmp_path, ROSTER), status=1)

    assert "工作表“表”第 3 行“党支部”列：“新村党支部” 本镇没有这个名称的党支部。" in said


def test_records(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, RECORD)

    assert "这是试运行" in run("import_records", path, "--dry-run")
    assert not PointEvent.objects.exists()
    assert "新增 1" in run("import_records", path)
    assert "没有新内容" in run("import_records", path)
    assert PointEvent.objects.get().batch.actor == cast.system


def test_records_as_somebody(cast: Cast, tmp_path: Path) -> None:
    run("import_records", write(tmp_path, RECORD), "--as", "recorder-a")

    assert PointEvent.objects.get().batch.actor == cast.recorder_a


LED = RECORD | {"项目": "上级表彰", "分值": 2, "带头作用": "是"}


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_unusual_rows_are_named_and_refused_where_asked(option: tuple[str, ...], cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, LED)

    said = refused("import_records", path, *option, "--refuse-unusual", status=1)

    named = "第 3 行（张伟）“带头作用”列：“是” “上级表彰”一般没有带头作用"
    assert named in said
    assert not PointEvent.objects.exists()
    assert named in run("import_records", path, *option)
    assert PointEvent.objects.count() == (0 if option else 1)


def test_merged_ticks_count_in_each_month(cast: Cast, tmp_path: Path) -> None:
    """S3, as it was seen: √ merged over January to June counted once, the rest vanished, and the exit status was 0."""
    rows = [["姓名", *(f"{month}月" for month in range(1, 13))], ["张伟", "√"]]
    path = tmp_path / "打勾表.xlsx"
    path.write_bytes(make_merged({"交纳党费": rows}, "B2:G2"))

    assert "新增 6" in run("import_records", str(path), "--branch", "一支部", "--year", "2025")
    assert PointEvent.objects.count() == 6


def test_a_second_lecture_of_a_quarter_is_named_and_refuses_nothing(cast: Cast, tmp_path: Path) -> None:
    """S9, as it was seen: it refused the whole file."""
    said = run("import_records", write(tmp_path, RECORD, RECORD | {"日期": "2025-02-20"}, RECORD | {"姓名": "李娜"}))

    assert "第 4 行（张伟）“日期”列：“2025-02-20” 2025年第1季度已由工作表“表”第 3 行（2025-03-05）计分" in said
    assert "新增 2，不计分 1" in said
    found = PointEvent.objects.order_by("member__position").values_list("member__name", "period", "date")
    assert list(found) == [("张伟", "2025Q1", date(2025, 3, 5)), ("李娜", "2025Q1", date(2025, 3, 5))]


@pytest.mark.parametrize("kind", ["ticks", "records"])
def test_rows_out_of_scope_are_named_one_by_one_and_nothing_is_written(kind: str, cast: Cast, tmp_path: Path) -> None:
    """S2, as it was seen: months before joining and of who is exempt were taken, and earned."""
    new, freed = came(cast).name, exempt(cast).name
    if kind == "ticks":
        rows = [{"姓名": new, "1月": "√"}, {"姓名": freed, "2月": "√"}, {"姓名": "张伟", "1月": "√"}]
        path, words = write(tmp_path, *rows, sheet="交纳党费"), ["--branch", "一支部", "--year", "2026"]
    else:
        dues = RECORD | {"项目": "交纳党费", "日期": "2026-03-05", "期次": "2026-01"}
        path = write(tmp_path, dues | {"姓名": new}, dues | {"姓名": freed, "期次": "2026-02"}, dues)
        words = []

    said = refused("import_records", path, *words, status=1)

    for row, person, month, why in ((3, new, 1, CAME), (4, freed, 2, EXEMPT)):
        cell = {"ticks": f"“{month}月”列：“√”", "records": f"“期次”列：“2026-{month:02}”"}[kind]
        assert f"第 {row} 行（{person}）{cell} {why}。" in said
    assert "共有 2 处错误，没有写入任何内容。" in said
    assert not PointEvent.objects.exists()


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_bad_rows_are_status_1(option: tuple[str, ...], cast: Cast, tmp_path: Path) -> None:
    said = refused(
        "import_records",
        write(tmp_path, RECORD | {"日期": "2025-02-29"}, RECORD | {"姓名": "无此人"}),
        *option,
        status=1,
    )

    assert "第 3 行“日期”列：“2025-02-29” 日历上没有这一天。" in said
    assert "第 4 行“姓名”列：“无此人” 名册上没有这个姓名。" in said
    assert "共有 2 处错误" in said
    assert not PointEvent.objects.exists()


@pytest.mark.parametrize("command", ["import_roster", "import_records"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", "党支部,姓名".encode()], ids=["empty", "broken", "text"])
def test_files_that_cannot_be_read_are_status_2(command: str, content: bytes, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(content)

    assert refused(command, str(path), status=2)


@pytest.mark.parametrize("command", ["import_roster", "import_records"])
@pytest.mark.parametrize("name", ["没有.xlsx", "", "a\0b.xlsx"], ids=["missing", "folder", "NUL"])
def test_paths_that_cannot_be_opened_are_status_2(command: str, name: str, cast: Cast, tmp_path: Path) -> None:
    assert "打不开文件" in refused(command, f"{tmp_path}/{name}", status=2)


def test_tick_workbook(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, {"姓名": "张伟", "一季度": "√"}, sheet="党课")

    assert "打勾表" in refused("import_records", path, status=1)
    assert "没有名为“三支部”的党支部" in refused(
        "import_records", path, "--branch", "三支部", "--year", "2025", status=1
    )
    assert "新增 1" in run("import_records", path, "--branch", "一支部", "--year", "2025")


def test_staff_of_another_town_may_not_import_the_roster(cast: Cast, tmp_path: Path) -> None:
    refused("import_roster", write(tmp_path, ROSTER), "--as", "other-staff", status=1)
