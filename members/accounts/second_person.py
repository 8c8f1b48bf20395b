"""Which appointments one person of the town may not make alone, and who the second one is (D29).

That is another of the town's staff; where the town has a security administrator in office it is they (GB/T 22239).
"""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import reach_of
from members.models import Appointment, Branch, Town, User
from members.selectors import holders_of

Role = Appointment.Role


class WhySecond(models.TextChoices):
    """What makes an appointment wait for a second person."""

    TOWN_ROLE = "town_role", gettext_lazy("a role over the town")
    BACK_DATED = "back_dated", gettext_lazy("it begins before the day it was entered")
    SECOND_ROLE = "second_role", gettext_lazy("another role in the same branch")


def why_second(*, user: User, role: str, branch: Branch | None, from_date: date, made_on: date) -> list[WhySecond]:
    """Why an appointment made on a day needs a second person; empty where it needs none.

    A role that waits counts as another one: two that were entered together are confirmed by somebody who sees both. An
    account is one member's and a member has one account, so that its roles are all of the member's.
    """
    others = Appointment.objects.held_or_waiting(from_date).filter(user=user, branch=branch).exclude(role=role)
    found = {
        WhySecond.TOWN_ROLE: role in Appointment.TOWN_ROLES,
        WhySecond.BACK_DATED: from_date < made_on,
        WhySecond.SECOND_ROLE: branch is not None and others.exists(),
    }
    return [why for why, holds in found.items() if holds]


def account_keepers(town: Town, *, on: date) -> QuerySet[User]:
    """The people who can be each other's second person: the town's staff on the day, and superusers.

    The commands' account keeps accounts too, but nobody is behind it; the system administrator only enters.
    """
    staff = Appointment.objects.on(on).filter(town=town, role=Role.TOWN_STAFF)
    return User.objects.filter(Q(pk__in=staff.values("user")) | Q(is_superuser=True), is_active=True, is_system=False)


def confirmers_for(town: Town, *, holder: User, on: date) -> QuerySet[User]:
    """Who confirms what one person of a town may not do alone (D29), the holder of the role apart.

    Its security administrators; where it has none in office but the holder, any keeper of its accounts.
    """
    security = _security_beside(holder, town=town, on=on)
    return security if security.exists() else account_keepers(town, on=on).exclude(pk=holder.pk)


def say_confirmer(town: Town, *, holder: User, on: date) -> str:
    """Who that is, in words."""
    if names := "、".join(str(user) for user in _security_beside(holder, town=town, on=on).order_by("pk")):
        return _("security administrator %(names)s") % {"names": names}
    return _("another person of the town's staff")


def _security_beside(holder: User, *, town: Town, on: date) -> QuerySet[User]:
    return holders_of(Role.SECURITY_ADMIN, on=on, town=town).exclude(pk=holder.pk)


def appointments_to_confirm(user: User | AnonymousUser, *, on: date) -> QuerySet[Appointment]:
    """Those that wait for a second person whom this user may be: neither who made them nor their holder (D29)."""
    reach = reach_of(user, on=on)
    waiting = Appointment.objects.filter(state=Appointment.State.WAITING).exclude(made_by=user.pk).exclude(user=user.pk)
    of_others = Appointment.objects.on(on).filter(role=Role.SECURITY_ADMIN, town=OuterRef("town"), user__is_active=True)
    without_security = ~Exists(of_others.exclude(user=OuterRef("user")))
    secured = reach.administered.get(Role.SECURITY_ADMIN, frozenset())
    return waiting.filter(Q(town__in=secured) | Q(without_security, town__in=reach.staff_towns))


def explain_no_confirmation(appointment: Appointment, user: User, *, on: date) -> str:
    """Why this user, who may confirm roles in the town, does not confirm the appointment; empty where they do (D29)."""
    if appointment.state != Appointment.State.WAITING:
        return _("This appointment was settled before; reload the page.")
    if appointment.user_id == user.pk:
        return _("Nobody confirms their own appointment; ask a colleague.")
    confirmers = confirmers_for(appointment.town, holder=appointment.user, on=on)
    if not confirmers.filter(pk=user.pk).exists() and not user.is_system:
        return _("The town's security administrator confirms this appointment.")
    if appointment.made_by_id == user.pk:
        return _("You made this appointment; another person of the town's staff confirms it.")
    return ""


def explain_no_permission(town: Town, user: User, *, on: date) -> str:
    """Why this user, who may confirm roles in the town, gives nobody a permission; empty where they do (D21)."""
    security = holders_of(Role.SECURITY_ADMIN, on=on, town=town)
    if user.is_system or security.filter(pk=user.pk).exists() or not security.exists():
        return ""
    return _("The town's security administrator gives this permission.")
