"""Meetings of branch A, held through the verb people use."""

from __future__ import annotations

from datetime import date

from members.models import Member, User
from points.meetings.attendance import AttendanceChange, change_attendance
from points.meetings.holding import record_meeting
from points.models import Meeting
from tests.cast import Cast
from tests.factories import NOW

DAY = date(2026, 2, 10)
PARTY_DAY = (("party_day", "2026-02"),)


def hold(
    cast: Cast,
    statuses: dict[Member, str],
    day: date = DAY,
    kinds: tuple[tuple[str, str], ...] = PARTY_DAY,
) -> Meeting:
    """Record a meeting of branch A with how each member took part."""
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=day,
        kinds=kinds,
        statuses={member.pk: status for member, status in statuses.items()},
        topic="主题党日",
    )


def change(
    cast: Cast, meeting: Meeting, statuses: dict[Member, str], reason: str = "签到表核对", actor: User | None = None
) -> AttendanceChange:
    return change_attendance(
        actor=actor or cast.recorder_a,
        now=NOW,
        meeting=meeting,
        statuses={member.pk: status for member, status in statuses.items()},
        reason=reason,
    )
