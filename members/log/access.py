"""The access log: one INSERT after a request was answered, never inside the transaction of a change."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.encoding import escape_uri_path

from foundation.client_address import address_of
from members.models import AccessEntry, User

LONGEST_PATH = 200


def record_access(*, request: HttpRequest, now: datetime, kind: AccessEntry.Kind, user: User | None) -> None:
    """Append one entry about a request; `user` is None where nobody is known by the name that was given."""
    AccessEntry.objects.create(
        at=now,
        kind=kind,
        user=user,
        town_id=user.town_id if user else None,
        address=address_of(request),
        # As a browser writes it: PostgreSQL keeps no NUL, and a path may hold one.
        path=escape_uri_path(request.path)[:LONGEST_PATH],
    )
