"""Ratings: decided by the branch once the year is final, within what score and category allow (4, D14)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch, NotAllowed
from members.models import AuditEntry, Exemption, Member, Notification, User
from points.errors import RatingRefused
from points.models import Rating
from points.papers.annual.report import read_annual_report
from points.results.ratings import (
    RatingRow,
    Votes,
    decide_ratings,
    read_decided_rating,
    read_rating_sheet,
    whom_to_rate,
)
from points.reviews.steps import reopen_review
from publicity.models import EnteredCorrection, Notice, Objection
from tests.cast import Cast
from tests.factories import make_batch, make_member
from tests.points.half_stages import JANUARY, bring_to
from tests.points.results.finished_year import earn, finish
from tests.veto.hearings import dismiss as dismiss_finding
from tests.work import count_queries
from veto.deciding import propose_deduction
from veto.models import Appeal, Deduction

NOW = JANUARY + timedelta(days=30)
MET_ON = NOW.date()
SETTLE_BY = MET_ON + timedelta(days=60)


def decide_for(cast: Cast, decisions: dict[Member, str], *, met_on: date = MET_ON) -> str:
    """Enter ratings as the secretary and return the warning."""
    sheet = decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={member.pk: decision for member, decision in decisions.items()},
        met_on=met_on,
        settle_by=SETTLE_BY,
        is_unrelated=True,
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
            is_unrelated=True,
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
    with pytest.raises(RatingRefused, match="李娜按积分只能评定为：不合格（《办法》四）") as refused:
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
            is_unrelated=True,
        )
        counts.append(count_queries(decide))
    assert counts[1] == counts[2]
    assert Rating.objects.count() == len(ids) == 23


# Nobody enters their own (P4)


def sit(user: User, member: Member) -> None:
    """The account's owner is this member of the branch."""
    user.member = member
    user.save()


@pytest.mark.django_db
def test_the_secretary_does_not_enter_their_own(cast: Cast) -> None:
    earn(cast, cast.member_a, incentive=400)
    finish(cast)
    second = cast.members_a[1]
    sit(cast.secretary_a, second)
    with pytest.raises(NotAllowed, match="本人"):
        decide_for(cast, {cast.member_a: "excellent", second: "unqualified"})
    assert not Rating.objects.exists()
    today = NOW.date()
    sheet = read_rating_sheet(cast.branch_a, 2025)
    assert whom_to_rate(cast.secretary_a, sheet, on=today) == {cast.member_a.pk, cast.members_a[2].pk}
    # Another committee member enters the secretary's, and no one else's.
    assert whom_to_rate(cast.committee_a, sheet, on=today) == {second.pk}
    assert whom_to_rate(cast.recorder_a, sheet, on=today) == frozenset()
    enter = partial(decide_ratings, now=NOW, branch=cast.branch_a, year=2025, met_on=MET_ON, is_unrelated=True)
    with pytest.raises(PermissionDenied):
        enter(actor=cast.committee_a, decisions={cast.member_a.pk: "excellent"})
    enter(actor=cast.committee_a, decisions={second.pk: "unqualified"})
    assert [(row.member, row.by) for row in Rating.objects.all()] == [(second, cast.committee_a)]


# The category of the year's last day (S7)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("full_since", "graded"), [(date(2025, 12, 31), True), (date(2026, 1, 1), False), (None, True)]
)
def test_a_past_year_is_rated_by_the_category_of_its_last_day(
    cast: Cast, full_since: date | None, graded: bool
) -> None:
    cast.member_a.full_since = full_since
    cast.member_a.save()
    finish(cast)
    row = row_of(cast, cast.member_a)
    assert (bool(row.allowed), row.is_probationary) == (graded, not graded)
    report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025)
    (line,) = [each for each in report.rows if each.name == cast.member_a.name]
    assert line.category == ("full" if graded else "probationary")
    assert line.rating == ("proposed_fail" if graded else "not_graded")


# 暂缓评定 waits for something, until a day (P4)


@pytest.mark.django_db
def test_a_failing_rating_is_deferred_only_while_something_is_open(cast: Cast) -> None:
    first, second, third = cast.members_a
    earn(cast, first, incentive=400)  # so the branch held everything
    finish(cast)
    assert row_of(cast, second).allowed == ("unqualified",)
    with pytest.raises(RatingRefused, match="暂缓评定"):
        decide(cast, second, "deferred")
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=second,
        item="gambling",
        date=date(2025, 12, 20),
        particulars="群众反映",
        papers="派出所文书",
    )
    assert (row_of(cast, second).allowed, row_of(cast, third).allowed) == (
        ("unqualified", "deferred"),
        ("unqualified",),
    )
    assert row_of(cast, second).open_matters == "有扣分或一票否决尚未作出决定"
    decide(cast, second, "deferred")
    assert Rating.objects.get().settle_by == SETTLE_BY
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=MET_ON)
    assert row_of(cast, second).allowed == ("unqualified",)
    decide(cast, first, "deferred")  # who passed may wait for any reason


@pytest.mark.django_db
def test_an_appeal_and_a_waiting_correction_keep_a_rating_open(cast: Cast) -> None:
    first, second, third = cast.members_a
    earn(cast, first, incentive=400)
    finish(cast)
    finding = Deduction.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=second,
        item="gambling",
        date=date(2025, 12, 20),
        particulars="群众反映",
    )
    Deduction.objects.filter(pk=finding.pk).update(
        confirmed_at=NOW, decided_on=MET_ON, decided_by=cast.secretary_a, decided_in="committee"
    )
    assert row_of(cast, second).open_matters == ""
    Appeal.objects.create(deduction=finding, text="不服", filed_on=MET_ON, entered_by=cast.staff, entered_at=NOW)
    assert row_of(cast, second).open_matters == "有申诉尚未答复"
    EnteredCorrection.objects.create(
        review=cast.branch_a.reviews.get(half="H2"),
        member=third,
        decided_on=MET_ON,
        expected=5,
        present=4,
        minutes="一致同意",
        reason="漏登",
        entered_by=cast.secretary_a,
        at=NOW,
    )
    assert row_of(cast, third).open_matters == "有更正尚未复核"


@pytest.mark.django_db
def test_an_unsettled_objection_keeps_a_rating_open_unless_it_is_hidden(cast: Cast) -> None:
    earn(cast, cast.member_a, incentive=400)
    finish(cast)
    review = cast.branch_a.reviews.get(half="H2")
    notice = Notice.objects.create(review=review, contact="电话", days=5, prepared_by=cast.secretary_a, prepared_at=NOW)
    second, third = cast.members_a[1:]
    about = {"notice": notice, "via": "paper", "text": "分数不对", "received_on": MET_ON, "at": NOW}
    Objection.objects.create(receipt="A1", about=second, taken_by=cast.recorder_a, **about)
    Objection.objects.create(receipt="A2", about=third, taken_by=cast.recorder_a, to_town_at=NOW, **about)
    assert row_of(cast, second).open_matters == "对积分的异议尚未办结"
    assert row_of(cast, third).open_matters == ""


@pytest.mark.django_db
def test_what_the_branch_did_not_hold_is_named(cast: Cast) -> None:
    finish(cast)
    assert row_of(cast, cast.member_a).open_matters == (
        "支部未组织：党员活动日 × 12、党课 × 4、党员大会 × 4、组织生活会 × 2、民主评议党员 × 1"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("day", [None, MET_ON, date(2027, 1, 1)])
def test_a_deferred_rating_has_a_day(cast: Cast, day: date | None) -> None:
    finish(cast)
    enter = partial(
        decide_ratings,
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={cast.member_a.pk: "deferred"},
        met_on=MET_ON,
        is_unrelated=True,
    )
    with pytest.raises(RatingRefused, match="2026年12月31日"):
        enter(settle_by=day)
    enter(settle_by=date(2026, 12, 31))


# What was decided is told, with the votes


@pytest.mark.django_db
def test_each_member_is_told_and_the_votes_are_kept(cast: Cast) -> None:
    earn(cast, cast.member_a, incentive=400)
    finish(cast)
    Notification.objects.all().delete()
    decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={cast.member_a.pk: "excellent", cast.members_a[1].pk: "unqualified"},
        met_on=MET_ON,
        votes={cast.member_a.pk: Votes(12, 5, 1, 0)},
        is_unrelated=True,
    )
    told = Notification.objects.values_list("user", "kind", "period", "link")
    assert list(told) == [(cast.member_user_a.pk, "rating_decided", "2025", "/?year=2025")]
    assert [rating.votes for rating in Rating.objects.order_by("pk")] == ["12/5/1/0", ""]
    assert row_of(cast, cast.member_a).current == read_decided_rating(cast.member_a, 2025)
