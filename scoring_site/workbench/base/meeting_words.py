"""A meeting in words: its kinds, how many took part, and member by member what stands and what stood before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.models import Member
from members.people.naming import tell_rows_apart_at_home
from points.models import Announcement, Attendance, Meeting, SignInScan
from points.rules.periods import period_year
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period
from scoring_site.workbench.base.pages import row_url


def name_kind(catalogue: Catalogue, town_id: int, item: str, period: str) -> str:
    """A kind of meeting with its period, in words."""
    return f"{catalogue.name(town_id, period_year(period), item)}（{name_period(period)}）"


def name_kinds(meeting: Meeting | Announcement, catalogue: Catalogue, *, with_topics: bool = False) -> str:
    """The kinds of a meeting, held or to come, with their periods, in words; with their own topics if wanted."""
    town_id = meeting.branch.town_id
    named = [
        name_kind(catalogue, town_id, kind.item, kind.period)
        + (f"：{kind.topic}" if with_topics and kind.topic else "")
        for kind in meeting.kinds.all()
    ]
    return ("；" if with_topics else "、").join(named) or _("free activity")


def show_attendance(meeting: Any) -> str:
    """Present and expected of a row of the list, and who took part beside (D24); one voided as a whole says so."""
    if meeting.batch.is_void:
        return _("voided")
    there = f"{meeting.present} / {meeting.expected}"
    if not meeting.beside:
        return there
    return _("%(there)s, and %(count)d made up or otherwise") % {"there": there, "count": meeting.beside}


@dataclass(slots=True)
class MeetingLine:
    """One member on a meeting's list: the attendance that stands (None: voided), the voided ones, their own scan."""

    member: Member
    live: Attendance | None = None
    url: str = ""
    voided: list[Attendance] = field(default_factory=list)
    signed_at: datetime | None = None

    @property
    def is_guest(self) -> bool:
        """From another branch: not one of those the meeting is for."""
        return self.live is not None and self.live.status == Attendance.Status.GUEST


def read_lines(meeting: Meeting, *, readable: QuerySet[Attendance]) -> list[MeetingLine]:
    """The meeting's list in roster order, guests last, also those who signed in and are not on it; three queries."""
    lines: dict[int, MeetingLine] = {}
    open_to_user = set(readable.values_list("pk", flat=True))
    for row in meeting.attendances.select_related("member", "voided_by").order_by("pk"):
        line = lines.setdefault(row.member_id, MeetingLine(row.member))
        if row.is_void:
            line.voided.append(row)
        else:
            line.live = row
            line.url = row_url(row) if row.pk in open_to_user else ""
    for scan in SignInScan.objects.filter(sign_in__meeting=meeting).select_related("member"):
        lines.setdefault(scan.member_id, MeetingLine(scan.member)).signed_at = scan.at
    told = sorted(lines.values(), key=lambda line: (line.is_guest, line.member.position, line.member.pk))
    return tell_rows_apart_at_home(told, lambda line: line.member, on=meeting.held_on)
