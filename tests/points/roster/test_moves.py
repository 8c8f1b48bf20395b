from __future__ import annotations

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason, NotAllowed
from members.models import AuditEntry, Branch, Exemption, Membership, User
from members.selectors import branch_on
from points.errors import ExemptionRefused, MembershipRefused, NoRulebook
from points.roster.moves import change_membership, end_exemption, grant_exemption
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY
from tests.threads import run_at_once

pytestmark = pytest.mark.engine
Why = Membership.Why
Ground = Exemption.Ground


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
MAY_EXEMPT = MAY_MOVE | {"secretary_a"}
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
    with contextlib.suppress(PermissionDenied):
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


def exempt(cast: Cast, **fields: Any) -> Exemption:
    entered: dict[str, Any] = {
        "actor": cast.secretary_a,
        "now": NOW,
        "member": cast.members_a[2],  # born 1948-02-29
        "ground": Ground.AGE,
        "applied_on": date(2026, 3, 2),
        "decided_on": date(2026, 3, 10),
        "from_date": date(2026, 4, 1),
    }
    return grant_exemption(**entered | fields)


def test_an_exemption_is_granted_ended_and_logged(cast: Cast) -> None:
    exemption = exempt(cast, note="本人书面申请")
    assert (exemption.from_date, exemption.ended_on, exemption.note) == (date(2026, 4, 1), None, "本人书面申请")
    end_exemption(
        actor=cast.secretary_a, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason=" 本人要求恢复 "
    )
    exemption.refresh_from_db()
    assert exemption.ended_on == date(2026, 6, 1)
    assert [(entry.verb, entry.object_id) for entry in AuditEntry.objects.order_by("pk")[2 * 2 :]] == [
        ("grant_exemption", str(exemption.uuid)),
        ("end_exemption", str(exemption.uuid)),
    ]
    assert AuditEntry.objects.get(verb="end_exemption").new == {"ended_on": "2026-06-01", "reason": "本人要求恢复"}
    exempt(cast, from_date=date(2026, 9, 1))
    assert cast.members_a[2].exemptions.count() == 2


@pytest.mark.parametrize(
    ("born", "applied", "allowed"),
    [
        (date(1951, 3, 2), date(2026, 3, 2), True),  # 75 that day
        (date(1951, 3, 3), date(2026, 3, 2), False),
        (date(1948, 2, 29), date(2026, 3, 2), True),
        (date(1952, 2, 29), date(2026, 3, 2), False),
        (None, date(2026, 3, 2), False),
    ],
)
def test_age_is_counted_on_the_day_of_the_application(
    born: date | None, applied: date, allowed: bool, cast: Cast
) -> None:  # D15
    member = cast.member_a
    member.birth_date = born
    member.save()
    if allowed:
        exempt(cast, member=member, applied_on=applied)
    else:
        with pytest.raises(ExemptionRefused) as refusal:
            exempt(cast, member=member, applied_on=applied)
        assert "75" in str(refusal.value)
    assert Exemption.objects.exists() == allowed


def test_who_cannot_any_more_may_be_younger(cast: Cast) -> None:
    assert exempt(cast, member=cast.member_a, ground=Ground.UNABLE).ground == "unable"


@pytest.mark.parametrize(
    "dates",
    [
        {"applied_on": date(2026, 3, 11)},  # after the decision
        {"decided_on": TODAY + timedelta(days=1)},
        {"applied_on": TODAY + timedelta(days=1), "decided_on": TODAY + timedelta(days=2)},
    ],
)
def test_the_member_applies_then_the_branch_decides(dates: dict[str, date], cast: Cast) -> None:
    with pytest.raises(ExemptionRefused):
        exempt(cast, **dates)


def test_nobody_is_exempt_twice(cast: Cast) -> None:
    exempt(cast)
    with pytest.raises(ExemptionRefused):
        exempt(cast, from_date=date(2026, 5, 1))


def test_an_exemption_by_age_needs_the_years_rulebook(cast: Cast) -> None:
    with pytest.raises(NoRulebook):
        exempt(cast, from_date=date(2027, 1, 1))


def test_an_exemption_ends_once_later_than_it_began_and_for_a_reason(cast: Cast) -> None:
    exemption = exempt(cast)

    def end(day: date, reason: str = "本人要求") -> None:
        end_exemption(actor=cast.secretary_a, now=NOW, exemption=exemption, ended_on=day, reason=reason)

    with pytest.raises(ExemptionRefused):
        end(exemption.from_date)
    with pytest.raises(MissingReason):
        end(date(2026, 6, 1), "  ")
    end(date(2026, 6, 1))
    with pytest.raises(ExemptionRefused):
        end(date(2026, 7, 1))
    exemption.refresh_from_db()
    assert exemption.ended_on == date(2026, 6, 1)


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_enter_and_end_an_exemption(who: str, cast: Cast) -> None:
    actor: User = getattr(cast, who)
    if who in MAY_EXEMPT:
        exemption = exempt(cast, actor=actor)
        end_exemption(actor=actor, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason="恢复")
        return
    with pytest.raises(PermissionDenied):
        exempt(cast, actor=actor)
    exemption = exempt(cast)
    with pytest.raises(PermissionDenied):
        end_exemption(actor=actor, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason="恢复")
    exemption.refresh_from_db()
    assert exemption.ended_on is None


@pytest.mark.parametrize("office", ["secretary_a", "staff"])
def test_nobody_decides_on_their_own_exemption(office: str, cast: Cast) -> None:
    officer: User = getattr(cast, office)
    officer.member = cast.members_a[2]
    officer.save()
    with pytest.raises(NotAllowed, match="涉及本人"):
        exempt(cast, actor=officer)
    assert not Exemption.objects.exists()
    exemption = exempt(cast, actor=cast.staff if office == "secretary_a" else cast.secretary_a)
    with pytest.raises(NotAllowed, match="涉及本人"):
        end_exemption(actor=officer, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason="恢复")
    exemption.refresh_from_db()
    assert exemption.ended_on is None
