"""A branch resets the password of a member without a role: one officer asks, another gives the code, the town confirms.

No one person lets anybody into an account that is not theirs: the code is given by the second officer in the member's
presence, and until the town has confirmed the reset the account shows scores and notices only (D29). Any other reset is
the town's (`reset_password` in `login_codes`).
"""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, holds_office_for, may, reach_of
from members.accounts.creating import require_keeper_of
from members.accounts.login_codes import (
    RESET_DAYS,
    ResetCode,
    accounts_with_role,
    had_password,
    last_day_of,
    write_codes,
)
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused, NotAllowed
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Appointment, Branch, LoginCode, Notification, PasswordReset, User
from members.notifications import notify_users, tell_owners
from members.selectors import holders_of, members_in

Role = Appointment.Role
State = PasswordReset.State


def accounts_to_reset(branch: Branch, *, on: date) -> QuerySet[User]:
    """The accounts a branch may reset on a day: its members', in use, without a role, that had a password."""
    ours = User.objects.filter(member__in=members_in([branch.pk], on).values("pk"), is_active=True, is_superuser=False)
    without_role = ours.filter(~Exists(accounts_with_role(on=on)))
    return without_role.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX, last_login__isnull=True)


def ask_for_reset(*, actor: User, now: datetime, user: User, branch: Branch, reason: str) -> PasswordReset:
    """As one officer of the branch, ask for a reset; nothing changes until another has given the code (D29).

    Raises:
        PermissionDenied: no officer of the branch; the town's staff reset it themselves, with a reason.
        MissingReason, TextTooLong.
        AccountRefused: not the account of a member of the branch, closed, with a role, without a password so far, or a
            reset of it is open.
    """
    reason = require_reason(reason)
    _require_officer(actor, branch, now=now)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        _refuse_account(user, branch, now=now)
        reset = PasswordReset(user=user, branch=branch, reason=reason, asked_by=actor, asked_at=now)
        try:
            with transaction.atomic():
                reset.save(force_insert=True)
        except IntegrityError as error:
            raise AccountRefused(
                _("A reset of this account is open already: another officer, or the town, comes next.")
            ) from error
        _log(reset, actor=actor, now=now, verb="ask_for_reset")
        tell_owners(users=[user], now=now, kind=Notification.Kind.PASSWORD_RESET, by=actor, about=_("asked for"))
    return reset


def explain_no_code(reset: PasswordReset, actor: User) -> str:
    """Why this officer does not give the code of a reset, in words; empty where they do."""
    if reset.state != State.ASKED:
        return _("This reset was settled before, or its code given; reload the page.")
    if reset.asked_by_id == actor.pk:
        return _("You asked for this reset; another officer of the branch confirms it.")
    return ""


def give_reset_code(*, actor: User, now: datetime, reset: PasswordReset) -> ResetCode:
    """As the second officer, end the password and return the code, to be given in the member's presence (D29).

    The account is limited from now on. The town's staff are told that they confirm it, the owner who did it.

    Raises:
        PermissionDenied: no officer of the branch.
        NotAllowed: who asked for it, or settled before.
        AccountRefused: the account's owner left the branch or was given a role meanwhile, or it was closed.
    """
    _require_officer(actor, reset.branch, now=now)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=reset.user_id)
        reset = _lock(reset)
        if refusal := explain_no_code(reset, actor):
            raise NotAllowed(refusal)
        _refuse_account(user, reset.branch, now=now)
        user.set_unusable_password()
        user.is_limited = True
        user.save(update_fields=["password", "is_limited"])
        codes = write_codes([user], made_by=actor, now=now, days=RESET_DAYS)
        reset.state, reset.given_by, reset.given_at = State.GIVEN, actor, now
        reset.code = LoginCode.objects.get(user=user, ended_at__isnull=True)
        reset.save(update_fields=["state", "given_by", "given_at", "code"])
        _log(reset, actor=actor, now=now, verb="give_reset_code")
        tell_owners(users=[user], now=now, kind=Notification.Kind.PASSWORD_RESET, by=actor)
        _tell_town(reset, now=now)
        end_sessions(user)
    return ResetCode(codes[user.pk], last_day_of(now, RESET_DAYS))


def explain_no_town_confirmation(reset: PasswordReset, actor: User) -> str:
    """Why this keeper of the town's accounts does not confirm a reset, in words; empty where they do."""
    if reset.state != State.GIVEN:
        return _("This reset was settled before, or its code is not given yet; reload the page.")
    if actor.pk in (reset.asked_by_id, reset.given_by_id):
        return _("You took part in this reset; another person of the town's staff confirms it.")
    return ""


def confirm_reset(*, actor: User, now: datetime, reset: PasswordReset) -> PasswordReset:
    """For the town, confirm that the member asked for the reset: from now on the account is whole again (D29).

    Raises:
        PermissionDenied: not the town's staff.
        NotAllowed: who asked for it or gave the code, or not at that step.
    """
    require_keeper_of(reset.user, actor=actor, now=now)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=reset.user_id)
        reset = _lock(reset)
        if refusal := explain_no_town_confirmation(reset, actor):
            raise NotAllowed(refusal)
        _settle(reset, State.CONFIRMED, actor=actor, now=now)
        user.is_limited = False
        user.save(update_fields=["is_limited"])
        _log(reset, actor=actor, now=now, verb="confirm_reset")
        tell_owners(users=[user], now=now, kind=Notification.Kind.RESET_CONFIRMED, by=actor)
    return reset


def refuse_reset(*, actor: User, now: datetime, reset: PasswordReset) -> PasswordReset:
    """End a reset: before the code is given an officer or the town, who asked takes it back; afterwards the town alone.

    A code that was given ends, and so does the password somebody chose with it: the town resets it from there.

    Raises:
        PermissionDenied: neither an officer of the branch nor, once the code is given, the town's staff.
        AccountRefused: settled before.
    """
    on = timezone.localdate(now)
    is_staff = may(actor, Action.KEEP_ACCOUNTS, None, on=on, town=reset.branch.town)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=reset.user_id)
        reset = _lock(reset)
        if not is_staff and reset.state != State.ASKED:
            raise PermissionDenied(_("Once the code is given, only the town's staff refuse a reset."))
        if not is_staff:
            _require_officer(actor, reset.branch, now=now)
        if reset.state not in PasswordReset.OPEN:
            raise AccountRefused(_("This reset was settled before; reload the page."))
        if reset.state == State.GIVEN:
            LoginCode.objects.filter(user=user, ended_at__isnull=True).update(ended_at=now)
            user.set_unusable_password()
            user.is_limited = False
            user.save(update_fields=["password", "is_limited"])
            end_sessions(user)
        _settle(reset, State.REFUSED, actor=actor, now=now)
        _log(reset, actor=actor, now=now, verb="refuse_reset")
        tell_owners(users=[user], now=now, kind=Notification.Kind.RESET_REFUSED, by=actor)
    return reset


def codes_to_acknowledge(user: User) -> QuerySet[LoginCode]:
    """The slips and resets of an account whose owner has not said yet that they know of them, latest first (D29)."""
    codes = LoginCode.objects.filter(user=user, acknowledged_at__isnull=True)
    return codes.select_related("made_by", "reset__asked_by", "reset__given_by", "reset__settled_by")


def acknowledge_login_codes(*, actor: User, now: datetime) -> int:
    """The owner knows who made slips and reset the password; how many of them that were.

    Raises:
        AccountLimited: not before the town has confirmed the reset, or whoever used it wrongly would hide it.
    """
    with transaction.atomic():
        known = LoginCode.objects.filter(user=actor, acknowledged_at__isnull=True).update(acknowledged_at=now)
        if known:
            log_change(actor=actor, now=now, town=actor.town, verb="acknowledge_login_codes", subject=actor)
    return known


def resets_to_give(user: User, *, on: date) -> QuerySet[PasswordReset]:
    """Those in which this officer can be the second."""
    branches = reach_of(user, on=on).branches_to(Action.GIVE_LOGIN)
    return PasswordReset.objects.filter(state=State.ASKED, branch__in=branches).exclude(asked_by=user.pk)


def resets_to_confirm(user: User, *, on: date) -> QuerySet[PasswordReset]:
    """Those whose confirmation for the town waits for this user or a colleague."""
    towns = reach_of(user, on=on).towns_with(Action.KEEP_ACCOUNTS)
    waiting = PasswordReset.objects.filter(state=State.GIVEN, branch__town__in=towns)
    return waiting.exclude(asked_by=user.pk).exclude(given_by=user.pk)


def _require_officer(actor: User, branch: Branch, *, now: datetime) -> None:
    if not holds_office_for(actor, Action.GIVE_LOGIN, branch, on=timezone.localdate(now)):
        raise PermissionDenied(
            _("Two of the branch's recorder and secretary reset it together; the town's staff do so under “Accounts”.")
        )


def _refuse_account(user: User, branch: Branch, *, now: datetime) -> None:
    """What holds when it is asked for holds when the code is given."""
    if not had_password(user):
        raise AccountRefused(_("This account never had a password; make a login slip."))
    if not accounts_to_reset(branch, on=timezone.localdate(now)).filter(pk=user.pk).exists():
        raise AccountRefused(
            _("A branch resets accounts in use of its own members without a role; ask the town's staff for others.")
        )


def _lock(reset: PasswordReset) -> PasswordReset:
    # Of itself: PostgreSQL locks no row that an outer join may leave out.
    return PasswordReset.objects.select_for_update(of=("self",)).select_related("branch__town").get(pk=reset.pk)


def _settle(reset: PasswordReset, state: State, *, actor: User, now: datetime) -> None:
    reset.state, reset.settled_by, reset.settled_at = state, actor, now
    reset.save(update_fields=["state", "settled_by", "settled_at"])


def _log(reset: PasswordReset, *, actor: User, now: datetime, verb: str) -> None:
    told = {"username": reset.user.username, "branch": reset.branch.name, "reason": reset.reason}
    log_change(actor=actor, now=now, town=reset.branch.town, verb=verb, subject=reset, new=told)


def _tell_town(reset: PasswordReset, *, now: datetime) -> None:
    town, on = reset.branch.town, timezone.localdate(now)
    keepers = holders_of(Role.TOWN_STAFF, on=on, town=town) | holders_of(Role.SYSTEM_ADMIN, on=on, town=town)
    notify_users(
        users=keepers.order_by("pk"),
        now=now,
        kind=Notification.Kind.RESET_GIVEN,
        branch=reset.branch,
        about=str(reset.user),
        link=reset_link(reset),
    )


def reset_link(reset: PasswordReset) -> str:
    """The address of its page in the workbench, without the host."""
    return reverse("workbench:members_passwordreset_change", args=[reset.pk])
