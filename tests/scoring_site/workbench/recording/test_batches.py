"""A roster import among the batches: what its page shows, and voiding it there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import RecordBatch
from members.roster_files.importing import import_roster
from points.records.recording import record_events
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry
from tests.members.roster_files.tables import make_xlsx
from tests.pages import browse, find_all, read_tree, text_of
from tests.scoring_site.screens import told
from veto.deciding import propose_deduction

ROWS = [
    ["党支部", "姓名", "人员类别", "出生日期", "联系电话"],
    ["一支部", "李娜", "正式党员", "1985-05-05", "13900000099"],
    ["一支部", "曾国华", "正式党员", "1948-02-29", "13900000098"],
    ["五支部", "新人", "正式党员", "1980-03-04", ""],
]


@pytest.fixture
def batch(cast: Cast) -> RecordBatch:
    data = make_xlsx({"名册": ROWS})
    report = import_roster(
        guard=find_closed_joinings, actor=cast.staff, now=NOW, town=cast.town, data=data, filename="名册.xlsx"
    )
    return RecordBatch.objects.get(uuid=report.batch)


@pytest.fixture
def client(cast: Cast) -> Client:
    return browse(cast.staff)


def void_url(batch: RecordBatch) -> str:
    return reverse("workbench:members_recordbatch_void", args=[batch.pk])


def test_the_list_says_what_each_batch_holds(cast: Cast, client: Client, batch: RecordBatch) -> None:
    def record(*items: str) -> None:
        entries = [base_entry(cast.member_a, item, "2026Q1" if item == "lecture" else "2026-01") for item in items]
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)

    record("dues")
    record("party_day", "lecture")
    tree = read_tree(client.get(reverse("workbench:members_recordbatch_changelist")).content)
    said = [text_of(cell) for cell in find_all(tree, "//td[contains(@class, 'field-contents')]")]
    assert said == ["党课、党员活动日：2条", "交纳党费：1条", "—"]


def test_a_batch_of_a_finding_says_so_to_who_may_know_of_it(cast: Cast) -> None:
    about: dict[str, Any] = {"item": "gambling", "date": TODAY, "particulars": "核实", "papers": "核实材料"}
    propose_deduction(actor=cast.recorder_a, now=NOW, member=cast.member_a, **about)
    address = reverse("workbench:members_recordbatch_changelist")
    tree = read_tree(browse(cast.secretary_a).get(address).content)
    assert [text_of(cell) for cell in find_all(tree, "//td[contains(@class, 'field-contents')]")] == ["扣分：1条"]


def test_its_page_shows_what_it_made_and_changed(batch: RecordBatch, client: Client) -> None:
    assert "名册导入" in client.get(reverse("workbench:members_recordbatch_changelist")).content.decode()
    page = client.get(void_url(batch))
    facts = {str(fact.label): fact.value for fact in page.context["facts"]}
    assert facts["来源"] == "名册导入"
    assert (facts["新增党员"], facts["更新信息的党员"], facts["新建党支部"]) == (1, 2, 1)
    lines = {(line["member"], line["what"]) for line in page.context["lines"]}
    assert lines == {
        ("五支部", "新建党支部"),
        ("新人", "列入名册"),
        ("李娜", "更新：联系电话"),
        ("曾国华", "更新：联系电话"),
    }
    assert "恢复为原来的内容" in page.content.decode()
    assert "13900000099" not in page.content.decode()


def test_it_is_voided_there(cast: Cast, batch: RecordBatch, client: Client) -> None:
    done = client.post(void_url(batch), {"reason": "导错了"}, follow=True)
    assert "撤回党员1人，恢复原信息2人，撤回党支部1个；以后又改过的0项保持不变" in told(done)
    assert not cast.town.members.filter(name="新人").exists()
    assert not cast.town.branches.filter(name="五支部").exists()
    log = client.get(reverse("workbench:members_auditentry_changelist")).content.decode()
    for words in ("撤回新增党员", "撤回党支部", "恢复党员信息", "导错了"):
        assert words in log


def test_a_void_that_would_leave_something_hanging_is_refused_there(
    cast: Cast, batch: RecordBatch, client: Client
) -> None:
    entry = base_entry(cast.town.members.get(name="新人"))
    record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[entry])
    response = client.post(void_url(batch), {"reason": "导错了"})
    assert "新人（得分登记）" in response.content.decode()
    batch.refresh_from_db()
    assert not batch.is_void
