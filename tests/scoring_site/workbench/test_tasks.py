"""What waits on the home page between a submitted half and a closed notice, for whom and where it leads (3.2, 3.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from members.models import User
from points.models import Confirmation
from points.reviews.confirmations import confirm_members
from points.reviews.steps import approve_own_line, open_review, submit_review
from publicity.notices.publication import close_notice, post_revised_lines
from publicity.objections.objections import raise_objection
from scoring_site.workbench.tasks import read_tasks
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_member
from tests.pages import browse
from tests.publicity.stages import JULY_5, at, corrected, posted
from tests.veto.hearings import tell
from veto.deciding import propose_deduction
from veto.hearings import record_answer
from veto.models import Answer

pytestmark = pytest.mark.django_db


def links(user: User, on: date) -> dict[str, str]:
    """What waits about halves and notices, with where it leads; of confirmations see below."""
    return {
        task.text: task.url for task in read_tasks(user, on=on) if "上半年" in task.text and "积分结果" not in task.text
    }


def test_the_secretarys_own_line_waits_for_the_committee_until_one_of_them_approved_it(cast: Cast) -> None:
    cast.secretary_a.member = make_member(cast.branch_a, "甲书记")
    cast.secretary_a.save()
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    assert links(cast.committee_a, JULY_5.date()) == {}
    review = submit_review(actor=cast.recorder_a, now=JULY_5, review=review)
    said = "一支部 2025年上半年：书记本人的积分待您核定"
    address = reverse("workbench:points_review_change", args=[review.pk])
    assert links(cast.committee_a, JULY_5.date()) == {said: address}
    for user in (cast.secretary_a, cast.recorder_a, cast.staff, cast.secretary_b):
        assert said not in links(user, JULY_5.date())
    approve_own_line(actor=cast.committee_a, now=JULY_5, review=review, is_unrelated=True)
    assert links(cast.committee_a, JULY_5.date()) == {}


def test_a_notice_waits_for_the_secretary_when_corrected_lines_are_not_up_and_when_its_days_are_over(
    cast: Cast,
) -> None:
    notice = posted(cast)
    address = reverse("workbench:publicity_notice_change", args=[notice.pk])
    over = "一支部 2025年上半年公示：已期满，请拍照后结束公示"
    assert links(cast.secretary_a, date(2025, 7, 14)) == {
        "一支部 2025年上半年公示：公示至2025-07-14（含当日）": address
    }
    assert links(cast.secretary_a, date(2025, 7, 15)) == {over: address}
    corrected(cast, notice.review, cast.member_a, now=at(7, 10))
    waiting = "一支部 2025年上半年公示：更正后的积分待发布（张伟）"
    assert links(cast.secretary_a, date(2025, 7, 15)) == {waiting: address}
    post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=at(7, 11).date())
    assert links(cast.secretary_a, date(2025, 7, 16)) == {
        "一支部 2025年上半年公示：公示至2025-07-16（含当日）": address
    }
    raise_objection(actor=cast.member_user_a, now=at(7, 12), notice=notice, text="三月党课漏登。")
    assert "一支部 2025年上半年公示：已期满，还不能结束，原因见公示页" in links(cast.secretary_a, date(2025, 7, 17))
    for user in (cast.recorder_a, cast.committee_a, cast.staff, cast.secretary_b):
        assert not [text for text in links(user, date(2025, 7, 15)) if "公示" in text]


def test_members_who_have_not_confirmed_are_counted_for_the_secretary_as_long_as_the_notice_is_up(cast: Cast) -> None:
    """R3, as it was seen: nothing was said of open confirmations."""
    notice = posted(cast)

    def said(user: User) -> list[tuple[str, str]]:
        return [(each.text, each.url) for each in read_tasks(user, on=date(2025, 7, 9)) if "积分结果" in each.text]

    address = reverse("workbench:points_review_confirm", args=[notice.review_id])
    assert said(cast.secretary_a) == [("一支部 2025年上半年：还有4名党员未确认积分结果", address)]
    assert browse(cast.secretary_a).get(address).status_code == 200
    confirm_members(
        actor=cast.recorder_a,
        now=at(7, 9),
        review=notice.review,
        member_ids=[member.pk for member in cast.members_a],
        how=Confirmation.How.MEETING,
        confirmed_on=at(7, 9).date(),
    )
    assert said(cast.secretary_a) == [("一支部 2025年上半年：还有1名党员未确认积分结果", address)]
    for user in (cast.recorder_a, cast.staff, cast.secretary_b):
        assert said(user) == []
    close_notice(actor=cast.secretary_a, now=at(7, 15), notice=notice)
    assert said(cast.secretary_a) == []


def test_a_closed_notice_waits_for_nobody(cast: Cast) -> None:
    notice = posted(cast)
    close_notice(actor=cast.secretary_a, now=at(7, 15), notice=notice)
    assert links(cast.secretary_a, date(2025, 7, 16)) == {}


def test_while_the_days_of_a_refusal_run_nobody_is_said_to_have_been_heard(cast: Cast) -> None:
    """R3, as it was seen: 已听取陈述 from the day on which the member refused to sign."""
    about: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    finding = propose_deduction(
        member=cast.member_a, item="gambling", date=TODAY, particulars="核实", papers="核实材料", **about
    )
    tell(finding=finding, notified_on=TODAY, way="refused", witnesses=("李娜", "曾国华"), receipt=(), **about)
    last_day = date(2026, 3, 20)

    def said(user: User, on: date) -> list[str]:
        return [task.text.partition("（")[0] for task in read_tasks(user, on=on) if task.text.startswith("扣分")]

    for user in (cast.recorder_a, cast.secretary_a):
        for on in (TODAY, last_day, last_day + timedelta(days=1)):
            assert said(user, on) == ["扣分1件已告知，尚未登记陈述"]
        page = browse(user).get(reverse("workbench:veto_deduction_change", args=[finding.pk])).content.decode()
        assert ("待本人答复" in page, "待支委会决定" in page) == (True, False)
    on = last_day + timedelta(days=1)
    lapsed = Answer.Kind.LAPSED
    about["now"] = NOW + timedelta(days=6)
    record_answer(finding=finding, answered_on=on, kind=lapsed, statement="", agrees_earlier=False, papers=(), **about)
    assert said(cast.secretary_a, on) == ["扣分1件陈述申辩已结束，待支委会决定"]
    assert said(cast.recorder_a, on) == []
