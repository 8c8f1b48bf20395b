"""Keeping the roster (3.1): new members, and a probationary member's becoming a full one.

Moves, leaving and exemptions reach a score and live in `points.roster.moves`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.months import latest_day
from members.access import refuse_own_case, require_roster_keeper
from members.errors import RosterRefused
from members.log.audit import log_change
from members.log.changes import refuse_other_fields
from members.log.locks import lock_for_score
from members.models import Branch, Member, Membership, User
from members.people.fields import MEMBER_FIELDS
from members.people.identity import settle_identity
from members.selectors import branch_on

ENTERED = frozenset(name for name, field in MEMBER_FIELDS.items() if field.sheet is not None)
"""What may be said of somebody who comes onto the roster: what a workbook can say."""

REQUIRED = frozenset(name for name, field in MEMBER_FIELDS.items() if field.sheet is not None and field.sheet.required)


class Joining(NamedTuple):
    """Somebody new who is to belong to a branch from a day on."""

    branch_id: int
    from_date: date


class JoinRefusal(NamedTuple):
    """Why somebody cannot join from that day on, and what to do instead."""

    message: str
    remedy: str


JoinGuard = Callable[[Sequence[Joining]], Sequence[JoinRefusal | None]]
"""What forbids each joining, None where nothing does: whoever scores halves says which of them are closed (D20)."""


def create_member(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    values: Mapping[str, Any],
    from_date: date,
    why: Membership.Why,
    guard: JoinGuard,
) -> Member:
    """Put a person on the roster of a branch from a day on, last in its order.

    `values` are fields of `ENTERED`, all of `REQUIRED` among them, settled as `settle_identity` says.

    Raises:
        PermissionDenied, KeyError (a field that is not to be said here, or a required one missing), CellError (an
            impossible ID number).
        RosterRefused: no name, a day to come, a leaving as the reason, an ID number the town already has, details
            that contradict it, or the `guard` forbids the day.
    """
    town = branch.town
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    refuse_other_fields(values, ENTERED)
    if missing := REQUIRED - values.keys():
        raise KeyError(", ".join(sorted(missing)))
    if from_date > timezone.localdate(now):
        raise RosterRefused(_("Enter a member on the day they come, not before."))
    if why in Membership.LEAVING:
        raise RosterRefused(_("Nobody comes onto the roster by leaving; choose how the member came."))
    columns = settle_identity(values, member=Member())
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=())
        (refusal,) = guard([Joining(branch.pk, from_date)])
        if refusal is not None:
            raise RosterRefused(f"{refusal.message}{refusal.remedy}")
        last = Member.objects.filter(town=town).aggregate(last=Max("position"))["last"] or 0
        try:
            with transaction.atomic():
                member = Member.objects.create(town=town, position=last + 1, **columns)
        except IntegrityError as error:
            raise RosterRefused(
                _("Somebody with the ID number of %(name)s is on the town's roster already; move them instead.")
                % {"name": columns["name"]}
            ) from error
        Membership.objects.create(member=member, branch=branch, from_date=from_date, why=why)
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="create_member",
            subject=member,
            new={"name": member.name, "branch": branch.name, "from": from_date.isoformat(), "why": why},
        )
    return member


def make_full_member(*, actor: User, now: datetime, member: Member, full_since: date) -> None:
    """A probationary member has become a full one (转正).

    Raises:
        PermissionDenied, NotAllowed (about themselves).
        RosterRefused: a full member already, a day to come, or a day before they joined.
    """
    require_roster_keeper(actor, member.town, on=timezone.localdate(now))
    refuse_own_case(actor, member)
    if full_since > timezone.localdate(now) or (
        member.joined_on is not None and latest_day(full_since) < member.joined_on
    ):
        raise RosterRefused(_("A member becomes a full one after joining, and it is entered on that day or later."))
    with transaction.atomic():
        branch = branch_on(member, full_since)
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[member.pk])
        changed = Member.objects.filter(pk=member.pk, category=Member.Category.PROBATIONARY).update(
            category=Member.Category.FULL, full_since=full_since
        )
        if not changed:
            raise RosterRefused(_("%(name)s is a full member already.") % {"name": member.name})
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="make_full_member",
            subject=member,
            old={"category": Member.Category.PROBATIONARY},
            new={"category": Member.Category.FULL, "full_since": full_since.isoformat()},
        )
    member.refresh_from_db(fields=["category", "full_since"])
