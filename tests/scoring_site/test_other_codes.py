"""A town whose rulebook calls every item and ground by another code: everything goes as under the usual codes.

Each part of a story is told twice in the same town, under the shipped rulebook and under the same one with other codes;
what comes of it must be the same but for the codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.models import User
from points.models import Attendance, Meeting, PointEvent
from points.papers.meetings.dues_book import read_dues_rows
from points.rules.rulebook import Rulebook, load_shipped_rulebook
from points.scoring.adoption import adopt_rulebook
from tests.cast import Cast
from tests.factories import NOW, make_batch, make_event
from tests.points.papers.workbooks import read_sheet
from veto.models import Deduction, VetoRecord

PREFIX = "zz_"
SIX = ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02")
Status = Attendance.Status


def rename_codes(rulebook: Rulebook, prefix: str) -> Rulebook:
    """The rulebook with every code of an item or ground behind a prefix."""

    def rename(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(item, code=f"{prefix}{item.code}") for item in items)

    return replace(
        rulebook,
        base=rename(rulebook.base),
        incentive=rename(rulebook.incentive),
        negative=rename(rulebook.negative),
        veto=rename(rulebook.veto),
    )


def without_codes(text: str) -> str:
    """A page without what differs each time it is made (tokens, ids of rows), and without the prefix."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid", text)
    return re.sub(r"/\d+/", "/id/", text).replace(PREFIX, "")


@dataclass
class Town:
    """甲镇, whose rulebooks have their codes behind a prefix from a year on; `code` is what a year's calls an item."""

    cast: Cast
    prefix: str
    folder: Path
    since: int = 2025

    def code(self, usual: str, year: int = 2026) -> str:
        return f"{self.prefix}{usual}" if year >= self.since else usual

    def log_in(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def get(self, address: str, user: User | None = None) -> str:
        response = self.log_in(user or self.cast.recorder_a).get(address)
        assert response.status_code == 200, address
        return without_codes(response.content.decode())

    def post(self, address: str, data: dict[str, Any], **how: Any) -> Any:
        return self.log_in(self.cast.recorder_a).post(address, {"token": str(uuid4())} | data, **how)

    def record(self, index: int, item: str, period: str, day: date) -> None:
        batch = make_batch(self.cast.recorder_a, self.cast.town, self.cast.branch_a)
        member = self.cast.members_a[index]
        year = int(period[:4])
        make_event(batch, member, self.code(item, year), period, date=day, year=year)

    def live(self) -> list[tuple[str, ...]]:
        rows = PointEvent.objects.filter(voided_at=None).order_by("member__position", "item", "period")
        return [(name, without_codes(item), period) for name, item, period in rows.values_list(*EVENT)]


EVENT = ("member__name", "item", "period")


def save_month(town: Town) -> list[str]:
    """The month's page before and after its form is sent: dues and a meeting of two kinds."""
    zhang, li, zeng = town.cast.members_a
    address = reverse("workbench:month")
    before = town.get(address)
    form = {
        "dues_on": "2026-03-12",
        "held_on": "2026-03-10",
        "pasted_as": "dues",
        f"kind_{town.code('party_day')}": "on",
        f"kind_{town.code('lecture')}": "on",
        f"dues_{zhang.pk}": "on",
        **{f"status_{member.pk}": "attended" for member in (zhang, li)},
        f"status_{zeng.pk}": "absent",
    }
    assert town.post(address, form).status_code == 302
    assert town.live() == [
        ("张伟", "dues", "2026-03"),
        ("张伟", "lecture", "2026Q1"),
        ("张伟", "party_day", "2026-03"),
        ("李娜", "lecture", "2026Q1"),
        ("李娜", "party_day", "2026-03"),
    ]
    return [before, town.get(address), town.get(reverse("workbench:index"))]


def fill_meeting_form(town: Town) -> list[str]:
    """The form of a meeting offers every kind, the yearly one too."""
    page = town.get(reverse("workbench:points_meeting_record") + f"?branch={town.cast.branch_a.pk}")
    assert re.findall(r'name="kind_(\w+)"', page) == ["party_day", "lecture", "assembly", "life_meeting", "appraisal"]
    return [page]


def tick(town: Town) -> list[Any]:
    """A sheet's squares, ticked and read again."""
    branch, (zhang, li, _zeng) = town.cast.branch_a, town.cast.members_a
    body = {
        "user": town.cast.recorder_a.pk,
        "item": town.code("dues"),
        "year": 2026,
        "reason": "",
        "note": "",
        "changes": [[zhang.pk, "2026-01", 1, ""], [li.pk, "2026-12", 1, ""]],
    }
    address = reverse("workbench:save_ticks", args=[branch.pk])
    answer = town.post(address, body, content_type="application/json").json()
    assert [result[2] for result in answer["results"]] == ["saved", "refused"]
    assert town.live() == [("张伟", "dues", "2026-01")]
    sheet = reverse("workbench:ticks", args=[branch.pk])
    return [
        without_codes(str(answer["cells"])),
        *(town.get(f"{sheet}?item={town.code(item)}&year=2026") for item in ("dues", "party_day", "pledge")),
    ]


def miss_six_months(town: Town) -> None:
    """张伟 and 曾国华 stay away, 曾国华 but for one recorded activity day; 李娜 alone pays her dues."""
    zhang, li, zeng = town.cast.members_a
    batch = make_batch(town.cast.recorder_a, town.cast.town, town.cast.branch_a)
    for month in SIX:
        day = date.fromisoformat(f"{month}-10")
        meeting = Meeting.objects.create(batch=batch, branch=town.cast.branch_a, held_on=day)
        for member, status in ((zhang, Status.ABSENT), (li, Status.ATTENDED), (zeng, Status.ABSENT)):
            Attendance.objects.create(batch=batch, meeting=meeting, member=member, status=status)
        town.record(1, "dues", month, day)
    town.record(2, "party_day", "2025-12", date(2025, 12, 20))
    town.record(2, "dues", "2025-12", date(2025, 12, 20))


def find_candidates(town: Town) -> list[Any]:
    """Who is shown after six months, and what a proposal then begins with."""
    miss_six_months(town)
    page = town.get(reverse("workbench:candidates"))
    assert re.findall(r"<h2>(\w+) ", page) == ["张伟"]
    assert page.count("prefill=") == 2
    begun = []
    for number, ground in ((1, "absence"), (2, "dues_refusal")):
        address = reverse("workbench:veto_vetorecord_propose")
        address += f"?member={town.cast.member_a.pk}&prefill={number}"
        initial = town.log_in(town.cast.recorder_a).get(address).context["form"].initial
        assert initial["ground"] == town.code(ground)
        begun += [initial["particulars"], town.get(address)]
    return [page, *begun]


def propose_findings(town: Town) -> list[Any]:
    """A ground asks for its papers on the page and when it is sent without them; with them it is proposed."""
    said = []
    for kind, ground, papers in (
        ("deduction", "gambling", "公安机关或村（社区）的文书"),
        ("vetorecord", "cult", "有权机关的认定"),
    ):
        address = reverse(f"workbench:veto_{kind}_propose")
        page = town.get(f"{address}?member={town.cast.member_a.pk}")
        assert papers in page
        form = {
            "member": town.cast.member_a.pk,
            "ground": town.code(ground),
            "date": "2026-03-01",
            "particulars": "经核实",
            "papers": "",
        }
        errors = town.post(address, form).context["form"].errors
        assert papers in str(errors["papers"])
        assert town.post(address, form | {"papers": "文书第7号"}).status_code == 302
        said += [page, str(errors)]
    assert Deduction.objects.get().item == town.code("gambling")
    assert VetoRecord.objects.get().ground == town.code("cult")
    return said


def read_report(town: Town) -> list[Any]:
    """The annual report's columns, figures and notes, the dues book and the member's own page."""
    for item, period in (("dues", "2025-03"), ("party_day", "2025-03"), ("lecture", "2025Q1"), ("pledge", "2025")):
        town.record(0, item, period, date(2025, 3, 10))
    batch = make_batch(town.cast.recorder_a, town.cast.town, town.cast.branch_a)
    deed = {"date": date(2025, 5, 1), "year": 2025, "points": 25, "led": True}
    make_event(batch, town.cast.member_a, town.code("council"), "", **deed)
    output = town.folder / f"report-{town.prefix}.xlsx"
    call_command("annual_report", "2025", "--town", town.cast.town.name, "--output", str(output))
    rows = read_sheet(output, "年度积分", header_row=3)
    zhang = next(row for row in rows if row["姓名"] == "张伟")
    columns = ("交纳党费", "党员活动日", "党课", "承诺践诺", "基础分", "党员议事会", "激励分", "年度积分")
    assert [zhang[column] for column in columns] == [1, 1, 3, 3, 8, 5, 5, 13]
    notes = [
        row for row in read_sheet(output, "说明", header_row=2) if row["栏目"] not in ("积分办法校验值", "制表时间")
    ]
    dues = read_dues_rows(branch=town.cast.branch_a, year=2025, now=NOW)
    paid = [[month and month.on for month in row.months] for row in dues]
    assert [row.index(date(2025, 3, 10)) for row in paid if any(row)] == [2]
    return [rows, notes, dues, town.get(reverse("home") + "?year=2025", town.cast.member_user_a)]


PARTS = (save_month, fill_meeting_form, tick, find_candidates, propose_findings, read_report)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_other_codes_change_nothing(part: Callable[[Town], list[Any]], cast: Cast, tmp_path: Path) -> None:
    told = []
    for prefix in ("", PREFIX):
        with transaction.atomic():
            if prefix:
                rulebook = rename_codes(load_shipped_rulebook(), prefix)
                for year in (2025, 2026):
                    adopt_rulebook(actor=cast.staff, now=NOW, town=cast.town, year=year, rulebook=rulebook)
            told.append(part(Town(cast, prefix, tmp_path)))
            transaction.set_rollback(True)
    assert told[1] == told[0]


def test_a_record_means_what_the_rulebook_of_its_own_year_says(cast: Cast, tmp_path: Path) -> None:
    """Six months over the turn of two years whose rulebooks, and those of another town, call the dues differently."""
    rulebook = rename_codes(load_shipped_rulebook(), PREFIX)
    with transaction.atomic():
        told = find_candidates(Town(cast, "", tmp_path))
        transaction.set_rollback(True)
    adopt_rulebook(actor=cast.staff, now=NOW, town=cast.town, year=2026, rulebook=rulebook)
    adopt_rulebook(actor=cast.other_staff, now=NOW, town=cast.other_town, year=2025, rulebook=rulebook)
    assert find_candidates(Town(cast, PREFIX, tmp_path, since=2026)) == told
