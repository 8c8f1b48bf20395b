"""Plain inputs for each of many members, named `<what>_<member id>`: read and shown in one loop, without a field each.

A branch of sixty has a hundred inputs on one page; a form field and a template for each cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models import Exemption, Member
from points.meetings.attendance import NOT_EXPECTED
from points.models import Attendance

MOST_NAMED = 10
UNDECIDED = "?"
"""In place of a status: somebody has to choose before the form is saved."""


class AttendanceRow(NamedTuple):
    """A member with how they take part; `seen` is what the form showed first, where it has to be sent along.

    `remark` is what to know of them before choosing.
    """

    member: Member
    status: str
    error: str
    seen: str | None = None
    signed_at: datetime | None = None
    remark: str = ""
    last: str = ""
    """What "as last time" makes of it; empty where it changes nothing."""
    usual: str = ""
    """How it stands before anybody answers."""
    is_closed: bool = False
    """Nothing is expected of them: what sets many at once leaves them alone."""


def attendance_choices() -> list[tuple[str, Any]]:
    """Every way of taking part in one's own branch's meeting, and not being expected at all."""
    own = [choice for choice in Attendance.Status.choices if choice[0] != Attendance.Status.GUEST]
    return [*own, (NOT_EXPECTED, _("not expected"))]


def read_statuses(data: Mapping[str, Any], member_ids: Iterable[int], *, what: str = "status") -> dict[int, str]:
    """What was sent for each member; who is missing is not expected. Not checked: see `find_unknown_statuses`."""
    return {pk: str(data.get(f"{what}_{pk}", NOT_EXPECTED)) for pk in member_ids}


def find_unknown_statuses(statuses: Mapping[int, str]) -> dict[int, str]:
    """Member id to what is wrong, for each status that is none."""
    known = {status for status, _label in attendance_choices()}
    return {pk: _("Choose one of the list.") for pk, status in statuses.items() if status not in known}


def refuse_unknown_statuses(members: Sequence[Member], unknown: Mapping[int, str]) -> None:
    """Name whose attendance cannot be read. Raises ValidationError."""
    wrong = [member for member in members if member.pk in unknown]
    if wrong:
        raise ValidationError(_("Choose how %(names)s took part.") % {"names": name_members(wrong)})


def say_exempt(since: date) -> str:
    """That somebody is out of the points system, as a remark beside the name."""
    return _("exempt since %(day)s") % {"day": since}


def read_exempt(members: Iterable[Member], day: date) -> dict[int, date]:
    """Since when those of the members are exempt who are so on a day; of them nothing counts (D15, D16)."""
    listed = Exemption.objects.on(day).filter(member__in=[member.pk for member in members])
    return dict(listed.values_list("member_id", "from_date"))


def name_members(members: Sequence[Member]) -> str:
    """The first of several names."""
    return "、".join(member.listed_name for member in members[:MOST_NAMED])
