"""The list of meetings as a workbook (会议和活动台账)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone

from foundation.workbooks.writing import Column, Look, TableSheet, stream_workbook
from members.access import Action, branches_for
from members.log.audit import log_change
from members.models import Town, User
from points.models import Meeting
from points.papers import words

COLUMNS = (
    Column("党支部", 22),
    Column("日期", 12, Look.DATE),
    Column("类别", 34),
    Column("主题", 34, Look.WRAPPED_TEXT),
    Column("地点", 18),
    Column("主持人", 10),
    Column("应到", 8, Look.WHOLE),
    Column("实到", 8, Look.WHOLE),
    Column("补课、送学上门等", 10, Look.WHOLE),
    Column("会议记录", 60, Look.WRAPPED_TEXT),
    Column("登记人", 12),
    Column("登记时间", 18),
    Column("是否作废", 10),
)


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One line of the workbook."""

    branch: str
    held_on: date
    kinds: str
    topic: str
    place: str
    host: str
    expected: int
    present: int
    beside: int
    minutes: str
    recorded_by: str
    recorded_at: datetime
    is_void: bool


@dataclass(frozen=True, slots=True)
class MeetingsExport:
    """The lines, in the order of the list."""

    rows: Sequence[MeetingRow]


def export_meetings(
    *, actor: User, now: datetime, meetings: QuerySet[Meeting], name_kinds: Callable[[Meeting], str]
) -> MeetingsExport:
    """Read the meetings as far as the actor may export them; logged for each town.

    `meetings` carries the list's counts `present`, `beside` and `expected`.
    """
    allowed = branches_for(actor, on=timezone.localdate(now), action=Action.EXPORT).values("pk")
    found = list(meetings.filter(branch__in=allowed).select_related("branch__town", "batch__actor"))
    by_town: dict[Town, int] = {}
    for meeting in found:
        by_town[meeting.branch.town] = by_town.get(meeting.branch.town, 0) + 1
    for town, count in by_town.items():
        log_change(actor=actor, now=now, town=town, verb="export_meetings", subject=town, new={"count": count})
    return MeetingsExport([_read(meeting, name_kinds(meeting)) for meeting in found])


def _read(meeting: Meeting, kinds: str) -> MeetingRow:
    return MeetingRow(
        branch=meeting.branch_name,
        held_on=meeting.held_on,
        kinds=kinds,
        topic=meeting.topic,
        place=meeting.place,
        host=meeting.host,
        expected=meeting.expected,  # type: ignore[attr-defined] # an annotation
        present=meeting.present,  # type: ignore[attr-defined] # an annotation
        beside=meeting.beside,  # type: ignore[attr-defined] # an annotation
        minutes=meeting.minutes,
        recorded_by=str(meeting.batch.actor),
        recorded_at=meeting.batch.at,
        is_void=meeting.batch.is_void,
    )


def write_meetings_workbook(export: MeetingsExport, file: IO[bytes]) -> int:
    """Write the list into an open binary file; returns how many meetings it holds."""
    with stream_workbook(file, title="会议和活动台账", author="") as workbook:
        sheet = TableSheet(workbook, "会议和活动", COLUMNS, frozen_columns=2)
        for row in export.rows:
            sheet.append(
                [
                    row.branch,
                    row.held_on,
                    row.kinds,
                    row.topic,
                    row.place,
                    row.host,
                    row.expected,
                    row.present,
                    row.beside,
                    row.minutes,
                    row.recorded_by,
                    f"{timezone.localtime(row.recorded_at):%Y-%m-%d %H:%M}",
                    words.YES if row.is_void else words.NO,
                ]
            )
        sheet.finish()
    return sheet.row_count
