"""The button "as last time" of the month and of the meeting's form: what it copies, and what it says it left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from members.models import Member
from points.meetings.last_time import LastTime
from points.models import Attendance
from scoring_site.forms.members import MOST_NAMED, UNDECIDED

REPEATING = ("place", "host")
"""What of the last meeting itself is copied, where the form is still empty there."""


@dataclass(frozen=True, slots=True)
class AsLastTime:
    """What the button does: the attendance of each member it changes, what it fills in, and what is said of it."""

    statuses: Mapping[int, str]
    values: Mapping[str, str]
    said: str

    def fill(self, values: dict[str, Any]) -> None:
        """Put place and host into a form's values where they are empty."""
        for name, value in self.values.items():
            values[name] = values.get(name) or value


def read_as_last_time(last: LastTime | None, members: Sequence[Member], *, asks_dues: bool = False) -> AsLastTime:
    """What the button does for the members whose attendance the form asks."""
    if last is None:
        return AsLastTime({}, {}, _("No meeting with attendance is recorded before: there is nothing to copy."))
    ids = [member.pk for member in members]
    there, exceptions = last.find_there(ids), set(last.find_exceptions(ids))
    statuses: dict[int, str] = dict.fromkeys(there, str(Attendance.Status.ATTENDED)) | dict.fromkeys(
        exceptions, UNDECIDED
    )
    values = {name: text for name in REPEATING if (text := str(getattr(last, name)))}
    said = [
        _("Copied from %(day)s: %(count)d who were there.") % {"day": last.held_on, "count": len(there)},
        *_say_repeating(values),
    ]
    left = [member for member in members if member.pk in exceptions]
    if left:
        said.append(_("Not copied, choose for each: %(names)s.") % {"names": _name_with_status(left, last.statuses)})
    unlisted = len(last.find_unlisted(ids))
    if unlisted:
        said.append(_("Not on the list last time, left as they are: %(count)d.") % {"count": unlisted})
    if asks_dues:
        said.append(_("Dues are never copied."))
    return AsLastTime(statuses, values, "".join(said))


def typed_values(form: forms.Form) -> dict[str, Any]:
    """What was typed into a form's fields, as the initial values of a new one."""
    return {name: field.widget.value_from_datadict(form.data, form.files, name) for name, field in form.fields.items()}


def _say_repeating(values: Mapping[str, str]) -> Iterable[str]:
    if "place" in values:
        yield _("Place, where empty: %(place)s.") % {"place": values["place"]}
    if "host" in values:
        yield _("Host, where empty: %(host)s.") % {"host": values["host"]}


def _name_with_status(members: Sequence[Member], statuses: Mapping[int, str]) -> str:
    labels = dict(Attendance.Status.choices)
    named = "、".join(
        _("%(name)s (%(status)s last time)")
        % {"name": member.name, "status": labels[Attendance.Status(statuses[member.pk])]}
        for member in members[:MOST_NAMED]
    )
    more = len(members) - MOST_NAMED
    return named + (_(" and %(count)d more") % {"count": more} if more > 0 else "")
