"""What happens to accounts and appointments after they were made.

Appointments are confirmed or refused by a second person, and ended; accounts are closed, or may read grounds. Their
passwords are reset in `login_codes`. Whatever changes what an account may do logs it out everywhere.
"""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may, require_branch_action
from members.accounts.creating import (
    change_of_role,
    require_account_keeper,
    require_confirmer,
    require_keeper_of,
    say_appointment,
)
from members.accounts.second_person import explain_no_confirmation, explain_no_permission
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused, NotAllowed
from members.log.audit import log_change
from members.models import Appointment, Notification, User
from members.notifications import tell_owners


def confirm_appointment(*, actor: User, now: datetime, appointment: Appointment) -> Appointment:
    """As the second person, let an appointment that waits take effect, from the day it names on (D29).

    Raises:
        PermissionDenied.
        NotAllowed: their own, one they made, the security administrator's to confirm, or settled meanwhile.
    """
    require_confirmer(actor, appointment.town, now=now)
    with transaction.atomic():
        appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if refusal := explain_no_confirmation(appointment, actor, on=timezone.localdate(now)):
            raise NotAllowed(refusal)
        _settle(appointment, Appointment.State.STANDS, actor=actor, now=now, verb="confirm_appointment")
    return appointment


def refuse_appointment(*, actor: User, now: datetime, appointment: Appointment) -> Appointment:
    """End an appointment that waits without its ever having counted: another refuses it, who made it takes it back.

    Its holder may as well: they only lose by it.

    Raises:
        PermissionDenied: neither the town's, who keep accounts or confirm roles, nor who made it.
        AccountRefused: settled meanwhile.
    """
    keeps = may(actor, Action.KEEP_ACCOUNTS, None, on=timezone.localdate(now), town=appointment.town)
    if appointment.made_by_id != actor.pk and not keeps:
        require_confirmer(actor, appointment.town, now=now)
    with transaction.atomic():
        appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if appointment.state != Appointment.State.WAITING:
            raise AccountRefused(_("This appointment was settled before; reload the page."))
        _settle(appointment, Appointment.State.REFUSED, actor=actor, now=now, verb="refuse_appointment")
    return appointment


def _settle(appointment: Appointment, state: Appointment.State, *, actor: User, now: datetime, verb: str) -> None:
    appointment.state, appointment.settled_by, appointment.settled_at = state, actor, now
    appointment.save(update_fields=["state", "settled_by", "settled_at"])
    log_change(
        actor=actor, now=now, town=appointment.town, verb=verb, subject=appointment, new=say_appointment(appointment)
    )
    if state == Appointment.State.STANDS:
        change_of_role(appointment, Notification.Kind.APPOINTED, actor=actor, now=now)


def end_appointment(*, actor: User, now: datetime, appointment: Appointment, to_date: date) -> None:
    """End an appointment: `to_date` is the first day without the role. A stand-in's ends earlier than it was to.

    Raises:
        PermissionDenied: neither the town's staff nor, of a stand-in, the branch's secretary.
        AccountRefused: ended before, or before it began, or it never took effect.
    """
    today = timezone.localdate(now)
    keeps = may(actor, Action.KEEP_ACCOUNTS, None, on=today, town=appointment.town)
    if appointment.stands_in and appointment.branch is not None and not keeps:
        require_branch_action(actor, Action.APPOINT_STAND_IN, appointment.branch, on=today)
    else:
        require_account_keeper(actor, appointment.town, now=now)
    if to_date < appointment.from_date:
        raise AccountRefused(_("An appointment cannot end before it began."))
    with transaction.atomic():
        rows = Appointment.objects.filter(pk=appointment.pk)
        if not rows.filter(state=Appointment.State.STANDS).exists():
            raise AccountRefused(_("This appointment has not taken effect; refuse it instead."))
        ends_later = Q(to_date__isnull=True) | Q(stands_in=True, to_date__gt=to_date)
        if not rows.filter(ends_later).update(to_date=to_date):
            if appointment.stands_in:
                raise AccountRefused(_("This stand-in ends before that day anyway; for longer appoint one anew."))
            raise AccountRefused(_("This appointment was already ended; reload the page."))
        log_change(
            actor=actor,
            now=now,
            town=appointment.town,
            verb="end_appointment",
            subject=appointment,
            new={"username": appointment.user.username, "role": appointment.role, "to": to_date.isoformat()},
        )
        change_of_role(appointment, Notification.Kind.APPOINTMENT_ENDED, actor=actor, now=now)


def set_account_active(*, actor: User, now: datetime, user: User, is_active: bool) -> None:
    """Close an account, or open it again; its records stay as they are.

    Raises:
        PermissionDenied.
        AccountRefused: one's own account.
    """
    require_keeper_of(user, actor=actor, now=now)
    if user.pk == actor.pk:
        raise AccountRefused(_("Nobody closes their own account; ask a colleague."))
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        log_change(
            actor=actor,
            now=now,
            town=user.town,
            verb="set_account_active",
            subject=user,
            old={"is_active": user.is_active},
            new={"is_active": is_active},
        )
        kind = Notification.Kind.ACCOUNT_OPENED if is_active else Notification.Kind.ACCOUNT_CLOSED
        tell_owners(users=[user], now=now, kind=kind, by=actor)
        end_sessions(user)


def set_ground_reading(*, actor: User, now: datetime, user: User, allowed: bool) -> None:
    """Let an account read the grounds of findings with a stated reason, or no longer (D21).

    Where the town has a security administrator, it is theirs to give; its staff still take it away.

    Raises:
        PermissionDenied.
        NotAllowed: the security administrator's to give.
        AccountRefused: one's own account.
    """
    require_keeper_of(user, actor=actor, now=now, action=Action.CONFIRM_ROLE)
    if user.pk == actor.pk:
        raise AccountRefused(_("Nobody gives this permission to themselves; ask a colleague."))
    refusal = explain_no_permission(user.town, actor, on=timezone.localdate(now)) if allowed and user.town else ""
    if refusal:
        raise NotAllowed(refusal)
    permission = Permission.objects.get(content_type__app_label="members", codename="view_finding_grounds")
    with transaction.atomic():
        if allowed:
            user.user_permissions.add(permission)
        else:
            user.user_permissions.remove(permission)
        log_change(
            actor=actor, now=now, town=user.town, verb="set_ground_reading", subject=user, new={"allowed": allowed}
        )
        about = _("given") if allowed else _("taken away")
        tell_owners(users=[user], now=now, kind=Notification.Kind.GROUNDS_CHANGED, by=actor, about=about)
        end_sessions(user)
