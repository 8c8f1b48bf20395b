"""The screens of the half-year review: the half as one table, its steps, what is frozen, and who sees what (3.2)."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from members.models import AuditEntry, Exemption, User
from points.models import Confirmation, Review, ReviewDates
from points.papers.reviews.table import write_review_table
from points.records.entries import EventEntry
from points.reviews.dates import set_review_dates
from points.reviews.steps import (
    CommitteeMeeting,
    Step,
    approve_review,
    explain_refusal,
    open_review,
    return_review,
    submit_review,
)
from points.reviews.table import line_agrees, read_review_table
from points.scoring.freezing import chain_head, current_lines, recompute_sheets
from publicity.corrections.corrections import correct_line
from scoring_site.workbench.base.finding_states import STATES
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_branch, make_event, make_member
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, record_deed, record_dues
from tests.points.papers.pdf_text import read_pages, squeeze
from veto.models import Deduction, VetoRecord

DAY = JULY.date()


def url(page: str, *args: Any) -> str:
    return reverse(f"workbench:points_review_{page}", args=args)


def get(client: Client, user: User, address: str, *, language: str = "zh-hans") -> str:
    """The visible text of a page, one blank between words."""
    client.force_login(user)
    # The language of a request outlives it in its thread; the next test wants its own.
    with translation.override("zh-hans"):
        response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200, response.status_code
    return visible(response)


def visible(response: Any) -> str:
    html = re.sub(r"<(head|style|script).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def status(client: Client, user: User, address: str) -> int:
    client.force_login(user)
    return client.get(address).status_code


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 5 July 2025, the first half just over."""
    clock.now = JULY
    return cast


# The table by value


@pytest.mark.django_db
def test_the_table_of_a_first_half_by_value(july: Cast) -> None:
    for month in (1, 2, 3):
        record_dues(july, month=month, now=JULY)
    for day in (10, 11, 12):
        record_deed(july, day=date(2025, 5, day), points=15, now=JULY)
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    table = read_review_table(review, actor=july.secretary_a, on=DAY)
    # 王五 left only in September, so his first half is reviewed too.
    assert [row.member.name for row in table.rows] == ["张伟", "李娜", "曾国华", "王五"]
    row = table.rows[0]
    cells = {cell.item: (cell.shown, cell.cap, cell.in_half) for cell in row.cells}
    assert cells["dues"] == ("3.0", "", None)
    assert cells["volunteering"] == ("4.0", "以4分封顶", None)
    assert (row.shown_base, row.shown_incentive, row.shown_deducted) == ("3.0", "4.0", "0")
    assert (row.shown_half, row.shown_change, row.shown_cumulative) == ("7.0", "—", "7.0")
    # Nobody has a record of anything but dues, so of the rest the branch held none.
    assert [(flag.kind, flag.label, flag.detail) for flag in row.flags] == [
        ("gap", "缺记录3项", "交纳党费 4月、5月、6月"),
        ("not_held", "支部未组织", table.not_held),
    ]
    assert "党员活动日 1月、2月、3月、4月、5月、6月；党课 第1季度、第2季度；党员大会 第1季度、第2季度" in table.not_held
    assert "民主评议" not in table.not_held
    assert [flag.label for flag in table.rows[3].flags][:2] == ["缺记录6项", "在册8个月"]


@pytest.mark.django_db
def test_a_second_half_adds_to_the_first_and_names_late_records(july: Cast, clock: FrozenClock) -> None:
    record_dues(july, month=1, now=JULY)
    bring_to(july, "approved")
    record_dues(july, month=2, now=JULY + 2 * HOUR)
    clock.now = JANUARY
    for month in (7, 8):
        record_dues(july, month=month, now=JANUARY)
    review = open_review(branch=july.branch_a, year=2025, half="H2")
    row = read_review_table(review, actor=july.secretary_a, on=JANUARY.date()).rows[0]
    dues = row.cells[0]
    assert (dues.shown, dues.shown_in_half) == ("4.0", "+3.0")
    assert (row.shown_half, row.shown_change, row.shown_cumulative) == ("3.0", "+2.0", "4.0")
    assert ("late", "补记1条", "交纳党费 2月") in [(flag.kind, flag.label, flag.detail) for flag in row.flags]


@pytest.mark.django_db
def test_a_second_half_is_blank_until_the_first_is_approved(july: Cast, client: Client, clock: FrozenClock) -> None:
    clock.now = JANUARY
    record_dues(july, month=1, now=JANUARY)
    review = open_review(branch=july.branch_a, year=2025, half="H2")
    table = read_review_table(review, actor=july.secretary_a, on=JANUARY.date())
    assert table.waits_for_first_half
    assert (table.rows[0].shown_half, table.rows[0].cells[0].in_half) == ("—", None)
    assert "上半年尚未核定" in get(client, july.secretary_a, url("change", review.pk))


@pytest.mark.django_db
def test_an_exempt_member_stands_below_the_table(july: Cast, client: Client) -> None:
    Exemption.objects.create(
        member=july.members_a[2],
        ground=Exemption.Ground.AGE,
        applied_on=date(2025, 1, 1),
        decided_on=date(2025, 1, 1),
        from_date=date(2025, 1, 1),
    )
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    table = read_review_table(review, actor=july.secretary_a, on=DAY)
    assert [member.name for member in table.exempt] == ["曾国华"]
    assert "曾国华" not in [row.member.name for row in table.rows]
    assert "不实行积分制（不列入） 曾国华" in get(client, july.secretary_a, url("change", review.pk))


@pytest.mark.django_db
def test_undecided_findings_show_to_who_may_know_of_them_and_never_their_ground(july: Cast, client: Client) -> None:
    finding = Deduction.objects.create(
        batch=make_batch(july.secretary_a, july.town, july.branch_a),
        member=july.member_a,
        item="gambling",
        date=date(2025, 6, 1),
        particulars="某日在某处聚赌",
    )
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    page, line = url("change", review.pk), url("line", review.pk, july.member_a.pk)
    assert "未决 1项已提出、尚未决定" in get(client, july.secretary_a, page)
    assert "未决" not in get(client, july.recorder_a, page)
    with translation.override("zh-hans"):
        assert f"2025-06-01 {STATES['proposed']}" in get(client, july.secretary_a, line)
    Deduction.objects.filter(pk=finding.pk).update(
        notified_on=date(2025, 6, 2), decided_on=date(2025, 6, 20), confirmed_at=JULY, decided_by=july.secretary_a
    )
    for user in (july.secretary_a, july.recorder_a, july.supervisor):
        for address in (page, line):
            text = get(client, user, address)
            assert "-5.0" in text
            assert "赌" not in text


@pytest.mark.django_db
def test_a_veto_shows_what_was_earned_before_it(july: Cast) -> None:
    record_dues(july, month=1, now=JULY)
    VetoRecord.objects.create(
        batch=make_batch(july.secretary_a, july.town, july.branch_a),
        member=july.member_a,
        ground="disciplined",
        year=2025,
        date=date(2025, 5, 1),
        particulars="处分决定",
        notified_on=date(2025, 5, 2),
        decided_on=date(2025, 6, 20),
        confirmed_at=JULY,
        decided_by=july.secretary_a,
    )
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    row = read_review_table(review, actor=july.recorder_a, on=DAY).rows[0]
    assert (row.shown_half, row.shown_cumulative, row.is_vetoed) == ("0.0", "0.0", True)
    assert row.flags[0].kind == "veto"
    assert row.flags[0].detail == "否决前得分1"


@pytest.mark.django_db
def test_a_correction_is_offered_to_who_may_enter_one(july: Cast, client: Client) -> None:
    review = bring_to(july, "approved")
    line = url("line", review.pk, july.member_a.pk)
    address = reverse("workbench:points_correction_new", args=[review.pk])
    for user, offered in ((july.secretary_a, True), (july.staff, True), (july.recorder_a, False)):
        client.force_login(user)
        assert (address in client.get(url("change", review.pk)).content.decode()) is offered
        assert (f"{address}?member={july.member_a.pk}" in client.get(line).content.decode()) is offered
    client.force_login(july.secretary_a)
    draft = bring_to(july, "draft", half="H2")
    assert "points/correction/new" not in client.get(url("change", draft.pk)).content.decode()


@pytest.mark.django_db
def test_sorting_works_on_the_server_for_every_column(july: Cast, client: Client) -> None:
    record_dues(july, month=1, now=JULY, member=july.members_a[1])
    for month in (1, 2):
        record_dues(july, month=month, now=JULY, member=july.members_a[2])
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    client.force_login(july.secretary_a)

    def names(sort: str) -> list[str]:
        response = client.get(url("change", review.pk), {"sort": sort})
        return [entry["row"].member.name for entry in response.context["rows"]]

    assert names("") == names("nonsense") == ["张伟", "李娜", "曾国华", "王五"]
    assert names("-dues") == names("-half") == names("-cumulative") == ["曾国华", "李娜", "张伟", "王五"]
    assert names("dues") == ["张伟", "王五", "李娜", "曾国华"]
    assert names("name") == ["李娜", "王五", "曾国华", "张伟"]
    for header in client.get(url("change", review.pk)).context["headers"]:
        response = client.get(url("change", review.pk) + header.url)
        assert 'aria-sort="ascending"' in response.content.decode() or 'aria-sort="descending"' in str(response.content)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "approved"])
def test_the_number_of_queries_does_not_grow_with_the_branch(july: Cast, client: Client, state: str) -> None:
    counts = []
    for size in (10, 150):
        branch = make_branch(july.town, f"{size}人支部")
        batch = make_batch(july.recorder_a, july.town, branch)
        for number in range(size):
            member = make_member(branch, f"党员{number}")
            make_event(batch, member, "dues", "2025-01", date=date(2025, 1, 10), year=2025)
        review = open_review(branch=branch, year=2025, half="H1")
        if state == "approved":
            submit_review(actor=july.staff, now=JULY, review=review)
            meeting = CommitteeMeeting(DAY, "村部", 3, 3, "通过")
            approve_review(actor=july.staff, now=JULY + HOUR, review=review, meeting=meeting)
        client.force_login(july.staff)
        client.get(url("changelist"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(url("change", review.pk))
        assert len(response.context["rows"]) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The list and opening


@pytest.mark.django_db
def test_the_list_names_what_is_not_opened_and_what_is_late(july: Cast, client: Client) -> None:
    days = {"submit_by": date(2025, 7, 1), "approve_by": date(2025, 7, 20), "post_by": date(2025, 7, 25)}
    set_review_dates(actor=july.staff, now=JULY, town=july.town, year=2025, half="H1", **days)
    text = get(client, july.recorder_a, url("changelist"))
    assert "尚未开始核定" in text
    assert "一支部 应于2025-07-01前提交（逾期4天） 建立草稿" in text
    assert "二支部" not in text
    client.force_login(july.recorder_a)
    response = client.post(url("open"), {"branch": july.branch_a.pk, "year": "2025", "half": "H1"}, follow=True)
    assert "已建立草稿" in visible(response)
    review = Review.objects.get(branch=july.branch_a, year=2025, half="H1")
    assert review.state == "draft"
    assert "2025年上半年 一支部 草稿 — 应于2025-07-01前提交（逾期4天）" in get(client, july.staff, url("changelist"))


@pytest.mark.django_db
def test_only_who_submits_opens_a_half_that_has_begun(july: Cast, client: Client) -> None:
    def post(user: User, year: str = "2025", half: str = "H1") -> int:
        client.force_login(user)
        return client.post(url("open"), {"branch": july.branch_a.pk, "year": year, "half": half}).status_code

    assert post(july.committee_a) == post(july.supervisor) == 403
    assert post(july.recorder_b) == post(july.other_staff) == 404
    assert status(client, july.recorder_a, url("open")) == 405
    for asked in ({"year": "2026"}, {"half": "H3"}, {"year": "20²5"}):
        assert post(july.recorder_a, **asked) == 302
    assert not Review.objects.exists()
    assert post(july.recorder_a, half="H2") == 302


@pytest.mark.django_db
def test_dates_are_set_by_the_town_and_change_with_a_log(july: Cast, client: Client) -> None:
    new = reverse("workbench:points_reviewdates_new")
    data = {"town": july.town.pk, "year": 2025, "half": "H1", "submit_by": "2025-07-10"}
    data |= {"approve_by": "2025-07-08", "post_by": "2025-07-25"}
    assert status(client, july.recorder_a, new) == 403
    client.force_login(july.staff)
    refused = visible(client.post(new, data))
    assert "先提交，再核定，后公示" in refused
    assert not ReviewDates.objects.exists()
    client.post(new, data | {"approve_by": "2025-07-20"})
    dates = ReviewDates.objects.get()
    edit = reverse("workbench:points_reviewdates_edit", args=[dates.pk])
    client.post(edit, {"year": 2024, "submit_by": "2025-07-11", "approve_by": "2025-07-20", "post_by": "2025-07-25"})
    dates.refresh_from_db()
    assert (dates.year, dates.submit_by) == (2025, date(2025, 7, 11))
    entry = AuditEntry.objects.filter(verb="set_review_dates").latest("pk")
    assert entry.old["submit_by"] == "2025-07-10"
    assert "2025-07-11" in get(client, july.recorder_a, reverse("workbench:points_reviewdates_change", args=[dates.pk]))
    assert status(client, july.other_staff, edit) == 404


# The steps


@pytest.mark.django_db
def test_a_half_goes_from_draft_over_a_return_to_approved(july: Cast, client: Client, clock: FrozenClock) -> None:
    record_dues(july, month=1, now=JULY)
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    page = url("change", review.pk)

    client.force_login(july.recorder_a)
    asked = visible(client.get(url("submit", review.pk)))
    assert "提交以后，本半年不能再登记或作废任何记录" in asked
    assert "参加核定的党员 4" in asked
    assert "有缺记录的党员 4" in asked
    assert "已提交。" in visible(client.post(url("submit", review.pk), follow=True))

    clock.advance(hours=1)
    client.force_login(july.secretary_a)
    empty = visible(client.post(url("return", review.pk), {"remark": " "}))
    assert "请说明要改什么" in empty
    client.post(url("return", review.pk), {"remark": "补齐党课", f"line_{july.member_a.pk}": "4月党费漏登"})
    for user in (july.recorder_a, july.secretary_a):
        text = get(client, user, page)
        assert "退回意见 补齐党课 甲书记 2025-07-05 张伟 4月党费漏登" in text
        assert "状态 已退回" in text

    clock.advance(hours=1)
    submit_review(actor=july.recorder_a, now=clock.now, review=review)
    text = get(client, july.secretary_a, page)
    assert "退回意见 补齐党课" not in text
    assert "历次退回意见" in text

    clock.advance(hours=1)
    meeting = {"met_on": "2025-07-05", "met_at": "村部会议室", "expected": "5", "present": "2", "minutes": "逐人核定。"}
    response = client.post(url("approve", review.pk), meeting)
    assert response.status_code == 200
    assert "D19" in str(response.context["form"].non_field_errors())
    assert "村部会议室" in response.content.decode()
    assert "逐人核定。" in response.content.decode()
    done = visible(client.post(url("approve", review.pk), meeting | {"present": "3"}, follow=True))
    assert "已核定并固定" in done
    assert "应到5人，实到3人" in done
    head = chain_head(july.branch_a)
    assert head is not None
    assert head.hash in done


@pytest.mark.django_db
def test_a_step_that_is_not_open_says_why_beside_its_button(july: Cast, client: Client) -> None:
    review = open_review(branch=july.branch_a, year=2025, half="H2")
    page = url("change", review.pk)
    for user, label, step in (
        (july.recorder_a, "提交本半年", Step.SUBMIT),
        (july.secretary_a, "凭会议核定", Step.APPROVE),
        (july.recorder_a, "凭会议核定", Step.APPROVE),
        (july.supervisor, "提交本半年", Step.SUBMIT),
    ):
        with translation.override("zh-hans"):
            refusal = explain_refusal(step, review, actor=user, now=JULY)
        assert refusal
        assert f"{label} {refusal}" in get(client, user, page)


@pytest.mark.django_db
def test_the_secretary_waits_for_somebody_else_to_approve_their_own_line(july: Cast, client: Client) -> None:
    User.objects.filter(pk=july.member_user_a.pk).update(member=None)
    User.objects.filter(pk=july.secretary_a.pk).update(member=july.member_a)
    review = bring_to(july, "submitted")
    page = url("change", review.pk)
    secretary = User.objects.get(pk=july.secretary_a.pk)
    assert "凭会议核定 您本人的积分须先由其他支部委员或镇党建办核定" in get(client, secretary, page)
    client.force_login(july.committee_a)
    done = visible(client.post(url("own_line", review.pk), follow=True))
    assert "已核定书记本人的积分" in done
    assert "书记本人积分核定人 甲委员" in get(client, secretary, page)
    assert "您本人的积分须先" not in get(client, secretary, page)


# Frozen


@pytest.mark.django_db
def test_a_frozen_half_shows_its_lines_whatever_the_ledger_says_now(july: Cast, client: Client) -> None:
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "approved")
    record_dues(july, month=2, now=JULY + 2 * HOUR)
    table = read_review_table(Review.objects.get(pk=review.pk), actor=july.secretary_a, on=DAY)
    row = table.rows[0]
    assert (row.shown_cumulative, row.cells[0].shown) == ("1.0", "1.0")
    assert ("late", "交纳党费 2月") in [(flag.kind, flag.detail) for flag in row.flags]
    text = get(client, july.secretary_a, url("line", review.pk, july.member_a.pk))
    assert "核定后补记 交纳党费 2月" in text


@pytest.mark.django_db
def test_superseded_revisions_stay_readable_and_reasons_stay_with_the_committee(july: Cast, client: Client) -> None:
    event = record_dues(july, month=1, now=JULY)
    review = bring_to(july, "approved")
    correct_line(
        actor=july.secretary_a,
        now=JULY + 2 * HOUR,
        review=review,
        member=july.member_a,
        decided_on=DAY,
        reason="一月党费实为二月",
        void=[event],
        record=[
            EventEntry(july.member_a.pk, "dues", date(2025, 2, 10), "2025-02"),
            EventEntry(july.member_a.pk, "dues", date(2025, 3, 10), "2025-03"),
        ],
    )
    line = url("line", review.pk, july.member_a.pk)
    text = get(client, july.secretary_a, line)
    assert "半年积分 2.0" in text
    assert "1 已被取代 1.0 1.0" in text
    assert "2 现行 2.0 2.0" in text
    assert "作废的记录" in text
    old = get(client, july.secretary_a, line + "?revision=1")
    assert "这一版已被更正取代" in old
    assert "半年积分 1.0" in old
    assert "与其记录不符" not in old
    assert status(client, july.secretary_a, line + "?revision=3") == 404
    page = url("change", review.pk)
    assert "2025-07-05决定 一月党费实为二月" in get(client, july.secretary_a, page)
    assert "一月党费实为二月" not in get(client, july.recorder_a, page)
    assert "已更正，第2版" in get(client, july.recorder_a, page)


@pytest.mark.django_db
def test_a_line_changed_underneath_says_so(july: Cast, client: Client) -> None:
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "approved")
    line = current_lines(review)[0]
    line.payload = line.payload.replace('"cumulative":10', '"cumulative":90')
    entries = [line]
    table = read_review_table(Review.objects.get(pk=review.pk), actor=july.secretary_a, on=DAY)
    sheets = recompute_sheets(entries, rulebook=table.rulebook, year=2025)
    assert not line_agrees(line, sheets[line.pk])
    assert all(row.line is not None and not [f for f in row.flags if f.kind == "wrong"] for row in table.rows)


@pytest.mark.django_db
def test_confirmations_come_from_paper_and_meetings(july: Cast, client: Client, clock: FrozenClock) -> None:
    review = bring_to(july, "approved")
    clock.now = JULY + 2 * HOUR
    page = url("change", review.pk)
    assert "4人中有4人尚未确认结果" in get(client, july.recorder_a, page)
    client.force_login(july.recorder_a)
    first, second = july.members_a[0], july.members_a[1]
    for how, members in (("meeting", [first.pk]), ("form", [second.pk])):
        data = {"how": how, "confirmed_on": "2025-07-05", "members": members}
        assert "已登记1名党员的确认" in visible(client.post(url("confirm", review.pk), data, follow=True))
    assert sorted(Confirmation.objects.values_list("how", flat=True)) == ["form", "meeting"]
    early = {"how": "slip", "confirmed_on": "2025-07-01", "members": [july.left_a.pk]}
    assert "确认日期不早于核定之日" in visible(client.post(url("confirm", review.pk), early))
    text = get(client, july.recorder_a, page)
    assert "4人中有2人尚未确认结果；不影响后续办理。 曾国华、王五" in text
    assert status(client, july.committee_a, url("confirm", review.pk)) == 403


# Who sees what


@pytest.mark.django_db
def test_outside_the_reach_nothing_exists_and_inside_roles_decide(july: Cast, client: Client) -> None:
    review = bring_to(july, "submitted")
    pages = {
        url("change", review.pk): 200,
        url("line", review.pk, july.member_a.pk): 200,
        url("submit", review.pk): 403,
        url("return", review.pk): 403,
        url("own_line", review.pk): 200,
        url("approve", review.pk): 403,
        url("confirm", review.pk): 403,
        url("table_pdf", review.pk): 403,
    }
    for address, allowed in pages.items():
        for stranger in (july.recorder_b, july.secretary_b, july.other_staff, july.other_recorder):
            assert status(client, stranger, address) == 404, (stranger, address)
        assert status(client, july.committee_a, address) == allowed, address
        assert status(client, july.member_user_a, address) == 302
    for address in pages:
        reads = address in (url("change", review.pk), url("line", review.pk, july.member_a.pk))
        assert status(client, july.supervisor, address) == (200 if reads else 403)
    assert status(client, july.recorder_a, url("submit", review.pk)) == 200
    assert status(client, july.recorder_a, url("approve", review.pk)) == 403
    assert status(client, july.secretary_a, url("approve", review.pk)) == 200
    assert status(client, july.secretary_a, url("line", review.pk, july.member_b.pk)) == 404
    assert status(client, july.secretary_a, url("line", review.pk, july.other_member.pk)) == 404


@pytest.mark.django_db
def test_the_home_page_names_what_waits_and_for_how_long(july: Cast, client: Client, clock: FrozenClock) -> None:
    home = reverse("workbench:index")
    days = {"submit_by": date(2025, 7, 10), "approve_by": date(2025, 7, 20), "post_by": date(2025, 7, 25)}
    set_review_dates(actor=july.staff, now=JULY, town=july.town, year=2025, half="H1", **days)
    waiting = "一支部 2025年上半年：尚未开始核定 · 应于2025-07-10前提交（还有5天）"
    assert waiting in get(client, july.recorder_a, home)
    assert waiting not in get(client, july.committee_a, home)
    review = bring_to(july, "draft")
    assert "一支部 2025年上半年：草稿，待提交 · 应于2025-07-10前提交（还有5天）" in get(client, july.recorder_a, home)
    submit_review(actor=july.recorder_a, now=JULY, review=review)
    assert "：2025-07-05提交，待核定 · 应于2025-07-20前核定（还有15天）" in get(client, july.secretary_a, home)
    return_review(actor=july.secretary_a, now=JULY + HOUR, review=review, remark="补齐")
    clock.now = JULY.replace(day=12)
    assert "：已退回，请按意见修改后重新提交 · 应于2025-07-10前提交（逾期2天）" in get(client, july.recorder_a, home)


@pytest.mark.django_db
def test_the_screens_speak_english_too(july: Cast, client: Client) -> None:
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "draft")
    text = get(client, july.recorder_a, url("change", review.pk), language="en")
    assert "Submit the half" in text
    assert "no record: 5 交纳党费 month 2、month 3" in text
    assert "not held" not in text
    assert "score of the half 1.0" in get(
        client, july.recorder_a, url("line", review.pk, july.member_a.pk), language="en"
    )


# On paper


@pytest.mark.django_db
def test_the_table_to_sign_has_the_figures_and_the_places(july: Cast) -> None:
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "submitted")
    pages = read_pages(write_review_table(review=review, actor=july.secretary_a, now=JULY))
    text = squeeze(" ".join(pages))
    assert "党员积分核定表" in text
    assert "未定稿" in text
    assert "党支部：一支部" in text
    assert "支部书记（签字）：" in text
    assert "校验码" not in text
    assert "张伟" in text


@pytest.mark.django_db
def test_an_approved_table_carries_the_chain_head_and_an_assembly_its_own_words(july: Cast) -> None:
    july.branch_a.has_committee = False
    july.branch_a.save()
    review = Review.objects.select_related("branch__town").get(pk=bring_to(july, "approved").pk)
    text = squeeze(" ".join(read_pages(write_review_table(review=review, actor=july.secretary_a, now=JULY + HOUR))))
    head = chain_head(july.branch_a)
    assert head is not None
    assert f"校验码（第1号）：{head.hash}" in text
    assert "已核定（2025年7月5日）" in text
    assert "本支部不设支部委员会，以上积分由支部党员大会核定。" in text
    assert "应到3人实到3人" in text
    assert "支部书记（签字）" not in text
