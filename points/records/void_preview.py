"""What a void takes, by item and count, before it is done: the same rows the verbs of `voiding` stamp (D30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from foundation.ledger import VoidableQuerySet
from members.models import RecordBatch, RosterChange
from points.models import Attendance, Meeting, PointEvent
from points.records.voiding import find_other_attendances, rows_of
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class VoidedItem:
    """Records of one item and period (empty for deeds) that a void takes, and of how many people."""

    item: str
    year: int
    period: str
    count: int
    people: int


@dataclass(frozen=True, slots=True)
class VoidPreview:
    """What a void takes; `earned_elsewhere` of the records are earned by another meeting instead."""

    items: tuple[VoidedItem, ...]
    attendances: tuple[tuple[str, int], ...] = ()
    """Status and count, in the order of the statuses."""
    meetings: int = 0
    deductions: int = 0
    vetoes: int = 0
    members_added: int = 0
    members_changed: int = 0
    branches_added: int = 0
    earned_elsewhere: int = 0

    @property
    def records(self) -> int:
        """How many point records."""
        return sum(item.count for item in self.items)


def preview_batch(batch: RecordBatch) -> VoidPreview:
    """What voiding a batch takes: its own live rows, and what was changed later about the meetings it recorded."""
    attendances = rows_of(batch, Attendance).live()
    roster = RosterChange.objects.filter(batch=batch)
    return VoidPreview(
        items=_read_items(rows_of(batch, PointEvent).live()),
        attendances=_count_statuses(attendances.order_by().values_list("status", flat=True)),
        meetings=Meeting.objects.filter(batch=batch).count(),
        deductions=Deduction.objects.live().filter(batch=batch).count(),
        vetoes=VetoRecord.objects.live().filter(batch=batch).count(),
        members_added=roster.filter(member__isnull=False, created=True).count(),
        members_changed=roster.filter(created=False).count(),
        branches_added=roster.filter(branch__isnull=False).count(),
        earned_elsewhere=_count_elsewhere(rows_of(batch, PointEvent).live(), attendances),
    )


def preview_attendance(attendance: Attendance) -> VoidPreview:
    """What voiding one attendance takes."""
    events = PointEvent.objects.live().filter(attendance=attendance)
    rows = Attendance.objects.live().filter(pk=attendance.pk)
    statuses = _count_statuses(rows.values_list("status", flat=True))
    return VoidPreview(_read_items(events), statuses, earned_elsewhere=_count_elsewhere(events, rows))


def preview_events(*rows: PointEvent) -> VoidPreview:
    """What voiding single records takes."""
    events = PointEvent.objects.live().filter(pk__in=[event.pk for event in rows])
    return VoidPreview(_read_items(events), earned_elsewhere=_count_elsewhere(events, Attendance.objects.none()))


def _read_items(events: VoidableQuerySet[PointEvent]) -> tuple[VoidedItem, ...]:
    counted = (
        events.order_by("period", "item", "year")
        .values_list("item", "year", "period")
        .annotate(count=Count("pk"), people=Count("member", distinct=True))
    )
    return tuple(VoidedItem(*row) for row in counted)


def _count_statuses(statuses: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(statuses)
    return tuple((status, counts[status]) for status in Attendance.Status.values if counts[status])


def _count_elsewhere(events: VoidableQuerySet[PointEvent], going: VoidableQuerySet[Any]) -> int:
    """How many of the periods another attendance that stays earns in their place (D24)."""
    freed = events.exclude(Q(period="")).order_by().values_list("member_id", "item", "period")
    return len(find_other_attendances(freed, going=set(going.order_by().values_list("pk", flat=True))))
