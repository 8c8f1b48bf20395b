"""会议记录: what a meeting was, who was expected, present, excused and absent, and its minutes, to be signed."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.people.naming import tell_rows_apart_at_home
from points.models import Attendance, Meeting
from points.papers.pdf import write_pdf
from points.rules.periods import period_year
from points.scoring.adoption import rulebooks_of
from points.scoring.wording import name_period

TITLE = "党支部会议记录"
STYLESHEET = "points/papers/branch_papers.css"
Status = Attendance.Status
IN_OTHER_WAYS = {
    Status.MADE_UP: "补课",
    Status.HOME_VISIT: "送学上门",
    Status.ONLINE: "线上参加",
    Status.AT_PLACE_OF_STAY: "在流入地参加",
}


def write_meeting_record(*, meeting: Meeting, now: datetime) -> bytes:
    """The record as PDF, Chinese, A4."""
    with translation.override("zh-hans"):
        html = render_meeting_record(meeting, now=now)
        return write_pdf(
            papers=[html],
            stylesheet=STYLESHEET,
            title=f"{TITLE} {meeting.branch_name} {meeting.held_on}",
        )


def render_meeting_record(meeting: Meeting, *, now: datetime) -> str:
    """The record as HTML, in the active language."""
    people: dict[str, list[str]] = defaultdict(list)
    rows = meeting.attendances.live().select_related("member").order_by("member__position", "member_id")
    for row in tell_rows_apart_at_home(rows, lambda row: row.member, on=meeting.held_on, lasting=True):
        people[row.status].append(row.member.listed_name)
    rulebooks = rulebooks_of(meeting.branch.town)
    kinds = []
    for kind in meeting.kinds.order_by("pk"):
        rulebook = rulebooks.get(period_year(kind.period))
        name = rulebook.item_names().get(kind.item, kind.item) if rulebook else kind.item
        kinds.append(f"{name}（{name_period(kind.period)}）")
    guests = people.pop(Status.GUEST, [])
    context = {
        "title": TITLE,
        "meeting": meeting,
        "branch_name": meeting.branch_name,
        "kinds": "、".join(kinds),
        "expected": sum(map(len, people.values())),
        "attended": people[Status.ATTENDED],
        "others": [(label, people[status]) for status, label in IN_OTHER_WAYS.items() if people[status]],
        "guests": guests,
        "excused": people[Status.EXCUSED],
        "absent": people[Status.ABSENT],
        "printed_on": timezone.localdate(now),
    }
    return render_to_string("points/papers/meeting_record.html", context)
