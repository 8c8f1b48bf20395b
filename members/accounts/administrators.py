"""The three administrators (三员) of GB/T 22239: each is another person, and none of them has to do with points.

A town need have none. Its security administrator confirms what otherwise another of its staff does (`second_person`);
its audit administrator has the logs, which are its staff's otherwise (`Reach.log_towns`).
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from members.errors import AccountRefused
from members.models import Appointment, User
from members.selectors import holders_of

Role = Appointment.Role


def refuse_mixed_roles(appointment: Appointment) -> None:
    """One person is at most one administrator, and then nothing else; the caller holds the account's lock.

    An account is one member's, and a member has one account.

    Raises:
        AccountRefused: on a day of the appointment they hold, or wait for, a role that does not go with it.
    """
    is_administrator = appointment.role in Appointment.ADMINISTRATORS
    others = Appointment.objects.held_or_waiting(appointment.from_date).filter(user=appointment.user)
    others = others.exclude(role=appointment.role)
    if appointment.to_date is not None:
        others = others.filter(from_date__lt=appointment.to_date)
    if not is_administrator:
        others = others.filter(role__in=Appointment.ADMINISTRATORS)
    other = others.select_related("branch").first()
    if other is not None or (is_administrator and appointment.user.is_superuser):
        raise AccountRefused(
            _(
                "System, security and audit administrator are three people, and none of them holds another role; "
                "%(user)s has one: %(role)s. End it first, or appoint somebody else."
            )
            % {"user": appointment.user, "role": other.shown_role if other else _("superuser")}
        )


def explain_ending(user: User, *, on: date) -> str:
    """What falls back to the town's staff when an account loses its role of an administrator; empty where nothing."""
    held = Appointment.objects.on(on).filter(user=user, role__in=Appointment.ADMINISTRATORS).select_related("town")
    words = {
        Role.SECURITY_ADMIN: _(
            "The town has no other security administrator: without one, appointments wait for another person of the "
            "town's staff again, who also give the permission to read grounds. Appoint a successor first."
        ),
        Role.AUDIT_ADMIN: _(
            "The town has no other audit administrator: without one, the logs are read by the town's staff again. "
            "Appoint a successor first."
        ),
    }
    for row in held:
        said = words.get(Role(row.role))
        if said and not holders_of(Role(row.role), on=on, town=row.town).exclude(pk=user.pk).exists():
            return said
    return ""
