"""Accepted leave on a form with attendance: it begins as excused, and nothing is saved before the form has shown it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.meetings.announcing import say_when
from points.models import Announcement, Attendance

NOT_SHOWN = gettext_lazy("Nothing is saved yet: leave was accepted that this page had not shown.")


def name_seen(leaves: Collection[int]) -> str:
    """What the form sends back of whose leave it showed (member ids)."""
    return ",".join(map(str, sorted(leaves)))


def has_unseen_leave(sent: QueryDict, leaves: Collection[int]) -> bool:
    """Whether leave was accepted that the form did not show: since it was made, or for another day."""
    seen = set(sent.get("leaves", "").split(","))
    return any(str(pk) not in seen for pk in leaves)


def excuse(statuses: Mapping[int, str], excused: Collection[int]) -> dict[int, str]:
    """The attendance with those who have leave excused, as far as they stand as usual."""
    standing = {pk for pk in excused if statuses.get(pk) == Attendance.Status.ATTENDED}
    return {**statuses, **dict.fromkeys(standing, Attendance.Status.EXCUSED.value)}


def say_announced(announcement: Announcement, *, accepted: int, waiting: int) -> str:
    """That the list begins with what was announced, how many have leave, and how many asked and have no answer."""
    said = _("As announced (%(when)s). Leave was accepted for %(count)d: they begin as excused. Check the list.") % {
        "when": say_when(announcement),
        "count": accepted,
    }
    if waiting:
        said += _("%(count)d asked for leave and have no answer yet: it stands beside their names.") % {
            "count": waiting
        }
    return said


def say_leave(member_id: int, *, accepted: Collection[int], waiting: Collection[int]) -> str:
    """What stands beside a member's name; empty for who asked for no leave."""
    if member_id in accepted:
        return _("leave accepted")
    return _("asked for leave, no answer yet") if member_id in waiting else ""
