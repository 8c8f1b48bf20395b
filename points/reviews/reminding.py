"""Reminding a branch's officers of what it is late with, from above (5.3): the town, or the general branch over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Appointment, Branch, Notification, User
from members.notifications import ABOUT_LENGTH, notify_users
from points.errors import ReminderRefused
from points.reviews.lateness import find_lateness

OFFICERS = (Appointment.Role.RECORDER, Appointment.Role.SECRETARY)
SHOWN_FOR = timedelta(days=90)
"""So long a reminder is told of beside the branch."""

TOLD_FOR = timedelta(days=7)
"""So long it stands on the home of whoever was reminded."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """On which day a branch was reminded, and who of it was told, by name."""

    on: date
    told: tuple[str, ...]

    @property
    def names(self) -> str:
        return "、".join(self.told)


def reminder_link() -> str:
    """Where what is late is settled: the officers' own home."""
    return reverse("workbench:index")


def remind_officers(*, actor: User, now: datetime, branch: Branch) -> Reminder:
    """Tell a branch's recorder and secretary what it is late with (5.3); at most once a day, whoever reminds.

    Raises:
        PermissionDenied: the actor is neither of the town's staff nor an officer of a general branch above.
        ReminderRefused: nothing is late, the branch has no officer, or it was reminded today.
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.GUIDE, branch, on=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=[])
        late = find_lateness(Branch.objects.filter(pk=branch.pk), on=today).get(branch.pk)
        if late is None:
            raise ReminderRefused(_("%(branch)s is late with nothing any more.") % {"branch": branch.name})
        before = read_reminders([branch], on=today).get(branch.pk)
        if before is not None and before.on == today:
            raise ReminderRefused(
                _("%(branch)s was reminded today already: %(names)s. Remind again tomorrow.")
                % {"branch": branch.name, "names": before.names}
            )
        users = list(officers_of(branch, on=today))
        if not users:
            raise ReminderRefused(
                _("%(branch)s has no recorder and no secretary: nobody was reminded. Appoint one first.")
                % {"branch": branch.name}
            )
        notify_users(
            users=users,
            now=now,
            kind=Notification.Kind.BRANCH_REMINDED,
            branch=branch,
            link=reminder_link(),
            about=_fit(late.texts),
        )
        told = tuple(str(user) for user in users)
        new = {"told": "、".join(told), "late": "；".join(late.texts)}
        log_change(actor=actor, now=now, town=branch.town, verb="remind_branch", subject=branch, new=new)
    return Reminder(today, told)


def officers_of(branch: Branch, *, on: date) -> QuerySet[User]:
    """The branch's recorder and secretary who can log in, a stand-in among them; one query."""
    offices = Appointment.objects.on(on).filter(branch=branch, role__in=OFFICERS)
    return User.objects.filter(pk__in=offices.values("user"), is_active=True).order_by("pk")


def read_reminders(branches: Sequence[Branch], *, on: date) -> dict[int, Reminder]:
    """The latest reminder of each branch that was reminded of late, by branch id; one query."""
    rows = Notification.objects.filter(
        kind=Notification.Kind.BRANCH_REMINDED,
        branch__in=[branch.pk for branch in branches],
        at__date__gt=on - SHOWN_FOR,
    )
    found: dict[int, Reminder] = {}
    for row in rows.select_related("user").order_by("at", "pk"):
        assert row.branch_id is not None
        day = timezone.localdate(row.at)
        before = found.get(row.branch_id)
        told = before.told if before is not None and before.on == day else ()
        found[row.branch_id] = Reminder(day, (*told, str(row.user)))
    return found


def list_recent_reminders(user: User, *, on: date) -> list[Notification]:
    """What the user was reminded of within the week, the latest of each branch, for their home; one query."""
    rows = Notification.objects.filter(
        user=user, kind=Notification.Kind.BRANCH_REMINDED, at__date__gt=on - TOLD_FOR
    ).select_related("branch")
    return list({row.branch_id: row for row in rows.order_by("at", "pk")}.values())


def _fit(texts: Sequence[str]) -> str:
    """As many of the texts as a notification holds; the home it leads to has all."""
    fitting = ""
    for text in texts:
        longer = f"{fitting}；{text}" if fitting else text
        if len(longer) > ABOUT_LENGTH:
            break
        fitting = longer
    return fitting
