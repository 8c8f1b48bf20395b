"""Imports in the browser: a roster, records and ticks from upload over preview to batch; errors; the cost."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Membership, RecordBatch
from members.roster_files.uploads import PAGE_ROWS
from points.models import PointEvent
from tests.cast import Cast
from tests.factories import TODAY, make_batch, make_event, make_member, make_membership
from tests.members.roster_files.tables import make_merged, make_xlsx
from tests.pages import browse
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.scoring_site.portal.own_points import read_squares
from tests.scoring_site.screens import get, told
from tests.scoring_site.workbench.files.uploading import (
    DUES,
    cells,
    confirm,
    records_file,
    roster_file,
    tabs,
    upload,
    upload_records,
    upload_roster,
)
from tests.test_scope_at_every_door import CAME, EXEMPT, came, exempt
from tests.work import count_queries

# The way through


def test_a_roster_is_previewed_and_then_imported(cast: Cast) -> None:
    client = browse(cast.staff)
    data = roster_file(
        ("一支部", "新　人", "正式党员", "1980-03-04"),
        ("五支部", "另一个", "预备党员", "1990-03-04"),
        ("一支部", "李娜", "正式党员", "1985-05-05"),
    )
    preview = upload_roster(client, cast, data, name="2026名册.xlsx")
    assert preview.status_code == 200
    assert tabs(preview) == {"新增": 2, "未变": 1}
    assert cells(preview)[0] == ["党员名册 第3行", "一支部", "新人", "正式党员", "—"]
    assert preview.context["notes"] == ["新建党支部：五支部。"]
    assert not cast.town.members.filter(name="新人").exists()

    done = confirm(client, preview)
    batch = RecordBatch.objects.get()
    assert done.redirect_chain[-1][0] == reverse("workbench:members_recordbatch_change", args=[batch.pk])
    assert reverse("workbench:members_recordbatch_void", args=[batch.pk]) in done.content.decode()
    assert (batch.uuid, batch.file_name) == (preview.context["upload"].token, "2026名册.xlsx")
    assert "新增2人，更新0人，未变1人" in told(done)
    assert cast.town.members.filter(name="新人").exists()
    assert cast.town.branches.filter(name="五支部").exists()
    assert AuditEntry.objects.get(verb="import_roster").actor == cast.staff


def test_a_preview_of_the_roster_says_what_changes(cast: Cast) -> None:
    header = ["党支部", "姓名", "人员类别", "出生日期", "党小组", "联系电话"]
    data = make_xlsx({"名册": [header, ["一支部", "李娜", "正式党员", "1985-05-05", "第二党小组", "13900000099"]]})
    preview = upload_roster(browse(cast.staff), cast, data)
    assert tabs(preview) == {"更新": 1}
    assert cells(preview) == [
        ["名册 第2行", "一支部", "李娜", "正式党员", "联系电话：已填新号；党小组：— → 第二党小组"]
    ]
    assert "13900000099" not in preview.content.decode()


def test_records_are_previewed_imported_and_can_be_voided_as_one(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    data = records_file(DUES, ("一支部", "李娜", "得分", "交纳党费", date(2026, 1, 6)))
    preview = upload_records(client, cast, data, name="一月党费.xlsx")
    assert tabs(preview) == {"新增": 2}
    assert cells(preview)[0] == [
        "积分记录 第2行",
        "一支部",
        "张伟",
        "得分",
        "交纳党费",
        "2026-01-05",
        "2026年1月",
        "—",
    ]
    assert not PointEvent.objects.exists()

    done = confirm(client, preview)
    batch = RecordBatch.objects.get()
    assert done.redirect_chain[-1][0] == reverse("workbench:members_recordbatch_change", args=[batch.pk])
    assert "新增2条记录" in told(done)
    assert "作废整批" in told(done)
    assert reverse("workbench:members_recordbatch_void", args=[batch.pk]) in done.content.decode()
    assert (batch.uuid, batch.actor, batch.branch) == (preview.context["upload"].token, cast.recorder_a, cast.branch_a)
    assert (batch.file_name, batch.file_hash) == ("一月党费.xlsx", hashlib.sha256(data).hexdigest())
    assert PointEvent.objects.filter(batch=batch).count() == 2


def test_what_stands_already_is_not_written_again(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    confirm(client, upload_records(client, cast, records_file(DUES)))
    again = upload_records(client, cast, records_file(DUES))
    assert tabs(again) == {"已有": 1}
    assert "没有新内容" in again.content.decode()
    assert "确认导入" not in again.content.decode()
    forced = confirm(client, again)
    assert "没有新内容" in told(forced)
    assert PointEvent.objects.count() == 1
    assert RecordBatch.objects.count() == 1


def test_a_mover_s_records_stay_voidable_by_the_recorder(cast: Cast) -> None:
    make_membership(cast.members_b[1], cast.branch_a, date(2026, 2, 1), Membership.Why.MOVED)
    client = browse(cast.recorder_a)
    row = ("一支部", "钱进", "得分", "交纳党费", date(2026, 3, 1))
    confirm(client, upload_records(client, cast, records_file(row)))
    batch = RecordBatch.objects.get()
    assert batch.branch == cast.branch_a
    assert client.get(reverse("workbench:members_recordbatch_void", args=[batch.pk])).status_code == 200


def test_a_tick_workbook_goes_down_filled_and_up_again(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, cast.member_a, "dues", "2026-01", date=date(2026, 1, 12))
    choice = {"branch": cast.branch_a.pk, "year": 2026}
    template = client.post(reverse("workbench:export_ticks"), choice)
    assert template.status_code == 200
    same = upload(client, "ticks", template.content, **choice)
    assert tabs(same) == {"已有": 1}
    assert cells(same)[0][5] == "2026-01-12"  # the day it was paid, as recorded, not the day of this import

    data = make_xlsx({"交纳党费": [["姓名", "1月", "2月", "3月"], ["张伟", "√", "√", "×"], ["李娜", "", "1", ""]]})
    preview = upload(client, "ticks", data, **choice)
    assert tabs(preview) == {"新增": 2, "已有": 1}
    facts = {fact.label: fact.value for fact in preview.context["facts"]}
    assert (facts["党支部"], facts["考核年度"]) == ("一支部", 2026)
    confirm(client, preview)
    found = PointEvent.objects.values_list("member__name", "period").order_by("pk")
    assert list(found) == [("张伟", "2026-01"), ("张伟", "2026-02"), ("李娜", "2026-02")]


def test_a_tick_workbook_of_a_foreign_branch_or_year_cannot_be_chosen(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    data = make_xlsx({"交纳党费": [["姓名", "1月"], ["赵敏", "√"]]})
    for choice in ({"branch": cast.branch_b.pk, "year": 2026}, {"branch": cast.branch_a.pk, "year": 2019}):
        page = upload(client, "ticks", data, **choice)
        assert page.context["form"].errors
    other = upload(client, "ticks", data, branch=cast.branch_a.pk, year=2026)
    assert tabs(other) == {"错误": 1}


# Errors


def test_every_bad_row_is_located_and_explained_and_the_choice_is_kept(cast: Cast) -> None:
    client = browse(cast.staff)
    data = roster_file(
        ("一支部", "好人", "正式党员", "1980-03-04"),
        ("一支部", "", "正式党员", "2025-02-30"),
        ("六支部", "某人", "群众", "1980-03-04"),
    )
    preview = upload(client, "roster", data, town=cast.town.pk)  # new branches are not allowed
    assert tabs(preview)["错误"] == 3
    assert [row[:3] for row in cells(preview)] == [
        ["党员名册 第4行", "姓名", "（空白）"],
        ["党员名册 第4行", "出生日期", "2025-02-30"],
        ["党员名册 第5行", "人员类别", "群众"],
    ]
    assert all(row[3] and row[4] for row in cells(preview))
    page = preview.content.decode()
    assert "发现3处错误" in page
    assert "确认导入" not in page

    done = confirm(client, preview)
    assert not cast.town.members.filter(name="好人").exists()
    assert done.status_code == 200
    again = client.get(preview.context["again_url"])
    assert again.context["form"]["new_branches"].value() is False
    assert again.context["form"]["town"].value() == cast.town.pk


def test_tick_choices_are_kept_after_errors(cast: Cast) -> None:
    client = browse(cast.staff)
    data = make_xlsx({"交纳党费": [["姓名", "1月"], ["没有的人", "√"]]})
    preview = upload(client, "ticks", data, branch=cast.branch_b.pk, year=2025)
    form = client.get(preview.context["again_url"]).context["form"]
    assert (form["branch"].value(), form["year"].value()) == (str(cast.branch_b.pk), "2025")
    failed = upload(client, "ticks", b"", branch=cast.branch_b.pk, year=2025)
    form = failed.context["form"]
    assert (form["branch"].value(), form["year"].value()) == (str(cast.branch_b.pk), "2025")


def test_many_rows_come_in_pages(cast: Cast) -> None:
    client = browse(cast.staff)
    rows = [("一支部", f"张{chr(0x4E00 + number)}", "正式党员", "1980-03-04") for number in range(2 * PAGE_ROWS + 1)]
    preview = upload_roster(client, cast, roster_file(*rows))
    url = preview.request["PATH_INFO"]
    assert len(cells(preview)) == PAGE_ROWS
    last = client.get(f"{url}?show=added&page=3")
    assert [row[0] for row in cells(last)] == ["党员名册 第203行"]
    for number in ("-1", "0", "x", "1e9", "٣"):
        assert len(cells(client.get(f"{url}?page={number}"))) == PAGE_ROWS
    assert cells(client.get(f"{url}?page=99&show=nonsense")) == cells(last)


def test_a_preview_speaks_the_reader_s_language(cast: Cast) -> None:
    client = browse(cast.staff)
    preview = upload_roster(client, cast, roster_file(("一支部", "", "正式党员", "1980-03-04")))
    url = preview.request["PATH_INFO"]
    assert cells(preview)[0][3] == "此格不能空白。"
    english = client.get(url, headers={"accept-language": "en"})
    assert "1 errors: nothing was written" in english.content.decode()
    assert cells(english)[0] == ["党员名册, row 3", "姓名", "(blank)", "This cell must not be blank.", "Fill it in."]
    assert cells(client.get(url))[0][3] == "此格不能空白。"


# Cost


def test_queries_do_not_grow_with_the_rows(cast: Cast) -> None:
    names = [f"张{chr(0x4E00 + number)}" for number in range(150)]
    for name in names:
        make_member(cast.branch_a, name)
    client = browse(cast.staff)

    def cost(many: int) -> tuple[int, int]:
        rows = [("一支部", name, "得分", "交纳党费", date(2026, 1, 5)) for name in names[:many]]
        url = ""

        def send() -> None:
            nonlocal url
            response = upload_records(client, cast, records_file(*rows))
            assert response.status_code == 200
            url = response.request["PATH_INFO"]

        sent = count_queries(send)
        assert client.get(url).status_code == 200
        return sent, count_queries(lambda: client.get(url))

    assert cost(3) == cost(150)


def test_the_preview_says_what_was_paid(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    header = ("党支部", "姓名", "类别", "项目", "日期", "应交", "实交", "代交人")
    dues = ("一支部", "张伟", "得分", "交纳党费")
    data = records_file((*dues, date(2026, 1, 5), 5, 5, "李娜"), (*dues, date(2026, 2, 5)), header=header)
    preview = upload_records(client, cast, data)
    assert [row[4] for row in cells(preview)] == ["交纳党费（应交5.00元，实交5.00元，由李娜代交）", "交纳党费"]


def test_what_is_unusual_is_named_and_wants_a_tick(cast: Cast) -> None:
    """S8, as it was seen: none of what the screens ask about was so much as named."""
    client = browse(cast.recorder_a)
    header = ("党支部", "姓名", "类别", "项目", "日期", "分值", "带头作用", "说明")
    honour, lina = ("一支部", "张伟", "得分", "上级表彰", date(2026, 1, 5)), ("一支部", "李娜", "得分")
    data = records_file(
        (*honour, 1, "否", "优秀党员"),
        (*honour, 2, "是", "优秀党员"),
        (*lina, "党史知识竞赛", date(2026, 1, 5), 1, "是", "镇竞赛"),
        (*lina, "理论学习心得", date(2026, 3, 5), 1, "是", "心得"),
        header=header,
    )
    preview = upload_records(client, cast, data)

    assert tabs(preview) == {"待确认": 4, "新增": 4}
    named = [(row[0], row[1], row[2], row[3][:10]) for row in cells(preview)]
    assert named == [
        ("积分记录 第3行 张伟", "带头作用", "是", "“上级表彰”一般没有"),
        ("积分记录 第3行 张伟", "项目", "上级表彰", "可能与2026-01"),
        ("积分记录 第4行 李娜", "带头作用", "是", "“党史知识竞赛”一般"),
        ("积分记录 第5行 李娜", "带头作用", "是", "“理论学习心得”一般"),
    ]
    held = confirm(client, preview)
    assert "请核对不太寻常的各行" in told(held)
    assert not PointEvent.objects.exists()
    assert "新增4条记录" in told(confirm(client, held, confirmed="on"))
    assert PointEvent.objects.count() == 4


def test_a_second_lecture_of_the_quarter_is_named_and_refuses_nothing(cast: Cast) -> None:
    """S9, as it was seen: it refused the whole file."""
    client = browse(cast.recorder_a)
    lectures = (
        ("一支部", "张伟", "得分", "党课", date(2026, 1, 5)),
        ("一支部", "张伟", "得分", "党课", date(2026, 2, 5)),
    )
    preview = upload_records(client, cast, records_file(*lectures))

    assert tabs(preview) == {"新增": 1, "不计分": 1}
    skipped = client.get(f"{preview.request['PATH_INFO']}?show=skipped")
    assert cells(skipped)[0][:4] == [
        "积分记录 第3行 张伟",
        "日期",
        "2026-02-05",
        "2026年第1季度已由工作表“积分记录”第 2 行（2026-01-05）计分。",
    ]
    assert "新增1条记录，0条原已存在，1条不计分" in told(confirm(client, preview))
    assert list(PointEvent.objects.values_list("period", "date")) == [("2026Q1", date(2026, 1, 5))]


def test_ticks_merged_over_months_stand_in_the_preview_one_by_one(cast: Cast) -> None:
    """S3, as it was seen: only the first of the months counted, without a word."""
    data = make_merged({"交纳党费": [["姓名", "1月", "2月", "3月"], ["张伟", "√"], ["李娜"]]}, "B2:C3")
    preview = upload(browse(cast.recorder_a), "ticks", data, branch=cast.branch_a.pk, year=2026)

    assert tabs(preview) == {"新增": 4}
    assert [(row[2], row[6]) for row in cells(preview)] == [
        ("张伟", "2026年1月"),
        ("张伟", "2026年2月"),
        ("李娜", "2026年1月"),
        ("李娜", "2026年2月"),
    ]


def test_a_tick_imported_after_the_approval_clears_the_arrears_alone(cast: Cast, client: Client) -> None:
    """S1, as it was seen: it counted the point, dated the period's last day."""
    record_dues(cast, month=2, now=JULY)
    bring_to(cast, "approved", start=JULY + HOUR)
    recorder = browse(cast.recorder_a)
    data = make_xlsx({"交纳党费": [["姓名", "2月", "3月"], ["张伟", "√", "√"]]})
    preview = upload(recorder, "ticks", data, branch=cast.branch_a.pk, year=2025)
    assert tabs(preview) == {"新增": 1, "已有": 1}
    assert preview.context["notes"] == [
        "有1行（格）党费属于已核定的半年：只销欠缴，不计分。核定前已交的，凭收据或转账记录更正后计分。"
    ]
    assert "新增1条记录" in told(confirm(recorder, preview))
    assert PointEvent.objects.get(period="2025-03").date == TODAY
    own = get(client, cast.member_user_a, "/?year=2025")
    dues = read_squares(client, cast.member_user_a, "/?year=2025")["交纳党费"]
    assert "2月 得分 3月 半年核定后补交，不计分 4月 未登记" in dues
    assert "年度积分 1.0" in own


@pytest.mark.parametrize("kind", ["ticks", "records"])
def test_rows_out_of_scope_are_named_one_by_one_and_nothing_is_written(cast: Cast, kind: str) -> None:
    """S2, as it was seen: months before joining and of who is exempt were taken, and earned."""
    new, freed = came(cast).name, exempt(cast).name
    client = browse(cast.recorder_a)
    if kind == "ticks":
        rows = [["姓名", "1月", "2月"], [new, "√", ""], [freed, "", "√"], ["张伟", "√", ""]]
        preview = upload(client, kind, make_xlsx({"交纳党费": rows}), branch=cast.branch_a.pk, year=2026)
    else:
        paid = ("得分", "交纳党费", date(2026, 3, 5))
        months = ((new, "2026-01"), (freed, "2026-02"), ("张伟", "2026-01"))
        lines = [("一支部", name, *paid, month) for name, month in months]
        header = ("党支部", "姓名", "类别", "项目", "日期", "期次")
        preview = upload_records(client, cast, records_file(*lines, header=header))
    assert tabs(preview) == {"错误": 2, "新增": 1}
    shown = {
        "ticks": [("1月", "√"), ("2月", "√")],
        "records": [("期次", "2026-01"), ("期次", "2026-02")],
    }[kind]
    assert [(row[0].split(" ", 1)[1], *row[1:4]) for row in cells(preview)] == [
        (f"第2行 {new}", *shown[0], f"{CAME}。"),
        (f"第3行 {freed}", *shown[1], f"{EXEMPT}。"),
    ]
    assert "没有写入" in told(confirm(client, preview))
    assert not PointEvent.objects.exists()
