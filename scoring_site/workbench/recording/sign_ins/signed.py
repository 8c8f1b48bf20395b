"""Who has signed in, as the page of a sign-in and the list it fetches show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from members.people.naming import tell_rows_apart_at_home
from members.selectors import members_in
from points.models import SignIn


def read_signed(row: SignIn, now: datetime) -> dict[str, Any]:
    """Who has signed in so far, latest first, and how many are expected; two queries."""
    day = timezone.localdate(row.opens_at)
    scans = row.scans.select_related("member").order_by("-at", "-pk")
    return {
        "scans": tell_rows_apart_at_home(scans, lambda scan: scan.member, on=day),
        "expected": members_in([row.branch_id], day).count(),
        "is_open": row.opens_at <= now < row.closes_at and row.meeting_id is None,
        "read_at": now,
    }
