"""What the general branch above, or the town, remarks on a branch's half (5.3): given, read and answered.

A remark changes no half: to return one, or to decide it, is the branch committee's (3.2).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, holds_office_for, reach_of, require_branch_action
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Branch, Notification, User
from members.notifications import Task, notify_users
from points.errors import GuidanceRefused
from points.models import Guidance
from points.rules.periods import half_start
from points.scoring.adoption import rulebook_for
from points.scoring.wording import name_half


def guidance_link(guidance: Guidance) -> str:
    """Where a remark and its answer stand."""
    return reverse("workbench:points_guidance_change", args=[guidance.pk])


def give_guidance(*, actor: User, now: datetime, branch: Branch, year: int, half: str, remark: str) -> Guidance:
    """Remark on a branch's half, as an officer of a general branch above it or as the town's staff (5.3).

    Raises:
        PermissionDenied: neither.
        MissingReason, TextTooLong.
        NoRulebook: the town scores no such year (D1).
        GuidanceRefused: the half has not begun.
    """
    text = require_reason(remark, _("Write what the branch is to know or to do."))
    today = timezone.localdate(now)
    require_branch_action(actor, Action.GUIDE, branch, on=today)
    rulebook_for(branch.town, year)
    if half_start(year, half) > today:
        raise GuidanceRefused(_("This half has not begun; choose one that has."))
    with transaction.atomic():
        guidance = Guidance.objects.create(branch=branch, year=year, half=half, text=text, by=actor, at=now)
        log_change(actor=actor, now=now, town=branch.town, verb="give_guidance", subject=guidance)
    return guidance


def answer_guidance(*, actor: User, now: datetime, guidance: Guidance, answer: str = "") -> None:
    """Note that the branch has read a remark, with what it answers, if anything; who gave it is told.

    Raises:
        NotAllowed: the actor is no recorder or secretary of the branch, or gave it themselves.
        TextTooLong.
        GuidanceRefused: it was read before.
    """
    answer = fit_text(answer)
    if not holds_office_for(actor, Action.SUBMIT_REVIEW, guidance.branch, on=timezone.localdate(now)):
        raise NotAllowed(_("A remark is read and answered by the branch's recorder or secretary."))
    if actor.pk == guidance.by_id:
        raise NotAllowed(_("You gave this remark yourself: another officer of the branch reads and answers it."))
    with transaction.atomic():
        lock_for_score(branch_ids=[guidance.branch_id], member_ids=[])
        rows = Guidance.objects.select_for_update(of=("self",)).select_related("branch__town", "by")
        fresh = rows.get(pk=guidance.pk)
        if fresh.read_at is not None:
            raise GuidanceRefused(_("This remark was read and answered before."))
        fresh.answer, fresh.read_by, fresh.read_at = answer, actor, now
        fresh.save(update_fields=["answer", "read_by", "read_at"])
        log_change(actor=actor, now=now, town=fresh.branch.town, verb="answer_guidance", subject=fresh)
        notify_users(
            users=[fresh.by],
            now=now,
            kind=Notification.Kind.GUIDANCE_READ,
            branch=fresh.branch,
            period=f"{fresh.year}{fresh.half}",
            link=guidance_link(fresh),
        )


# Reading


def guidance_on(*, branch: Branch, year: int, half: str) -> QuerySet[Guidance]:
    """What was remarked on a half, the latest first."""
    return Guidance.objects.filter(branch=branch, year=year, half=half).select_related("by", "read_by")


def read_guidance_tasks(user: User, *, on: date) -> list[Task]:
    """The remarks that wait for the user as an officer of the branch; one query."""
    own = reach_of(user, on=on).branches_to(Action.SUBMIT_REVIEW)
    if not own:
        return []
    unread = Guidance.objects.unread().filter(branch__in=own).exclude(by=user).select_related("branch")
    return [
        Task(
            _("%(branch)s %(half)s: a remark from above, to be read and answered")
            % {"branch": row.branch.name, "half": name_half(row)},
            guidance_link(row),
            (timezone.localdate(row.at) - on).days,
        )
        for row in unread.order_by("at", "pk")
    ]
