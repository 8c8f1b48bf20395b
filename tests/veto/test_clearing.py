"""A proposal the town's staff look at first: until they let it through nothing goes on (D18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import NotAllowed
from members.models import Appointment, User
from points.errors import FindingNotReady, HeldBack
from tests.cast import Cast
from tests.factories import NOW, TODAY, appoint, make_batch, make_user, permit_grounds
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.hearings import hear, meeting_after
from tests.veto.proposals import (
    FOUND,
    TOLD,
    confirm,
    propose_a_veto,
    tell,
    told_with,
)
from veto.appeals import answer_appeal, file_own_appeal
from veto.deciding import clear_finding, void_finding
from veto.models import Appeal, Deduction


@pytest.fixture
def held(cast: Cast, finding: Deduction) -> Deduction:
    """As proposed against somebody protected; `tests/publicity/objections/test_protection.py` tries who that is."""
    return Deduction.objects.create(
        batch=finding.batch,
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="当场查实",
        needs_clearance=True,
    )


def test_until_the_town_lets_it_through_nothing_goes_on(cast: Cast, held: Deduction) -> None:
    assert held.step == "to_clear"
    steps: list[Callable[[], None]] = [
        lambda: told_with(cast, held, meeting_after(TOLD, cast.member_a)),
        lambda: confirm(cast, held, TODAY),
        lambda: dismiss_finding(actor=cast.secretary_a, now=NOW, finding=held, decided_on=TODAY),
    ]
    for step in steps:
        with pytest.raises(HeldBack, match="镇党建办") as refusal:
            step()
        assert "异议" not in str(refusal.value)
    clear_finding(actor=cast.staff, now=NOW, finding=held, is_unrelated=True)
    held.refresh_from_db()
    assert (held.step, held.cleared_by, held.cleared_at) == ("to_tell", cast.staff, NOW)
    with pytest.raises(FindingNotReady, match="须镇党建办审核的先审核"):
        tell(cast, held, TODAY - timedelta(days=1))
    tell(cast, held, TODAY)
    with pytest.raises(FindingNotReady):
        clear_finding(actor=cast.staff, now=NOW, finding=held, is_unrelated=True)


def test_what_is_held_back_can_be_voided(cast: Cast, held: Deduction) -> None:
    void_finding(actor=cast.staff, now=NOW, finding=held, reason="没有独立事实依据", is_unrelated=True)
    held.refresh_from_db()
    assert held.state == "void"


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "committee_a", "supervisor", "recorder_b", "other_staff"])
def test_only_the_towns_staff_let_it_through(who: str, cast: Cast, held: Deduction) -> None:
    with pytest.raises(PermissionDenied):
        clear_finding(actor=getattr(cast, who), now=NOW, finding=held, is_unrelated=True)


def test_neither_the_proposer_nor_the_member_lets_it_through(cast: Cast, held: Deduction) -> None:
    theirs = propose_a_veto(cast, actor=cast.staff)
    with pytest.raises(NotAllowed, match="本人提出"):
        clear_finding(actor=cast.staff, now=NOW, finding=theirs, is_unrelated=True)
    with pytest.raises(NotAllowed, match="回避"):
        clear_finding(actor=cast.staff, now=NOW, finding=held, is_unrelated=False)
    other = make_user("staff-2", town=cast.town, member=cast.members_a[2])
    held.batch = make_batch(cast.recorder_a, cast.town)
    held.member = cast.members_a[2]
    with pytest.raises(PermissionDenied):
        clear_finding(actor=other, now=NOW, finding=held, is_unrelated=True)


def test_what_waits_for_nobody_cannot_be_let_through(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(FindingNotReady):
        clear_finding(actor=cast.staff, now=NOW, finding=finding, is_unrelated=True)


def test_the_town_judges_nothing_it_may_not_read(cast: Cast) -> None:
    """Letting through, deciding for the branch and answering an appeal, each by who reads it (D21)."""
    unread = make_user("new-staff", town=cast.town)
    appoint(unread, Appointment.Role.TOWN_STAFF, town=cast.town)
    veto = propose_a_veto(cast)
    with pytest.raises(NotAllowed, match="没有查看事由的权限"):
        clear_finding(actor=unread, now=NOW, finding=veto, is_unrelated=True)
    clear_finding(actor=cast.staff, now=NOW, finding=veto, is_unrelated=True)
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY)
    for decide in (confirm_finding, dismiss_finding):
        with pytest.raises(NotAllowed, match="没有查看事由的权限"):
            decide(actor=unread, now=NOW, finding=veto, decided_on=TODAY, by_town=True)
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    file_own_appeal(actor=cast.member_user_a, now=NOW, finding=veto, text="不同意")
    given: dict[str, Any] = {"now": NOW, "finding": veto, "outcome": Appeal.Outcome.UPHELD, "answer": "维持。"}
    with pytest.raises(NotAllowed, match="没有查看事由的权限"):
        answer_appeal(actor=unread, is_unrelated=True, **given)
    permit_grounds(unread)
    answer_appeal(actor=User.objects.get(pk=unread.pk), is_unrelated=True, **given)
    assert Appeal.objects.get().outcome == Appeal.Outcome.UPHELD
