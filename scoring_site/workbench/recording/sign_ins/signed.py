"""Who has signed in, as the page of a sign-in and the list it fetches show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from members.people.naming import tell_rows_apart_at_home
from members.selectors import expected_in
from points.models import SignIn


def read_signed(row: SignIn, now: datetime) -> dict[str, Any]:
    """Who has signed in so far, latest first, and how many of those expected; two queries.

    Whoever is exempt may come and is listed, and counts on neither side, as on the meeting's own list.
    """
    day = timezone.localdate(row.opens_at)
    expected = set(expected_in(row.branch_id, day).values_list("pk", flat=True))
    scans = tell_rows_apart_at_home(
        row.scans.select_related("member").order_by("-at", "-pk"), lambda scan: scan.member, on=day
    )
    return {
        "scans": [(scan, scan.member_id in expected) for scan in scans],
        "signed": sum(scan.member_id in expected for scan in scans),
        "expected": len(expected),
        "is_open": row.opens_at <= now < row.closes_at and row.meeting_id is None,
        "read_at": now,
    }
