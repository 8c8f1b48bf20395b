"""Members of the town's other branches at a meeting: entered, and so confirmed, by the branch that held it (D24)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Appointment, Branch, Member, Notification, User
from members.notifications import notify_users
from members.selectors import holders_of, members_in
from points.errors import NotOnRoster
from points.meetings.attendance import AttendanceChange, change_attendance
from points.models import Attendance, Meeting

Role = Appointment.Role
BETWEEN_PEOPLE = re.compile(r"[\n、，,;；]+")


@dataclass(frozen=True, slots=True)
class Guest:
    """A member and the branch they are from."""

    member: Member
    branch: Branch


def find_guests(text: str, meeting: Meeting) -> list[Guest]:
    """Whom a text names, one a line: the name and, where two share it, the branch or 党小组 after a blank.

    Nobody is listed for the writer: who another branch's members are is that branch's to see.

    Raises:
        NotOnRoster: names every line that is nobody of the town's other branches on the day, or more than one.
    """
    others = Branch.objects.filter(town=meeting.branch.town_id).exclude(pk=meeting.branch_id)
    lines = [line.split() for line in BETWEEN_PEOPLE.split(text) if line.strip()]
    named = members_in(others, meeting.held_on).filter(name__in={name for name, *_hints in lines})
    branches = {branch.pk: branch for branch in others}
    people = [Guest(member, branches[member.branch_id_on_day]) for member in named]  # type: ignore[attr-defined]
    found: list[Guest] = []
    problems = []
    for name, *hints in lines:
        fitting = [guest for guest in people if guest.member.name == name and _fits(guest, hints)]
        if len(fitting) == 1:
            found += fitting
        elif fitting:
            problems.append(_("%(name)s: several of that name; write the branch after it") % {"name": name})
        else:
            problems.append(_("%(name)s: nobody of the town's other branches") % {"name": " ".join([name, *hints])})
    if problems:
        raise NotOnRoster(_("%(problems)s. Nothing was saved.") % {"problems": "；".join(problems)})
    return list(dict.fromkeys(found))


def _fits(guest: Guest, hints: Iterable[str]) -> bool:
    return all(hint in guest.branch.name or hint == guest.member.party_group for hint in hints)


def add_guests(
    *, actor: User, now: datetime, meeting: Meeting, names: str, token: UUID | None = None
) -> AttendanceChange:
    """Enter who came from another branch: they earn what the meeting was, and their own officers are told.

    Raises:
        NotOnRoster, and the errors of `change_attendance`: among them that nobody enters themselves.
    """
    guests = find_guests(names, meeting)
    with transaction.atomic():
        done = change_attendance(
            actor=actor,
            now=now,
            meeting=meeting,
            statuses={guest.member.pk: Attendance.Status.GUEST for guest in guests},
            reason=_("Confirmed by the branch that held the meeting."),
            token=token,
        )
        for guest in guests:
            _tell_own_officers(guest, meeting, now=now)
    return done


def _tell_own_officers(guest: Guest, meeting: Meeting, *, now: datetime) -> None:
    today: date = timezone.localdate(now)
    officers = [
        *holders_of(Role.RECORDER, on=today, branch=guest.branch),
        *holders_of(Role.SECRETARY, on=today, branch=guest.branch),
    ]
    notify_users(
        users=dict.fromkeys(officers),
        now=now,
        kind=Notification.Kind.GUEST_ENTERED,
        branch=guest.branch,
        period="",
        about=f"{guest.member.name} {meeting.held_on} {meeting.branch.name}",
        link=reverse("workbench:archive", args=[guest.member.pk, meeting.held_on.year]),
    )
