"""Sessions in the database, found by keys that the site gave out."""

from __future__ import annotations

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's; a cookie that holds anything but letters and digits is no session's.

    PostgreSQL would refuse to look for some of them, a NUL for one.
    """

    def __init__(self, session_key: str | None = None) -> None:
        is_ours = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_ours else None)
