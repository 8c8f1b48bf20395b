"""Voiding: a record is never deleted; it is voided once, with a reason, and stays readable.

Where a voided record had earned a period that another live attendance could earn, that attendance earns it now (D24).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.ledger import VoidableModel, VoidableQuerySet
from members.access import Action, may, members_for, refuse_own_case, require_branch_action, require_member_action
from members.errors import AlreadyVoided
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Branch, Member, RecordBatch, User
from members.roster_files.undoing import undo_roster_import
from points.errors import BelongsToMeeting
from points.halves.locks import (
    half_key_of,
    refuse_frozen_records,
    refuse_locked_findings,
    refuse_locked_halves,
    refuse_submitted_halves,
)
from points.models import Attendance, Meeting, MeetingKind, PointEvent
from points.records.entries import EventEntry
from points.records.recording import insert_events, live_base_events
from points.records.scope import keep_in_scope
from points.scoring.adoption import rulebooks_of
from veto.models import Deduction, VetoRecord


def refuse_locked_events(events: Iterable[PointEvent], *, now: datetime) -> None:
    """Refuse to void events of a submitted half or a final year, or that a frozen line counted (D20).

    Raises:
        HalfLocked, RecordFrozen.
    """
    events = list(events)
    refuse_locked_halves((half_key_of(event) for event in events), now=now)
    refuse_frozen_records((event.member_id for event in events), (str(event.uuid) for event in events))


def find_other_attendances(
    freed: Iterable[tuple[int, str, str]], *, going: Collection[int] = ()
) -> dict[tuple[int, str, str], tuple[EventEntry, RecordBatch]]:
    """The earliest other live attendance that could earn each freed (member, item, period), as the entry it would make.

    `going` are attendances that are about to be voided. Only one on a day on which the member was in the scheme (D16).
    """
    wanted = set(freed)
    found: dict[EventEntry, RecordBatch] = {}
    for member_ids in split_into_chunks(sorted({member for member, _item, _period in wanted})):
        attendances = (
            Attendance.objects.live()
            .filter(member__in=member_ids, status__in=Attendance.EARNING)
            .select_related("meeting", "batch__town")
            .order_by("meeting__held_on", "pk")
        )
        kinds = MeetingKind.objects.filter(meeting__in=attendances.values("meeting"))
        kinds_of: dict[int, list[MeetingKind]] = {}
        for kind in kinds:
            kinds_of.setdefault(kind.meeting_id, []).append(kind)
        for attendance in attendances:
            for kind in kinds_of.get(attendance.meeting_id, ()):
                key = (attendance.member_id, kind.item, kind.period)
                if key in wanted and attendance.pk not in going:
                    entry = EventEntry(
                        attendance.member_id,
                        kind.item,
                        attendance.meeting.held_on,
                        kind.period,
                        attendance_id=attendance.pk,
                    )
                    found[entry] = attendance.batch
    entries: dict[tuple[int, str, str], tuple[EventEntry, RecordBatch]] = {}
    if found:
        rulebooks = rulebooks_of(next(iter(found.values())).town)
        for entry in keep_in_scope(found, rulebooks):
            entries.setdefault((entry.member_id, entry.item, entry.period), (entry, found[entry]))
    return entries


def earn_at_other_meetings(freed: Iterable[tuple[int, str, str]]) -> int:
    """Let the earliest other live attendance of each freed (member, item, period) earn it; returns how many did.

    Raises:
        HalfLocked: it would earn in a submitted half (D20).
    """
    entries = find_other_attendances(freed)
    standing = live_base_events(entry for entry, _batch in entries.values())
    earned = [entries[key] for key in entries.keys() - standing.keys()]
    # A yearly item's other attendance may lie in the other half (D3), which may be submitted (D20).
    refuse_submitted_halves(entry.half_key for entry, _batch in earned)
    for entry, batch in earned:
        insert_events(batch=batch, entries=[entry])
    return len(earned)


def void_event(*, actor: User, now: datetime, event: PointEvent, reason: str) -> None:
    """Void one point event.

    Raises:
        MissingReason, TextTooLong, AlreadyVoided, PermissionDenied, HalfLocked, RecordFrozen.
        BelongsToMeeting: it came from an attendance, which is what must be voided.
    """
    reason = require_reason(reason)
    branch = require_member_action(actor, Action.VOID, event.member, on=timezone.localdate(now))
    _refuse_meetings_events([event])
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[event.member_id])
        _void_locked_events([event], actor=actor, now=now, reason=reason)
        log_change(
            actor=actor, now=now, town=event.batch.town, verb="void_event", subject=event, new={"reason": reason}
        )


def void_events(*, actor: User, now: datetime, branch: Branch, events: Sequence[PointEvent], reason: str) -> None:
    """Void several events of a branch's members for one reason: all of them or none; logged once, on the branch.

    Raises: as `void_event`.
    """
    reason = require_reason(reason)
    member_ids = {event.member_id for event in events}
    allowed = members_for(actor, on=timezone.localdate(now), action=Action.VOID).filter(town=branch.town_id)
    if allowed.filter(pk__in=member_ids).count() != len(member_ids):
        raise PermissionDenied(
            _("For members of another branch its own recorder or secretary does this, or the town's staff.")
        )
    _refuse_meetings_events(events)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=member_ids)
        _void_locked_events(events, actor=actor, now=now, reason=reason)
        uuids = sorted(str(event.uuid) for event in events)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="void_events",
            subject=branch,
            new={"reason": reason, "events": uuids},
        )


def _refuse_meetings_events(events: Iterable[PointEvent]) -> None:
    if any(event.attendance_id is not None for event in events):
        raise BelongsToMeeting(
            _("This record came from a meeting's attendance list. Change the attendance there instead.")
        )


def _void_locked_events(events: Sequence[PointEvent], *, actor: User, now: datetime, reason: str) -> None:
    """Void events whose members are locked, and let other attendances earn what they had earned (D24)."""
    refuse_locked_events(events, now=now)
    rows = PointEvent.objects.filter(pk__in=[event.pk for event in events])
    if rows.stamp_void(actor=actor, now=now, reason=reason) != len(events):
        raise AlreadyVoided(_("This record was voided before; reload the page to see by whom and why."))
    earn_at_other_meetings((event.member_id, event.item, event.period) for event in events if event.period)


def void_attendance(*, actor: User, now: datetime, attendance: Attendance, reason: str) -> None:
    """Void an attendance and the events it earned; another live attendance of the period earns in its place.

    Raises:
        MissingReason, TextTooLong, AlreadyVoided, PermissionDenied, NotAllowed (their own), HalfLocked, RecordFrozen.
    """
    reason = require_reason(reason)
    branch = attendance.meeting.branch
    require_branch_action(actor, Action.VOID, branch, on=timezone.localdate(now))
    refuse_own_case(actor, attendance.member)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=[attendance.member_id])
        if not Attendance.objects.filter(pk=attendance.pk).stamp_void(actor=actor, now=now, reason=reason):
            raise AlreadyVoided(_("This record was voided before; reload the page to see by whom and why."))
        kinds = attendance.meeting.kinds.values_list("item", "period")
        held_on = attendance.meeting.held_on
        refuse_locked_halves(
            (EventEntry(attendance.member_id, item, held_on, period).half_key for item, period in kinds), now=now
        )
        events = PointEvent.objects.live().filter(attendance=attendance)
        refuse_locked_events(events, now=now)
        freed = list(events.values_list("member_id", "item", "period"))
        events.stamp_void(actor=actor, now=now, reason=reason)
        earn_at_other_meetings(freed)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="void_attendance",
            subject=attendance,
            new={"reason": reason},
        )


def people_found(batch: RecordBatch) -> QuerySet[Member]:
    """Whom a batch wrote a deduction or a veto about; voiding it takes these back, which is for who decides them."""
    return Member.objects.filter(Q(deductions__batch=batch) | Q(vetorecords__batch=batch)).distinct()


def rows_of(batch: RecordBatch, model: type[VoidableModel]) -> VoidableQuerySet[Any]:
    """What goes with a batch: its own rows, and what was changed later about the meetings it recorded."""
    wanted = Q(batch=batch)
    # Not by joins: the database would join every row of the table before it looks at batches, and where it has not
    # counted the tables yet (a town just imported) row by row, which takes hours.
    if model is Attendance:
        wanted |= Q(meeting__in=Meeting.objects.filter(batch=batch))
    elif model is PointEvent:
        wanted |= Q(attendance__in=Attendance.objects.filter(meeting__batch=batch))
    return model.objects.filter(wanted)


def void_batch(*, actor: User, now: datetime, batch: RecordBatch, reason: str) -> dict[str, int]:
    """Void a batch and everything live in it; returns how many rows of each kind were voided.

    A roster import is taken back: see `undo_roster_import`, whose counts come instead.

    Raises:
        MissingReason, TextTooLong, AlreadyVoided, HalfLocked, RecordFrozen.
        RosterRefused: what a roster import wrote cannot be taken back any more.
        PermissionDenied: also where the batch carries a finding and the actor decides none (`void_finding`).
        NotAllowed: it carries a finding about the actor.
    """
    reason = require_reason(reason)
    found = list(people_found(batch))
    action = Action.DECIDE_FINDING if found else Action.VOID
    if not may(actor, action, batch.branch, on=timezone.localdate(now), town=batch.town):
        raise PermissionDenied(_("You may not void this batch; ask the town's staff."))
    for member in found:
        refuse_own_case(actor, member)
    with transaction.atomic():
        kinds = (PointEvent, Attendance, Deduction, VetoRecord)
        member_ids: set[int] = set()
        for model in kinds:
            member_ids.update(rows_of(batch, model).order_by().values_list("member_id", flat=True).distinct())
        lock_for_score(branch_ids=[batch.branch_id] if batch.branch_id else [], member_ids=member_ids)
        if not RecordBatch.objects.filter(pk=batch.pk).stamp_void(actor=actor, now=now, reason=reason):
            raise AlreadyVoided(_("This batch was voided before; reload the page to see by whom and why."))
        events = rows_of(batch, PointEvent).live()
        refuse_locked_events(events, now=now)
        # Who was absent, or had earned the period elsewhere, has no event here, and yet stands on the list.
        attended = rows_of(batch, Attendance).live().filter(meeting__kinds__isnull=False)
        columns = ("member_id", "meeting__kinds__item", "meeting__held_on", "meeting__kinds__period")
        refuse_locked_halves((EventEntry(*row).half_key for row in attended.values_list(*columns)), now=now)
        for kind in (Deduction, VetoRecord):
            refuse_locked_findings(kind.objects.live().filter(batch=batch, confirmed_at__isnull=False), now=now)
        freed = list(events.exclude(period="").values_list("member_id", "item", "period"))
        counts = {
            model._meta.model_name or "": rows_of(batch, model).stamp_void(actor=actor, now=now, reason=reason)
            for model in kinds
        }
        earn_at_other_meetings(freed)
        if batch.source == RecordBatch.Source.ROSTER:
            counts = undo_roster_import(actor=actor, now=now, batch=batch)
        log_change(
            actor=actor,
            now=now,
            town=batch.town,
            verb="void_batch",
            subject=batch,
            new={"reason": reason, **counts},
        )
    return counts
