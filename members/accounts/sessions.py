"""Sessions: whose they are, since when, from what device, and their end when a password or a role changes.

Their times are the machine's, as Django's own expiry is, never `request.now`: a session is no record of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.http import HttpRequest
from django.utils import timezone

from members.models import Session, User

STARTED, SEEN, PROVEN, DEVICE = "started_at", "seen_at", "proven_at", "device"
"""What a session keeps beside Django's keys: when its owner logged in, was last seen and last gave the password (times
as ISO text), and what the browser calls itself."""
LONGEST_DEVICE = 300


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in our table, which knows whose they are.

    Django finds it by the module (`SESSION_ENGINE`). A cookie that holds anything but letters and digits names no
    session: PostgreSQL would refuse to look for some of them, a NUL for one.
    """

    def __init__(self, session_key: str | None = None) -> None:
        is_ours = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_ours else None)

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """The table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row for some content, with the account that it logs in."""
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which an account is logged in; `device` is what the browser calls itself."""

    key: str
    started_at: datetime
    seen_at: datetime
    device: str


def begin_session(request: HttpRequest) -> None:
    """Note in a session that somebody just logged in with the password."""
    now = timezone.now().isoformat()
    request.session.update(
        {STARTED: now, SEEN: now, PROVEN: now, DEVICE: request.META.get("HTTP_USER_AGENT", "")[:LONGEST_DEVICE]}
    )


def note_login(*, request: HttpRequest, **_more: Any) -> None:
    """Receive Django's signal of a log-in; what the expired sessions held is removed at the same time."""
    SessionStore.clear_expired()
    begin_session(request)


def read_time(session: SessionBase | Mapping[str, str], name: str) -> datetime:
    """One of the times of a session (`STARTED`, `SEEN`, `PROVEN`) or of what it holds; long ago where it has none."""
    return datetime.fromisoformat(session.get(name, "1970-01-01T00:00:00+00:00"))


def read_sessions(user: User) -> list[OpenSession]:
    """Where an account is logged in, the latest seen first."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    stores = [(row.session_key, row.get_decoded()) for row in rows]
    found = [
        OpenSession(
            key,
            datetime.fromisoformat(content[STARTED]),
            datetime.fromisoformat(content[SEEN]),
            content.get(DEVICE, ""),
        )
        for key, content in stores
        if STARTED in content
    ]
    return sorted(found, key=lambda session: session.seen_at, reverse=True)


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Log an account out everywhere, or everywhere but in the session of that key; how many sessions ended."""
    ended, _by_table = Session.objects.filter(user=user).exclude(session_key=but or "").delete()
    return ended
