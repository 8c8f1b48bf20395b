"""What every step of a finding shares: who may, the locks, the log without grounds, telling its member (D18, D21)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, refuse_own_case, require_member_action
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Branch, Notification, User
from members.notifications import notify_users
from members.selectors import last_branch_on
from points.errors import HeldBack
from veto.models import Finding, FindingQuerySet


def hearing_link(finding: Finding) -> str:
    """The address of the member's own page about it, without the host; it names no ground (D21)."""
    return reverse("hearing", args=[finding.uuid])


@contextmanager
def lock_finding(finding: Finding, *, actor: User, now: datetime, action: Action) -> Iterator[FindingQuerySet[Finding]]:
    """Authorise, open the transaction and lock; yields the finding's own row as a queryset to stamp.

    Raises:
        PermissionDenied: not the actor's to do.
        NotAllowed: they would decide about themselves.
    """
    branch = require_member_action(actor, action, finding.member, on=timezone.localdate(now))
    if action in (Action.DECIDE_FINDING, Action.CONSENT):
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


def log_step(finding: Finding, *, actor: User, now: datetime, verb: str) -> None:
    """Log a step: neither the ground nor the particulars nor a reason that may repeat them (D21)."""
    log_change(actor=actor, now=now, town=finding.member.town, verb=verb, subject=finding)


def notify_member(finding: Finding, *, now: datetime, kind: Notification.Kind) -> None:
    """Tell the member inside the site that there is something to read; what it is stands behind the link alone."""
    user = User.objects.filter(member=finding.member_id, is_active=True).first()
    branch = last_branch_on(finding.member_id, timezone.localdate(now))
    if user is not None and branch is not None:
        notify_users(users=[user], now=now, kind=kind, branch=branch, period="", link=hearing_link(finding))
