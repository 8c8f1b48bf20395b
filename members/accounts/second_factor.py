"""A second factor beside the password: six digits from an app on one's phone (TOTP, RFC 6238), or a code on paper.

Whoever holds it is asked for it at every log-in. The setting `SECOND_FACTOR_REQUIRED` makes the town's own roles set
one up before anything else. A phone that is lost is a colleague's to help with: they remove the factor with a reason.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from foundation.encryption import keyed_hash
from members.access import reach_of
from members.accounts.codes import CODE_LENGTH, draw_code, group_letters, read_code
from members.accounts.creating import require_keeper_of
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Notification, RecoveryCode, SecondFactor, User
from members.notifications import tell_owners

STAGE = "second_factor"
"""What a session keeps under this name says how far its log-in has come."""


class Stage(StrEnum):
    """Whether a log-in still lacks its code."""

    NONE = "none"
    WANTED = "wanted"
    MUST_SET_UP = "must_set_up"
    GIVEN = "given"


SECRET_BYTES = 20
"""160 bits, as RFC 4226 recommends."""
STEP = 30
"""Seconds that a code serves; the one before and the one after are taken too: a phone's clock may be a little off."""
DIGITS = 6
RECOVERY_CODES = 10


def note_login(*, request: HttpRequest, user: User, **_more: Any) -> None:
    """Receive Django's signal of a log-in: the password was right, and whether a code has to follow."""
    stage = Stage.NONE
    if has_second_factor(user):
        stage = Stage.WANTED
    elif must_set_up(user, now=read_clock()):
        stage = Stage.MUST_SET_UP
    request.session[STAGE] = stage


def has_second_factor(user: User) -> bool:
    """Whether an account is asked for a code when it logs in."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def must_set_up(user: User, *, now: datetime) -> bool:
    """Whether an account has to set a second factor up before it may do anything: the town's roles, where required."""
    return _is_required_of(user, now=now) and not has_second_factor(user)


def begin_second_factor(*, user: User) -> SecondFactor:
    """The secret to put into the app; the same one until it was confirmed, so that the page can be opened again.

    Raises:
        AccountRefused: one is set up already.
    """
    fresh = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    factor, _made = SecondFactor.objects.get_or_create(user=user, defaults={"secret": fresh})
    if factor.confirmed_at is not None:
        raise AccountRefused(_("A second factor is set up already; remove it first."))
    return factor


def provisioning_uri(factor: SecondFactor) -> str:
    """What the QR code says, which every authenticator app reads."""
    return _totp(factor).get_provisioning_uri(factor.user.username, _("Party-member points"))


def confirm_second_factor(*, user: User, now: datetime, code: str) -> list[str]:
    """Take the first code of the app; from now on every log-in asks for one. Returns the recovery codes, this once.

    Every other session of the account ends.

    Raises:
        AccountRefused: nothing was begun, it is set up already, or the code is not the app's.
    """
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
        if factor is None:
            raise AccountRefused(_("Begin with the QR code; reload the page."))
        step = _matching_step(factor, now, code)
        if step is None:
            raise AccountRefused(_("This is not the code the app shows now. Mind the clock of your phone."))
        factor.confirmed_at, factor.last_step = now, step
        factor.save(update_fields=["confirmed_at", "last_step"])
        codes = [draw_code() for _each in range(RECOVERY_CODES)]
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=keyed_hash(code)) for code in codes)
        log_change(actor=user, now=now, town=user.town, verb="set_up_second_factor", subject=user)
        tell_owners(users=[user], now=now, kind=Notification.Kind.SECOND_FACTOR_SET_UP, by=user)
    return [group_letters(code) for code in codes]


def take_code(*, user: User, now: datetime, code: str) -> bool:
    """Whether a code is the app's of this moment, or a recovery code; either is taken once."""
    typed = read_code(code)
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
        if factor is None:
            return False
        if len(typed) == CODE_LENGTH:
            unused = RecoveryCode.objects.filter(user=user, code_hash=keyed_hash(typed), used_at__isnull=True)
            return unused.update(used_at=now) == 1
        step = _matching_step(factor, now, typed)
        if step is None or step <= factor.last_step:
            return False
        factor.last_step = step
        factor.save(update_fields=["last_step"])
    return True


def count_recovery_codes(user: User) -> int:
    """How many recovery codes still serve."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def remove_own_second_factor(*, user: User, now: datetime, code: str) -> None:
    """End one's own second factor, with a code of it.

    Raises:
        AccountRefused: the code is not right, or the account's role requires a second factor.
    """
    if _is_required_of(user, now=now):
        raise AccountRefused(
            _("Your role requires a second factor. A colleague of the town's staff can remove a lost one.")
        )
    if not take_code(user=user, now=now, code=code):
        raise AccountRefused(_("This is not the code the app shows now. Mind the clock of your phone."))
    with transaction.atomic():
        _drop(user)
        log_change(actor=user, now=now, town=user.town, verb="remove_second_factor", subject=user)
        tell_owners(users=[user], now=now, kind=Notification.Kind.SECOND_FACTOR_REMOVED, by=user)


def remove_second_factor(*, actor: User, now: datetime, user: User, reason: str) -> None:
    """End the second factor of somebody who lost the phone, with a reason; they are told and log in anew.

    Raises:
        PermissionDenied: not the town's staff; an administrator's or the commands' account.
        MissingReason, TextTooLong.
        AccountRefused: one's own, or there is none.
    """
    reason = require_reason(reason)
    require_keeper_of(user, actor=actor, now=now)
    if user.pk == actor.pk:
        raise AccountRefused(_("Your own second factor you end yourself, under “More”; or ask a colleague."))
    if not has_second_factor(user):
        raise AccountRefused(_("This account has no second factor."))
    with transaction.atomic():
        _drop(user)
        log_change(
            actor=actor, now=now, town=user.town, verb="remove_second_factor", subject=user, new={"reason": reason}
        )
        tell_owners(users=[user], now=now, kind=Notification.Kind.SECOND_FACTOR_REMOVED, by=actor, about=reason)
        end_sessions(user)


def _is_required_of(user: User, *, now: datetime) -> bool:
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    reach = reach_of(user, on=timezone.localdate(now))
    return user.is_superuser or bool(reach.read_towns | reach.administered_towns)


def _drop(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _totp(factor: SecondFactor) -> TOTP:
    return TOTP(base64.b32decode(factor.secret), DIGITS, SHA1(), STEP)  # noqa: S303 # what every app computes


def _matching_step(factor: SecondFactor, now: datetime, code: str) -> int | None:
    """The half minute whose code was typed, of those close to a moment."""
    current = int(now.timestamp()) // STEP
    totp = _totp(factor)
    typed = code.strip().replace(" ", "").encode()
    close = (current - 1, current, current + 1)
    return next((step for step in close if compare_digest(totp.generate(step * STEP), typed)), None)
