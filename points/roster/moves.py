"""Where a member belongs and whether they are exempt: the changes that reach a score, and what each must meet.

They are written as they happen; a correction writes them where they reach a final year (D10, D20).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, members_for, refuse_own_case, require_roster_keeper
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Branch, Exemption, Member, Membership, User
from members.people.recusal import require_unrelated
from members.selectors import branch_on
from points.errors import ExemptionRefused, MembershipRefused
from points.halves.locks import HalfKey, refuse_locked_halves
from points.roster.closed_lists import refuse_missing_lines
from points.roster.exemptions import (
    EndOfExemption,
    NewExemption,
    apply_end,
    apply_exemption,
    check_exemption,
    refuse_own_entry,
)
from points.roster.leaving import end_what_is_open
from points.rules.periods import HALVES, half_end


@dataclass(frozen=True, slots=True)
class Move:
    """From a day on in another branch, or with None in none."""

    branch: Branch | None
    from_date: date
    why: Membership.Why


RosterChange = Move | NewExemption | EndOfExemption


def halves_from(start: date, member: Member, *, today: date) -> list[HalfKey]:
    """Every half a change from `start` on reaches until today, which a submission would lock (D20)."""
    return [
        (member.pk, year, half)
        for year in range(start.year, today.year + 1)
        for half in HALVES
        if half_end(year, half) >= start
    ]


def check_roster_change(change: RosterChange, *, actor: User, member: Member, today: date) -> None:
    """What can be said before anything is locked: who may, and which days go together.

    Raises:
        PermissionDenied, NotAllowed (about themselves), NoRulebook, MissingReason, TextTooLong.
        MembershipRefused: in the future, another town, or the reason does not fit.
        ExemptionRefused, PaperMissing: as `points.roster.exemptions.check_exemption`, or an end before the beginning.
    """
    refuse_own_case(actor, member)
    if isinstance(change, Move):
        _check_move(change, actor=actor, member=member, today=today)
        return
    if isinstance(change, EndOfExemption):
        require_reason(change.reason, _("Say why the exemption ends."))
    if not members_for(actor, on=today, action=Action.DECIDE_FINDING).filter(pk=member.pk).exists():
        raise PermissionDenied(_("Only the branch's secretary or town staff may enter an exemption."))
    if isinstance(change, NewExemption):
        check_exemption(change, member=member, today=today)
    elif change.from_date <= change.exemption.from_date:
        raise ExemptionRefused(_("An exemption ends after the day it began."))


def _check_move(change: Move, *, actor: User, member: Member, today: date) -> None:
    require_roster_keeper(actor, member.town, on=today)
    if change.from_date > today:
        raise MembershipRefused(_("Enter a move on the day it takes effect, not before."))
    if change.branch is not None and change.branch.town_id != member.town_id:
        raise MembershipRefused(_("A move to another town is “transferred out” here and “transferred in” there."))
    if (change.branch is None) != (change.why in Membership.LEAVING):
        raise MembershipRefused(_("Leaving has no branch, and every other move has one."))
    if member.pseudonymised_on is not None:
        raise MembershipRefused(_("Who left was forgotten since: enter them anew."))


def apply_roster_change(change: RosterChange, *, actor: User, now: datetime, member: Member) -> Membership | Exemption:
    """Write a checked change; the branches and the member are locked, and no half it reaches lies with a secretary.

    Raises:
        HalfLocked: the member would belong to a half whose list is closed.
        MembershipRefused: not after the row before, or there already.
        ExemptionRefused: exempt already, ended before, or the application waits no more.
        PaperMissing: as `points.roster.exemptions.check_exemption`.
    """
    row: Membership | Exemption
    if isinstance(change, Move):
        row = _apply_move(change, actor=actor, now=now, member=member)
    elif isinstance(change, NewExemption):
        row = apply_exemption(change, actor=actor, now=now, member=member)
    else:
        row = apply_end(change, actor=actor, now=now, member=member)
    refuse_missing_lines(member, from_date=change.from_date)
    return row


def _apply_move(change: Move, *, actor: User, now: datetime, member: Member) -> Membership:
    branch, from_date = change.branch, change.from_date
    last = member.memberships.order_by("-from_date").select_related("branch").first()
    if last is not None and last.from_date >= from_date:
        raise MembershipRefused(
            _("The roster already has a change on %(date)s; a new one must come after it.") % {"date": last.from_date}
        )
    if last is not None and last.branch_id == (branch.pk if branch else None):
        raise MembershipRefused(_("The member is there already."))
    row = Membership.objects.create(member=member, branch=branch, from_date=from_date, why=change.why)
    log_change(
        actor=actor,
        now=now,
        town=member.town,
        verb="change_membership",
        subject=member,
        old={"branch": str(last.branch) if last and last.branch else None},
        new={"branch": branch.name if branch else None, "from": from_date.isoformat(), "why": change.why},
    )
    if branch is None:
        end_what_is_open(actor=actor, now=now, leaving=row)
    return row


def change_membership(
    *, actor: User, now: datetime, member: Member, branch: Branch | None, from_date: date, why: Membership.Why
) -> Membership:
    """From a day on the member belongs to `branch`, or with None has left; the row before ends there.

    Who leaves or dies ends what is open about them; a move within the town passes it on to the new branch (D18).

    Raises:
        PermissionDenied, NotAllowed (about themselves).
        HalfLocked: it reaches a submitted half, a final year, or a half whose list is closed.
        MembershipRefused: not after the row before, in the future, another town, or `why` does not fit.
    """
    row = _enter(Move(branch, from_date, why), actor=actor, now=now, member=member)
    assert isinstance(row, Membership)
    return row


def grant_exemption(*, actor: User, now: datetime, change: NewExemption, is_unrelated: bool) -> Exemption:
    """Enter the branch's vote to exempt a member on the member's own application, which is settled with it (2.1, D15).

    `is_unrelated`: the actor's recusal statement, ticked; it is logged (D19).

    Raises:
        PermissionDenied, NoRulebook, NotAllowed (about themselves or close kin, or they entered the paper), HalfLocked,
        TextTooLong.
        ExemptionRefused: ground, vote, day, an open finding, exempt already, or the application waits no more.
        PaperMissing: the password of the account it came from was given anew meanwhile (D18).
    """
    refuse_own_entry(change.application, actor)
    row = _enter(change, actor=actor, now=now, member=change.application.member, is_unrelated=is_unrelated)
    assert isinstance(row, Exemption)
    return row


def end_exemption(
    *, actor: User, now: datetime, exemption: Exemption, ended_on: date, reason: str, is_unrelated: bool
) -> None:
    """From `ended_on` the member is scored again (D15).

    `is_unrelated`: the actor's recusal statement, ticked; it is logged (D19).

    Raises:
        PermissionDenied, NotAllowed (about themselves or close kin), MissingReason, TextTooLong, HalfLocked.
        ExemptionRefused: ended before, or before it began.
    """
    change = EndOfExemption(exemption, ended_on, reason)
    _enter(change, actor=actor, now=now, member=exemption.member, is_unrelated=is_unrelated)


def _enter(
    change: RosterChange, *, actor: User, now: datetime, member: Member, is_unrelated: bool = False
) -> Membership | Exemption:
    today = timezone.localdate(now)
    check_roster_change(change, actor=actor, member=member, today=today)
    # A branch decides on an exemption; a move is no decision about the member, only what has happened.
    if not isinstance(change, Move):
        require_unrelated(actor, member, declared=is_unrelated)
    with transaction.atomic():
        last = member.memberships.order_by("-from_date").select_related("branch").first()
        target = change.branch if isinstance(change, Move) else None
        homes = (last and last.branch, branch_on(member, today), target)
        lock_for_score(branch_ids={branch.pk for branch in homes if branch is not None}, member_ids=[member.pk])
        refuse_locked_halves(halves_from(change.from_date, member, today=today), now=now)
        return apply_roster_change(change, actor=actor, now=now, member=member)
