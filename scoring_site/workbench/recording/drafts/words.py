"""A draft in words: what it would record."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.tenths import show_points
from members.models import Member
from members.people.naming import tell_apart_at_home
from points.drafts.payloads import DraftContent, MonthContent, read_content
from points.meetings.holding import HeldMeeting
from points.models import Attendance, Draft
from points.rules.periods import period_year
from points.scoring.wording import name_period
from scoring_site.requests import catalogue_for, today_of


def say_draft(request: HttpRequest, draft: Draft) -> list[tuple[str, str]]:
    """What a draft would record, line by line: who, and what. Raises NotOnRoster."""
    content = read_content(draft)
    people = Member.objects.filter(pk__in=_people(content)).order_by("position", "pk")
    names = {member.pk: member.listed_name for member in tell_apart_at_home(people, on=today_of(request))}
    catalogue, town_id = catalogue_for(request), draft.branch.town_id

    def item(code: str, year: int) -> str:
        return catalogue.name(town_id, year, code)

    def say_meeting(held: HeldMeeting) -> list[tuple[str, str]]:
        kinds = "、".join(f"{item(code, period_year(period))}（{name_period(period)}）" for code, period in held.kinds)
        labels = dict(Attendance.Status.choices)
        head = "　".join(str(part) for part in (held.held_on, kinds, held.topic, held.place, held.host) if part)
        lines = [(_("meeting"), head)]
        for status in Attendance.Status.values:
            people = [names[pk] for pk, held_status in held.statuses.items() if held_status == status]
            if people:
                lines.append((f"{labels[status]}（{len(people)}）", "、".join(people)))
        return [*lines, (_("minutes"), held.minutes)] if held.minutes else lines

    if isinstance(content, HeldMeeting):
        return say_meeting(content)
    if isinstance(content, MonthContent):
        dues = (
            _("dues of %(month)s") % {"month": name_period(content.month)},
            "、".join(names[pk] for pk in content.dues),
        )
        return [*([dues] if content.dues else []), *(say_meeting(content.meeting) if content.meeting else [])]
    return [
        (
            names[entry.member_id],
            "　".join(
                part
                for part in (
                    item(entry.item, entry.year),
                    name_period(entry.period) if entry.period else str(entry.date),
                    "" if entry.points is None else show_points(entry.points) + (" ×2" if entry.led else ""),
                    entry.note,
                )
                if part
            ),
        )
        for entry in content.entries
    ]


def _people(content: DraftContent) -> set[int]:
    if isinstance(content, HeldMeeting):
        return set(content.statuses)
    if isinstance(content, MonthContent):
        return {*content.dues, *(content.meeting.statuses if content.meeting else ())}
    return {entry.member_id for entry in content.entries}
