"""What the portal's header shows on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import User
from members.notifications import count_unread


def unread_notifications(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`: how many notifications the user has not opened; asked of the database only where it is shown."""
    user = getattr(request, "user", None)
    return {"unread_count": SimpleLazyObject(lambda: count_unread(user) if isinstance(user, User) else 0)}
