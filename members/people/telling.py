"""Telling an account's owner that the roster has another telephone number of them: log-ins and resets lean on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from members.models import Notification, User
from members.notifications import tell_owners

SHOWN_DIGITS = 4
LONG_ENOUGH = 8
"""A shorter number would be given away by its last digits."""


class PhoneChange(NamedTuple):
    """A member's telephone number, as it stood and as it stands; empty where there is none."""

    member_id: int
    old: str
    new: str


def tell_of_phones(changes: Collection[PhoneChange], *, actor: User, now: datetime) -> None:
    """Tell the members who have an account, with the last digits alone; call inside the transaction of the change."""
    accounts = {user.member_id: user for user in User.objects.filter(member__in=[row.member_id for row in changes])}
    for member_id, old, new in changes:
        if member_id in accounts:
            about = f"{_say_last_digits(old)} → {_say_last_digits(new)}"
            kind = Notification.Kind.PHONE_CHANGED
            tell_owners(users=[accounts[member_id]], now=now, kind=kind, by=actor, about=about)


def _say_last_digits(phone: str) -> str:
    if not phone:
        return _("none")
    shown = phone[-SHOWN_DIGITS:] if len(phone) >= LONG_ENOUGH else "****"
    return _("number ending in %(digits)s") % {"digits": shown}
