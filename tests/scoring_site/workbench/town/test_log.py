"""The audit log in the workbench speaks in words: verbs, keys and values, items by the names of the rulebook."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from foundation.workbooks.reader import read_workbook
from members.log.words import list_verbs, list_words
from members.models import AuditEntry
from members.people.changes import change_member
from members.places.branches import change_branch
from members.places.towns import rename_town
from points.claims.claims import Deed, file_claim
from points.meetings.attendance import change_attendance
from points.meetings.holding import record_meeting
from points.models import Meeting
from tests.cast import Cast
from tests.factories import NOW
from tests.pages import browse
from tests.scoring_site.screens import visible

LIST = "workbench:members_auditentry_changelist"

pytestmark = pytest.mark.engine  # PostgreSQL keeps the keys of JSON in another order


@pytest.fixture
def supervisor(cast: Cast) -> Client:
    return browse(cast.supervisor)


@pytest.fixture
def meeting(cast: Cast) -> Meeting:
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 10),
        kinds=[("party_day", "2026-02"), ("appraisal", "2025")],
        statuses={cast.member_a.pk: "attended"},
    )


def read_both(client: Client, verb: str) -> list[str]:
    """What people read on the list, and on the page of the one entry of a verb."""
    entry = AuditEntry.objects.get(verb=verb)
    addresses = (f"{reverse(LIST)}?verb={verb}", reverse("workbench:members_auditentry_change", args=[entry.pk]))
    return [read(client, address) for address in addresses]


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return visible(response)


def test_the_log_names_a_meetings_kinds_as_the_rulebook_does(supervisor: Client, meeting: Meeting) -> None:
    for shown in read_both(supervisor, "record_meeting"):
        assert "党员活动日（2026年2月）、民主评议党员（2025年度）" in shown
        assert "party_day" not in shown


def test_the_log_says_how_people_took_part(cast: Cast, supervisor: Client, meeting: Meeting) -> None:
    statuses = {cast.member_a.pk: "home_visit"}
    change_attendance(actor=cast.secretary_a, now=NOW, meeting=meeting, statuses=statuses, reason="送学上门")
    on_list, on_page = read_both(supervisor, "change_attendance")
    assert "变更了参加情况" in on_list
    assert "参加情况：送学上门 1" in on_list
    assert "参加情况：参加 1" in on_page
    assert "home_visit" not in on_list + on_page


def test_the_log_says_what_was_claimed(cast: Cast, supervisor: Client) -> None:
    deed = Deed("home_visit", date(2026, 2, 10), "走访困难户", points=5)
    file_claim(actor=cast.member_user_a, now=NOW, deed=deed)
    for shown in read_both(supervisor, "file_claim"):
        assert "提交积分申报" in shown
        # PostgreSQL keeps the values of an entry in an order of its own.
        for value in ("项目：红色家访", "日期：2026-02-10", "分数：0.5", "带头作用：否"):
            assert value in shown


def test_the_log_says_which_details_changed_and_hides_what_they_say(cast: Cast, supervisor: Client) -> None:
    values = {"phone": "13900001234", "id_number": "", "sex": "female", "name": "张卫"}
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values=values)
    for shown in read_both(supervisor, "change_member"):
        assert "联系电话：日志不显示内容" in shown
        assert "性别：女" in shown
        assert "姓名：张卫" in shown
        assert "13900001234" not in shown


def test_only_people_are_called_by_a_persons_name(cast: Cast, supervisor: Client) -> None:
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_a, values={"name": "第一支部"})
    rename_town(actor=cast.staff, now=NOW, town=cast.town, name="丙镇")
    assert all("支部名称：第一支部" in shown for shown in read_both(supervisor, "change_branch"))
    assert all("镇名称：丙镇" in shown for shown in read_both(supervisor, "rename_town"))


def test_no_verb_shows_as_a_code(cast: Cast, supervisor: Client) -> None:
    """Neither in its line of the list nor in the filter, whatever it was done to."""
    for verb in list_words().verbs:
        AuditEntry.objects.create(
            actor=cast.staff, at=NOW, town=cast.town, verb=verb, object_type="members.town", object_id="1"
        )
    last = -(-AuditEntry.objects.filter(town=cast.town).count() // 50)
    pages = [read(supervisor, f"{reverse(LIST)}?p={page}") for page in range(1, last + 1)]
    for verb, words in list_verbs():
        assert any(page.count(words) > 1 for page in pages), verb
        assert not any(re.search(rf"\b{verb}\b", page) for page in pages), verb


def test_the_filter_finds_one_verb_and_nothing_for_an_unknown_one(
    cast: Cast, supervisor: Client, meeting: Meeting
) -> None:
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_a, values={"name": "第一支部"})
    assert "第一支部" not in read(supervisor, f"{reverse(LIST)}?verb=record_meeting")
    assert "第一支部" not in read(supervisor, f"{reverse(LIST)}?verb=paint_the_hall")
    assert "第一支部" in read(supervisor, f"{reverse(LIST)}?verb=change_branch")


def test_the_supervisor_takes_the_logs_out(supervisor: Client, meeting: Meeting) -> None:
    """T4, as it was seen: the supervisor could take nothing out."""
    for log in ("members_auditentry", "members_accessentry"):
        export = reverse(f"workbench:{log}_export")
        assert export in supervisor.get(reverse(f"workbench:{log}_changelist")).content.decode()
        sent = supervisor.post(export)
        rows = [row for _number, row in read_workbook(b"".join(sent.streaming_content), "r.xlsx").sheets[0].rows()]  # type: ignore[attr-defined]
        assert rows[0][0] == "时间"
        assert len(rows) > 1
