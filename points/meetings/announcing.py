"""Meetings to come: announced with day, hour, place and kinds, changed, withdrawn, and closed by the meeting's record.

An announcement is no record and gives nothing. It is a branch's word to its members, from which the meeting's list
begins on the day: whose leave was accepted (`leaves.py`) stands there as excused, until the recorder saves the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Branch, Member, Notification, User
from members.notifications import ABOUT_LENGTH, mark_settled, notify_users
from members.selectors import expected_in
from points.errors import AnnouncementRefused
from points.models import AnnouncedKind, Announcement, Meeting
from points.records.entries import EventEntry, check_entry
from points.scoring.adoption import rulebooks_of

FARTHEST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ComingMeeting:
    """What is announced: `kinds` are (item, period), none for a free activity; `topics` those of single kinds."""

    day: date
    starts: time
    place: str
    kinds: Sequence[tuple[str, str]] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    topic: str = ""
    note: str = ""


def announce_meeting(
    *, actor: User, now: datetime, branch: Branch, coming: ComingMeeting, token: UUID | None = None
) -> Announcement:
    """Announce a meeting to a branch's members; the same form sent twice (`token`) announces one.

    Raises:
        PermissionDenied: the actor does not record for the branch.
        AnnouncementRefused: the day is over or too far away, or one is announced for that hour.
        NoRulebook, UnknownItem, WrongPeriod: a kind that the rulebook of the day's year does not know.
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.RECORD, branch, on=today)
    _check(coming, branch, today=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=())
        sent = Announcement.objects.filter(uuid=token, branch=branch, made_by=actor).first() if token else None
        if sent is not None:
            return sent
        _refuse_second(coming, branch)
        announcement = Announcement.objects.create(
            uuid=token or uuid4(),
            branch=branch,
            day=coming.day,
            starts=coming.starts,
            topic=coming.topic,
            place=coming.place,
            note=coming.note,
            made_by=actor,
            made_at=now,
        )
        _write_kinds(announcement, coming)
        log_change(
            actor=actor, now=now, town=branch.town, verb="announce_meeting", subject=announcement, new=_say(coming)
        )
        _tell_members(announcement, Notification.Kind.MEETING_ANNOUNCED, actor=actor, now=now)
    return announcement


def change_announcement(*, actor: User, now: datetime, announcement: Announcement, coming: ComingMeeting) -> None:
    """Change what was announced; the members are told where day, hour or place changed.

    Leave asked for another day stands for nothing on the new one: whoever cannot come then asks again.

    Raises:
        PermissionDenied.
        AnnouncementRefused: it was withdrawn or recorded; else as `announce_meeting`.
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.RECORD, announcement.branch, on=today)
    if coming.day != announcement.day:
        _check(coming, announcement.branch, today=today)
    else:
        _check_kinds(coming, announcement.branch)
    with transaction.atomic():
        lock_for_score(branch_ids=[announcement.branch_id], member_ids=())
        fresh = lock_announcement(announcement)
        refuse_closed(fresh)
        if (coming.day, coming.starts) != (fresh.day, fresh.starts):
            _refuse_second(coming, fresh.branch)
        old = read_coming(fresh)
        if old == coming:
            return
        for name in ("day", "starts", "topic", "place", "note"):
            setattr(fresh, name, getattr(coming, name))
        fresh.changed_at = now
        fresh.save()
        fresh.kinds.all().delete()
        _write_kinds(fresh, coming)
        said_old, said_new = _say(old), _say(coming)
        changed = [key for key in said_new if said_old[key] != said_new[key]]
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="change_announcement",
            subject=fresh,
            old={key: said_old[key] for key in changed},
            new={key: said_new[key] for key in changed},
        )
        if (old.day, old.starts, old.place) != (coming.day, coming.starts, coming.place):
            _tell_members(fresh, Notification.Kind.MEETING_MOVED, actor=actor, now=now)


def withdraw_announcement(*, actor: User, now: datetime, announcement: Announcement, reason: str) -> None:
    """The meeting does not take place; its members are told, and read the reason.

    Raises:
        PermissionDenied, MissingReason, TextTooLong.
        AnnouncementRefused: it was withdrawn or recorded before.
    """
    reason = require_reason(reason)
    require_branch_action(actor, Action.RECORD, announcement.branch, on=timezone.localdate(now))
    with transaction.atomic():
        lock_for_score(branch_ids=[announcement.branch_id], member_ids=())
        fresh = lock_announcement(announcement)
        refuse_closed(fresh)
        fresh.withdrawn_at, fresh.withdraw_reason = now, reason
        fresh.save(update_fields=["withdrawn_at", "withdraw_reason"])
        log_change(
            actor=actor,
            now=now,
            town=fresh.branch.town,
            verb="withdraw_announcement",
            subject=fresh,
            new={"reason": reason},
        )
        mark_settled(now=now, links=[announcement_link(fresh)])
        _tell_members(fresh, Notification.Kind.MEETING_WITHDRAWN, actor=actor, now=now)


def close_announcement(meeting: Meeting, kinds: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """The meeting is recorded: what announced it is closed; called by what writes the meeting, under the branch's lock.

    It is the open one of the branch and day that shares a kind with it, or has none where the meeting has none either.
    """
    announcement = find_announcement(meeting.branch, meeting.held_on, items={item for item, _period in kinds})
    if announcement is None:
        return
    announcement.meeting = meeting
    announcement.save(update_fields=["meeting"])
    mark_settled(now=now, links=[announcement_link(announcement)])


# Reading


def find_announcement(branch: Branch, day: date, *, items: set[str] | None = None) -> Announcement | None:
    """The first open announcement of a branch's day; with `items`, of a meeting that shares a kind with them."""
    rows = Announcement.objects.open().filter(branch=branch, day=day).prefetch_related("kinds")
    for row in rows.order_by("starts", "pk"):
        announced = {kind.item for kind in row.kinds.all()}
        if items is None or announced & items or announced == items:
            return row
    return None


def read_coming(announcement: Announcement) -> ComingMeeting:
    """What is announced, as a form begins with it."""
    kinds = list(announcement.kinds.all())
    return ComingMeeting(
        day=announcement.day,
        starts=announcement.starts,
        place=announcement.place,
        kinds=[(kind.item, kind.period) for kind in kinds],
        topics={kind.item: kind.topic for kind in kinds if kind.topic},
        topic=announcement.topic,
        note=announcement.note,
    )


def expected_members(announcement: Announcement) -> QuerySet[Member]:
    """Whom the meeting is for, in roster order."""
    return expected_in(announcement.branch_id, announcement.day)


def announcement_link(announcement: Announcement) -> str:
    """The address of the page that members read."""
    return reverse("meeting_to_come", args=[announcement.uuid])


def say_when(announcement: Announcement) -> str:
    """Day, day of the week and hour, in words."""
    return f"{announcement.day:%Y-%m-%d} {WEEKDAYS[announcement.day.weekday()]} {announcement.starts:%H:%M}"


def lock_announcement(announcement: Announcement) -> Announcement:
    """The row as it stands, locked: an answer and the meeting's record at once come one after the other."""
    rows = Announcement.objects.select_for_update(of=("self",)).select_related("branch__town", "meeting__batch")
    return rows.get(pk=announcement.pk)


def refuse_closed(announcement: Announcement) -> None:
    """Raise AnnouncementRefused where it was withdrawn, or its meeting is recorded."""
    if announcement.is_withdrawn:
        raise AnnouncementRefused(_("This meeting was withdrawn. Announce it anew if it takes place after all."))
    if announcement.is_recorded:
        raise AnnouncementRefused(_("The meeting is recorded already: put it right on the meeting's own page."))


# Inside


def _check(coming: ComingMeeting, branch: Branch, *, today: date) -> None:
    if coming.day < today:
        raise AnnouncementRefused(_("That day is over. Announce a meeting that is still to come, or record it."))
    if coming.day - today > FARTHEST:
        raise AnnouncementRefused(_("A meeting is announced at most half a year ahead. Look at the day."))
    _check_kinds(coming, branch)


def _check_kinds(coming: ComingMeeting, branch: Branch) -> None:
    rulebooks = rulebooks_of(branch.town)
    for item, period in coming.kinds:
        check_entry(EventEntry(0, item, coming.day, period), rulebooks=rulebooks, today=coming.day)


def _refuse_second(coming: ComingMeeting, branch: Branch) -> None:
    if Announcement.objects.open().filter(branch=branch, day=coming.day, starts=coming.starts).exists():
        raise AnnouncementRefused(
            _("%(branch)s has a meeting announced for %(day)s %(time)s already. Change that one.")
            % {"branch": branch.name, "day": coming.day, "time": f"{coming.starts:%H:%M}"}
        )


def _write_kinds(announcement: Announcement, coming: ComingMeeting) -> None:
    AnnouncedKind.objects.bulk_create(
        AnnouncedKind(announcement=announcement, item=item, period=period, topic=coming.topics.get(item, ""))
        for item, period in coming.kinds
    )


def _say(coming: ComingMeeting) -> dict[str, object]:
    return {
        "day": coming.day.isoformat(),
        "starts": f"{coming.starts:%H:%M}",
        "place": coming.place,
        "kinds": [
            [item, period, *filter(None, [coming.topics.get(item, "")])] for item, period in sorted(coming.kinds)
        ],
        "topic": coming.topic,
        "note": coming.note,
    }


def _tell_members(announcement: Announcement, kind: Notification.Kind, *, actor: User, now: datetime) -> None:
    notify_users(
        users=User.objects.filter(is_active=True, member__in=expected_members(announcement).order_by().values("pk"))
        .exclude(pk=actor.pk)
        .order_by("pk"),
        now=now,
        kind=kind,
        branch=announcement.branch,
        link=announcement_link(announcement),
        about=f"{say_when(announcement)} {announcement.place}"[:ABOUT_LENGTH],
    )
