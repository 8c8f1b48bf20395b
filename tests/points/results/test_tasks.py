"""Who is told that a final year has members without a rating, and for how long (4.1, D14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import User
from points.results.ratings import decide_ratings, read_rating_sheet
from points.results.tasks import read_rating_tasks
from tests.cast import Cast
from tests.factories import make_member
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to
from tests.points.results.finished_year import finish

NOW = JANUARY + timedelta(days=30)
pytestmark = pytest.mark.django_db


def told(user: User) -> list[str]:
    return [task.text for task in read_rating_tasks(user, on=NOW.date())]


def test_before_the_year_is_final_nothing_waits(cast: Cast) -> None:
    bring_to(cast, "final", start=JULY + HOUR)
    bring_to(cast, "published", half="H2")
    assert told(cast.secretary_a) == []


def test_members_without_a_rating_wait_for_who_may_enter_theirs(cast: Cast) -> None:
    own = make_member(cast.branch_a, "甲书记")
    finish(cast)
    cast.secretary_a.member = own
    cast.secretary_a.save()
    rows = [row for row in read_rating_sheet(cast.branch_a, 2025).rows if row.allowed]
    others = [row.member for row in rows if row.member != own]
    assert own in {row.member for row in rows}
    assert told(cast.secretary_a) == [f"一支部：2025年度还有{len(others)}名党员未评定等次"]
    assert told(cast.committee_a) == ["一支部：2025年度还有1名党员未评定等次"]
    for user in (cast.recorder_a, cast.staff, cast.secretary_b, cast.member_user_a):
        assert told(user) == []
    [task] = read_rating_tasks(cast.secretary_a, on=NOW.date())
    assert task.url == reverse("workbench:points_rating_sheet", args=[cast.branch_a.pk, 2025])
    decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={member.pk: "unqualified" for member in others},
        met_on=NOW.date(),
        is_unrelated=True,
    )
    assert told(cast.secretary_a) == []
    assert told(cast.committee_a) == ["一支部：2025年度还有1名党员未评定等次"]
