"""The half as one table, by value: its cells, marks, order and cost, and what is frozen (3.2)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from members.models import Exemption, User
from points.models import Review
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.steps import CommitteeMeeting, approve_review, open_review, submit_review
from points.reviews.table import line_agrees, read_review_table
from points.scoring.freezing import current_lines, recompute_sheets
from scoring_site.workbench.reviews.table import LINES
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_branch, make_event, make_member
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, record_deed, record_dues
from tests.scoring_site.screens import get, status
from tests.scoring_site.workbench.reviews.addresses import url
from tests.two_officers import correct_line
from veto.models import Deduction, Finding, VetoRecord

DAY = JULY.date()


# By value


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
        ("gap", "未登记3项", "交纳党费 4月、5月、6月"),
        ("not_held", "支部未组织", table.not_held),
    ]
    assert "党员活动日 1月、2月、3月、4月、5月、6月；党课 第1季度、第2季度；党员大会 第1季度、第2季度" in table.not_held
    assert "民主评议" not in table.not_held
    assert [flag.label for flag in table.rows[3].flags][:2] == ["未登记6项", "计分8个月"]


@pytest.mark.django_db
def test_high_points_and_what_somebody_recorded_for_themselves_are_marked(july: Cast, client: Client) -> None:
    """D27: a value above the town's, the doubling included; and the recorder's own deeds, however small."""
    User.objects.filter(pk=july.recorder_a.pk).update(member=july.members_a[1])
    july.recorder_a.refresh_from_db()
    own = july.members_a[1]
    record_dues(july, month=1, now=JULY, member=own)
    record_deed(july, day=date(2025, 5, 1), points=5, now=JULY, member=own)
    record_deed(july, day=date(2025, 5, 1), points=30, now=JULY)
    deed = EventEntry(july.member_a.pk, "volunteering", date(2025, 5, 2), points=16, led=True)
    record_events(actor=july.recorder_a, now=JULY, town=july.town, entries=[deed])
    # Of the other half: decided with it.
    record_deed(july, day=date(2025, 7, 2), points=40, now=JULY)
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    table = read_review_table(review, actor=july.secretary_a, on=DAY)
    marked = [[(f.label, f.detail) for f in row.flags if f.kind == "marked"] for row in table.rows]
    assert marked == [
        [("重点审核", "志愿服务 2025-05-02 3.2分")],
        [("重点审核", "本人登记1笔共0.5分")],
        [],
        [],
    ]
    review = bring_to(july, "submitted", start=JULY + HOUR)
    assert "有需重点审核的加分 2" in get(client, july.secretary_a, url("approve", review.pk))


@pytest.mark.django_db
def test_a_second_half_adds_to_the_first_and_names_late_records(july: Cast, client: Client, clock: FrozenClock) -> None:
    record_dues(july, month=1, now=JULY)
    bring_to(july, "approved")
    record_deed(july, day=date(2025, 2, 10), now=JULY + 2 * HOUR)
    clock.now = JANUARY
    for month in (7, 8):
        record_dues(july, month=month, now=JANUARY)
    review = open_review(branch=july.branch_a, year=2025, half="H2")
    row = read_review_table(review, actor=july.secretary_a, on=JANUARY.date()).rows[0]
    dues = row.cells[0]
    assert (dues.shown, dues.shown_in_half) == ("3.0", "+2.0")
    assert (row.shown_half, row.shown_change, row.shown_cumulative) == ("3.0", "+2.0", "4.0")
    assert ("late", "补记1条", "志愿服务 2025-02-10") in [(flag.kind, flag.label, flag.detail) for flag in row.flags]
    # The parts are the year's: on a phone, where labels stand in place of the headings, and on the line's page too.
    client.force_login(july.secretary_a)
    html = client.get(url("change", review.pk)).content.decode()
    for part in ("扣分", "基础分", "激励分"):
        assert (f'data-label="{part}"' in html, f'data-label="{part}（全年累计）"' in html) == (False, True)
    assert "下半年积分 3.0 全年累计： 基础分 +3.0" in get(
        client, july.secretary_a, url("line", review.pk, july.member_a.pk)
    )


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
        assert f"2025-06-01 {Finding.State.PROPOSED.label}" in get(client, july.secretary_a, line)
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
        assert len(response.context["table"].rows) == size
        assert len(response.context["rows"]) == min(size, LINES)
        counts.append(len(queries))
    assert counts[0] == counts[1]


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


# In English


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
