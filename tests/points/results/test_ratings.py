"""Ratings: decided by the branch once the year is final, within what score and category allow (4, D14)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch
from members.models import AuditEntry, Exemption, Member, User
from points.errors import RatingRefused
from points.models import Rating
from points.results.ratings import RatingRow, decide_ratings, read_rating_sheet
from points.reviews.steps import reopen_review
from tests.cast import Cast
from tests.factories import make_member
from tests.points.half_stages import JANUARY, bring_to
from tests.points.results.finished_year import earn, finish
from tests.work import count_queries

pytestmark = pytest.mark.engine
NOW = JANUARY + timedelta(days=30)
MET_ON = NOW.date()


def decide_for(cast: Cast, decisions: dict[Member, str], *, met_on: date = MET_ON) -> str:
    """Enter ratings as the secretary and return the warning."""
    sheet = decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={member.pk: decision for member, decision in decisions.items()},
        met_on=met_on,
    )
    for member, decision in decisions.items():
        current = next(row.current for row in sheet.rows if row.member == member)
        assert current is not None
        assert (current.decision, current.met_on, current.by, current.branch) == (
            decision, met_on, cast.secretary_a, cast.branch_a,
        )  # fmt: skip
    return sheet.warning


def decide(cast: Cast, member: Member, decision: str) -> str:
    return decide_for(cast, {member: decision})


def row_of(cast: Cast, member: Member) -> RatingRow:
    return next(row for row in read_rating_sheet(cast.branch_a, 2025).rows if row.member == member)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("incentive", "allowed"),
    [
        (300, ("excellent", "qualified", "basically_qualified", "unqualified", "deferred")),
        (299, ("qualified", "basically_qualified", "unqualified", "deferred")),
        (0, ("qualified", "basically_qualified", "unqualified", "deferred")),
        (-1, ("unqualified", "deferred")),
    ],
)
def test_the_frozen_score_says_what_is_allowed(cast: Cast, incentive: int, allowed: tuple[str, ...]) -> None:
    if incentive >= 0:
        earn(cast, cast.member_a, incentive=incentive)
    finish(cast)
    found = row_of(cast, cast.member_a)
    assert (found.total, found.allowed) == (600 + incentive if incentive >= 0 else 0, allowed)
    assert found.is_forced is (incentive < 0)
    for decision in Rating.Decision.values:
        if decision in allowed:
            decide(cast, cast.member_a, decision)
        else:
            with pytest.raises(RatingRefused, match="按积分只能评定为"):
                decide(cast, cast.member_a, decision)
    assert Rating.objects.count() == len(allowed)
    decided = row_of(cast, cast.member_a).decided
    assert [rating.decision for rating in decided] == [*reversed(allowed)]
    assert AuditEntry.objects.filter(verb="decide_ratings").count() == len(allowed)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "approved", "published"])
def test_ratings_wait_for_the_final_year(cast: Cast, state: str) -> None:
    bring_to(cast, "final")
    bring_to(cast, state, half="H2")
    with pytest.raises(RatingRefused):
        decide(cast, cast.member_a, "unqualified")


@pytest.mark.django_db
def test_a_reopened_year_is_not_rated(cast: Cast) -> None:
    finish(cast)
    decide(cast, cast.member_a, "unqualified")
    review = cast.branch_a.reviews.get(half="H2")
    reopen_review(actor=cast.staff, now=NOW, review=review, reason="上级核查")
    with pytest.raises(RatingRefused, match="重新打开"):
        decide(cast, cast.member_a, "deferred")
    # What was decided before stays readable.
    assert [rating.decision for rating in row_of(cast, cast.member_a).decided] == ["unqualified"]


@pytest.mark.django_db
def test_probationary_exempt_and_gone(cast: Cast) -> None:
    _first, probationary, exempt = cast.members_a
    probationary.category = Member.Category.PROBATIONARY
    probationary.save()
    Exemption.objects.create(
        member=exempt,
        ground="age",
        applied_on=date(2025, 1, 1),
        decided_on=date(2025, 1, 2),
        from_date=date(2025, 1, 2),
    )
    finish(cast)
    with pytest.raises(RatingRefused, match="预备党员"):
        decide(cast, probationary, "qualified")
    assert (row_of(cast, exempt).total, row_of(cast, exempt).allowed[0]) == (None, "qualified")
    assert [row.member for row in read_rating_sheet(cast.branch_a, 2025).rows] == [*cast.members_a]
    decide(cast, exempt, "qualified")
    with pytest.raises(RatingRefused, match="没有已定稿的积分"):
        decide(cast, cast.left_a, "qualified")


@pytest.mark.django_db
def test_who_decides_and_when(cast: Cast) -> None:
    finish(cast)

    def enter(actor: User, met_on: date) -> None:
        decide_ratings(
            actor=actor,
            now=NOW,
            branch=cast.branch_a,
            year=2025,
            decisions={cast.member_a.pk: "unqualified"},
            met_on=met_on,
        )

    for role in ("recorder_a", "committee_a", "secretary_b", "supervisor", "member_user_a", "outsider"):
        with pytest.raises(PermissionDenied):
            enter(getattr(cast, role), MET_ON)
    for day in (date(2025, 12, 31), MET_ON + timedelta(days=1)):
        with pytest.raises(RatingRefused, match="年度结束以后"):
            enter(cast.staff, day)
    with pytest.raises(RatingRefused, match="至少为一名"):
        decide_for(cast, {})
    assert not Rating.objects.exists()
    enter(cast.staff, MET_ON)
    assert Rating.objects.get().by == cast.staff


@pytest.mark.django_db
def test_more_than_a_third_excellent_warns(cast: Cast) -> None:
    for member in cast.members_a[:2]:
        earn(cast, member, incentive=400)
    finish(cast)
    assert decide(cast, cast.member_a, "excellent") == ""  # one of three is a third
    assert decide(cast, cast.members_a[1], "excellent") == "正式党员3人中已有2人评为优秀，超过三分之一。"
    decide(cast, cast.members_a[1], "qualified")
    assert read_rating_sheet(cast.branch_a, 2025).warning == ""


@pytest.mark.django_db
def test_one_wrong_decision_among_many_writes_none_and_names_who(cast: Cast) -> None:
    earn(cast, cast.member_a, incentive=400)
    finish(cast)
    first, second, third = cast.members_a
    with pytest.raises(RatingRefused, match="李娜按积分只能评定为：不合格、暂缓评定") as refused:
        decide_for(cast, {first: "excellent", second: "qualified", third: "unqualified"})
    assert "张伟" not in str(refused.value)
    with pytest.raises(RatingRefused, match="赵敏在2025年度没有已定稿的积分"):
        decide_for(cast, {first: "excellent", cast.member_b: "qualified"})
    assert not Rating.objects.exists()
    assert read_rating_sheet(cast.branch_a, 2025).undecided == 3


@pytest.mark.django_db
def test_the_same_decisions_sent_twice_are_written_once(cast: Cast) -> None:
    finish(cast)
    first, second, _third = cast.members_a
    decide_for(cast, {first: "unqualified", second: "unqualified"})
    with pytest.raises(DuplicateBatch):
        decide_for(cast, {first: "unqualified", second: "unqualified"})
    decide_for(cast, {first: "unqualified", second: "deferred"})  # only what is new
    assert [(row.member, row.decision) for row in Rating.objects.order_by("pk")] == [
        (first, "unqualified"), (second, "unqualified"), (second, "deferred"),
    ]  # fmt: skip
    decide_for(cast, {first: "unqualified"}, met_on=MET_ON - timedelta(days=3))  # another meeting is another decision
    assert [rating.met_on for rating in row_of(cast, first).decided] == [MET_ON - timedelta(days=3), MET_ON]


@pytest.mark.django_db
def test_many_are_decided_in_as_many_queries_as_one(cast: Cast) -> None:
    for number in range(20):
        make_member(cast.branch_a, f"党员{number}")
    finish(cast)
    ids = [row.member.pk for row in read_rating_sheet(cast.branch_a, 2025).rows]
    counts = []
    for chosen in (ids[:1], ids[1:2], ids[2:]):  # the first one reads what the actor may do
        decide = partial(
            decide_ratings,
            actor=cast.secretary_a,
            now=NOW,
            branch=cast.branch_a,
            year=2025,
            decisions=dict.fromkeys(chosen, "unqualified"),
            met_on=MET_ON,
        )
        counts.append(count_queries(decide))
    assert counts[1] == counts[2]
    assert Rating.objects.count() == len(ids) == 23
