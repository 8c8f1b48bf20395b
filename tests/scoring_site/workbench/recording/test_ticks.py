"""The tick sheet's page and what its script asks the server for."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from members.models import Branch, RecordBatch
from points.models import PointEvent
from tests.cast import Cast
from tests.factories import TODAY, make_batch, make_event, make_member
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.points.meetings.held import hold
from tests.scoring_site.portal.own_points import read_squares
from tests.scoring_site.screens import get
from tests.test_scope_at_every_door import CAME, EXEMPT, came, exempt


def page_of(branch: Branch, page: str = "ticks", query: str = "") -> str:
    return reverse(f"workbench:{page}", args=[branch.pk]) + query


def post(client: Client, cast: Cast, changes: Any, **values: Any) -> Any:
    body = {
        "user": cast.recorder_a.pk,
        "item": "dues",
        "year": 2026,
        "token": str(uuid4()),
        "reason": "mistake",
        "note": "",
        "changes": changes,
    }
    return client.post(page_of(cast.branch_a, "save_ticks"), body | values, content_type="application/json")


def test_the_sheet_can_be_read_without_scripts(cast: Cast, recorder: Client) -> None:
    make_event(make_batch(cast.recorder_a, cast.town), cast.member_a, "dues", "2026-02")
    response = recorder.get(page_of(cast.branch_a, query="?item=dues&year=2026"))
    page = response.content.decode()
    assert '张伟<small>1/3</small></button></th><td class="empty no_record"></td><td class="ticked">√</td>' in page
    assert "2月<small>1/3</small></button>" in page
    assert ("12月<small></small></button>" in page, "0/0" in page) == (True, False)
    assert "<script>" not in page
    assert recorder.get(page_of(cast.branch_a, query="?item=volunteering")).status_code == 404
    assert recorder.get(page_of(cast.branch_a, query="?year=2031")).status_code == 404


def test_namesakes_are_told_apart(cast: Cast, recorder: Client) -> None:
    make_member(cast.branch_a, "张伟", party_group="第二党小组")
    config = recorder.get(page_of(cast.branch_a)).context["config"]
    assert [row[1] for row in config["rows"]] == ["张伟（第一党小组）", "李娜", "曾国华", "张伟（第二党小组）"]


def test_the_menu_leads_to_the_own_branch_or_a_choice(cast: Cast, recorder: Client, client: Client) -> None:
    choose = reverse("workbench:choose_ticks")
    assert recorder.get(choose)["Location"] == page_of(cast.branch_a)
    client.force_login(cast.staff)
    links = client.get(choose).context["links"]
    assert links == [("一支部", page_of(cast.branch_a)), ("二支部", page_of(cast.branch_b))]


def test_who_only_reads_gets_no_button(cast: Cast, client: Client) -> None:
    client.force_login(cast.committee_a)
    response = client.get(page_of(cast.branch_a))
    assert response.context["config"]["editable"] is False
    assert 'id="tick-save"' not in response.content.decode()


def test_a_save_is_answered_cell_by_cell(cast: Cast, recorder: Client) -> None:
    first, second, _third = cast.members_a
    make_event(make_batch(cast.secretary_a, cast.town), second, "dues", "2026-01")
    changes = [[first.pk, "2026-01", 1, ""], [second.pk, "2026-01", 1, ""], [first.pk, "2026-12", 1, ""]]
    answer = post(recorder, cast, changes).json()
    assert [result[2] for result in answer["results"]] == ["saved", "already", "refused"]
    event = PointEvent.objects.get(member=first)
    assert answer["cells"][0][:4] == [first.pk, "2026-01", "ticked", str(event.uuid)]
    assert answer["batch"] == reverse("workbench:members_recordbatch_change", args=[event.batch_id])
    cells = recorder.get(page_of(cast.branch_a, "tick_cells", "?item=dues&year=2026")).json()["cells"]
    assert len(cells) == 36
    assert cells[0] == answer["cells"][0]


def test_an_untick_needs_a_reason(cast: Cast, recorder: Client) -> None:
    event = make_event(make_batch(cast.recorder_a, cast.town), cast.member_a, "dues", "2026-01")
    change = [[cast.member_a.pk, "2026-01", 0, str(event.uuid)]]
    refused = post(recorder, cast, change, reason="")
    assert refused.status_code == 409
    assert "原因" in refused.json()["error"]
    refused = post(recorder, cast, change, reason="not_done", note="长" * 500)
    assert (refused.status_code, refused.json()) == (409, {"error": "内容有507字，最多500字，请适当精简。"})
    event.refresh_from_db()
    assert not event.is_void
    post(recorder, cast, change, reason="not_done", note="  收据 不符 ")
    event.refresh_from_db()
    assert event.void_reason == "经核实未完成；收据 不符"


def test_after_the_approval_a_tick_clears_the_arrears_alone(cast: Cast, recorder: Client, client: Client) -> None:
    """S1, as it was seen: the sheet said so and counted the point, dated the period's last day."""
    record_dues(cast, month=2, now=JULY)
    bring_to(cast, "approved", start=JULY + HOUR)
    shown = recorder.get(page_of(cast.branch_a, query="?item=dues&year=2025")).context["config"]
    [zhang] = [row for row in shown["rows"] if row[0] == cast.member_a.pk]
    march = zhang[4][2]
    assert (march[0], "只销欠缴，不计分" in shown["explanations"][march[2]]) == ("empty", True)
    answer = post(recorder, cast, [[cast.member_a.pk, "2025-03", 1, ""]], year=2025).json()
    assert [result[2] for result in answer["results"]] == ["saved"]
    assert PointEvent.objects.get(period="2025-03").date == TODAY
    own = get(client, cast.member_user_a, "/?year=2025")
    dues = read_squares(client, cast.member_user_a, "/?year=2025")["交纳党费"]
    assert dues.startswith("1月 未登记 2月 得分 3月 半年核定后补交，不计分 4月 未登记")
    assert dues.endswith(" 1.0 /12")
    assert "年度积分 1.0" in own


def test_what_is_out_of_scope_is_hatched_and_refused(cast: Cast, recorder: Client) -> None:
    """S2, as it was seen: the sheet hatched those cells, and the points came all the same."""
    new, freed = came(cast), exempt(cast)
    shown = {
        row[0]: row[4] for row in recorder.get(page_of(cast.branch_a, query="?year=2026")).context["config"]["rows"]
    }
    assert [cell[0] for cell in shown[new.pk][:3]] == ["outside", "empty", "empty"]
    assert [cell[0] for cell in shown[freed.pk][:3]] == ["empty", "outside", "outside"]
    changes = [[new.pk, "2026-01", 1, ""], [freed.pk, "2026-02", 1, ""], [freed.pk, "2026-01", 1, ""]]
    results = post(recorder, cast, changes).json()["results"]
    assert [result[2] for result in results] == ["refused", "refused", "saved"]
    assert (CAME in results[0][3], EXEMPT in results[1][3]) == (True, True)
    assert list(PointEvent.objects.values_list("member__name", "period")) == [(freed.name, "2026-01")]


def test_the_column_head_leaves_out_who_was_absent_or_excused(cast: Cast, recorder: Client) -> None:
    """S4, as it was seen: it sent them too, and they got the point."""
    zhang, li, zeng = cast.members_a
    hold(cast, {zhang: "absent", li: "excused"})
    query = "?item=party_day&year=2026"
    page = recorder.get(page_of(cast.branch_a, query=query)).content.decode()
    assert ('<td class="missed absent">缺</td>' in page, '<td class="missed excused">假</td>' in page) == (True, True)
    column = [[member.pk, "2026-02", 1, ""] for member in (zhang, li, zeng)]
    results = post(recorder, cast, column, item="party_day").json()["results"]
    assert [result[2] for result in results] == ["refused", "refused", "saved"]
    assert [result[3][:20] for result in results[:2]] == [
        "2026-02-10的会议登记为缺席（甲",
        "2026-02-10的会议登记为请假（甲",
    ]
    assert list(PointEvent.objects.values_list("member__name", "period")) == [("曾国华", "2026-02")]


BAD: dict[str, Any] = {
    "another account": {"user": 2**31 - 1},
    "no token": {"token": "x"},
    "no year": {"year": "2026"},
    "year as a truth": {"year": True},
    "no changes": {"changes": []},
    "changes that are none": {"changes": [[1]]},
    "a member that is none": {"changes": [["x", "2026-01", 1, ""]]},
    "a record that is none": {"changes": [[1, "2026-01", 0, "x"]]},
    "a number out of all bounds": {"changes": [[2**70, "2026-01", 1, ""]]},
    "a reason that cannot be kept": {"note": "收据\0不符"},
    "half a character": {"note": "收据\ud800"},
    "too many": {"changes": [[number, "2026-01", 1, ""] for number in range(1, 3002)]},
}


@pytest.mark.parametrize("bad", BAD)
def test_what_the_page_did_not_make_is_refused(bad: str, cast: Cast, recorder: Client) -> None:
    values = {"changes": [[cast.member_a.pk, "2026-01", 1, ""]]} | BAD[bad]
    refused = post(recorder, cast, **values)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert not RecordBatch.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b" " * 500_000],
    ids=["empty", "cut off", "a list", "no UTF-8", "deep", "long"],
)
def test_a_body_that_is_no_save_is_refused(body: bytes, cast: Cast, recorder: Client) -> None:
    refused = recorder.generic("POST", page_of(cast.branch_a, "save_ticks"), body, content_type="application/json")
    assert refused.status_code == 400
    assert not RecordBatch.objects.exists()


def test_unknown_items_years_and_members_write_nothing(cast: Cast, recorder: Client) -> None:
    mine = [[cast.member_a.pk, "2026-01", 1, ""]]
    assert post(recorder, cast, mine, item="volunteering").status_code == 409
    assert post(recorder, cast, mine, year=2031).status_code == 409
    assert post(recorder, cast, [[99999999, "2026-01", 1, ""]]).status_code == 409
    assert not PointEvent.objects.exists()


def test_the_page_costs_the_same_for_any_number_of_members(cast: Cast, recorder: Client) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    cost = {}
    for count in (10, 150):
        for number in range(count):
            make_event(batch, make_member(cast.branch_a, f"党员{count}{number}"), "dues", "2026-01")
        with CaptureQueriesContext(connection) as page:
            assert recorder.get(page_of(cast.branch_a)).status_code == 200
        with CaptureQueriesContext(connection) as cells:
            json.loads(recorder.get(page_of(cast.branch_a, "tick_cells")).content)
        cost[count] = len(page), len(cells)
    assert cost[10] == cost[150]
    assert cost[10][0] <= 27
    assert cost[10][1] <= 24


def test_the_sheet_leads_to_its_workbook_and_back(cast: Cast, recorder: Client) -> None:
    make_event(make_batch(cast.recorder_a, cast.town), cast.member_a, "dues", "2026-02")
    shown = recorder.get(page_of(cast.branch_a, query="?year=2026")).context
    filled = recorder.post(shown["download_url"], {"branch": cast.branch_a.pk, "year": 2026})
    rows = load_workbook(BytesIO(filled.content))["交纳党费"].iter_rows(values_only=True)
    assert [row[1:4] for row in rows if row[1] == "张伟"] == [("张伟", None, "√")]
    form = recorder.get(shown["upload_url"]).context["form"]
    assert (form["branch"].value(), form["year"].value()) == (str(cast.branch_a.pk), "2026")
