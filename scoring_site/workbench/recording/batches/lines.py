"""What is in a batch, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.models import Member, RecordBatch, RosterChange
from members.people.naming import tell_rows_apart_at_home
from points.models import PointEvent
from points.scoring.wording import name_period, say_note
from scoring_site.requests import catalogue_for, today_of
from scoring_site.workbench.base.pages import page_url, row_url

SHOWN = 200
"""How many of a batch's lines its page lists."""


def read_lines(request: HttpRequest, batch: RecordBatch) -> list[dict[str, Any]]:
    """The first lines of a batch; findings without their ground (D21)."""
    catalogue = catalogue_for(request)

    def tell(rows: Iterable[Any]) -> list[Any]:
        return tell_rows_apart_at_home(rows, lambda row: row.member, on=today_of(request))

    lines: list[dict[str, Any]] = [
        {
            "member": event.member.listed_name,
            "what": catalogue.name(event.member.town_id, event.year, event.item),
            "when": name_period(event.period) if event.period else event.date,
            "more": _say_points(event),
            "url": row_url(event),
            "is_void": event.is_void,
        }
        for event in tell(batch.events.select_related("member").order_by("member__position", "pk")[:SHOWN])
    ]
    attendances = batch.attendances.select_related("member", "meeting").order_by("member__position")
    for attendance in tell(attendances[:SHOWN]):
        lines.append(
            {
                "member": attendance.member.listed_name,
                "what": attendance.get_status_display(),
                "when": attendance.meeting.held_on,
                "url": page_url("points_meeting_change", attendance.meeting_id),
                "is_void": attendance.is_void,
            }
        )
    for finding in tell((*batch.deductions.select_related("member"), *batch.vetorecords.select_related("member"))):
        lines.append(
            {
                "member": finding.member.listed_name,
                "what": finding._meta.verbose_name,
                "when": finding.date,
                "is_void": finding.is_void,
            }
        )
    changes = batch.roster_changes.select_related("member", "branch").order_by("pk")
    return lines + [_show_roster_change(change) for change in tell(changes[:SHOWN])]


def _say_points(event: PointEvent) -> str:
    """What was awarded for a deed and what it was: `1.5分×2 清理河岸`; of a base record what stands beside it."""
    if event.points is None:
        return say_note(event)
    points = _("%(points)s points") % {"points": say_points(event.points)}
    return f"{points}{' ×2' if event.led else ''} {event.note}".strip()


def _show_roster_change(change: RosterChange) -> dict[str, Any]:
    """A line of a roster import: whom or what it made, or which details it changed (not what they say)."""
    if change.member is None:
        return {"member": str(change.branch), "what": _("new branch"), "when": "", "is_void": False}
    if change.created:
        what = _("put on the roster")
    else:
        columns = {column.name: str(column.verbose_name) for column in Member._meta.fields}
        names = "、".join(columns[name] for name in json.loads(change.values))
        what = _("changed: %(names)s") % {"names": names}
    return {"member": change.member.listed_name, "what": what, "when": "", "is_void": False}
