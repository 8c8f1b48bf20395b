"""What a list shows as a workbook: columns, filters, order and search, and only what may be taken out."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from urllib.parse import unquote

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from members.models import AccessEntry, Appointment
from scoring_site.workbench.register import TABLES
from tests.cast import Cast
from tests.factories import appoint, make_batch, make_event, make_member
from tests.pages import browse, find_values, read_tree
from tests.work import count_queries

pytestmark = pytest.mark.django_db

EVENTS = reverse("workbench:points_pointevent_changelist")
EVENTS_SHEET = reverse("workbench:points_pointevent_sheet")
MEMBERS_SHEET = reverse("workbench:members_member_sheet")


def read_rows(client: Client, address: str) -> list[list[str | None]]:
    """The rows of the workbook, headings first."""
    answer = client.post(address)
    assert answer.status_code == 200, answer
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined] # of a file
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]  # type: ignore[arg-type]


@pytest.fixture
def events(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, cast.member_a, "volunteering", "", points=5, date=date(2026, 2, 1))
    make_event(batch, cast.member_a, "volunteering", "", points=20, date=date(2026, 2, 2))
    make_event(batch, cast.member_a, "dues", "2026-01", date=date(2026, 1, 5))
    foreign = make_batch(cast.recorder_b, cast.town, cast.branch_b)
    make_event(foreign, cast.member_b, "volunteering", "", points=10, date=date(2026, 2, 3))


def test_the_workbook_has_the_columns_filters_and_order_of_the_list(cast: Cast, events: None) -> None:
    rows = read_rows(browse(cast.recorder_a), f"{EVENTS_SHEET}?item=volunteering&o=4&cols=state&cols=points&cols=date")
    assert rows == [
        ["党员", "分数", "日期", "效力"],
        ["张伟", "0.5", "2026年2月1日", "有效"],
        ["张伟", "2.0", "2026年2月2日", "有效"],
    ]


def test_it_holds_all_pages_and_what_was_searched(cast: Cast) -> None:
    for number in range(60):
        make_member(cast.branch_a, f"党员{number}")
    client = browse(cast.staff)
    assert len(read_rows(client, f"{MEMBERS_SHEET}?p=2&branch={cast.branch_a.pk}")) == 64
    assert [row[0] for row in read_rows(client, f"{MEMBERS_SHEET}?q=党员7")] == ["姓名", "党员7"]


def test_personal_numbers_are_masked_as_on_the_list(cast: Cast) -> None:
    make_member(cast.branch_a, "何小红", id_number="110101199003078873", phone="13900001234")
    rows = read_rows(browse(cast.staff), f"{MEMBERS_SHEET}?q=何小红&cols=masked_id_number&cols=masked_phone")
    assert rows == [["姓名", "公民身份号码", "联系电话"], ["何小红", "**************8873", "139****1234"]]


def test_nothing_foreign_is_in_it(cast: Cast, events: None) -> None:
    client = browse(cast.recorder_a)
    for query in ("", f"?branch={cast.branch_b.pk}", "?q=赵", "?member=1", "?item=volunteering"):
        assert {row[0] for row in read_rows(client, EVENTS_SHEET + query)[1:]} <= {"张伟"}, query
    assert {row[0] for row in read_rows(client, MEMBERS_SHEET)[1:]} == {"张伟", "李娜", "曾国华"}
    assert read_rows(browse(cast.other_staff), EVENTS_SHEET)[1:] == []


def test_what_is_only_read_is_not_taken_out(cast: Cast, events: None) -> None:
    """A recorder of one branch who assists in another reads both lists and takes out the one."""
    appoint(cast.recorder_a, Appointment.Role.ASSISTANT, branch=cast.branch_b)
    client = browse(cast.recorder_a)
    assert {event.member_id for event in client.get(EVENTS).context["cl"].queryset} == {
        cast.member_a.pk,
        cast.member_b.pk,
    }
    assert {row[0] for row in read_rows(client, EVENTS_SHEET)[1:]} == {"张伟"}


def test_every_list_can_be_taken_out_but_accounts_settings_objections_and_files() -> None:
    """T4, as it was seen: 27 of 29 lists had no export."""
    without = {
        model._meta.object_name
        for model, table in TABLES.items()
        if not {"sheet", "export"} & {page.name for page in table.subpages}
    }
    settings = {"Town", "AssessmentYear", "RequiredChannel", "ReviewDates", "WorkDay"}
    assert without == {"User", "Appointment", "Objection", "EvidenceLink", *settings}


def test_who_exports_nothing_else_exports_no_list(cast: Cast) -> None:
    for reader in (cast.supervisor, cast.committee_a):
        client = browse(reader)
        assert client.post(EVENTS_SHEET).status_code == 403
        assert EVENTS_SHEET not in client.get(EVENTS).content.decode()


def test_the_list_leads_to_it_with_what_its_address_says(cast: Cast, events: None) -> None:
    client = browse(cast.recorder_a)
    query = "?item=volunteering&o=-4&cols=points"
    offered = find_values(read_tree(client.get(EVENTS + query).content), "//p[@class='wb-buttons']/a/@href")
    assert EVENTS_SHEET + query in offered
    page = client.get(EVENTS_SHEET + query)
    assert [(fact.label, fact.value) for fact in page.context["facts"]] == [("列表中的行数", 2), ("项目", "志愿服务")]


def test_its_name_says_whose_and_when_and_it_stands_in_the_access_log(cast: Cast, events: None) -> None:
    answer = browse(cast.recorder_a).post(MEMBERS_SHEET)
    name = unquote(answer["Content-Disposition"]).rpartition("''")[2]
    assert name.startswith("一支部-党员-20")
    assert name.endswith(".xlsx")
    entry = AccessEntry.objects.latest("pk")
    assert (entry.kind, entry.user, entry.path) == (AccessEntry.Kind.TAKEN_OUT, cast.recorder_a, MEMBERS_SHEET)
    assert "一支部、" not in unquote(browse(cast.staff).post(MEMBERS_SHEET)["Content-Disposition"])


def test_a_formula_stays_text(cast: Cast) -> None:
    make_member(cast.branch_a, "=1+1")
    answer = browse(cast.staff).post(f"{MEMBERS_SHEET}?cols=category")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    cells = {cell.value: cell for (cell, *_more) in sheet.iter_rows()}
    assert (cells["=1+1"].data_type, cells["=1+1"].quotePrefix) == ("s", True)


def test_it_asks_as_often_for_many_rows_as_for_few(cast: Cast, events: None) -> None:
    client = browse(cast.recorder_a)
    few = count_queries(lambda: client.post(EVENTS_SHEET))
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for number in range(40):
        make_event(batch, make_member(cast.branch_a, f"党员{number}"), "volunteering", "", points=5)
    assert count_queries(lambda: client.post(EVENTS_SHEET)) == few
