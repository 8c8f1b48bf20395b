"""Exports in the browser: within reach, logged, with names that name nobody, and grounds only with a reason."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from members.models import Appointment, AuditEntry, Job, Member, Membership, User
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import (
    NOW,
    appoint,
    base_entry,
    forbid_grounds,
    incentive_entry,
    make_batch,
    make_id_number,
    make_member,
    make_membership,
    make_user,
    permit_grounds,
)
from tests.pages import browse
from tests.scoring_site.screens import name_of
from tests.work import count_queries
from veto.models import Deduction

GROUND = "参与赌博，派出所已核实"


def export(client: Client, code: str, **choices: Any) -> Any:
    return client.post(reverse(f"workbench:export_{code}"), choices)


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def sheet(response: Any, name: str | None = None) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content_of(response)))
    return list((book[name] if name else book.worksheets[0]).iter_rows(values_only=True))


def names_in(rows: list[tuple[Any, ...]]) -> set[str]:
    found = {str(cell) for row in rows for cell in row if cell is not None}
    return found & {"张伟", "李娜", "曾国华", "赵敏", "钱进", "孙立", "周外"}


OF_A, OF_B = {"张伟", "李娜", "曾国华"}, {"赵敏", "钱进", "孙立"}


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    return entry


def deduct(cast: Cast) -> None:
    """A confirmed deduction of 张伟."""
    Deduction.objects.create(
        batch=make_batch(cast.secretary_a, cast.town, cast.branch_a),
        member=cast.member_a,
        item="gambling",
        date=date(2026, 1, 5),
        particulars=GROUND,
        backfilled=True,
        decided_on=date(2026, 1, 9),
        decided_by=cast.secretary_a,
        confirmed_at=NOW,
    )


# Who may


def test_downloads_are_posted_with_the_form_s_token(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.staff)
    assert export(strict, "annual", town=cast.town.pk, year=2026).status_code == 403


@pytest.mark.parametrize("code", ["annual", "record_forms", "register", "ticks"])
def test_a_foreign_branch_cannot_be_chosen(cast: Cast, code: str) -> None:
    for actor, branch in ((cast.recorder_a, cast.branch_b), (cast.staff, cast.other_branch)):
        before = AuditEntry.objects.count()
        response = export(browse(actor), code, town=cast.town.pk, branch=branch.pk, year=2026)
        assert response.status_code == 200
        assert "没有导出" in response.content.decode()
        assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("code", ["annual", "records"])
def test_a_foreign_town_or_year_cannot_be_chosen(cast: Cast, code: str) -> None:
    for choice in ({"town": cast.other_town.pk, "year": 2026}, {"town": cast.town.pk, "year": 2019}):
        before = AuditEntry.objects.count()
        response = export(browse(cast.staff), code, **choice)
        assert "没有导出" in response.content.decode()
        assert AuditEntry.objects.count() == before


# What comes out


def test_the_annual_report_of_town_and_branch(cast: Cast) -> None:
    client = browse(cast.staff)
    whole = export(client, "annual", town=cast.town.pk, year=2026)
    assert name_of(whole) == "甲镇-2026-年度积分汇总.xlsx"
    rows = sheet(whole, "年度积分")
    assert names_in(rows) == OF_A | OF_B
    assert last_entry().verb == "export_annual_report"
    one = export(client, "annual", town=cast.town.pk, branch=cast.branch_b.pk, year=2026)
    assert name_of(one) == "二支部-2026-年度积分汇总.xlsx"
    assert names_in(sheet(one, "年度积分")) == OF_B
    own = export(browse(cast.recorder_a), "annual", town=cast.town.pk, year=2026)
    assert names_in(sheet(own, "年度积分")) == OF_A


def test_downloads_are_kept_by_no_cache(cast: Cast) -> None:
    response = export(browse(cast.staff), "annual", town=cast.town.pk, year=2026)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert int(response.headers["Content-Length"]) == len(content_of(response))


def test_records_of_the_own_branch_come_out_importable(cast: Cast) -> None:
    for recorder, branch, member in (
        (cast.recorder_a, cast.branch_a, cast.member_a),
        (cast.recorder_b, cast.branch_b, cast.member_b),
    ):
        entries = [base_entry(member), incentive_entry(member, points=15, led=True)]
        record_events(actor=recorder, now=NOW, town=cast.town, branch=branch, entries=entries)
    response = export(browse(cast.recorder_a), "records", town=cast.town.pk, year=2026)
    assert name_of(response) == "甲镇-2026-积分记录.xlsx"
    rows = sheet(response)
    assert names_in(rows) == {"张伟"}
    assert len(rows) == 3
    assert (last_entry().verb, last_entry().actor) == ("export_records", cast.recorder_a)


def test_record_forms_are_asked_for_and_made_by_the_worker(cast: Cast) -> None:
    response = export(browse(cast.secretary_a), "record_forms", branch=cast.branch_a.pk, year=2026)
    assert (response.status_code, response["Location"]) == (302, reverse("workbench:jobs"))
    job = Job.objects.get()
    assert (job.owner, job.branch, job.parameters) == (cast.secretary_a, cast.branch_a, {"year": 2026})
    assert job.state == Job.State.QUEUED


def test_the_register_is_asked_for_and_made_by_the_worker(cast: Cast) -> None:
    response = export(browse(cast.recorder_a), "register", branch=cast.branch_a.pk, year=2026)
    assert (response.status_code, response["Location"]) == (302, reverse("workbench:jobs"))
    job = Job.objects.get()
    assert (job.kind, job.owner, job.branch, job.parameters) == (
        "register",
        cast.recorder_a,
        cast.branch_a,
        {"year": 2026},
    )
    assert job.file_name == "一支部-2026年-党员积分登记册.pdf"


def test_the_branch_s_own_page_leads_to_the_export_of_that_branch_and_year(cast: Cast) -> None:
    page = browse(cast.staff).get(reverse("workbench:members_branch_change", args=[cast.branch_b.pk]))
    url = f"{reverse('workbench:export')}?branch={cast.branch_b.pk}&year=2026"
    assert f"{url}#record_forms" in {button.url for button in page.context["buttons"]}
    forms = {card["form"].code: card["form"] for card in browse(cast.staff).get(url).context["cards"]}
    assert forms["record_forms"]["branch"].value() == str(cast.branch_b.pk)
    assert forms["record_forms"]["year"].value() == "2026"


def test_nothing_to_print_is_said_on_the_page(cast: Cast) -> None:
    empty = cast.town.branches.create(name="空支部", position=9)
    make_membership(cast.left_a, empty, date(2025, 10, 1), Membership.Why.TRANSFERRED_IN)
    make_membership(cast.left_a, None, date(2025, 11, 1), Membership.Why.TRANSFERRED_OUT)
    response = export(browse(cast.staff), "record_forms", branch=empty.pk, year=2026)
    assert response.status_code == 200
    page = response.content.decode()
    assert "空支部" in page
    assert "没有导出" in page
    forms = {card["form"].code: card["form"] for card in response.context["cards"]}
    assert forms["record_forms"]["branch"].value() == str(empty.pk)


def test_a_general_branch_without_members_of_its_own_is_not_offered(cast: Cast) -> None:
    cast.town.branches.create(name="镇党总支", position=0)
    response = browse(cast.staff).get(reverse("workbench:export"))
    for card in response.context["cards"]:
        if "branch" in card["form"].fields:
            offered = {branch.name for branch in card["form"].fields["branch"].queryset}
            assert offered == {"一支部", "二支部"}


def test_a_general_branch_without_members_is_given_no_empty_workbook(cast: Cast) -> None:
    """T4, as it was seen: 党总支 got an empty workbook of the town."""
    general = cast.town.branches.create(name="镇党总支", position=0)
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    page = browse(head).get(reverse("workbench:export"))
    assert page.context["cards"] == []
    assert "没有自己的党员" in page.content.decode()
    for code in ("annual", "records"):
        answer = export(browse(head), code, town=cast.town.pk, year=2026)
        assert answer.headers["Content-Type"].startswith("text/html")
    make_member(general, "总支委员")
    assert len(browse(head).get(reverse("workbench:export")).context["cards"]) == 5


# Grounds


def test_without_the_permission_nothing_of_findings_is_offered_or_given(cast: Cast) -> None:
    deduct(cast)
    forbid_grounds(cast.staff)
    client = browse(cast.staff)
    page = client.get(reverse("workbench:export")).content.decode()
    assert 'name="with_findings"' not in page
    assert 'name="reason"' not in page
    forced = {"town": cast.town.pk, "year": 2026, "with_findings": "on", "reason": "想看"}
    annual = export(client, "annual", **forced)
    assert "扣分与否决" not in load_workbook(io.BytesIO(content_of(annual))).sheetnames
    records = sheet(export(client, "records", **forced))
    assert GROUND not in {cell for row in records for cell in row}


def test_with_the_permission_findings_need_a_reason_which_is_logged(cast: Cast) -> None:
    deduct(cast)
    permit_grounds(cast.staff)
    client = browse(User.objects.get(pk=cast.staff.pk))
    choice = {"town": cast.town.pk, "year": 2026}

    refused = export(client, "annual", **choice, with_findings="on")
    assert "请说明为什么需要" in refused.content.decode()
    form = next(card["form"] for card in refused.context["cards"] if card["form"].code == "annual")
    assert form["with_findings"].value() is True

    annual = export(client, "annual", **choice, with_findings="on", reason="年度检查")
    rows = sheet(annual, "扣分与否决")
    assert GROUND not in {cell for row in rows for cell in row}
    assert last_entry().new == {"year": 2026, "with_findings": True, "reason": "年度检查"}

    without = sheet(export(client, "records", **choice))
    assert GROUND not in {cell for row in without for cell in row}
    given = sheet(export(client, "records", **choice, reason="年度检查"))
    assert GROUND in {cell for row in given for cell in row}
    assert last_entry().new["reason"] == "年度检查"


# The roster


def test_the_roster_comes_out_as_the_list_shows_it(cast: Cast) -> None:
    client = browse(cast.staff)
    url = reverse("workbench:members_member_export")
    listed = client.get(reverse("workbench:members_member_changelist"), {"branch": cast.branch_a.pk})
    assert f"{url}?branch={cast.branch_a.pk}" in listed.content.decode()

    before = AuditEntry.objects.count()
    page = client.get(url, {"branch": cast.branch_a.pk})
    facts = [(fact.label, fact.value) for fact in page.context["page"]["facts"]]
    assert facts == [("名单人数", 3), ("党支部", "一支部")]
    assert AuditEntry.objects.count() == before

    response = client.post(f"{url}?branch={cast.branch_a.pk}")
    assert name_of(response) == "党员名册-20260315.xlsx"
    rows = sheet(response)
    assert names_in(rows) == OF_A
    assert make_id_number(11) in rows[1]
    assert last_entry().new == {"members": 3, "id_numbers": True}

    found = client.post(f"{url}?q=zw")
    assert names_in(sheet(found)) == {"张伟"}


def test_a_recorder_s_roster_has_no_foreign_member(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    url = reverse("workbench:members_member_export")
    assert names_in(sheet(client.post(f"{url}?branch={cast.branch_b.pk}"))) == OF_A
    nobody = client.post(f"{url}?q=zm")
    assert nobody.status_code == 302
    assert "没有您可以导出的党员" in " ".join(str(message) for message in get_messages(nobody.wsgi_request))


def test_no_export_holds_a_formula(cast: Cast) -> None:
    text = "=cmd|' /C calc'!A0"
    Member.objects.filter(pk=cast.member_a.pk).update(name=text, branch_post=text)
    record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
    )
    client = browse(cast.staff)
    choice = {"town": cast.town.pk, "branch": cast.branch_a.pk, "year": 2026}
    responses = [export(client, code, **choice) for code in ("annual", "records", "ticks")]
    responses.append(client.post(reverse("workbench:members_member_export")))
    for response in responses:
        book = load_workbook(io.BytesIO(content_of(response)))
        cells = [cell for each in book.worksheets for row in each.iter_rows() for cell in row if cell.value == text]
        assert cells
        assert {cell.data_type for cell in cells} == {"s"}


def test_the_page_speaks_english_too(cast: Cast) -> None:
    page = browse(cast.staff).get(reverse("workbench:export"), headers={"accept-language": "en"}).content.decode()
    assert "Every export is logged." in page
    response = browse(cast.staff).post(
        reverse("workbench:export_annual"),
        {"town": cast.town.pk, "year": 2026},
        headers={"accept-language": "en"},
    )
    assert name_of(response) == "甲镇-2026-annual points report.xlsx"


def test_queries_do_not_grow_with_the_members(cast: Cast) -> None:
    client = browse(cast.staff)

    def cost() -> list[int]:
        counts = []
        for send in (
            lambda: client.get(reverse("workbench:export")),
            lambda: client.get(reverse("workbench:members_member_export")),
            lambda: content_of(client.post(reverse("workbench:members_member_export"))),
            lambda: content_of(export(client, "annual", town=cast.town.pk, year=2026)),
            lambda: content_of(export(client, "records", town=cast.town.pk, year=2026)),
            lambda: content_of(export(client, "ticks", branch=cast.branch_a.pk, year=2026)),
        ):
            counts.append(count_queries(send))
        return counts

    cost()  # that a page which asks for the password was opened is noted once
    few = cost()
    for number in range(60):
        make_member(cast.branch_a, f"党员{number}")
    assert cost() == few


def test_the_archive_of_all_branches_is_offered_to_the_town_and_asked_for(cast: Cast) -> None:
    client = browse(cast.staff)
    assert "各支部年度积分汇总" in client.get(reverse("workbench:export")).content.decode()
    answer = export(client, "branch_files", town=cast.town.pk, year=2026)
    assert answer["Location"] == reverse("workbench:jobs")
    assert Job.objects.get().kind == "branch_files"
    assert "甲镇-2026年-各支部年度积分汇总.zip" in client.get(reverse("workbench:jobs")).content.decode()
    assert "没有导出" in export(client, "branch_files", town=cast.other_town.pk, year=2026).content.decode()
    recorder = browse(cast.recorder_a)
    assert "各支部年度积分汇总" not in recorder.get(reverse("workbench:export")).content.decode()
    assert export(recorder, "branch_files", town=cast.town.pk, year=2026).status_code == 403
    assert Job.objects.count() == 1
