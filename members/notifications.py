"""Telling users inside the site: written with the change they are about, read when the page behind them is opened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from members.models import Branch, Notification, User


def notify_users(
    *,
    users: Iterable[User],
    now: datetime,
    kind: Notification.Kind,
    branch: Branch,
    period: str,
    link: str,
) -> None:
    """Tell each user once; call inside the transaction of the change."""
    Notification.objects.bulk_create(
        Notification(user=user, kind=kind, branch=branch, period=period, link=link, at=now) for user in users
    )


def count_unread(user: User) -> int:
    """How many notifications the user has not opened yet."""
    return Notification.objects.filter(user=user, read_at__isnull=True).count()


def mark_all_read(*, user: User, now: datetime) -> int:
    """The user has seen the list: whatever was unread is read; returns how many that were."""
    return Notification.objects.filter(user=user, read_at__isnull=True).update(read_at=now)


def mark_read(*, user: User, now: datetime, link: str) -> None:
    """The user opened the page behind `link`: whatever told them of it is read.

    Opening it again only reads: even an update of no row would wait for whoever is writing.
    """
    unread = Notification.objects.filter(user=user, link=link, read_at__isnull=True)
    if unread.exists():
        unread.update(read_at=now)
