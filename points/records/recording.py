"""Writing point events: guards, then locks and the guards that need them, then the rows and the log (D2, D3, D5).

Every row is written in a `RecordBatch`. `insert_events` is the one place that inserts; forms, meetings and imports
call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from os import urandom
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.databases.commits import find_connection
from members.access import Action, members_for
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.models import Branch, Member, RecordBatch, Town, User
from members.people.naming import tell_apart
from points.errors import DuplicateBaseRecord
from points.halves.locks import refuse_locked_halves
from points.models import PointEvent
from points.records.entries import EventEntry, check_entry
from points.records.missed import refuse_missed
from points.records.scope import refuse_out_of_scope
from points.rules.payments import PAYMENT_COLUMNS
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebooks_of

_EVENT_COLUMNS = (
    *("uuid", "batch_id", "member_id", "item", "year", "period"),
    *("date", "points", "led", "note", "attendance_id"),
    *PAYMENT_COLUMNS,
)
"""What an event is written with; its void stays NULL."""
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""The digit of a UUID whose first two bits say which kind it is, by a random one."""


def insert_events(*, batch: RecordBatch, entries: Iterable[EventEntry]) -> int:
    """Insert checked entries into a batch and return how many; the caller holds the locks and has checked them."""
    connection = find_connection()
    write_date = cache(connection.ops.adapt_datefield_value)
    rows = (
        (
            _make_uuid(),
            batch.pk,
            entry.member_id,
            entry.item,
            entry.year,
            entry.period,
            write_date(entry.date),
            entry.points,
            entry.led,
            entry.note,
            entry.attendance_id,
            *entry.payment,
        )
        for entry in entries
    )
    return connection.insert_rows(PointEvent._meta.db_table, _EVENT_COLUMNS, rows)


def _make_uuid() -> str:
    """The hex of a random UUID (version 4, RFC 4122): its object would cost as much as the rest of a row's values."""
    digits = urandom(16).hex()
    return f"{digits[:12]}4{digits[13:16]}{_VARIANT[digits[16]]}{digits[17:]}"


def live_base_events(entries: Iterable[EventEntry]) -> dict[tuple[int, str, str], PointEvent]:
    """Live base records of the entries' members in the entries' periods, by (member, item, period)."""
    wanted = {(entry.member_id, entry.item, entry.period) for entry in entries if entry.period}
    found: dict[tuple[int, str, str], PointEvent] = {}
    for member_ids in split_into_chunks(sorted({member for member, _item, _period in wanted})):
        events = PointEvent.objects.live().filter(
            member__in=member_ids, period__in={period for _member, _item, period in wanted}
        )
        for event in events:
            key = (event.member_id, event.item, event.period)
            if key in wanted:
                found[key] = event
    return found


MOST_NAMED = 10


def refuse_duplicates(entries: Sequence[EventEntry], rulebooks: dict[int, Rulebook]) -> None:
    """Refuse entries that repeat a base item and period (D2).

    Raises:
        DuplicateBaseRecord: naming whose records stand, and of which day, so that they can be left out.
    """
    standing = live_base_events(entries)
    seen: set[tuple[int, str, str]] = set()
    repeated: list[tuple[EventEntry, date]] = []
    for entry in entries:
        key = (entry.member_id, entry.item, entry.period)
        if entry.period and (key in standing or key in seen):
            repeated.append((entry, standing[key].date if key in standing else entry.date))
        seen.add(key)
    if not repeated:
        return
    members = Member.objects.in_bulk({entry.member_id for entry, _day in repeated[:MOST_NAMED]})
    tell_apart(members.values())
    records = "、".join(
        _("%(name)s (%(item)s %(period)s, recorded for %(date)s)")
        % {
            "name": members[entry.member_id].listed_name,
            "item": rulebooks[entry.year].item(entry.item).name,
            "period": entry.period,
            "date": day,
        }
        for entry, day in repeated[:MOST_NAMED]
    )
    more = len(repeated) - MOST_NAMED
    raise DuplicateBaseRecord(
        _("Recorded already: %(records)s%(more)s. Nothing was saved; leave these out and record the rest.")
        % {"records": records, "more": _(" and %(count)d more") % {"count": more} if more > 0 else ""}
    )


def record_events(
    *,
    actor: User,
    now: datetime,
    town: Town,
    entries: Sequence[EventEntry],
    branch: Branch | None = None,
    token: UUID | None = None,
    source: RecordBatch.Source = RecordBatch.Source.SCREEN,
    drafted_by: User | None = None,
) -> RecordBatch:
    """Record what one form says, as one batch: all of it or nothing; `drafted_by` prepared it for the actor.

    Raises:
        PermissionDenied: a member is not the actor's to record for.
        DuplicateBatch: the form was sent before.
        HalfLocked: a half is submitted, or its year final (D20).
        OutOfScope: a member was not in the scheme then (D16).
        DuplicateBaseRecord and the errors of `check_entry`: an entry is refused.
        MissedMeeting: a meeting's list has the member as absent or excused.
    """
    today = timezone.localdate(now)
    member_ids = {entry.member_id for entry in entries}
    allowed = members_for(actor, on=today, action=Action.RECORD).filter(pk__in=member_ids, town=town)
    if allowed.count() != len(member_ids):
        raise PermissionDenied(
            _("For members of another branch its own recorder or secretary records, or the town's staff.")
        )
    rulebooks = rulebooks_of(town)
    for entry in entries:
        check_entry(entry, rulebooks=rulebooks, today=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=member_ids)
        batch = open_batch(
            actor=actor, now=now, town=town, branch=branch, source=source, token=token, drafted_by=drafted_by
        )
        refuse_out_of_scope(entries, rulebooks)
        refuse_locked_halves((entry.half_key for entry in entries), now=now)
        refuse_duplicates(entries, rulebooks)
        refuse_missed(entries, rulebooks)
        written = insert_events(batch=batch, entries=entries)
        log_change(actor=actor, now=now, town=town, verb="record_events", subject=batch, new={"events": written})
    return batch
