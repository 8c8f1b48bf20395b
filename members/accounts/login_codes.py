"""First logins without e-mail: one-time codes on printed slips, with which an account's owner chooses a password.

The code itself is shown once, to be printed; only its keyed hash is kept. It serves until a password was chosen with
it, another code was made for the account, or its days are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from members.access import Action, may
from members.accounts.codes import draw_code, group_letters, read_code
from members.accounts.creating import require_keeper_of
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused, LoginCodeRefused
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Appointment, Branch, LoginCode, Member, Notification, PasswordReset, Town, User
from members.notifications import tell_owners
from members.people.naming import tell_apart_at_home
from members.selectors import members_in

DAYS_VALID = 30
RESET_DAYS = 7


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """What one slip says: for whom, the name to log in with, the code in groups of four, the last day it serves."""

    member: Member
    username: str
    code: str
    last_day: date


@dataclass(frozen=True, slots=True)
class ResetCode:
    """The code that takes the place of a password, in groups of four, and the last day it serves."""

    code: str
    last_day: date


def accounts_with_role(*, on: date) -> QuerySet[Appointment]:
    """Appointments of an account (outer reference `pk`) that stand on a day or later, or wait to.

    One that waits counts: the branch's recorder must not open an account today that is an officer's tomorrow.
    """
    return Appointment.objects.held_or_waiting(on).filter(user=OuterRef("pk"))


def issue_login_codes(*, actor: User, now: datetime, branch: Branch, member_ids: Iterable[int]) -> Sequence[IssuedCode]:
    """Make a code for each member of a branch, and an account where there is none; earlier codes end.

    The branch's recorder and secretary do it for members without a role; for officers only town staff do, because a
    code opens the account to whoever holds it. An account that ever had a password gets none: `reset_password` is the
    town's, with a reason (D29).

    Raises:
        PermissionDenied: not the actor's branch.
        AccountRefused: nobody chosen, somebody of another branch, an account that is closed, an officer's or has a
            password.
    """
    today = timezone.localdate(now)
    if not may(actor, Action.GIVE_LOGIN, branch, on=today):
        raise PermissionDenied(_("Login slips are made by the branch's recorder or secretary, or the town's staff."))
    wanted = set(member_ids)
    with transaction.atomic():
        # User names are chosen here: two batches at once would choose the same.
        Town.objects.select_for_update().get(pk=branch.town_id)
        members = list(members_in([branch.pk], today).filter(pk__in=wanted).order_by("position", "id"))
        if not members or len(members) != len(wanted):
            raise AccountRefused(_("Choose members of %(branch)s.") % {"branch": branch.name})
        accounts = _make_accounts(members, now=now)
        _refuse_accounts(actor, accounts.values(), branch=branch, today=today)
        codes = write_codes([accounts[member.pk] for member in members], made_by=actor, now=now, days=DAYS_VALID)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="issue_login_codes",
            subject=branch,
            new={"usernames": sorted(account.username for account in accounts.values())},
        )
        tell_owners(users=accounts.values(), now=now, kind=Notification.Kind.SLIP_MADE, by=actor)
    tell_apart_at_home(members, on=today)
    last_day = last_day_of(now, DAYS_VALID)
    owned = [(member, accounts[member.pk]) for member in members]
    return [IssuedCode(member, account.username, codes[account.pk], last_day) for member, account in owned]


def reset_password(*, actor: User, now: datetime, user: User, reason: str) -> ResetCode:
    """End an account's password, with a reason, and return a one-time code with which its owner chooses another (D29).

    Nobody is told a password: who knows the code can use it once, and the owner finds out. Every open session of the
    account ends, and so does every code made for it before; what its branch began is settled with it.

    Raises:
        PermissionDenied: not the town's staff; an administrator's or the commands' account.
        MissingReason, TextTooLong.
        AccountRefused: one's own account, or a closed one.
    """
    reason = require_reason(reason)
    require_keeper_of(user, actor=actor, now=now)
    if user.pk == actor.pk:
        raise AccountRefused(_("Nobody resets their own password: change it with the present one, or ask a colleague."))
    if not user.is_active:
        raise AccountRefused(_("The account is closed; open it first."))
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.set_unusable_password()
        locked.is_limited = False
        locked.save(update_fields=["password", "is_limited"])
        branch_resets = PasswordReset.objects.open().filter(user=locked)
        branch_resets.update(state=PasswordReset.State.REFUSED, settled_by=actor, settled_at=now)
        codes = write_codes([locked], made_by=actor, now=now, days=RESET_DAYS)
        log_change(actor=actor, now=now, town=user.town, verb="reset_password", subject=user, new={"reason": reason})
        tell_owners(users=[user], now=now, kind=Notification.Kind.PASSWORD_RESET, by=actor, about=reason)
        end_sessions(user)
    return ResetCode(codes[user.pk], last_day_of(now, RESET_DAYS))


def write_codes(users: Sequence[User], *, made_by: User, now: datetime, days: int) -> dict[int, str]:
    """A new code of each account, by its id, as it is printed; the earlier ones end."""
    codes = {user.pk: draw_code() for user in users}
    LoginCode.objects.filter(user__in=users, ended_at__isnull=True).update(ended_at=now)
    LoginCode.objects.bulk_create(
        LoginCode(
            user=user,
            code_hash=keyed_hash(codes[user.pk]),
            made_by=made_by,
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        for user in users
    )
    return {pk: group_letters(code) for pk, code in codes.items()}


def last_day_of(now: datetime, days: int) -> date:
    return timezone.localdate(now + timedelta(days=days)) - timedelta(days=1)


def _make_accounts(members: Sequence[Member], *, now: datetime) -> dict[int, User]:
    """The account of each member by the member's id, made where it is missing: named by pinyin, without a password."""
    accounts = {user.member_id: user for user in User.objects.filter(member__in=members)}
    without = [member for member in members if member.pk not in accounts]
    taken = set(User.objects.values_list("username", flat=True)) if without else set()
    new = []
    for member in without:
        stem = "".join(member.pinyin.lower().split()) or "dangyuan"
        username, number = stem, 1
        while username in taken:
            number += 1
            username = f"{stem}{number}"
        taken.add(username)
        user = User(username=username, last_name=member.name, town_id=member.town_id, member=member, date_joined=now)
        user.set_unusable_password()
        new.append(user)
    try:
        with transaction.atomic():
            User.objects.bulk_create(new)
    except IntegrityError as error:  # another town chose the same name at the same moment
        raise AccountRefused(_("A user name was taken at this very moment. Nothing was made; try again.")) from error
    accounts |= {user.member_id: user for user in new}
    return {member.pk: accounts[member.pk] for member in members}


def _refuse_accounts(actor: User, accounts: Iterable[User], *, branch: Branch, today: date) -> None:
    rows = User.objects.filter(pk__in=[account.pk for account in accounts])
    closed = rows.filter(Q(is_active=False) | Q(is_superuser=True)).values_list("last_name", flat=True)
    if closed:
        raise AccountRefused(
            _("These accounts are closed or the administrator's: %(names)s. Leave them out, or ask the town's staff.")
            % {"names": "、".join(closed)}
        )
    if owned := [row.last_name for row in rows if had_password(row)]:
        raise AccountRefused(
            _(
                "These have a password already: %(names)s. Whoever lost it has it reset by two officers or by the "
                "town's staff; leave them out."
            )
            % {"names": "、".join(owned)}
        )
    if may(actor, Action.KEEP_ACCOUNTS, None, on=today, town=branch.town):
        return
    officers = rows.filter(Exists(accounts_with_role(on=today))).values_list("last_name", flat=True)
    if officers:
        raise AccountRefused(
            _("These hold a role; their login slips are made by the town's staff: %(names)s. Leave them out.")
            % {"names": "、".join(officers)}
        )


def had_password(account: User) -> bool:
    """Whether an account has, or once had, a password that its owner chose."""
    return account.has_usable_password() or account.last_login is not None


def open_login_codes(*, now: datetime) -> QuerySet[LoginCode]:
    """Codes that serve now: neither used, replaced nor over.

    Whoever was given a role since their slip was made needs another one by the town's staff: the branch's recorder may
    have kept a copy of theirs.
    """
    on = timezone.localdate(now)
    appointments = Appointment.objects.held_or_waiting(on)
    made_by_staff = Appointment.objects.on(on).filter(
        user=OuterRef("made_by"),
        role__in=(Appointment.Role.TOWN_STAFF, Appointment.Role.SYSTEM_ADMIN),
        town=OuterRef("user__town"),
    )
    return LoginCode.objects.filter(
        Q(made_by__is_superuser=True)
        | Q(made_by__is_system=True)
        | Exists(made_by_staff)
        | ~Exists(appointments.filter(user=OuterRef("user"))),
        ended_at__isnull=True,
        expires_at__gt=now,
        user__is_active=True,
    )


def find_login_code(*, now: datetime, code: str) -> LoginCode:
    """The open code somebody typed, in any case, with or without its hyphens.

    Raises:
        LoginCodeRefused: there is no such code, or it is not one of `open_login_codes`.
    """
    typed = read_code(code)
    open_codes = open_login_codes(now=now).filter(code_hash=keyed_hash(typed))
    found = open_codes.select_related("user__member").first() if typed else None
    if found is None:
        raise LoginCodeRefused(
            _(
                "This code is not valid (any more). Compare it with the slip, or ask your branch's organisation "
                "committee member for a new one."
            )
        )
    return found


def choose_first_password(*, now: datetime, login_code: LoginCode, password: str) -> User:
    """Set the password the account's owner chose; the code and every other open one of the account end.

    The caller has validated the password.

    Raises:
        LoginCodeRefused: meanwhile used, replaced or over.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=login_code.user_id)
        if not open_login_codes(now=now).filter(pk=login_code.pk, user=user).exists():
            raise LoginCodeRefused(_("This code was used or replaced meanwhile. Ask for a new one."))
        LoginCode.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now)
        user.set_password(password)
        user.save(update_fields=["password"])
        log_change(actor=user, now=now, town=user.town, verb="choose_first_password", subject=user)
        tell_owners(users=[user], now=now, kind=Notification.Kind.PASSWORD_CHANGED, by=user, about=_("one-time code"))
        end_sessions(user)
    return user
