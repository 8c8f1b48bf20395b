"""Rosters as offices write them (`tests/data/cases`): the command and the preview read the same, in the same words."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from foundation.months import Month
from members.models import Appointment, AuditEntry, Member, Town
from members.roster_files.column_names import name_columns
from members.roster_files.reading import RosterResource
from tests.cast import Cast
from tests.factories import NOW, appoint, make_id_number, make_user
from tests.members.roster_files.tables import make_xlsx
from tests.pages import browse
from tests.scoring_site.workbench.files.uploading import (
    CASES,
    RECORDS,
    cells,
    confirm,
    records_file,
    run_command,
    upload_records,
    upload_roster,
)

NAMES = ("陆明德", "沈秋云", "顾长河", "钱小满", "褚文博", "卫春燕")


class Right(NamedTuple):
    """What is right of a file: whom it brings, or how many errors of which column; what is said of it."""

    people: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


RIGHT = {
    "00-base-roster/roster.xlsx": Right(NAMES),
    "01-merged-branch-cells/roster.xlsx": Right(NAMES),
    # A blank below a branch is no branch: nobody guesses.
    "02-branch-only-in-first-row/roster.xlsx": Right(errors=("党支部",) * 3),
    "03-two-header-rows/roster.xlsx": Right(NAMES[:4], notes=("以下各列不认识，已忽略：序号、备注。",)),
    "03-two-header-rows/roster-no-vertical-merge.xlsx": Right(
        NAMES[:4], notes=("以下各列不认识，已忽略：序号、备注。",)
    ),
    "04-subtotals-and-notes/roster.xlsx": Right(
        NAMES[:4],
        notes=(
            (
                "以下各行是小计、合计或者说明，未读取："
                "第 4 行（小计）、第 7 行（小计）、第 8 行（合计）、第 11 行（填表人：陆明德）。"
            ),
            "以下各行在可识别的列中没有内容，未读取：第 10 行（说明：1.本表由各支部填写；2.截至2026年6月30日。）。",
        ),
    ),
    "05-join-month-only/roster.xlsx": Right(NAMES[:4]),
    "05-join-month-only/roster-numbers.xlsx": Right(errors=("入党时间",)),
    "07-id-as-number/roster.xlsx": Right(errors=("公民身份号码",) * 2),
    "08-id-with-spaces/roster.xlsx": Right(NAMES[:4]),
    # Who died is on no roster; the other remarks belong to no column.
    "09-names-with-titles/roster.xlsx": Right(
        errors=("姓名",),
        notes=(
            (
                "姓名旁的附注没有读取：第 2 行（陆明德 （书记））、第 3 行（沈秋云 (组织委员)）、第 4 行（顾长河 ★）、"
                "第 5 行（钱小满 （预备））、第 6 行（褚文博 -女）。"
            ),
        ),
    ),
    "09-names-with-titles/clean.xlsx": Right(NAMES),
    "10-sheet-per-branch/roster.xlsx": Right(NAMES),
    "10-sheet-per-branch/roster-no-column.xlsx": Right(
        NAMES, notes=("工作表“西岭村党支部”没有“党支部”列：表中的人按西岭村党支部的党员读取。",)
    ),
    "11-branch-full-name-vs-short/a-short.xlsx": Right(NAMES[:3], notes=("新建党支部：东河村党支部。",)),
    "11-branch-full-name-vs-short/b-full.xlsx": Right(NAMES[3:5], notes=("新建党支部：中共示范镇东河村支部委员会。",)),
    "12-hidden-rows-and-columns/roster.xlsx": Right(
        NAMES[:4], notes=("有隐藏或被筛选掉的行，这些行与其他行一样读取。", "有隐藏的列，这些列与其他列一样读取。")
    ),
    "12-hidden-rows-and-columns/hidden-column-only.xlsx": Right(
        NAMES[:4], notes=("有隐藏的列，这些列与其他列一样读取。",)
    ),
    "18-gbk-csv-with-quotes/roster.csv": Right(NAMES[:3], notes=("以下各列不认识，已忽略：备注。",)),
    "18-gbk-csv-with-quotes/semicolon.csv": Right(NAMES[:3], notes=("以下各列不认识，已忽略：备注。",)),
    "18-gbk-csv-with-quotes/tab-gbk.csv": Right(NAMES[:3], notes=("以下各列不认识，已忽略：备注。",)),
    "19-column-names-of-real-exports/a-wisdomtown.xlsx": Right(NAMES[:3]),
    "19-column-names-of-real-exports/b-national-export.xlsx": Right(NAMES[:3]),
    "19-column-names-of-real-exports/c-zhuanzheng.xlsx": Right(NAMES[:3]),
    "23-many-bad-rows/roster.xlsx": Right(errors=("公民身份号码",) * 20, notes=()),
    "44-template-id-column-not-text/typed-in-template.xlsx": Right(errors=("公民身份号码",)),
    "51-headers-with-breaks-and-notes/roster.xlsx": Right(NAMES[:2], notes=("以下各列不认识，已忽略：序 号。",)),
}


def run(case: str, *words: str) -> str:
    return run_command("import_roster", case, "--new-branches", *words)


def brought(cast: Cast) -> list[str]:
    return list(cast.town.members.filter(name__in=NAMES).order_by("position").values_list("name", flat=True))


@pytest.mark.parametrize("case", RIGHT)
def test_both_doors(case: str, cast: Cast) -> None:
    right = RIGHT[case]
    said = run(case, "--dry-run")
    assert [note for note in right.notes if note not in said] == []
    assert said.count("”列：") == len(right.errors) + sum("没有“党支部”列" in line for line in said.splitlines())
    client = browse(cast.staff)
    preview = upload_roster(client, cast, (CASES / case).read_bytes(), name=Path(case).name)
    told = "\n".join(preview.context["notes"])
    assert [note for note in right.notes if note not in told] == []
    assert brought(cast) == []
    if right.errors:
        assert [row[1] for row in cells(preview)] == list(right.errors)
        return
    confirm(client, preview)
    assert brought(cast) == list(right.people)
    assert "没有新内容" in run(case)


def test_what_a_two_row_header_and_other_offices_columns_say_is_read(cast: Cast) -> None:
    run("03-two-header-rows/roster-no-vertical-merge.xlsx")
    member = Member.objects.get(name="陆明德")
    assert (str(member.joined_on), str(member.full_since)) == ("2001-07-01", "2002-07-01")
    Member.objects.filter(pk=member.pk).update(full_since=None, phone="")
    run("19-column-names-of-real-exports/c-zhuanzheng.xlsx")
    member.refresh_from_db()
    assert (str(member.full_since), member.phone) == ("2002-07-01", "13900001111")


def test_a_clean_file_after_one_with_remarks_brings_nobody_new(cast: Cast) -> None:
    run("09-names-with-titles/clean.xlsx")
    assert "没有新内容" not in run("09-names-with-titles/roster.xlsx")
    assert brought(cast) == list(NAMES)


def test_a_branch_under_another_name_is_asked_about_and_not_made_anew(cast: Cast) -> None:
    run("11-branch-full-name-vs-short/a-short.xlsx")
    said = run("11-branch-full-name-vs-short/b-full.xlsx")
    assert said.count("可能就是“东河村党支部”") == 2
    assert brought(cast) == list(NAMES[:3])
    assert cast.town.branches.filter(name__contains="东河村").count() == 1


def test_new_branches_are_offered_to_a_town_without_any(cast: Cast) -> None:
    client = browse(cast.staff)
    assert client.get(reverse("workbench:import_roster")).context["form"]["new_branches"].value() is False
    staff = make_user("new-staff", name="新镇干部")
    appoint(staff, Appointment.Role.TOWN_STAFF, town=Town.objects.create(name="丙镇"))
    assert browse(staff).get(reverse("workbench:import_roster")).context["form"]["new_branches"].value() is True


def test_a_month_stays_one_on_every_page_and_in_the_export(cast: Cast) -> None:
    run("05-join-month-only/roster.xlsx")
    member = Member.objects.get(name="陆明德")
    assert member.joined_on == Month.of(1998, 7) != date(1998, 7, 1)
    client = browse(cast.staff)
    page = reverse("workbench:members_member_change", args=[member.pk])
    assert "1998-07" in client.get(page).content.decode()
    assert "没有新内容" in run("05-join-month-only/roster.xlsx")


def test_who_joined_in_a_month_of_this_year_is_there_from_its_last_day(cast: Cast) -> None:
    row = ("一支部", "新人", "预备党员", "2001-05-06", "2026-02")
    data = make_xlsx({"名册": [["党支部", "姓名", "人员类别", "出生日期", "入党时间"], list(row)]})
    client = browse(cast.staff)
    preview = upload_roster(client, cast, data)
    assert preview.context["notes"] == ["入党时间只有月份，从该月最后一天起在册：新人（2026-02-28）。"]
    confirm(client, preview)
    assert Member.objects.get(name="新人").memberships.get().from_date == date(2026, 2, 28)


def test_a_sheet_that_says_no_branch_is_named_until_one_is_chosen(cast: Cast) -> None:
    data = make_xlsx({"Sheet1": [["姓名", "人员类别", "出生日期"], ["新人", "正式党员", "1990-05-06"]]})
    client = browse(cast.staff)
    preview = upload_roster(client, cast, data)
    assert [row[:2] for row in cells(preview)] == [["Sheet1 第1行", "党支部"]]
    preview = upload_roster(client, cast, data, branch=cast.branch_b.pk)
    assert preview.context["notes"] == [f"工作表“Sheet1”没有“党支部”列：表中的人按{cast.branch_b.name}的党员读取。"]
    confirm(client, preview)
    assert Member.objects.get(name="新人").memberships.get().branch == cast.branch_b


TITLES = {
    "二支部党员名册": "二支部",
    "二支部2026年党员花名册（共1人）": "二支部",
    "2026年度二支部全体党员名单": "二支部",
    "填报单位：二支部": "二支部",
    "各党支部党员名册": "",
    "党支部党员名册": "",
    "甲镇所属二支部党员名册": "",
    "党员名册": "",
}


@pytest.mark.parametrize("title", TITLES)
def test_a_branch_s_own_list_says_by_its_title_whose_it_is(title: str, cast: Cast) -> None:
    """F8: a list without the column 党支部 is its branch's own; a title of several branches' list is no branch."""
    rows: list[list[Any]] = [[title], ["姓名", "人员类别", "出生日期"], ["新人", "正式党员", "1990-05-06"]]
    client = browse(cast.staff)
    preview = upload_roster(client, cast, make_xlsx({"Sheet1": rows}))
    if TITLES[title]:
        assert preview.context["notes"] == ["工作表“Sheet1”没有“党支部”列：表中的人按二支部的党员读取。"]
        confirm(client, preview)
        assert Member.objects.get(name="新人").memberships.get().branch == cast.branch_b
    else:
        assert [row[:2] for row in cells(preview)] == [["Sheet1 第2行", "党支部"]]


@pytest.mark.parametrize(
    ("branch", "number", "category", "full", "phone", "values"),
    [
        ("所属党支部", "公民身份证号码", "人员类型", "转正时间", "手机号", ("正式", "预备")),
        ("所在党组织", "身份证", "党员类别", "转正日期", "联系电话", ("正式党员", "预备党员")),
    ],
)
def test_other_offices_words_for_a_column_are_read(
    branch: str, number: str, category: str, full: str, phone: str, values: tuple[str, str], cast: Cast
) -> None:
    """F7, as it was seen: refused or lost."""
    head = [branch, "姓名", number, category, full, phone]
    ids = [make_id_number(701), make_id_number(702)]
    rows: list[list[Any]] = [
        head,
        ["一支部", "新人", ids[0], values[0], "2002-07-01", "13900000701"],
        ["一支部", "后来人", ids[1], values[1], None, "13900000702"],
    ]
    client = browse(cast.staff)
    preview = upload_roster(client, cast, make_xlsx({"名册": rows}))
    assert (preview.context["notes"], preview.context["errors"]) == ([], 0)
    confirm(client, preview)
    found = Member.objects.filter(name__in=("新人", "后来人")).order_by("position")
    assert [(row.category, str(row.full_since), row.phone, row.id_number) for row in found] == [
        ("full", "2002-07-01", "13900000701", ids[0]),
        ("probationary", "None", "13900000702", ids[1]),
    ]


def test_a_month_typed_as_a_number_is_said_to_be_one(cast: Cast) -> None:
    """F2: 1964.10 typed as a number is 1964.1, which may be January."""
    head = ["党支部", "姓名", "人员类别", "出生日期", "入党时间"]
    rows: list[list[Any]] = [head, ["一支部", "新人", "正式党员", "1940-05-06", 1964.1]]
    preview = upload_roster(browse(cast.staff), cast, make_xlsx({"名册": rows}))
    [cell] = cells(preview)
    assert cell[:3] == ["名册 第2行", "入党时间", "1964.1"]
    assert cell[3].startswith("按数字填写，分不清1月还是10月")


def test_a_branch_chosen_beside_a_column_that_says_it_is_told(cast: Cast) -> None:
    data = make_xlsx(
        {"名册": [["党支部", "姓名", "人员类别", "出生日期"], ["一支部", "新人", "正式党员", "1990-05-06"]]}
    )
    preview = upload_roster(browse(cast.staff), cast, data, branch=cast.branch_b.pk)
    assert preview.context["notes"] == ["“党支部”列已写明各人所属党支部，没有用到所选的党支部。"]
    assert cells(preview)[0][1] == "一支部"


def test_many_bad_rows_are_counted_by_kind_and_the_file_comes_back_with_remarks(cast: Cast) -> None:
    case = "23-many-bad-rows/roster.xlsx"
    assert "20处：公民身份号码：公民身份号码的校验码不对，有数字填错了。" in run(case)
    client = browse(cast.staff)
    preview = upload_roster(client, cast, (CASES / case).read_bytes())
    assert preview.context["problems"] == [["公民身份号码：公民身份号码的校验码不对，有数字填错了。", 20]]
    answer = client.get(preview.context["remarks_url"])
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    sent = openpyxl.load_workbook(CASES / case).worksheets[0]
    width = sent.max_column
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[:width] for row in rows] == list(sent.iter_rows(values_only=True))
    remarks = {number: row[width] for number, row in enumerate(rows, 1) if row[width]}
    assert remarks[1] == "问题"
    assert len(remarks) == 21
    assert remarks[3] == "公民身份号码：公民身份号码的校验码不对，有数字填错了。请与身份证核对。"
    cell = sheet.cell(3, width + 1)
    assert (cell.font.color.rgb, cell.data_type) == ("FFC00000", "s")


def test_a_file_with_remarks_can_be_sent_again(cast: Cast) -> None:
    client = browse(cast.staff)
    preview = upload_roster(client, cast, (CASES / "23-many-bad-rows/roster.xlsx").read_bytes())
    answer = client.get(preview.context["remarks_url"])
    again = upload_roster(client, cast, b"".join(answer.streaming_content))
    assert again.context["errors"] == 20


def test_nobody_else_has_the_file_with_remarks(cast: Cast) -> None:
    preview = upload_roster(browse(cast.staff), cast, (CASES / "23-many-bad-rows/roster.xlsx").read_bytes())
    other = make_user("second-staff", name="镇干部二")
    appoint(other, Appointment.Role.TOWN_STAFF, town=cast.town)
    assert browse(other).get(preview.context["remarks_url"]).status_code == 302


OWN = [["单位", "姓名", "类型", "出生日期", "备注"], ["一支部", "新人", "正式党员", "1990-05-06", "新来"]]


def test_a_column_of_another_name_is_named_by_hand_and_remembered_for_the_town(cast: Cast) -> None:
    client, data = browse(cast.staff), make_xlsx({"名册": [*OWN]})
    preview = upload_roster(client, cast, make_xlsx({"名册": [[*OWN[0][:2], "人员类别", *OWN[0][3:]], OWN[1]]}))
    assert [heading.text for heading in preview.context["unknown"]] == ["单位", "备注"]
    renewed = client.post(preview.context["headings_url"], {"heading-0": "branch", "heading-1": ""}, follow=True)
    assert [(heading.text, heading.meant) for heading in renewed.context["unknown"]] == [
        ("备注", ""),
        ("单位", "branch"),
    ]
    assert renewed.context["notes"] == ["工作表“名册”：以下各列不认识，已忽略：备注。"]
    confirm(client, renewed)
    assert Member.objects.get(name="新人").memberships.get().branch == cast.branch_a
    cast.town.refresh_from_db()
    assert cast.town.column_names == {"roster": {"单位": "branch"}}
    assert AuditEntry.objects.get(verb="name_columns").new == {"columns": ["单位 → 党支部"]}
    name_columns(actor=cast.staff, now=NOW, town=cast.town, resource=RosterResource, names={"类型": "category"})
    assert upload_roster(client, cast, data).context["errors"] == 0
    # What was said can be taken back; a heading of our own, none and one of another workbook name nothing.
    said = {"单位": "", "姓名": "branch", "": "phone", "长" * 61: "phone", "得分日期": "points"}
    name_columns(actor=cast.staff, now=NOW, town=cast.town, resource=RosterResource, names=said)
    cast.town.refresh_from_db()
    assert cast.town.column_names == {"roster": {"类型": "category"}}


def test_only_who_keeps_the_roster_names_columns(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        name_columns(actor=cast.recorder_a, now=NOW, town=cast.town, resource=RosterResource, names={"单位": "branch"})
    with pytest.raises(PermissionDenied):
        name_columns(actor=cast.other_staff, now=NOW, town=cast.town, resource=RosterResource, names={"单位": "branch"})
    data = records_file(("一支部", "张伟", "得分", "党课", date(2026, 1, 5), "", "", "甲"), header=(*RECORDS, "经手人"))
    recorder = browse(cast.recorder_a)
    preview = upload_records(recorder, cast, data)
    assert (preview.context["headings_url"], [each.text for each in preview.context["unknown"]]) == ("", ["经手人"])
    address = preview.request["PATH_INFO"] + "headings/"
    assert recorder.post(address, {"heading-0": "note"}).status_code == 403
    staff = browse(cast.staff)
    preview = upload_records(staff, cast, data)
    staff.post(preview.context["headings_url"], {"heading-0": "paid_by"})
    cast.town.refresh_from_db()
    assert cast.town.column_names == {"records": {"经手人": "paid_by"}}
