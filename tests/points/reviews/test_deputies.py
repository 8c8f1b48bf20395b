"""Who enters the decision where the secretary recorded: a committee member who did not, or the town (D19, D27)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import Appointment, Branch, User
from points.errors import TransitionRefused
from points.reviews.overview import read_review_tasks
from points.reviews.steps import Step, approve_own_line, approve_review, explain_refusal, return_review
from tests.cast import Cast
from tests.factories import appoint, make_user
from tests.points.half_stages import HOUR, JULY, bring_to, meeting_on, record_dues

pytestmark = pytest.mark.django_db
LATER = JULY + timedelta(days=1)
TODAY = LATER.date()
MEETING = meeting_on(date(2025, 7, 5))
DECIDES = "一支部2025年上半年：书记登记过积分或空缺，由其他支委登记核定结果"


def own_tasks(user: User) -> list[str]:
    return [task.text for task in read_review_tasks(User.objects.get(pk=user.pk), on=TODAY)]


def refusal(cast: Cast, actor: User, step: Step = Step.APPROVE) -> str:
    return explain_refusal(step, cast.branch_a.reviews.get(), actor=actor, now=LATER)


def seat_deputy(cast: Cast) -> User:
    """A committee member with a line of their own: 李娜."""
    user = make_user("deputy", name="李娜", town=cast.town, member=cast.members_a[1])
    appoint(user, Appointment.Role.COMMITTEE_MEMBER, branch=cast.branch_a)
    return user


def test_a_committee_member_decides_only_where_the_secretary_recorded(cast: Cast) -> None:
    review = bring_to(cast, "submitted")
    assert "甲书记未登记过这半年的积分，由其以书记身份登记核定结果" in refusal(cast, cast.committee_a)
    assert own_tasks(cast.committee_a) == []
    with pytest.raises(TransitionRefused, match="甲书记未登记过"):
        approve_review(actor=cast.committee_a, now=LATER, review=review, meeting=MEETING)
    with pytest.raises(TransitionRefused, match="甲书记未登记过"):
        return_review(actor=cast.committee_a, now=LATER, review=review, remark="三月漏登")


def test_who_recorded_nothing_enters_the_decision_and_nothing_is_entered_anew(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    review = bring_to(cast, "submitted", start=JULY + HOUR)
    with pytest.raises(TransitionRefused, match=r"张伟（交纳党费 3月）.*由未登记过的支委或镇党建办登记核定结果"):
        approve_review(actor=cast.secretary_a, now=LATER, review=review, meeting=MEETING)
    assert own_tasks(cast.committee_a)[0].startswith(DECIDES)
    review = approve_review(actor=cast.committee_a, now=LATER, review=review, meeting=MEETING)
    assert (review.state, review.approved_by) == ("approved", cast.committee_a)
    assert own_tasks(cast.committee_a) == []


def test_a_deputy_may_return_the_half_as_well(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    review = bring_to(cast, "submitted", start=JULY + HOUR)
    returned = return_review(actor=cast.committee_a, now=LATER, review=review, remark="三月漏登")
    assert returned.state == "draft"


def test_without_a_secretary_in_office_the_committee_decides(cast: Cast) -> None:
    review = bring_to(cast, "submitted")
    Appointment.objects.filter(user=cast.secretary_a).update(to_date=JULY.date())
    assert own_tasks(cast.committee_a)[0].startswith(DECIDES)
    assert approve_review(actor=cast.committee_a, now=LATER, review=review, meeting=MEETING).state == "approved"


def test_a_second_secretary_who_recorded_nothing_comes_first(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    other = make_user("second", name="副书记", town=cast.town)
    appoint(other, Appointment.Role.SECRETARY, branch=cast.branch_a)
    bring_to(cast, "submitted", start=JULY + HOUR)
    assert "副书记未登记过这半年的积分" in refusal(cast, cast.committee_a)
    assert refusal(cast, other) == ""


def test_who_recorded_as_well_does_not_decide_either(cast: Cast) -> None:
    appoint(cast.committee_a, Appointment.Role.RECORDER, branch=cast.branch_a)
    record_dues(cast, month=2, now=JULY, actor=cast.committee_a)
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    review = bring_to(cast, "submitted", start=JULY + HOUR)
    with pytest.raises(TransitionRefused, match="张伟（交纳党费 2月）"):
        approve_review(actor=cast.committee_a, now=LATER, review=review, meeting=MEETING)
    assert own_tasks(cast.committee_a) == []


def test_a_deputy_does_not_approve_their_own_line(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    deputy = seat_deputy(cast)
    review = bring_to(cast, "submitted", start=JULY + HOUR)
    with pytest.raises(TransitionRefused, match="您本人的积分须先由"):
        approve_review(actor=deputy, now=LATER, review=review, meeting=MEETING)
    with pytest.raises(TransitionRefused, match="任何人不得核定本人的积分"):
        approve_own_line(actor=deputy, now=LATER, review=review, is_unrelated=True)
    review = approve_own_line(actor=cast.committee_a, now=LATER, review=review, is_unrelated=True)
    assert approve_review(actor=deputy, now=LATER, review=review, meeting=MEETING).approved_by == deputy


def test_where_the_assembly_decides_its_secretary_enters_it(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=False)
    cast.branch_a.refresh_from_db()
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    bring_to(cast, "submitted", start=JULY + HOUR)
    assert "由书记登记党员大会的决定" in refusal(cast, cast.committee_a)
    assert refusal(cast, cast.secretary_a) == ""
