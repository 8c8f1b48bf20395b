"""Whether what an account says is surely its owner's own word: nobody else gave its password since a moment (D18)."""

from __future__ import annotations

from datetime import datetime, timedelta

from members.models import AuditEntry, LoginCode, User

RESETS = ("reset_password", "choose_first_password", "create_user")
"""Entries of the log after which somebody else may know, or may have chosen, an account's password."""

DAYS_UNTIL_OWN = 30
"""As long as a login slip serves: time enough for its owner to find that somebody else used it, and to say so."""


def was_given_lately(user: User, *, now: datetime) -> bool:
    """Whether an officer gave the account a password or a login slip within the last `DAYS_UNTIL_OWN` days."""
    since = now - timedelta(days=DAYS_UNTIL_OWN)
    return LoginCode.objects.filter(user=user, made_at__gte=since).exists() or not is_own_hand(user, since=since)


def is_own_hand(user: User, *, since: datetime) -> bool:
    """Whether the account's password was set before `since` and was not reset by anybody afterwards.

    Changing it with the old one in hand is no reset.
    """
    if not user.has_usable_password():
        return False
    if LoginCode.objects.filter(user=user, ended_at__gte=since).exists():
        return False
    entries = AuditEntry.objects.filter(object_type=User._meta.label_lower, object_id=str(user.uuid))
    return not entries.filter(verb__in=RESETS, at__gte=since).exists()
