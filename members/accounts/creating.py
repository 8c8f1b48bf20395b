"""Accounts and appointments: who may log in, and which role they hold where from which day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.accounts.administrators import refuse_mixed_roles
from members.accounts.second_person import WhySecond, confirmers_for, why_second
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused, NotAllowed
from members.log.audit import log_change
from members.models import Appointment, Branch, Member, Notification, Town, User
from members.notifications import tell_owners


def require_account_keeper(actor: User, town: Town | None, *, now: datetime) -> None:
    """Town staff, and the system administrator, keep the accounts and appointments of their town.

    Raises:
        PermissionDenied: they do not.
    """
    if not may(actor, Action.KEEP_ACCOUNTS, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("Only town staff may change accounts and appointments."))


def require_confirmer(actor: User, town: Town | None, *, now: datetime) -> None:
    """Town staff, or its security administrator, say who may do what; which of them, `second_person` says.

    Raises:
        PermissionDenied: neither.
    """
    if not may(actor, Action.CONFIRM_ROLE, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("Only town staff, or the security administrator, confirm roles and permissions."))


def require_keeper_of(user: User, *, actor: User, now: datetime, action: Action = Action.KEEP_ACCOUNTS) -> None:
    """Who may do `action` in the town; nobody changes the commands' accounts, only another superuser a superuser's."""
    is_nobodys = user.is_system or (user.is_superuser and not actor.is_superuser)
    require = require_confirmer if action is Action.CONFIRM_ROLE else require_account_keeper
    require(actor, None if is_nobodys else user.town, now=now)


def create_user(
    *,
    actor: User,
    now: datetime,
    town: Town,
    username: str,
    name: str = "",
    member: Member | None = None,
    password: str | None = None,
) -> User:
    """Make an account of the town; `member` links it to a person, whose name it then bears.

    Without a password nobody can log in with it yet.

    Raises:
        PermissionDenied, ValidationError (the password is too weak).
        AccountRefused: the user name is empty or taken, the member has an account or is another town's.
    """
    require_account_keeper(actor, town, now=now)
    if not username.strip():
        raise AccountRefused(_("Give the account a user name."))
    if member is not None and member.town_id != town.pk:
        raise AccountRefused(_("%(name)s is a member in another town.") % {"name": member.name})
    user = User(
        username=User.normalize_username(username.strip()),
        last_name=member.name if member else name,
        town=town,
        member=member,
        date_joined=now,
    )
    if password is None:
        user.set_unusable_password()
    else:
        validate_password(password, user)
        user.set_password(password)
    with transaction.atomic():
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError as error:
            raise AccountRefused(
                _("The user name “%(username)s” is taken, or the member has an account already.")
                % {"username": user.username}
            ) from error
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="create_user",
            subject=user,
            new={"username": user.username, "member": str(member.uuid) if member else None},
        )
    return user


def appoint(
    *,
    actor: User,
    now: datetime,
    user: User,
    role: Appointment.Role,
    town: Town,
    from_date: date,
    branch: Branch | None = None,
) -> Appointment:
    """Give an account a role from a day on: over the town, or in a branch.

    What one person may not do alone (`why_second`) waits, and grants nothing until the town's security administrator
    or, where it has none, another of its staff confirms it (D29). Where the town has nobody who could, its staff are
    appointed at once, or no town could ever begin; everything else is refused until it has. The commands' account
    appoints at once: whoever runs a command holds the database, so that a second person could not hold them back, and
    the log names the account.

    Raises:
        PermissionDenied.
        NotAllowed: to themselves.
        AccountRefused: a town role with a branch or a branch role without one, a branch or an account of another
            town, the role is held there already or waits, an administrator is to hold another one, or it needs a
            second person and there is none.
    """
    require_account_keeper(actor, town, now=now)
    if user.pk == actor.pk:
        raise NotAllowed(_("Nobody appoints themselves; ask a colleague."))
    if (branch is None) != (role in Appointment.TOWN_ROLES):
        raise AccountRefused(
            _("Town staff, supervisors and administrators belong to the town, every other role to a branch.")
        )
    if user.town_id != town.pk or (branch is not None and branch.town_id != town.pk):
        raise AccountRefused(_("The account and the branch must belong to the town."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        same = Appointment.objects.filter(user=user, role=role, branch=branch, to_date__isnull=True)
        if same.filter(state=Appointment.State.STANDS).exists():
            raise AccountRefused(_("%(user)s holds this role already.") % {"user": user})
        if same.filter(state=Appointment.State.WAITING).exists():
            raise AccountRefused(_("This role of %(user)s waits for another person to confirm it.") % {"user": user})
        appointment = Appointment(user=user, town=town, branch=branch, role=role, from_date=from_date)
        enter_appointment(appointment, actor=actor, now=now, verb="appoint")
    return appointment


def enter_appointment(appointment: Appointment, *, actor: User, now: datetime, verb: str, **said: str) -> None:
    """Write and log a new appointment, waiting where it needs a second person; the caller holds the account's lock.

    `said` goes into the log beside it.

    Raises:
        AccountRefused: it does not go with another role (`refuse_mixed_roles`), or it needs a second person, and there
            is none.
    """
    refuse_mixed_roles(appointment)
    waits = _must_wait(appointment, actor=actor, now=now)
    appointment.state = Appointment.State.WAITING if waits else Appointment.State.STANDS
    appointment.made_by, appointment.made_at = actor, now
    appointment.save(force_insert=True)
    new = {**say_appointment(appointment), **said, **({"waits": True} if waits else {})}
    log_change(actor=actor, now=now, town=appointment.town, verb=verb, subject=appointment, new=new)
    if not waits:
        change_of_role(appointment, Notification.Kind.APPOINTED, actor=actor, now=now)


def change_of_role(appointment: Appointment, kind: Notification.Kind, *, actor: User, now: datetime) -> None:
    """What follows from a role that begins or ends: its holder is told and logs in anew."""
    place = appointment.branch.name if appointment.branch else appointment.town.name
    if not (appointment.stands_in and kind == Notification.Kind.APPOINTED):  # they are told with the days
        about = f"{place} {appointment.shown_role}"
        tell_owners(users=[appointment.user], now=now, kind=kind, by=actor, about=about)
    end_sessions(appointment.user)


def say_appointment(appointment: Appointment) -> dict[str, Any]:
    """An appointment as the log tells it."""
    return {
        "username": appointment.user.username,
        "role": appointment.role,
        "branch": appointment.branch.name if appointment.branch else None,
        "from": appointment.from_date.isoformat(),
        **({"to": appointment.to_date.isoformat()} if appointment.to_date else {}),
    }


def _must_wait(appointment: Appointment, *, actor: User, now: datetime) -> bool:
    """Whether the appointment waits for a second person; the caller holds the account's lock.

    Raises:
        AccountRefused: it would have to, and there is none.
    """
    today = timezone.localdate(now)
    why = why_second(
        user=appointment.user,
        role=appointment.role,
        branch=appointment.branch,
        from_date=appointment.from_date,
        made_on=today,
    )
    if not why or actor.is_system:
        return False
    if confirmers_for(appointment.town, holder=appointment.user, on=today).exclude(pk=actor.pk).exists():
        return True
    if WhySecond.BACK_DATED in why:
        raise AccountRefused(
            _("An earlier day needs another person of the town's staff, and there is none yet. Appoint from today.")
        )
    if WhySecond.SECOND_ROLE in why:
        raise AccountRefused(
            _(
                "A second role in one branch needs another person of the town's staff, and there is none yet. End the "
                "other role first, or appoint a colleague to the town's staff."
            )
        )
    if appointment.role != Appointment.Role.TOWN_STAFF:
        raise AccountRefused(
            _(
                "This role (%(role)s) is confirmed by another person of the town's staff, and there is none yet. "
                "Appoint a colleague to the town's staff first."
            )
            % {"role": appointment.shown_role}
        )
    return False
