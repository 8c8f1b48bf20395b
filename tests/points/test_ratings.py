"""Ratings: decided by the branch once the year is final, within what score and category allow (4, D14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry, Exemption, Member
from points.entries import EventEntry
from points.errors import RatingRefused
from points.models import Rating
from points.ratings import decide_rating, ratable, read_ratings, warn_of_excellent
from points.recording import record_events
from points.review import reopen_review
from points.rules.rulebook import load_shipped_rulebook
from tests.cast import Cast
from tests.points.halves import HOUR, JANUARY, JULY, bring_to

NOW = JANUARY + timedelta(days=30)
MET_ON = NOW.date()


def earn(cast: Cast, member: Member, *, incentive: int) -> None:
    """Every base point of 2025, and this many tenths of incentive points."""
    rulebook = load_shipped_rulebook()
    periods = {
        "month": [f"2025-{month:02d}" for month in range(1, 13)],
        "quarter": [f"2025Q{quarter}" for quarter in range(1, 5)],
        "half": ["2025H1", "2025H2"],
        "year": ["2025"],
    }
    entries = [
        EventEntry(member.pk, item.code, date(2025, 3, 1), period)
        for item in rulebook.base
        for period in periods[item.per]
    ]
    for item, points in zip(rulebook.incentive, [40] * (incentive // 40) + [incentive % 40], strict=False):
        if points:
            entries.append(EventEntry(member.pk, item.code, date(2025, 4, 1), points=points))
    record_events(actor=cast.recorder_a, now=JULY, town=cast.town, entries=entries)


def finish(cast: Cast) -> None:
    bring_to(cast, "final", start=JULY + HOUR)
    bring_to(cast, "final", half="H2")


def decide(cast: Cast, member: Member, decision: str) -> str:
    rating, warning = decide_rating(
        actor=cast.secretary_a, now=NOW, member=member, year=2025, decision=decision, met_on=MET_ON
    )
    assert (rating.decision, rating.met_on, rating.by, rating.branch) == (
        decision, MET_ON, cast.secretary_a, cast.branch_a,
    )  # fmt: skip
    return warning


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
    found = ratable(cast.member_a, 2025)
    assert (found.total, found.allowed) == (600 + incentive if incentive >= 0 else 0, allowed)
    for decision in Rating.Decision.values:
        if decision in allowed:
            decide(cast, cast.member_a, decision)
        else:
            with pytest.raises(RatingRefused, match="按积分只能评定为"):
                decide(cast, cast.member_a, decision)
    assert Rating.objects.count() == len(allowed)
    assert read_ratings([cast.member_a.pk], 2025)[cast.member_a.pk].decision == "deferred"
    assert AuditEntry.objects.filter(verb="decide_rating").count() == len(allowed)


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
    with pytest.raises(RatingRefused, match="尚未定稿"):
        decide(cast, cast.member_a, "deferred")


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
    assert (ratable(exempt, 2025).total, ratable(exempt, 2025).allowed[0]) == (None, "qualified")
    decide(cast, exempt, "qualified")
    with pytest.raises(RatingRefused, match="没有已定稿的积分"):
        decide(cast, cast.left_a, "qualified")


@pytest.mark.django_db
def test_who_decides_and_when(cast: Cast) -> None:
    finish(cast)
    for role in ("recorder_a", "committee_a", "secretary_b", "supervisor", "member_user_a", "outsider"):
        with pytest.raises(PermissionDenied):
            decide_rating(
                actor=getattr(cast, role),
                now=NOW,
                member=cast.member_a,
                year=2025,
                decision="unqualified",
                met_on=MET_ON,
            )
    for day in (date(2025, 12, 31), MET_ON + timedelta(days=1)):
        with pytest.raises(RatingRefused, match="年度结束以后"):
            decide_rating(
                actor=cast.staff, now=NOW, member=cast.member_a, year=2025, decision="unqualified", met_on=day
            )
    decide_rating(actor=cast.staff, now=NOW, member=cast.member_a, year=2025, decision="unqualified", met_on=MET_ON)


@pytest.mark.django_db
def test_more_than_a_third_excellent_warns(cast: Cast) -> None:
    for member in cast.members_a[:2]:
        earn(cast, member, incentive=400)
    finish(cast)
    assert decide(cast, cast.member_a, "excellent") == ""  # one of three is a third
    assert decide(cast, cast.members_a[1], "excellent") == "正式党员3人中已有2人评为优秀，超过三分之一（D14）。"
    decide(cast, cast.members_a[1], "qualified")
    assert warn_of_excellent(cast.branch_a, 2025) == ""
