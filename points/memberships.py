"""Moves on the roster that reach a score: transfers, leaving, returning and exemptions (2.1, D15, D16).

They may reach back into an approved half: its lines stay, the months count in the annual score, and the next half
names them as late (补记, D20). What reaches a submitted half or a final year is refused: the one is returned first, the
other changed by a correction, `points.corrections`.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from members.log.locks import lock_for_score
from members.models import Branch, Exemption, Member, Membership, User
from members.selectors import branch_on
from points.belonging import (
    EndOfExemption,
    Move,
    NewExemption,
    RosterChange,
    check_roster_change,
    halves_from,
    write_roster_change,
)
from points.halves.locks import refuse_locked_halves


def change_membership(
    *, actor: User, now: datetime, member: Member, branch: Branch | None, from_date: date, why: Membership.Why
) -> Membership:
    """From a day on the member belongs to `branch`, or with None has left; the row before ends there.

    Raises:
        PermissionDenied.
        HalfLocked: it reaches a submitted half, a final year, or a half whose list is closed.
        MembershipRefused: not after the row before, in the future, another town, or `why` does not fit.
    """
    row = _enter(Move(branch, from_date, why), actor=actor, now=now, member=member)
    assert isinstance(row, Membership)
    return row


def grant_exemption(
    *,
    actor: User,
    now: datetime,
    member: Member,
    ground: Exemption.Ground,
    applied_on: date,
    decided_on: date,
    from_date: date,
    note: str = "",
) -> Exemption:
    """Enter the branch's decision to exempt a member on the member's own application (2.1, D15).

    Raises:
        PermissionDenied, NoRulebook, NotAllowed (about themselves), HalfLocked.
        ExemptionRefused: too young for the ground on the day of the application, out of order, or exempt already.
    """
    change = NewExemption(ground, applied_on, decided_on, from_date, note)
    row = _enter(change, actor=actor, now=now, member=member)
    assert isinstance(row, Exemption)
    return row


def end_exemption(*, actor: User, now: datetime, exemption: Exemption, ended_on: date, reason: str) -> None:
    """From `ended_on` the member is scored again (D15).

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason, HalfLocked.
        ExemptionRefused: ended before, or before it began.
    """
    _enter(EndOfExemption(exemption, ended_on, reason), actor=actor, now=now, member=exemption.member)


def _enter(change: RosterChange, *, actor: User, now: datetime, member: Member) -> Membership | Exemption:
    today = timezone.localdate(now)
    check_roster_change(change, actor=actor, member=member, today=today)
    with transaction.atomic():
        last = member.memberships.order_by("-from_date").select_related("branch").first()
        target = change.branch if isinstance(change, Move) else None
        homes = (last and last.branch, branch_on(member, today), target)
        lock_for_score(branch_ids={branch.pk for branch in homes if branch is not None}, member_ids=[member.pk])
        refuse_locked_halves(halves_from(change.from_date, member, today=today), now=now)
        return write_roster_change(change, actor=actor, now=now, member=member)
