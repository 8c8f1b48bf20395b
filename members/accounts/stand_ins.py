"""Stand-in recorders (代理): appointed by the branch's secretary, from a day to a day, and seen by the town (D27)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.accounts.creating import enter_appointment
from members.errors import AccountRefused, NotAllowed
from members.log.reasons import require_reason
from members.models import Appointment, AuditEntry, Branch, Notification, User
from members.notifications import notify_users
from members.selectors import holders_of, members_in

Role = Appointment.Role
LONGEST = timedelta(days=184)
"""Half a year: for longer the town appoints a recorder."""


def who_may_stand_in(branch: Branch, *, actor: User, on: date) -> QuerySet[User]:
    """The accounts in use of the branch's members and officers on a day, without the actor's own."""
    officers = Appointment.objects.on(on).filter(branch=branch)
    theirs = Q(member__in=members_in([branch.pk], on).values("pk")) | Q(pk__in=officers.values("user"))
    return User.objects.filter(theirs, town=branch.town, is_active=True, is_system=False).exclude(pk=actor.pk)


def appoint_stand_in(
    *, actor: User, now: datetime, user: User, branch: Branch, from_date: date, to_date: date, reason: str
) -> Appointment:
    """Let somebody of the branch record in the recorder's place; `to_date` is the first day without the role (D27).

    Whoever records cannot approve the half (D19), a stand-in neither. One who holds another role in the branch waits
    for the town, as everywhere (D29). The town's staff and the stand-in are told.

    Raises:
        PermissionDenied: neither the branch's secretary nor the town's staff.
        NotAllowed: to themselves.
        MissingReason, TextTooLong.
        AccountRefused: a day gone by, no day at all or more than half a year, somebody from elsewhere, who records in
            the branch already, or it needs a second person and there is none.
    """
    reason = require_reason(reason)
    today = timezone.localdate(now)
    require_branch_action(actor, Action.APPOINT_STAND_IN, branch, on=today)
    if user.pk == actor.pk:
        raise NotAllowed(_("Nobody appoints themselves; ask a colleague."))
    if from_date < today:
        raise AccountRefused(_("A stand-in begins today or later."))
    if not from_date < to_date <= from_date + LONGEST:
        raise AccountRefused(
            _("A stand-in records for at least a day and at most half a year; for longer the town appoints a recorder.")
        )
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not who_may_stand_in(branch, actor=actor, on=today).filter(pk=user.pk).exists():
            raise AccountRefused(_("A stand-in is a member or an officer of the branch, with an account in use."))
        held = Appointment.objects.held_or_waiting(from_date).filter(user=user, branch=branch, role=Role.RECORDER)
        if held.filter(from_date__lt=to_date).exists():
            raise AccountRefused(_("%(user)s holds this role already.") % {"user": user})
        appointment = Appointment(
            user=user, town=branch.town, branch=branch, role=Role.RECORDER, from_date=from_date, to_date=to_date
        )
        appointment.stands_in = True
        enter_appointment(appointment, actor=actor, now=now, verb="appoint_stand_in", reason=reason)
        _tell(appointment, actor=actor, now=now)
    return appointment


def read_reason(appointment: Appointment) -> str:
    """Why a stand-in was appointed, as the log keeps it; one query."""
    entries = AuditEntry.objects.filter(object_type=appointment._meta.label_lower, object_id=str(appointment.pk))
    entry = entries.filter(verb="appoint_stand_in").first()
    return str(entry.new["reason"]) if entry else ""


def _tell(appointment: Appointment, *, actor: User, now: datetime) -> None:
    """The town's staff and who stands in, each with who it is."""
    branch = appointment.branch
    assert branch is not None
    staff = holders_of(Role.TOWN_STAFF, on=timezone.localdate(now), town=branch.town).exclude(pk=actor.pk)
    notify_users(
        users=dict.fromkeys([*staff.order_by("pk"), appointment.user]),
        now=now,
        kind=Notification.Kind.STAND_IN_APPOINTED,
        branch=branch,
        period="",
        about=f"{appointment.user} {appointment.from_date}",
        link=work_link(appointment),
    )


def work_link(appointment: Appointment) -> str:
    """The address of its page in the workbench, without the host."""
    return reverse("workbench:members_appointment_change", args=[appointment.pk])
