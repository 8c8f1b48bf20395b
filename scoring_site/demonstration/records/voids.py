"""Records entered wrongly last year, and voided with a reason: a record, an attendance, a whole form."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from points.models import Attendance, PointEvent
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk

_BRANCH = "taoyuan"
_WRONG_NAMESAKE_ON = (4, 25)
_TWICE_ON = (8, 6)
_NAMESAKE_NOTE = "村级道路硬化项目：组织协调占地农户"
_TWICE_NOTE = "暑期防溺水巡查志愿服务"


def plan_voids(diary: Diary, folk: Townsfolk) -> None:
    """Put the wrong entries and their voids into the diary."""
    year = folk.last_year
    namesake_on, twice_on = date(year, *_WRONG_NAMESAKE_ON), date(year, *_TWICE_ON)
    diary.add(at(namesake_on, 17), partial(_credit_namesake, folk, "namesake_elder", namesake_on))
    diary.add(at(date(year, 4, 28), 9, 40), partial(_void_namesake, folk))
    diary.add(at(date(year, 4, 28), 9, 45), partial(_credit_namesake, folk, "namesake_younger", namesake_on))
    for minute in (0, 4):
        diary.add(at(twice_on, 18, minute), partial(_record_patrol, folk, twice_on))
    diary.add(at(date(year, 8, 7), 8, 50), partial(_void_second_patrol, folk))
    diary.add(at(date(year, 10, 13), 9), partial(_void_attendance, folk, date(year, 10, 10)))


def _credit_namesake(folk: Townsfolk, key: str, day: date, now: datetime) -> None:
    """Two members of the branch bear one name; the first entry goes to the wrong one."""
    entry = EventEntry(folk.members[key].pk, "governance", day, points=20, led=True, note=_NAMESAKE_NOTE)
    record_events(
        actor=folk.recorders[_BRANCH], now=now, town=folk.town, branch=folk.branches[_BRANCH], entries=[entry]
    )


def _void_namesake(folk: Townsfolk, now: datetime) -> None:
    event = PointEvent.objects.get(member=folk.members["namesake_elder"], note=_NAMESAKE_NOTE)
    void_event(
        actor=folk.recorders[_BRANCH],
        now=now,
        event=event,
        reason="记错人：两名刘建军同名，实际参加的是另一位，已另行登记",
    )


def _record_patrol(folk: Townsfolk, day: date, now: datetime) -> None:
    entries = [
        EventEntry(folk.members[key].pk, "volunteering", day, points=10, note=_TWICE_NOTE)
        for key in ("taoyuan-0", "taoyuan-1", "member", "gambler", "namesake_younger")
    ]
    record_events(
        actor=folk.recorders[_BRANCH], now=now, town=folk.town, branch=folk.branches[_BRANCH], entries=entries
    )


def _void_second_patrol(folk: Townsfolk, now: datetime) -> None:
    event = PointEvent.objects.filter(member=folk.members["member"], note=_TWICE_NOTE).order_by("batch__at")[1]
    void_batch(
        actor=folk.secretaries[_BRANCH], now=now, batch=event.batch, reason="同一次活动登记了两遍，作废后一次登记"
    )


def _void_attendance(folk: Townsfolk, held_on: date, now: datetime) -> None:
    attendance = Attendance.objects.get(
        meeting__branch=folk.branches[_BRANCH], meeting__held_on=held_on, member=folk.members["member"]
    )
    void_attendance(
        actor=folk.recorders[_BRANCH],
        now=now,
        attendance=attendance,
        reason="签到表误记：本人当天请假外出就医，没有参加",
    )
