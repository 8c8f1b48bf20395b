"""What every step of a finding shares: who may, the locks, the log without grounds, telling its member (D18, D21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import (
    Action,
    holds_grounds_permission,
    is_own_case,
    may_read_grounds,
    members_for,
    refuse_own_case,
    require_member_action,
)
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Appointment, Branch, Notification, User
from members.notifications import notify_users
from members.selectors import branch_on, last_branch_on
from points.errors import HeldBack
from veto.models import Finding, FindingQuerySet

Role = Appointment.Role


def hearing_link(finding: Finding) -> str:
    """The address of the member's own page about it, without the host; it names no ground (D21)."""
    return reverse("hearing", args=[finding.uuid])


def work_link(finding: Finding) -> str:
    """The address of its page in the workbench, without the host."""
    return reverse(f"workbench:{finding._meta.app_label}_{finding._meta.model_name}_change", args=[finding.pk])


# Who may


def refuse_proposer(actor: User, finding: Finding) -> None:
    """Who proposed a finding neither lets it through nor decides it (D18).

    Raises:
        NotAllowed.
    """
    if actor == finding.batch.actor:
        raise NotAllowed(
            _(
                "You proposed it: somebody else enters this step. The secretary decides, and where the secretary "
                "proposed another committee member or the town's staff."
            )
        )


def may_judge(user: User, finding: Finding, *, on: date) -> bool:
    """Whether the user may read the ground, the papers and the statement: nobody judges what they cannot read (D21)."""
    return may_read_grounds(user, finding, on=on) or holds_grounds_permission(user, finding.member.town)


def refuse_unread(actor: User, finding: Finding, *, on: date) -> None:
    """Who cannot read a finding neither lets it through nor decides it, nor answers an appeal against it (D18, D21).

    Raises:
        NotAllowed.
    """
    if not may_judge(actor, finding, on=on):
        raise NotAllowed(say_unread())


def say_unread() -> str:
    """What somebody is told who would judge a finding and may not read it."""
    return _(
        "You may not read the grounds of findings, so you cannot judge this one. Leave it to a colleague who may, or "
        "have a colleague permit it to your account."
    )


def may_decide(user: User, finding: Finding, *, on: date) -> bool:
    """Whether it is the user's to enter the decision: the secretary's or the town's staff's, who did not propose it.

    Another committee member's where the secretary proposed it, or where it is about the secretary.
    """
    if user == finding.batch.actor or is_own_case(user, finding.member) or not may_judge(user, finding, on=on):
        return False
    return _holds_decision(user, finding, on=on)


def _holds_decision(user: User, finding: Finding, *, on: date) -> bool:
    def reaches(action: Action) -> bool:
        return members_for(user, on=on, action=action).filter(pk=finding.member_id).exists()

    return reaches(Action.DECIDE_FINDING) or (
        reaches(Action.DECIDE_FOR_SECRETARY) and _concerns_secretary(finding, on=on)
    )


def _concerns_secretary(finding: Finding, *, on: date) -> bool:
    branch = branch_on(finding.member, on)
    secretaries = Appointment.objects.on(on).filter(branch=branch, role=Role.SECRETARY).select_related("user")
    return any(held.user == finding.batch.actor or is_own_case(held.user, finding.member) for held in secretaries)


# Locks


@contextmanager
def lock_finding(finding: Finding, *, actor: User, now: datetime, action: Action) -> Iterator[FindingQuerySet[Finding]]:
    """Authorise, open the transaction and lock; yields the finding's own row as a queryset to stamp.

    Raises:
        PermissionDenied: not the actor's to do.
        NotAllowed: it is about themselves: then they enter nothing.
    """
    today = timezone.localdate(now)
    if action is Action.DECIDE_FINDING and _holds_decision(actor, finding, on=today):
        branch = branch_on(finding.member, today)
    else:
        branch = require_member_action(actor, action, finding.member, on=today)
    refuse_own_case(actor, finding.member)
    with lock_rows_of(finding, branch) as rows:
        yield rows


@contextmanager
def lock_rows_of(finding: Finding, branch: Branch | None) -> Iterator[FindingQuerySet[Finding]]:
    """Open the transaction and lock, for whom the caller has authorised."""
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[finding.member_id])
        yield type(finding).objects.filter(pk=finding.pk)


def refuse_held_back(finding: Finding) -> None:
    """Nothing happens to a proposal that waits for the town's staff; why it does is not said (D11).

    Raises:
        HeldBack.
    """
    if finding.is_held_back:
        raise HeldBack(_("The town's staff look at this proposal first. You can go on as soon as they let it through."))


# Log and messages


def log_step(finding: Finding, *, actor: User, now: datetime, verb: str, new: Mapping[str, Any] | None = None) -> None:
    """Log a step: neither the ground nor the particulars nor a reason that may repeat them (D21)."""
    log_change(actor=actor, now=now, town=finding.member.town, verb=verb, subject=finding, new=new)


def notify_member(finding: Finding, *, now: datetime, kind: Notification.Kind) -> None:
    """Tell the member inside the site that there is something to read; what it is stands behind the link alone."""
    user = User.objects.filter(member=finding.member_id, is_active=True).first()
    branch = last_branch_on(finding.member_id, timezone.localdate(now))
    if user is not None and branch is not None:
        notify_users(users=[user], now=now, kind=kind, branch=branch, period="", link=hearing_link(finding))


def notify_town(finding: Finding, *, now: datetime, kind: Notification.Kind) -> None:
    """Tell the town's staff inside the site; whom it is about stays out of it."""
    today = timezone.localdate(now)
    branch = last_branch_on(finding.member_id, today)
    staff = Appointment.objects.on(today).filter(town=finding.member.town_id, role=Role.TOWN_STAFF)
    users = User.objects.filter(pk__in=staff.values("user"), is_active=True).exclude(member=finding.member_id)
    if branch is not None:
        notify_users(users=users.order_by("pk"), now=now, kind=kind, branch=branch, period="", link=work_link(finding))
