"""Whoever guesses passwords waits longer each time, and nobody locks another out for long.

What is counted is the name or phone together with the address it comes from: wrong passwords sent from elsewhere cost
the owner nothing. An address as such is slowed only beyond what a full assembly on one Wi-Fi gets wrong. An attempt is
counted before its password is hashed, so that many sent at once do not slip through together; one that succeeds takes
its count back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import ngettext

from foundation.encryption import keyed_hash
from foundation.normal_forms import normalise
from members.models import FailedLogins

FREE_ATTEMPTS = 5
"""Wrong passwords for one name from one address before the first pause."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
"""Each further wrong password doubles the pause, up to this."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Without an attempt for so long the count begins anew."""
FREE_ATTEMPTS_OF_ADDRESS = 600
"""Wrong ones from one address, under whatever names: two hundred members with three slips each."""
PAUSE_OF_ADDRESS = timedelta(seconds=3)
"""Between two attempts from an address that is beyond them; it does not grow."""
KEPT_FOR = timedelta(days=1)
NO_PAUSE = timedelta(0)


def count_attempt(*, now: datetime, name: str, address: str) -> timedelta:
    """Count one attempt to log in; how long to wait instead, where it comes too early (it is then not counted).

    The pause is over at a moment whatever the clock does meanwhile: one that was set back prolongs nothing.
    """
    of_name, of_address = _keys(name, address)
    if pause := _pause(FailedLogins.objects.filter(key__in=(of_name, of_address)), of_name, now):
        return pause
    with transaction.atomic():
        if not FailedLogins.objects.filter(key=of_name).exists():
            FailedLogins.objects.filter(last_at__lt=now - KEPT_FOR).delete()
        fresh = [FailedLogins(key=key, last_at=now) for key in sorted((of_name, of_address))]
        FailedLogins.objects.bulk_create(fresh, ignore_conflicts=True)
        rows = FailedLogins.objects.select_for_update().filter(key__in=(of_name, of_address)).order_by("key")
        if pause := _pause(rows, of_name, now):
            return pause
        for row in rows:
            row.count = (0 if now - row.last_at > FORGOTTEN_AFTER else row.count) + 1
            row.last_at = now
            row.save(update_fields=["count", "last_at"])
    return NO_PAUSE


def forget_attempts(*, name: str, address: str) -> None:
    """After a log-in that succeeded: the name's count from this address ends, the address's is one less."""
    of_name, of_address = _keys(name, address)
    with transaction.atomic():
        FailedLogins.objects.filter(key=of_name).delete()
        row = FailedLogins.objects.select_for_update().filter(key=of_address, count__gt=0).first()
        if row is not None:
            row.count -= 1
            row.save(update_fields=["count"])


def pause_after(count: int) -> timedelta:
    """How long after the last of `count` wrong passwords in a row the next is tried."""
    if count < FREE_ATTEMPTS:
        return NO_PAUSE
    # Beyond ten doublings the pause is the longest anyway; a count of thousands must not become a number of days.
    doublings = min(count - FREE_ATTEMPTS, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def say_pause(pause: timedelta) -> str:
    """How long to wait after wrong passwords, in words; `pause` is more than nothing."""
    seconds = ceil(pause.total_seconds())
    return ngettext(
        "Too many wrong passwords. Wait %(seconds)d second, then try again; nothing is locked.",
        "Too many wrong passwords. Wait %(seconds)d seconds, then try again; nothing is locked.",
        seconds,
    ) % {"seconds": seconds}


def _keys(name: str, address: str) -> tuple[str, str]:
    """Under what the attempts of a name from an address, and of the address, are counted."""
    plain = "".join(normalise("NFKC", name).casefold().split()).replace("-", "")
    return keyed_hash(f"login|{plain}|{address}"), keyed_hash(f"address|{address}")


def _pause(rows: QuerySet[FailedLogins], of_name: str, now: datetime) -> timedelta:
    """The longest pause that is still to wait."""
    pauses = [NO_PAUSE]
    for row in rows:
        since = max(now - row.last_at, NO_PAUSE)
        if row.key == of_name:
            pause = pause_after(row.count)
        else:
            pause = PAUSE_OF_ADDRESS if row.count >= FREE_ATTEMPTS_OF_ADDRESS else NO_PAUSE
        if since <= FORGOTTEN_AFTER:
            pauses.append(pause - since)
    return max(pauses)
