"""Changing who took part in a meeting, after the fact (D24); what the meeting was is changed in `changes.py`.

An attendance is never rewritten: it is voided with a reason and recorded anew in a batch of its own, together with what
it earned. Members forgotten at entry are added the same way, and a make-up session is entered until the half is
submitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger import live
from members.access import Action, require_branch_action
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Member, RecordBatch, User
from members.people.naming import list_names
from points.errors import AttendanceChanged, MadeUpTooLate, MeetingVoided, NothingToChange
from points.halves.locks import HalfKey, halves_past_draft, refuse_locked_halves
from points.meetings.holding import refuse_misplaced, refuse_unknown_statuses
from points.models import Attendance, Meeting, PointEvent
from points.records.entries import EventEntry, check_entry
from points.records.recording import insert_events, live_base_events
from points.records.scope import keep_attended, keep_in_scope
from points.records.voiding import earn_at_other_meetings, refuse_locked_events
from points.scoring.adoption import rulebooks_of

NOT_EXPECTED = ""
"""In place of a status: the member was not expected and comes off the list."""


@dataclass(frozen=True, slots=True)
class AttendanceChange:
    """What changing a meeting's attendance did; `batch` holds what was recorded anew."""

    batch: RecordBatch
    changed: int
    added: int
    removed: int


def refuse_voided(meeting: Meeting) -> None:
    """Refuse to change a meeting whose batch was voided; ask again under the branch's lock. Raises MeetingVoided."""
    if RecordBatch.objects.voided().filter(pk=meeting.batch_id).exists():
        raise MeetingVoided(_("This meeting was voided as a whole. Record it anew."))


def attendance_keys(meeting: Meeting, kinds: Iterable[tuple[str, str]], member_ids: Iterable[int]) -> list[HalfKey]:
    """Member, year and half of everything an attendance of the members touches; of the day for a free activity (D3)."""
    kinds = list(kinds)
    if not kinds:
        return [EventEntry(member, "", meeting.held_on).half_key for member in member_ids]
    return [
        EventEntry(member, item, meeting.held_on, period).half_key for member in member_ids for item, period in kinds
    ]


def open_change_batch(meeting: Meeting, *, actor: User, now: datetime, token: UUID | None) -> RecordBatch:
    """The batch of a change to a meeting. Raises DuplicateBatch: the form was sent before."""
    branch = meeting.branch
    return open_batch(
        actor=actor, now=now, town=branch.town, branch=branch, source=RecordBatch.Source.MEETING, token=token
    )


def change_attendance(
    *,
    actor: User,
    now: datetime,
    meeting: Meeting,
    statuses: Mapping[int, str],
    reason: str,
    seen: Mapping[int, str] | None = None,
    token: UUID | None = None,
) -> AttendanceChange:
    """Record how members took part in a held meeting (member id to status, or `NOT_EXPECTED`), in place of what stands.

    Whoever stands as given already is left alone. `seen` is what the form showed of each; where that is no longer so,
    somebody else was faster and nothing is saved. What a voided attendance had earned is earned by the new one, or by
    another live attendance of the period, as `points.records.voiding` does.

    Raises:
        PermissionDenied, MissingReason, TextTooLong, MeetingVoided, UnknownStatus, NotOnRoster, NothingToChange,
        DuplicateBatch.
        NotAllowed: their own attendance, which was recorded among everybody's (D27).
        AttendanceChanged: another change came first.
        MadeUpTooLate: a make-up session for a half that was submitted (D24).
        OutOfScope: for somebody who took part nothing of it may count (D16).
        HalfLocked, RecordFrozen: the half is submitted or final; a frozen result counted it: a correction (D20).
    """
    reason = require_reason(reason)
    require_branch_action(actor, Action.VOID, meeting.branch, on=timezone.localdate(now))
    refuse_unknown_statuses(status for status in statuses.values() if status != NOT_EXPECTED)
    with transaction.atomic():
        lock_for_score(branch_ids=[meeting.branch_id], member_ids=statuses)
        refuse_voided(meeting)
        batch = open_change_batch(meeting, actor=actor, now=now, token=token)
        standing = {row.member_id: row for row in meeting.attendances.live().filter(member__in=statuses)}
        before = {member: standing[member].status if member in standing else NOT_EXPECTED for member in statuses}
        _refuse_overtaken(before, seen or {})
        wanted = {member: status for member, status in statuses.items() if status != before[member]}
        if actor.member_id in wanted:
            raise NotAllowed(
                _("Nobody changes their own attendance afterwards: another recorder, the secretary or the town does.")
            )
        if not wanted:
            raise NothingToChange(_("Everybody stands on the list like that already; nothing was changed."))
        refuse_misplaced(_find_placed_anew(before, wanted), meeting.branch, on=meeting.held_on)
        kinds = list(meeting.kinds.values_list("item", "period"))
        refuse_locked_halves(attendance_keys(meeting, kinds, wanted), now=now)
        _refuse_late_make_up(meeting, kinds, wanted)
        _refuse_outside(meeting, kinds, wanted)
        old = [standing[member] for member in sorted(wanted.keys() & standing.keys())]
        freed = _void_attendances(old, actor=actor, now=now, reason=reason)
        new = Attendance.objects.bulk_create(
            Attendance(batch=batch, meeting=meeting, member_id=member, status=status)
            for member, status in sorted(wanted.items())
            if status != NOT_EXPECTED
        )
        earn_from(meeting, new, kinds, batch=batch, now=now)
        earn_at_other_meetings(freed)
        uuids = dict(Member.objects.filter(pk__in=wanted).values_list("pk", "uuid"))
        log_change(
            actor=actor,
            now=now,
            town=meeting.branch.town,
            verb="change_attendance",
            subject=meeting,
            old={"attendance_changes": [[str(uuids[member]), before[member]] for member in sorted(wanted)]},
            new={
                "reason": reason,
                "attendance_changes": [[str(uuids[member]), wanted[member]] for member in sorted(wanted)],
            },
        )
    removed = sum(status == NOT_EXPECTED for status in wanted.values())
    return AttendanceChange(batch, changed=len(old) - removed, added=len(wanted) - len(old), removed=removed)


def earn_from(
    meeting: Meeting,
    attendances: Iterable[Attendance],
    kinds: Iterable[tuple[str, str]],
    *,
    batch: RecordBatch,
    now: datetime,
) -> int:
    """Let new attendances earn the kinds' items where no live record stands; returns how many do.

    Only what may count for the member (D16). The caller holds the locks. Raises the errors of `check_entry`.
    """
    kinds = list(kinds)
    entries = [
        EventEntry(row.member_id, item, meeting.held_on, period, attendance_id=row.pk)
        for row in attendances
        if row.status in Attendance.EARNING
        for item, period in kinds
    ]
    rulebooks = rulebooks_of(meeting.branch.town)
    for entry in entries:
        check_entry(entry, rulebooks=rulebooks, today=timezone.localdate(now))
    entries = keep_in_scope(entries, rulebooks)
    standing = live_base_events(entries)
    return insert_events(
        batch=batch,
        entries=[entry for entry in entries if (entry.member_id, entry.item, entry.period) not in standing],
    )


def find_missed_on_day(entry: EventEntry, *, because: str = "") -> Attendance | None:
    """The attendance that says the member was excused or absent at a meeting of the entry's day, item and period.

    None too where the meeting has an item of another half: that half's line has its own correction. `because`: also
    where it was put right for this reason since.
    """
    found = (
        Attendance.objects.filter(
            live() | Q(void_reason=because, voided_at__isnull=False),
            live("meeting__batch"),
            member=entry.member_id,
            meeting__held_on=entry.date,
            meeting__kinds__item=entry.item,
            meeting__kinds__period=entry.period,
        )
        .exclude(status__in=Attendance.EARNING)
        .select_related("meeting__branch__town")
        .first()
    )
    if found is None:
        return None
    keys = attendance_keys(found.meeting, found.meeting.kinds.values_list("item", "period"), [entry.member_id])
    return found if all(key == entry.half_key for key in keys) else None


def put_right(entry: EventEntry, *, batch: RecordBatch, because: str) -> EventEntry:
    """Of a correction: on the day of a meeting whose list has the member as excused or absent, they took part in it.

    That attendance is voided and recorded anew, earns what else the meeting was, and is where the entry comes from
    (D24); any other entry stays as it is. `batch` is the correction's, and `because` its reason; the caller holds the
    locks.
    """
    old = find_missed_on_day(entry)
    if old is None:
        return entry
    Attendance.objects.filter(pk=old.pk).stamp_void(actor=batch.actor, now=batch.at, reason=because)
    new = Attendance.objects.create(
        batch=batch, meeting=old.meeting, member_id=entry.member_id, status=Attendance.Status.ATTENDED
    )
    others = old.meeting.kinds.exclude(item=entry.item, period=entry.period).values_list("item", "period")
    earn_from(old.meeting, [new], others, batch=batch, now=batch.at)
    return entry._replace(attendance_id=new.pk)  # noqa: SLF001 (public)


def _void_attendances(
    attendances: list[Attendance], *, actor: User, now: datetime, reason: str
) -> list[tuple[int, str, str]]:
    """Void them with what they earned; returns the (member, item, period) that is free now."""
    ids = [row.pk for row in attendances]
    events = PointEvent.objects.live().filter(attendance__in=ids)
    refuse_locked_events(events, now=now)
    freed = list(events.values_list("member_id", "item", "period"))
    Attendance.objects.filter(pk__in=ids).stamp_void(actor=actor, now=now, reason=reason)
    events.stamp_void(actor=actor, now=now, reason=reason)
    return freed


def _find_placed_anew(before: Mapping[int, str], wanted: Mapping[int, str]) -> dict[int, str]:
    """Who comes onto the list, or stands on it as a guest and is to no longer, or the other way round."""
    guest = Attendance.Status.GUEST
    return {
        member: status
        for member, status in wanted.items()
        if status != NOT_EXPECTED and (before[member] == NOT_EXPECTED or (before[member] == guest) != (status == guest))
    }


def _refuse_overtaken(before: Mapping[int, str], seen: Mapping[int, str]) -> None:
    overtaken = [member for member, status in seen.items() if member in before and before[member] != status]
    if overtaken:
        names = list_names(Member.objects.filter(pk__in=overtaken).order_by("position", "pk"), most=10)
        raise AttendanceChanged(
            _(
                "Somebody changed the attendance of %(names)s while this page was open. Nothing was saved; "
                "reload the page and look at the list again."
            )
            % {"names": names}
        )


def _refuse_late_make_up(meeting: Meeting, kinds: list[tuple[str, str]], statuses: Mapping[int, str]) -> None:
    made_up = [member for member, status in statuses.items() if status == Attendance.Status.MADE_UP]
    late = halves_past_draft(attendance_keys(meeting, kinds, made_up)) if kinds else set()
    if late:
        names = Member.objects.filter(pk__in={key[0] for key in late}).order_by("position", "pk")
        raise MadeUpTooLate(
            _(
                "A make-up session is entered before the half is submitted; the half of %(names)s has been. "
                "Choose another status, or ask the committee for a correction."
            )
            % {"names": list_names(names, most=10)}
        )


def _refuse_outside(meeting: Meeting, kinds: list[tuple[str, str]], statuses: Mapping[int, str]) -> None:
    took_part = [member for member, status in statuses.items() if status in Attendance.EARNING]
    entries = [EventEntry(member, item, meeting.held_on, period) for member in took_part for item, period in kinds]
    keep_attended(entries, rulebooks_of(meeting.branch.town))
