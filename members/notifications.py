"""Telling users inside the site: written with the change they are about, read when the page behind them is opened.

`Task` is what waits for them as long as it does; nothing is written for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from members.models import Branch, Notification, User

ABOUT_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a user, and where they settle it; `order` are the days until it is late."""

    text: str
    url: str
    order: int = 0
    """Negative since it is late, or since it could be done: the smallest is the most urgent."""
    is_late: bool = False
    step: str = ""
    """What one goes there to do, in a word (去核定); empty where the text says it."""
    count: int = 1
    """How many things the line is about."""


def notify_users(
    *,
    users: Iterable[User],
    now: datetime,
    kind: Notification.Kind,
    branch: Branch | None,
    period: str = "",
    link: str,
    about: str = "",
) -> None:
    """Tell each user once; call inside the transaction of the change. `about` says which of several things it is."""
    Notification.objects.bulk_create(
        Notification(user=user, kind=kind, branch=branch, period=period, about=about, link=link, at=now)
        for user in users
    )


def tell_owners(*, users: Iterable[User], now: datetime, kind: Notification.Kind, by: User, about: str = "") -> None:
    """Tell the owners of accounts what was done to them and by whom (D29); call inside the transaction of the change.

    Behind it stands where they are logged in, and the way to another password.
    """
    said = _("%(what)s, by %(by)s") % {"what": about, "by": by} if about else _("by %(by)s") % {"by": by}
    notify_users(users=users, now=now, kind=kind, branch=None, link="/logins/", about=said[:ABOUT_LENGTH])


def count_unread(user: User) -> int:
    """How many notifications the user has not opened yet."""
    return Notification.objects.filter(user=user, read_at__isnull=True).count()


def mark_all_read(*, user: User, now: datetime) -> int:
    """The user has seen the list: whatever was unread is read; returns how many that were.

    What a limited account opens, its owner has not seen (D29).
    """
    if user.is_limited:
        return 0
    return Notification.objects.filter(user=user, read_at__isnull=True).update(read_at=now)


def mark_settled(*, now: datetime, links: Collection[str]) -> None:
    """What is behind these links is over: nobody who was told of it is waited for any more."""
    Notification.objects.filter(link__in=links, read_at__isnull=True).update(read_at=now)


def mark_read(*, user: User, now: datetime, link: str) -> None:
    """The user opened the page behind `link`: whatever told them of it is read.

    Opening it again only reads: even an update of no row would wait for whoever is writing. What a limited account
    opens, its owner has not seen (D29).
    """
    if user.is_limited:
        return
    unread = Notification.objects.filter(user=user, link=link, read_at__isnull=True)
    if unread.exists():
        unread.update(read_at=now)
