"""Who has signed in, as the page of a sign-in and the list it fetches show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from members.selectors import members_in
from points.models import SignIn


def read_signed(row: SignIn, now: datetime) -> dict[str, Any]:
    """Who has signed in so far, latest last, and how many are expected; two queries."""
    day = timezone.localdate(row.opens_at)
    return {
        "scans": list(row.scans.select_related("member")),
        "expected": members_in([row.branch_id], day).count(),
        "is_open": row.opens_at <= now < row.closes_at and row.meeting_id is None,
        "read_at": now,
    }
