"""The steps of a half-year review, from opening to confirmations, and who sees and takes which (3.2)."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import AuditEntry, User
from points.models import Confirmation, PointEvent, Review, ReviewDates
from points.reviews.dates import set_review_dates
from points.reviews.steps import Step, explain_refusal, open_review, return_review, submit_review
from points.scoring.freezing import chain_head
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.scoring_site.screens import get, status, visible
from tests.scoring_site.workbench.reviews.addresses import url

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
def test_a_half_that_is_over_is_offered_first_and_a_draft_opened_by_mistake_is_taken_back(
    july: Cast, client: Client
) -> None:
    """R5, as it was seen: the running second half came first, and its draft stayed."""
    client.force_login(july.recorder_a)
    listed = client.get(url("changelist"))
    assert [half["name"] for half in listed.context["unopened"]] == ["2025年上半年", "2025年下半年"]
    client.post(url("open"), {"branch": july.branch_a.pk, "year": "2025", "half": "H2"})
    draft = Review.objects.get(half="H2")
    address = url("withdraw", draft.pk)
    assert address in client.get(url("change", draft.pk)).content.decode()
    assert "撤回草稿 一支部 2025年下半年" in visible(client.get(address))
    assert "撤回" in visible(client.post(address, {"token": str(uuid4())}, follow=True))
    assert not Review.objects.filter(half="H2").exists()


@pytest.mark.django_db
def test_only_who_submits_opens_a_half_that_has_begun(july: Cast, client: Client) -> None:
    def post(user: User, year: str = "2025", half: str = "H1") -> int:
        client.force_login(user)
        return client.post(url("open"), {"branch": july.branch_a.pk, "year": year, "half": half}).status_code

    assert post(july.recorder_b) == post(july.other_staff) == 404
    for asked in ({"year": "2026"}, {"half": "H3"}, {"year": "20²5"}):
        assert post(july.recorder_a, **asked) == 302
    assert not Review.objects.exists()
    assert post(july.recorder_a, half="H2") == 302


@pytest.mark.django_db
def test_dates_are_set_by_the_town_and_change_with_a_log(july: Cast, client: Client) -> None:
    new = reverse("workbench:points_reviewdates_new")
    data = {"town": july.town.pk, "year": 2025, "half": "H1", "submit_by": "2025-07-10"}
    data |= {"approve_by": "2025-07-08", "post_by": "2025-07-25"}
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
    assert "有期次未登记的党员 4" in asked
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
    assert "一半" in str(response.context["form"].non_field_errors())
    assert "村部会议室" in response.content.decode()
    assert "逐人核定。" in response.content.decode()
    done = visible(client.post(url("approve", review.pk), meeting | {"present": "3"}, follow=True))
    assert "已核定并锁定" in done
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
        (july.secretary_a, "登记支委会核定结果", Step.APPROVE),
        (july.recorder_a, "登记支委会核定结果", Step.APPROVE),
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
    assert "登记支委会核定结果 您本人的积分须先由其他支部委员或镇党建办核定" in get(client, secretary, page)
    client.force_login(july.committee_a)
    assert "请勾选回避声明" in visible(client.post(url("own_line", review.pk)))
    done = visible(client.post(url("own_line", review.pk), {"is_unrelated": "on"}, follow=True))
    assert "已核定书记本人的积分" in done
    assert "书记本人积分核定人 甲委员" in get(client, secretary, page)
    assert "您本人的积分须先" not in get(client, secretary, page)


@pytest.mark.django_db
def test_two_ticks_by_the_secretary_are_named_and_another_committee_member_approves(
    july: Cast, client: Client, clock: FrozenClock
) -> None:
    """P6, as it was seen: nothing named the two records, and the way back took three people some twenty actions."""
    client.force_login(july.secretary_a)
    people = july.members_a[:2]
    ticks = {
        "user": july.secretary_a.pk,
        "item": "dues",
        "year": 2025,
        "token": str(uuid4()),
        "changes": [[member.pk, "2025-03", True, ""] for member in people],
    }
    client.post(reverse("workbench:save_ticks", args=[july.branch_a.pk]), ticks, content_type="application/json")
    assert PointEvent.objects.live().filter(batch__actor=july.secretary_a).count() == 2
    submit_review(actor=july.recorder_a, now=clock.now, review=open_review(branch=july.branch_a, year=2025, half="H1"))
    review = Review.objects.get()
    why = "您本人登记过这半年的积分：张伟（交纳党费 3月）、李娜（交纳党费 3月）。登记与核定须由两人分任"
    assert f"登记支委会核定结果 {why}" in get(client, july.secretary_a, url("change", review.pk))
    meeting = {"met_on": "2025-07-05", "met_at": "村部会议室", "expected": "3", "present": "3", "minutes": "逐人核定。"}
    assert why in visible(client.post(url("approve", review.pk), meeting, follow=True))
    task = "一支部2025年上半年：书记登记过积分或空缺，由其他支委登记核定结果"
    assert task in get(client, july.committee_a, "/workbench/")
    assert "已核定并锁定" in visible(client.post(url("approve", review.pk), meeting, follow=True))
    assert "核定人 甲委员" in get(client, july.committee_a, url("change", review.pk))
    assert PointEvent.objects.live().count() == 2


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
    text = get(client, july.recorder_a, page)
    assert "4人中有2人尚未确认结果；不影响后续办理。 曾国华、王五" in text


# Who sees what


@pytest.mark.django_db
def test_a_review_has_no_line_of_a_stranger(july: Cast, client: Client) -> None:
    review = bring_to(july, "submitted")
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
