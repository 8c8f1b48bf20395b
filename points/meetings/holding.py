"""Holding a meeting: attendance earns the base items the meeting carries (2.3.1, D24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.models import Branch, RecordBatch, User
from members.selectors import members_in
from points.errors import NotOnRoster, UnknownStatus
from points.halves.locks import refuse_locked_halves
from points.meetings.announcing import close_announcement
from points.models import Attendance, Meeting, MeetingKind
from points.records.entries import EventEntry, check_entry, refuse_future_date
from points.records.recording import insert_events, live_base_events
from points.records.scope import keep_attended
from points.scoring.adoption import rulebooks_of


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """A meeting as somebody enters it: its kinds (item, period) and how each member took part (member id to status).

    `topics` are those of single kinds, by item, where a meeting of several has more than its own `topic`.
    """

    branch: Branch
    held_on: date
    kinds: Sequence[tuple[str, str]]
    statuses: Mapping[int, str]
    topic: str = ""
    place: str = ""
    host: str = ""
    minutes: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)


def refuse_unknown_statuses(statuses: Iterable[str]) -> None:
    """Raise UnknownStatus for what is no way of taking part (D24)."""
    unknown = sorted(set(statuses) - set(Attendance.Status.values))
    if unknown:
        raise UnknownStatus(
            _("“%(status)s” is no way of taking part. Choose one of: %(choices)s.")
            % {"status": "”、“".join(unknown), "choices": "、".join(map(str, Attendance.Status.labels))}
        )


def refuse_strangers(member_ids: Iterable[int], branch: Branch, *, on: date) -> None:
    """Only who belonged to the branch on the day is entered.

    Raises:
        NotOnRoster: says how many did not.
    """
    strangers = set(member_ids) - set(members_in([branch.pk], on).values_list("pk", flat=True))
    if strangers:
        raise NotOnRoster(
            _("%(count)d of the people entered were not members of %(branch)s on %(date)s.")
            % {"count": len(strangers), "branch": branch.name, "date": on}
        )


def refuse_misplaced(statuses: Mapping[int, str], branch: Branch, *, on: date) -> None:
    """The branch's own members take part as such, those of the town's other branches as guests, nobody else (D24).

    Raises:
        NotOnRoster: says how many stand in the wrong place.
    """
    guests = {member for member, status in statuses.items() if status == Attendance.Status.GUEST}
    refuse_strangers(statuses.keys() - guests, branch, on=on)
    others = Branch.objects.filter(town=branch.town_id).exclude(pk=branch.pk)
    misplaced = guests - set(members_in(others, on).filter(pk__in=guests).values_list("pk", flat=True))
    if misplaced:
        raise NotOnRoster(
            _("%(count)d entered as from another branch were in none of the town's other branches on %(date)s.")
            % {"count": len(misplaced), "date": on}
        )


def check_meeting(held: HeldMeeting, *, today: date) -> None:
    """Refuse a meeting that cannot be: a day to come, people of elsewhere, kinds the rulebook does not know.

    Raises:
        NotOnRoster, UnknownStatus, OutOfScope and the errors of `check_entry`.
    """
    refuse_future_date(held.held_on, today=today)
    refuse_misplaced(held.statuses, held.branch, on=held.held_on)
    refuse_unknown_statuses(held.statuses.values())
    rulebooks = rulebooks_of(held.branch.town)
    for item, period in held.kinds:
        check_entry(EventEntry(0, item, held.held_on, period), rulebooks=rulebooks, today=today)
    earning = (member for member, status in held.statuses.items() if status in Attendance.EARNING)
    keep_attended(
        (EventEntry(member, item, held.held_on, period) for member in earning for item, period in held.kinds), rulebooks
    )


def insert_meeting(held: HeldMeeting, *, batch: RecordBatch, now: datetime) -> Meeting:
    """Write a checked meeting with its kinds, attendances and what they earn; what announced it is closed.

    The caller holds the locks of the branch and the members.

    Raises:
        HalfLocked: D20.
        OutOfScope: for somebody who took part nothing of it may count (D16).
    """
    meeting = Meeting.objects.create(
        batch=batch,
        branch=held.branch,
        held_on=held.held_on,
        topic=held.topic,
        place=held.place,
        host=held.host,
        minutes=held.minutes,
    )
    MeetingKind.objects.bulk_create(
        MeetingKind(meeting=meeting, item=item, period=period, topic=held.topics.get(item, ""))
        for item, period in held.kinds
    )
    attendances = Attendance.objects.bulk_create(
        Attendance(batch=batch, meeting=meeting, member_id=member_id, status=status)
        for member_id, status in sorted(held.statuses.items())
    )
    entries = [
        EventEntry(attendance.member_id, item, held.held_on, period, attendance_id=attendance.pk)
        for attendance in attendances
        if attendance.status in Attendance.EARNING
        for item, period in held.kinds
    ]
    refuse_locked_halves(
        (
            EventEntry(member, item, held.held_on, period).half_key
            for member in held.statuses
            for item, period in held.kinds
        ),
        now=now,
    )
    entries = keep_attended(entries, rulebooks_of(held.branch.town))
    standing = live_base_events(entries)
    insert_events(
        batch=batch,
        entries=[entry for entry in entries if (entry.member_id, entry.item, entry.period) not in standing],
    )
    close_announcement(meeting, held.kinds, now=now)
    return meeting


def describe_meeting(held: HeldMeeting) -> dict[str, object]:
    """What the log keeps of a meeting's entering."""
    return {
        "held_on": held.held_on.isoformat(),
        "kinds": [list(kind) for kind in held.kinds],
        "people": len(held.statuses),
    }


def record_meeting(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    held_on: date,
    kinds: Sequence[tuple[str, str]],
    statuses: Mapping[int, str],
    topic: str = "",
    place: str = "",
    host: str = "",
    minutes: str = "",
    topics: Mapping[str, str] | None = None,
    token: UUID | None = None,
    drafted_by: User | None = None,
) -> Meeting:
    """Record a meeting with its kinds (item, period) and each member's attendance (member id to status), as one batch.

    Whoever took part earns each kind's base item that may count for them (D16), unless a live record already earned
    that period: then the attendance stands by and earns when that record is voided. A meeting without a
    kind is a free activity: its attendance is kept and earns nothing.

    Raises:
        PermissionDenied, NotOnRoster, UnknownStatus, DuplicateBatch, HalfLocked (D20), OutOfScope (D16) and the errors
        of `check_entry`.
        NotAllowed: oneself as a guest (D24).
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.RECORD, branch, on=today)
    if actor.member_id is not None and statuses.get(actor.member_id) == Attendance.Status.GUEST:
        raise NotAllowed(_("Nobody confirms their own attendance at another branch's meeting."))
    held = HeldMeeting(branch, held_on, kinds, statuses, topic, place, host, minutes, topics or {})
    check_meeting(held, today=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=statuses)
        batch = open_batch(
            actor=actor,
            now=now,
            town=branch.town,
            branch=branch,
            source=RecordBatch.Source.MEETING,
            token=token,
            drafted_by=drafted_by,
        )
        meeting = insert_meeting(held, batch=batch, now=now)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="record_meeting",
            subject=meeting,
            new=describe_meeting(held),
        )
    return meeting
