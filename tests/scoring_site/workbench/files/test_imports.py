"""Imports in the browser: preview, confirmation of exactly that file by exactly that user, once; hostile files."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import AuditEntry, Membership, RecordBatch, User
from members.roster_files.uploads import KEPT_FOR, PAGE_ROWS
from points.models import PointEvent
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_event, make_member, make_membership
from tests.members.roster_files.tables import make_csv, make_xlsx
from veto.models import Deduction

ROSTER = ("党支部", "姓名", "人员类别", "出生日期")
RECORDS = ("党支部", "姓名", "类别", "项目", "日期", "说明", "核实日期")


@pytest.fixture(autouse=True)
def uploads_dir(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def as_user(cast: Cast) -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


LogIn = Callable[[User], Client]


def roster_file(*rows: tuple[Any, ...]) -> bytes:
    return make_xlsx({"党员名册": [["甲镇党员名册"], list(ROSTER), *[list(row) for row in rows]]})


def records_file(*rows: tuple[Any, ...], header: tuple[str, ...] = RECORDS) -> bytes:
    return make_xlsx({"积分记录": [list(header), *[list(row) for row in rows]]})


DUES = ("一支部", "张伟", "得分", "交纳党费", date(2026, 1, 5))


def upload(client: Client, kind: str, data: bytes, *, name: Any = "表.xlsx", **choices: Any) -> Any:
    """Post a file; follows to the preview when there is one."""
    file = SimpleUploadedFile(name, data)
    return client.post(reverse(f"workbench:import_{kind}"), {"file": file, **choices}, follow=True)


def upload_roster(client: Client, cast: Cast, data: bytes, **choices: Any) -> Any:
    return upload(client, "roster", data, **{"town": cast.town.pk, "new_branches": "on"} | choices)


def upload_records(client: Client, cast: Cast, data: bytes, **choices: Any) -> Any:
    return upload(client, "records", data, **{"town": cast.town.pk} | choices)


def confirm(client: Client, preview: Any, **fields: Any) -> Any:
    """Press the button of a preview."""
    url = preview.request["PATH_INFO"]
    return client.post(url, {"hash": preview.context["upload"].file_hash} | fields, follow=True)


def tabs(preview: Any) -> dict[str, int]:
    return {tab.label: tab.rows for tab in preview.context["tabs"]}


def cells(preview: Any) -> list[list[str]]:
    return [[cell for _heading, cell in line] for line in preview.context["lines"]]


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request)) or " ".join(
        str(message) for message in response.context["messages"]
    )


# The way through


def test_a_roster_is_previewed_and_then_imported(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
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
    replayed = confirm(client, preview)
    assert "没有重复写入" in told(replayed)
    assert RecordBatch.objects.count() == 1
    assert cast.town.members.filter(name="新人").exists()
    assert cast.town.branches.filter(name="五支部").exists()
    assert AuditEntry.objects.get(verb="import_roster").actor == cast.staff


def test_a_preview_of_the_roster_says_what_changes(cast: Cast, as_user: LogIn) -> None:
    header = ["党支部", "姓名", "人员类别", "出生日期", "党小组", "联系电话"]
    data = make_xlsx({"名册": [header, ["一支部", "李娜", "正式党员", "1985-05-05", "第二党小组", "13900000099"]]})
    preview = upload_roster(as_user(cast.staff), cast, data)
    assert tabs(preview) == {"更新": 1}
    assert cells(preview) == [
        ["名册 第2行", "一支部", "李娜", "正式党员", "党小组：— → 第二党小组；联系电话：已填新号"]
    ]
    assert "13900000099" not in preview.content.decode()


def test_records_are_previewed_imported_and_can_be_voided_as_one(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
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


def test_what_stands_already_is_not_written_again(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
    confirm(client, upload_records(client, cast, records_file(DUES)))
    again = upload_records(client, cast, records_file(DUES))
    assert tabs(again) == {"已有": 1}
    assert "没有新内容" in again.content.decode()
    assert "确认导入" not in again.content.decode()
    forced = confirm(client, again)
    assert "没有新内容" in told(forced)
    assert PointEvent.objects.count() == 1
    assert RecordBatch.objects.count() == 1


def test_a_mover_s_records_stay_voidable_by_the_recorder(cast: Cast, as_user: LogIn) -> None:
    make_membership(cast.members_b[1], cast.branch_a, date(2026, 2, 1), Membership.Why.MOVED)
    client = as_user(cast.recorder_a)
    row = ("一支部", "钱进", "得分", "交纳党费", date(2026, 3, 1))
    confirm(client, upload_records(client, cast, records_file(row)))
    batch = RecordBatch.objects.get()
    assert batch.branch == cast.branch_a
    assert client.get(reverse("workbench:members_recordbatch_void", args=[batch.pk])).status_code == 200


def test_a_tick_workbook_goes_down_filled_and_up_again(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
    make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a, "dues", "2026-01")
    choice = {"branch": cast.branch_a.pk, "year": 2026}
    template = client.post(reverse("workbench:export_ticks"), choice)
    assert template.status_code == 200
    same = upload(client, "ticks", template.content, **choice)
    assert tabs(same) == {"已有": 1}

    data = make_xlsx({"交纳党费": [["姓名", "1月", "2月", "3月"], ["张伟", "√", "√", "×"], ["李娜", "", "1", ""]]})
    preview = upload(client, "ticks", data, **choice)
    assert tabs(preview) == {"新增": 2, "已有": 1}
    facts = {fact.label: fact.value for fact in preview.context["facts"]}
    assert (facts["党支部"], facts["考核年度"]) == ("一支部", 2026)
    confirm(client, preview)
    found = PointEvent.objects.values_list("member__name", "period").order_by("pk")
    assert list(found) == [("张伟", "2026-01"), ("张伟", "2026-02"), ("李娜", "2026-02")]


def test_a_tick_workbook_of_a_foreign_branch_or_year_cannot_be_chosen(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
    data = make_xlsx({"交纳党费": [["姓名", "1月"], ["赵敏", "√"]]})
    for choice in ({"branch": cast.branch_b.pk, "year": 2026}, {"branch": cast.branch_a.pk, "year": 2019}):
        page = upload(client, "ticks", data, **choice)
        assert page.context["form"].errors
    other = upload(client, "ticks", data, branch=cast.branch_a.pk, year=2026)
    assert tabs(other) == {"错误": 1}


# Errors


def test_every_bad_row_is_located_and_explained_and_the_choice_is_kept(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
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


def test_tick_choices_are_kept_after_errors(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
    data = make_xlsx({"交纳党费": [["姓名", "1月"], ["没有的人", "√"]]})
    preview = upload(client, "ticks", data, branch=cast.branch_b.pk, year=2025)
    form = client.get(preview.context["again_url"]).context["form"]
    assert (form["branch"].value(), form["year"].value()) == (str(cast.branch_b.pk), "2025")
    failed = upload(client, "ticks", b"", branch=cast.branch_b.pk, year=2025)
    form = failed.context["form"]
    assert (form["branch"].value(), form["year"].value()) == (str(cast.branch_b.pk), "2025")


def test_many_rows_come_in_pages(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
    rows = [("一支部", f"张{chr(0x4E00 + number)}", "正式党员", "1980-03-04") for number in range(2 * PAGE_ROWS + 1)]
    preview = upload_roster(client, cast, roster_file(*rows))
    url = preview.request["PATH_INFO"]
    assert len(cells(preview)) == PAGE_ROWS
    last = client.get(f"{url}?show=added&page=3")
    assert [row[0] for row in cells(last)] == ["党员名册 第203行"]
    for number in ("-1", "0", "x", "1e9", "٣"):
        assert len(cells(client.get(f"{url}?page={number}"))) == PAGE_ROWS
    assert cells(client.get(f"{url}?page=99&show=nonsense")) == cells(last)


def test_a_preview_speaks_the_reader_s_language(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
    preview = upload_roster(client, cast, roster_file(("一支部", "", "正式党员", "1980-03-04")))
    url = preview.request["PATH_INFO"]
    assert cells(preview)[0][3] == "此格不能空白。"
    english = client.get(url, headers={"accept-language": "en"})
    assert "1 errors: nothing was written" in english.content.decode()
    assert cells(english)[0] == ["党员名册, row 3", "姓名", "(blank)", "This cell must not be blank.", "Fill it in."]
    assert cells(client.get(url))[0][3] == "此格不能空白。"


# Who may


@pytest.mark.parametrize(
    ("who", "roster", "records"),
    [
        ("staff", 200, 200),
        ("recorder_a", 403, 200),
        ("secretary_a", 403, 200),
        ("committee_a", 403, 403),
        ("supervisor", 403, 403),
    ],
)
def test_imports_are_for_those_who_record(cast: Cast, as_user: LogIn, who: str, roster: int, records: int) -> None:
    client = as_user(getattr(cast, who))
    assert client.get(reverse("workbench:import")).status_code == records
    for kind, status in (("roster", roster), ("records", records), ("ticks", records)):
        assert client.get(reverse(f"workbench:import_{kind}")).status_code == status
        token = [uuid4()]
        expected = 302 if status == 200 else 403
        assert client.get(reverse(f"workbench:import_{kind}_preview", args=token)).status_code == expected
        assert client.post(reverse(f"workbench:import_{kind}_preview", args=token)).status_code == expected
        assert client.post(reverse(f"workbench:import_{kind}_cancel", args=token)).status_code == expected
    for kind, status in (("roster", roster), ("records", records)):
        assert client.get(reverse(f"workbench:import_{kind}_template")).status_code == status
    menu = client.get(reverse("workbench:index")).content.decode()
    assert (reverse("workbench:import") in menu) == (records == 200)


@pytest.mark.parametrize("who", ["outsider", "member_user_a"])
def test_who_has_no_appointment_is_sent_away(cast: Cast, as_user: LogIn, who: str) -> None:
    assert as_user(getattr(cast, who)).get(reverse("workbench:import_records")).status_code == 302
    assert Client().post(reverse("workbench:import_records")).status_code == 302


def test_staff_cannot_choose_another_town(cast: Cast, as_user: LogIn) -> None:
    data = roster_file(("三支部", "新人", "正式党员", "1980-03-04"))
    page = upload_roster(as_user(cast.staff), cast, data, town=cast.other_town.pk)
    assert page.context["form"].errors["town"]
    assert not cast.other_town.members.filter(name="新人").exists()


def test_a_foreign_member_is_refused_like_one_who_does_not_exist(cast: Cast, as_user: LogIn) -> None:
    def errors_of(name: str) -> list[list[str]]:
        row = ("二支部", name, "得分", "交纳党费", date(2026, 1, 5))
        return cells(upload_records(as_user(cast.recorder_a), cast, records_file(row)))

    there, not_there = errors_of("赵敏"), errors_of("无此人")
    assert [row[2:] for row in there] == [["赵敏", "名册上没有这个姓名。", there[0][4]]]
    assert [[cell.replace("无此人", "赵敏") for cell in row] for row in not_there] == there


def test_a_recorder_imports_no_findings(cast: Cast, as_user: LogIn) -> None:
    row = ("一支部", "张伟", "扣分", "赌博", date(2026, 1, 5), "核实", date(2026, 1, 9))
    data = records_file(row)
    preview = upload_records(as_user(cast.recorder_a), cast, data)
    assert tabs(preview) == {"错误": 1}
    confirm(as_user(cast.recorder_a), preview)
    assert not Deduction.objects.exists()


def test_who_lost_the_office_confirms_nothing(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    cast.recorder_a.appointments.update(to_date=date(2026, 3, 1))
    response = client.post(preview.request["PATH_INFO"], {"hash": preview.context["upload"].file_hash})
    assert response.status_code == 302
    assert not PointEvent.objects.exists()


# Exactly that file, by exactly that user, once


def test_a_replayed_confirmation_writes_nothing_twice(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    confirm(client, preview)
    replayed = confirm(client, preview)
    batch = RecordBatch.objects.get()
    assert replayed.redirect_chain[-1][0] == reverse("workbench:members_recordbatch_change", args=[batch.pk])
    assert "没有重复写入" in told(replayed)
    assert PointEvent.objects.count() == 1


def test_a_replay_after_the_batch_was_voided_stays_refused(cast: Cast, as_user: LogIn, uploads_dir: Path) -> None:
    """Even with the file still there (a request cut off before it was deleted) the token is spent."""
    client = as_user(cast.recorder_a)
    incentive = ("党支部", "姓名", "类别", "项目", "日期", "分值")
    data = records_file(("一支部", "张伟", "得分", "志愿服务", date(2026, 1, 5), 1), header=incentive)
    preview = upload_records(client, cast, data)
    RecordBatch.objects.create(
        uuid=preview.context["upload"].token,
        town=cast.town,
        branch=cast.branch_a,
        source=RecordBatch.Source.IMPORT,
        actor=cast.recorder_a,
        at=preview.context["upload"].kept_at,
    )
    replayed = confirm(client, preview)
    assert "没有重复写入" in told(replayed)
    assert not PointEvent.objects.exists()
    assert not list(uploads_dir.glob("*/*"))


@pytest.mark.parametrize("forged", [{"hash": "0" * 64}, {"hash": ""}, {"hash": "x" * 5000}])
def test_a_confirmation_of_another_file_is_refused(cast: Cast, as_user: LogIn, forged: dict[str, str]) -> None:
    client = as_user(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    response = confirm(client, preview, **forged)
    assert "不是预览过的那个文件" in told(response)
    assert not PointEvent.objects.exists()
    assert confirm(client, preview).status_code == 200
    assert PointEvent.objects.count() == 1


def test_another_user_s_token_and_a_made_up_one_are_the_same(cast: Cast, as_user: LogIn) -> None:
    preview = upload_roster(as_user(cast.staff), cast, roster_file(("一支部", "新人", "正式党员", "1980-03-04")))
    other = as_user(cast.other_staff)
    seen = []
    for token in (preview.context["upload"].token, uuid4()):
        url = reverse("workbench:import_roster_preview", args=[token])
        cancel = reverse("workbench:import_roster_cancel", args=[token])
        answers = [
            other.get(url),
            other.post(url, {"hash": preview.context["upload"].file_hash}),
            other.post(cancel),
        ]
        seen.append([(answer.status_code, answer.headers["Location"]) for answer in answers])
    assert seen[0] == seen[1] == [(302, reverse("workbench:import_roster"))] * 3
    assert not cast.town.members.filter(name="新人").exists()
    assert as_user(cast.staff).get(preview.request["PATH_INFO"]).status_code == 200


def test_a_token_of_another_kind_of_import_is_refused(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
    preview = upload_records(client, cast, records_file(DUES))
    url = reverse("workbench:import_ticks_preview", args=[preview.context["upload"].token])
    assert client.post(url, {"hash": preview.context["upload"].file_hash}).status_code == 302
    assert not PointEvent.objects.exists()


def test_a_preview_expires(cast: Cast, as_user: LogIn, clock: FrozenClock) -> None:
    client = as_user(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    clock.now += KEPT_FOR + timedelta(minutes=1)
    late = confirm(client, preview)
    assert "请重新上传" in told(late)
    assert not PointEvent.objects.exists()


def test_cancelling_deletes_the_file(cast: Cast, as_user: LogIn, uploads_dir: Path) -> None:
    client = as_user(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    assert list(uploads_dir.glob("*/*"))
    assert client.get(preview.context["cancel_url"]).status_code == 405
    response = client.post(preview.context["cancel_url"], follow=True)
    assert "已取消" in told(response)
    assert not list(uploads_dir.glob("*/*"))
    assert not PointEvent.objects.exists()


def test_nothing_is_left_after_an_import(cast: Cast, as_user: LogIn, uploads_dir: Path) -> None:
    client = as_user(cast.recorder_a)
    confirm(client, upload_records(client, cast, records_file(DUES)))
    assert not list(uploads_dir.glob("*/*"))


def test_what_changed_since_the_preview_is_checked_again(cast: Cast, as_user: LogIn) -> None:
    client = as_user(cast.staff)
    preview = upload_records(client, cast, records_file(DUES))
    make_membership(cast.member_a, None, date(2026, 1, 1), Membership.Why.TRANSFERRED_OUT)
    make_member(cast.branch_a, "张伟")
    make_member(cast.branch_a, "张伟")
    response = confirm(client, preview)
    assert "没有写入" in told(response)
    assert tabs(response) == {"错误": 1}
    assert not PointEvent.objects.exists()


def test_confirming_needs_the_form_s_own_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.recorder_a)
    assert client.post(reverse("workbench:import_records"), {"town": cast.town.pk}).status_code == 403


# Hostile files


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _number in range(260):
                member.write(b" " * (1 << 20))
        archive.writestr("[Content_Types].xml", "<Types/>")
    return buffer.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "zip_bomb": zip_bomb,
    "empty": lambda: b"",
    "too_large": lambda: b"x" * (21 * 1024 * 1024),
    "picture": lambda: b"GIF89a/*" + b"\x00" * 200 + b"*/=1;alert(1)",
    "html": lambda: b"<html><script>alert(1)</script></html>\x00",
    "old_excel": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "truncated": lambda: records_file(DUES)[:200],
    "eicar": lambda: rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "nul": lambda: b"\x00" * 500,
    "header_only": lambda: make_csv([RECORDS]),
}


@pytest.mark.parametrize("kind", ["roster", "ticks"])
@pytest.mark.parametrize("bad", sorted(HOSTILE))
def test_a_hostile_file_is_refused_in_words(cast: Cast, as_user: LogIn, uploads_dir: Path, kind: str, bad: str) -> None:
    before = (PointEvent.objects.count(), cast.town.members.count(), RecordBatch.objects.count())
    choices = {"branch": cast.branch_a.pk, "year": 2026} if kind == "ticks" else {"town": cast.town.pk}
    response = upload(as_user(cast.staff), kind, HOSTILE[bad](), **choices)
    assert response.status_code == 200
    page = response.content.decode()
    assert "Traceback" not in page
    assert "确认导入" not in page
    if "form" in response.context:
        assert any("\u4e00" <= character <= "\u9fff" for character in str(response.context["form"].errors))
        assert not list(uploads_dir.glob("*/*"))
    assert (PointEvent.objects.count(), cast.town.members.count(), RecordBatch.objects.count()) == before


def test_no_file_at_all_keeps_the_choice(cast: Cast, as_user: LogIn) -> None:
    response = as_user(cast.staff).post(reverse("workbench:import_roster"), {"town": cast.town.pk})
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert response.context["form"]["new_branches"].value() is False


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/cron.d/evil.csv", "evil.csv"),
        ("..\\..\\evil.csv", "evil.csv"),
        ("好\r\nSet-Cookie: a=b.csv", None),
        ("党" * 255 + ".csv", None),
        ("党" * 85, None),
        ("a.jpg.html", "a.jpg.html"),
        ("=cmd|' /C calc'!A0.csv", None),
        ("<script>alert(1)</script>.csv", None),
        ("\u202egnp.csv", None),
        ("🙂𬱖.csv", "🙂𬱖.csv"),
    ],
)
def test_a_hostile_file_name_harms_nothing(
    cast: Cast, as_user: LogIn, uploads_dir: Path, sent: str, shown: str | None
) -> None:
    client = as_user(cast.recorder_a)
    data = make_csv([RECORDS[:5], ["一支部", "张伟", "得分", "交纳党费", "2026-01-05"]])
    boundary = "boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="town"\r\n\r\n{cast.town.pk}\r\n'
    escaped = sent.replace('"', "%22")
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    url = reverse("workbench:import_records")
    response = client.post(url, body, content_type=f"multipart/form-data; boundary={boundary}", follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    assert "<script>alert(1)" not in page
    assert "Set-Cookie: a" not in str(response.headers)
    inside = [path for path in uploads_dir.rglob("*") if path.is_file()]
    assert all(path.name in {"file", "about"} or path.name.startswith("pages-") for path in inside)
    if "upload" in response.context:
        assert shown is None or response.context["upload"].name == shown
        confirm(client, response)
        batch = RecordBatch.objects.get()
        assert len(batch.file_name) <= 255
        assert batch.file_name.isprintable()
        assert "/" not in batch.file_name
    else:
        assert response.context["form"].errors["file"]


# Cost


def count_queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert call().status_code == 200
    return len(queries)


def test_queries_do_not_grow_with_the_rows(cast: Cast, as_user: LogIn) -> None:
    names = [f"张{chr(0x4E00 + number)}" for number in range(150)]
    for name in names:
        make_member(cast.branch_a, name)
    client = as_user(cast.staff)

    def cost(many: int) -> tuple[int, int]:
        rows = [("一支部", name, "得分", "交纳党费", date(2026, 1, 5)) for name in names[:many]]
        url = ""

        def send() -> Any:
            nonlocal url
            response = upload_records(client, cast, records_file(*rows))
            url = response.request["PATH_INFO"]
            return response

        return count_queries(send), count_queries(lambda: client.get(url))

    assert cost(3) == cost(150)
