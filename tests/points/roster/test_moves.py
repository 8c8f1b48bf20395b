from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import NotAllowed
from members.models import AuditEntry, Branch, Membership, User
from members.selectors import branch_on
from points.errors import MembershipRefused
from points.roster.moves import change_membership
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY
from tests.threads import run_at_once

Why = Membership.Why


def move(cast: Cast, branch: Branch | None, why: Why, *, day: date = TODAY, actor: User | None = None) -> Membership:
    return change_membership(
        actor=actor or cast.staff, now=NOW, member=cast.member_a, branch=branch, from_date=day, why=why
    )


def test_a_move_counts_from_its_day_and_is_logged(cast: Cast) -> None:
    day = date(2026, 3, 1)
    move(cast, cast.branch_b, Why.MOVED, day=day)
    assert branch_on(cast.member_a, day - timedelta(days=1)) == cast.branch_a
    assert branch_on(cast.member_a, day) == cast.branch_b
    entry = AuditEntry.objects.get(verb="change_membership")
    assert (entry.actor, entry.object_id) == (cast.staff, str(cast.member_a.uuid))
    assert entry.old == {"branch": "一支部"}
    assert entry.new == {"branch": "二支部", "from": "2026-03-01", "why": "moved"}


@pytest.mark.parametrize("why", Membership.LEAVING)
def test_leaving_ends_the_membership(why: Why, cast: Cast) -> None:
    move(cast, None, why)
    assert branch_on(cast.member_a, TODAY) is None
    assert branch_on(cast.member_a, TODAY - timedelta(days=1)) == cast.branch_a


def test_who_left_can_come_back(cast: Cast) -> None:
    move(cast, None, Why.SUSPENDED, day=date(2026, 1, 5))
    move(cast, cast.branch_a, Why.RESTORED, day=date(2026, 3, 5))
    assert [branch_on(cast.member_a, day) for day in (date(2026, 1, 5), date(2026, 3, 4), date(2026, 3, 5))] == [
        None,
        None,
        cast.branch_a,
    ]


def test_refused_moves(cast: Cast) -> None:
    refused: list[tuple[Branch | None, Why, date]] = [
        (cast.branch_b, Why.MOVED, TODAY + timedelta(days=1)),  # not yet
        (cast.other_branch, Why.MOVED, TODAY),  # another town
        (cast.branch_b, Why.DECEASED, TODAY),  # leaving has no branch
        (None, Why.MOVED, TODAY),
        (cast.branch_a, Why.MOVED, TODAY),  # there already
        (cast.branch_b, Why.MOVED, date(2015, 7, 1)),  # not after the row before
        (cast.branch_b, Why.MOVED, date(2015, 6, 30)),
    ]
    for branch, why, day in refused:
        with pytest.raises(MembershipRefused) as refusal:
            move(cast, branch, why, day=day)
        assert str(refusal.value)
    assert cast.member_a.memberships.count() == 1


MAY_MOVE = {"staff", "system"}
EVERYBODY = [
    "system",
    "staff",
    "supervisor",
    "recorder_a",
    "secretary_a",
    "committee_a",
    "member_user_a",
    "secretary_b",
    "outsider",
    "other_staff",
]


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_move_a_member(who: str, cast: Cast) -> None:
    # NotAllowed: 张伟's own account, refused as everybody's own case is before it is asked for a role (D18).
    refusal = NotAllowed if who == "member_user_a" else PermissionDenied
    with contextlib.nullcontext() if who in MAY_MOVE else pytest.raises(refusal):
        move(cast, cast.branch_b, Why.MOVED, actor=getattr(cast, who))
    assert (cast.member_a.memberships.count() == 2) == (who in MAY_MOVE)


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_keep_the_rows_in_order() -> None:
    cast = build_cast()
    early, late = date(2026, 3, 5), date(2026, 3, 10)
    outcomes = run_at_once(
        lambda: move(cast, cast.branch_b, Why.MOVED, day=late), lambda: move(cast, None, Why.DECEASED, day=early)
    )
    rows = list(cast.member_a.memberships.order_by("pk").values_list("from_date", flat=True))
    assert rows == sorted(rows)
    assert {type(outcome).__name__ for outcome in outcomes} <= {"Membership", "MembershipRefused"}
