"""Meetings that members were expected at and took no part in: what stands in a period where nothing is earned (D24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from foundation.chunks import split_into_chunks
from foundation.ledger import live
from members.models.accounts import NAME_COLUMNS
from points.models import Attendance

ACTOR_NAME = tuple(f"batch__actor__{column}" for column in NAME_COLUMNS)

MissedKey = tuple[int, str, str]
"""Member id, item and period."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The attendance that says so: excused or absent, of which meeting, on which day, entered by whom."""

    status: str
    meeting_id: int
    branch_id: int
    held_on: date
    recorded_by: str

    @property
    def label(self) -> str:
        return str(Attendance.Status(self.status).label)


def read_missed(
    members: Iterable[int] | QuerySet[Any], *, year: int | None = None, item: str = ""
) -> dict[MissedKey, Missed]:
    """Of each member, item and period the meeting they missed; one query for up to some hundreds of members.

    Of several 请假 wins over 缺席, then the latest. Whether the period is earned all the same, the caller knows.
    """
    found: dict[MissedKey, Missed] = {}
    chunks = [members] if isinstance(members, QuerySet) else split_into_chunks(sorted(set(members)))
    for chunk in chunks:
        rows = (
            Attendance.objects.live()
            .filter(live("meeting__batch"), member__in=chunk, meeting__kinds__isnull=False)
            .exclude(status__in=Attendance.EARNING)
            .annotate(item=F("meeting__kinds__item"), period=F("meeting__kinds__period"))
            .select_related("meeting", "batch__actor")
            .only("member", "status", "meeting__branch", "meeting__held_on", *ACTOR_NAME)
            .order_by("meeting__held_on", "pk")
        )
        if year is not None:
            rows = rows.filter(meeting__kinds__period__startswith=str(year))
        if item:
            rows = rows.filter(meeting__kinds__item=item)
        for row in rows:
            key = (row.member_id, row.item, row.period)
            before = found.get(key)
            if before is None or before.status != Attendance.Status.EXCUSED or row.status == before.status:
                found[key] = Missed(
                    row.status, row.meeting_id, row.meeting.branch_id, row.meeting.held_on, str(row.batch.actor)
                )
    return found


def group_missed(found: Mapping[MissedKey, Missed]) -> dict[int, dict[tuple[str, str], Missed]]:
    """The same by member, of each by item and period."""
    grouped: dict[int, dict[tuple[str, str], Missed]] = defaultdict(dict)
    for (member_id, item, period), missed in found.items():
        grouped[member_id][item, period] = missed
    return grouped
