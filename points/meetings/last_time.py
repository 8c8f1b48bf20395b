"""As last time (照上次): who was there at a branch's last meeting, and the place and host that repeat.

Copied is only who was there in person. Whoever was excused, absent, visited at home, online or made it up was so on
that day: copied on, it would earn points nobody saw earned, or hide that somebody stays away (D24). Such people are to
be decided anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from foundation.ledger import live
from members.models import Branch
from points.models import Attendance, Meeting

THERE = Attendance.Status.ATTENDED


@dataclass(frozen=True, slots=True)
class LastTime:
    """A branch's last meeting: its day, where and by whom it was held, how each took part (member id to status)."""

    held_on: date
    place: str
    host: str
    statuses: Mapping[int, str]

    def find_there(self, member_ids: Collection[int]) -> list[int]:
        """Those of the members who were there: what is copied."""
        return [pk for pk in member_ids if self.statuses.get(pk) == THERE]

    def find_exceptions(self, member_ids: Collection[int]) -> list[int]:
        """Those of the members who stood on the list in any other way: to be decided anew."""
        return [pk for pk in member_ids if self.statuses.get(pk, THERE) != THERE]

    def find_unlisted(self, member_ids: Collection[int]) -> list[int]:
        """Those of the members who were not on the list."""
        return [pk for pk in member_ids if pk not in self.statuses]


def read_last_time(branch: Branch, *, through: date) -> LastTime | None:
    """The branch's latest meeting with attendance held by a day; None without one; two queries."""
    meetings = Meeting.objects.filter(live("attendances"), live("batch"), branch=branch, held_on__lte=through)
    last = meetings.order_by("-held_on", "-pk").first()
    if last is None:
        return None
    statuses = dict(last.attendances.live().values_list("member_id", "status"))
    return LastTime(last.held_on, last.place, last.host, statuses)
