"""Moves on the roster that reach a score: transfers, leaving, returning and exemptions (2.1, D15, D16)."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, members_for, refuse_own_case
from members.audit import log_change
from members.errors import MissingReason
from members.locks import lock_for_score
from members.models import Branch, Exemption, Member, Membership, User
from members.selectors import branch_on
from points.adoption import rulebook_for
from points.errors import ExemptionRefused, MembershipRefused
from points.locking import HalfKey, refuse_locked_halves
from points.rules.periods import HALVES


def _require_roster_keeper(actor: User, member: Member, *, today: date) -> None:
    if not members_for(actor, on=today, action=Action.KEEP_ROSTER).filter(pk=member.pk).exists():
        raise PermissionDenied(_("Only town staff may change the roster."))


def _require_exempting(actor: User, member: Member, *, today: date) -> None:
    if not members_for(actor, on=today, action=Action.DECIDE_FINDING).filter(pk=member.pk).exists():
        raise PermissionDenied(_("Only the branch's secretary or town staff may enter an exemption."))
    refuse_own_case(actor, member)


def change_membership(
    *, actor: User, now: datetime, member: Member, branch: Branch | None, from_date: date, why: Membership.Why
) -> Membership:
    """From a day on the member belongs to `branch`, or with None has left; the row before ends there.

    Raises:
        PermissionDenied.
        MembershipRefused: not after the row before, in the future, another town, or `why` does not fit.
    """
    today = timezone.localdate(now)
    _require_roster_keeper(actor, member, today=today)
    if from_date > today:
        raise MembershipRefused(_("Enter a move on the day it takes effect, not before."))
    if branch is not None and branch.town_id != member.town_id:
        raise MembershipRefused(_("A move to another town is “transferred out” here and “transferred in” there."))
    if (branch is None) != (why in Membership.LEAVING):
        raise MembershipRefused(_("Leaving has no branch, and every other move has one."))
    with transaction.atomic():
        last = member.memberships.order_by("-from_date").first()
        branch_ids = {row for row in (last and last.branch_id, branch and branch.pk) if row}
        lock_for_score(branch_ids=branch_ids, member_ids=[member.pk])
        last = member.memberships.order_by("-from_date").first()  # somebody may have moved the member meanwhile
        if last is not None and last.from_date >= from_date:
            raise MembershipRefused(
                _("The roster already has a change on %(date)s; a new one must come after it.")
                % {"date": last.from_date}
            )
        if last is not None and last.branch_id == (branch.pk if branch else None):
            raise MembershipRefused(_("The member is there already."))
        refuse_locked_halves(_halves_from(from_date, member, today=today), now=now)
        row = Membership.objects.create(member=member, branch=branch, from_date=from_date, why=why)
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="change_membership",
            subject=member,
            old={"branch": str(last.branch) if last and last.branch else None},
            new={"branch": branch.name if branch else None, "from": from_date.isoformat(), "why": why},
        )
    return row


def _halves_from(start: date, member: Member, *, today: date) -> list[HalfKey]:
    """Every half a change from `start` on reaches until today, which a submission would lock (D20)."""
    return [(member.pk, year, half) for year in range(start.year, today.year + 1) for half in HALVES]


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
        PermissionDenied, NoRulebook, NotAllowed (about themselves).
        ExemptionRefused: too young for the ground on the day of the application, out of order, or exempt already.
    """
    today = timezone.localdate(now)
    _require_exempting(actor, member, today=today)
    if not applied_on <= decided_on <= today:
        raise ExemptionRefused(_("The member applies first, then the branch decides; neither lies in the future."))
    if ground == Exemption.Ground.AGE:
        limit = rulebook_for(member.town, from_date.year).settings.exemption_age
        if member.birth_date is None or _age_on(member.birth_date, applied_on) < limit:
            raise ExemptionRefused(_("The member was not %(age)d on the day of the application.") % {"age": limit})
    with transaction.atomic():
        branch = branch_on(member, today)
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[member.pk])
        if member.exemptions.filter(ended_on__isnull=True).exists():
            raise ExemptionRefused(_("The member is exempt already; end that exemption first."))
        refuse_locked_halves(_halves_from(from_date, member, today=today), now=now)
        exemption = Exemption.objects.create(
            member=member,
            ground=ground,
            applied_on=applied_on,
            decided_on=decided_on,
            from_date=from_date,
            note=note,
        )
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="grant_exemption",
            subject=exemption,
            new={"from": from_date.isoformat(), "decided_on": decided_on.isoformat()},
        )
    return exemption


def end_exemption(*, actor: User, now: datetime, exemption: Exemption, ended_on: date, reason: str) -> None:
    """From `ended_on` the member is scored again (D15).

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason.
        ExemptionRefused: ended before, or before it began.
    """
    member = exemption.member
    today = timezone.localdate(now)
    _require_exempting(actor, member, today=today)
    if not reason.strip():
        raise MissingReason(_("Say why the exemption ends."))
    if ended_on <= exemption.from_date:
        raise ExemptionRefused(_("An exemption ends after the day it began."))
    with transaction.atomic():
        branch = branch_on(member, today)
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[member.pk])
        refuse_locked_halves(_halves_from(ended_on, member, today=today), now=now)
        ended = Exemption.objects.filter(pk=exemption.pk, ended_on__isnull=True).update(ended_on=ended_on)
        if not ended:
            raise ExemptionRefused(_("This exemption was already ended; reload the page."))
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="end_exemption",
            subject=exemption,
            new={"ended_on": ended_on.isoformat(), "reason": reason.strip()},
        )


def _age_on(birth_date: date, day: date) -> int:
    """Full years of age on a day; somebody born on 29 February turns a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
