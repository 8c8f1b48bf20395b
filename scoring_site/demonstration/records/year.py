"""A year of ordinary records in every branch: dues, meetings with attendance, pledges and activities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple

from points.meetings.holding import record_meeting
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Attendance, SignIn
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.rules.periods import period_of
from scoring_site.demonstration.diary import Diary, Entry, at
from scoring_site.demonstration.people.roster import BRANCHES, BranchPlan, Person
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.records.activities import ACTIVITIES, LECTURES, TOPICS, Activity

Status = Attendance.Status

NOT_HELD = (("fenglin", 8, "party_day"), ("tea", 3, "lecture"))
"""What a branch did not hold last year (支部未组织): branch, month, item."""

_BRANCH_BEHIND, _DAYS_BEHIND = "second", 35
_BRANCH_WITHOUT_DUES, _DAYS_WITHOUT_DUES = "liuwan", 62
_PER = {"party_day": "month", "lecture": "quarter", "assembly": "quarter", "life_meeting": "half", "appraisal": "year"}


class Occasion(NamedTuple):
    """Something a branch's recorder enters at a moment."""

    moment: datetime
    what: str
    entry: Entry


def plan_year(diary: Diary, folk: Townsfolk, year: int, *, now: datetime) -> None:
    """Put a year's ordinary records into the diary. This year has gaps: two recorders are late."""
    for plan in BRANCHES:
        for occasion in _plan_branch(folk, plan, year):
            if year < folk.this_year or not _is_gap(plan, occasion, now):
                diary.add(occasion.moment, occasion.entry)


def _is_gap(plan: BranchPlan, occasion: Occasion, now: datetime) -> bool:
    age = now - occasion.moment
    return (plan.key == _BRANCH_BEHIND and age < timedelta(days=_DAYS_BEHIND)) or (
        plan.key == _BRANCH_WITHOUT_DUES and occasion.what == "dues" and age < timedelta(days=_DAYS_WITHOUT_DUES)
    )


def _plan_branch(folk: Townsfolk, plan: BranchPlan, year: int) -> Iterator[Occasion]:
    for month in range(1, 13):
        day = date(year, month, plan.party_day)
        yield Occasion(at(day, 17, 20), "dues", partial(_record_dues, folk, plan, day))
        for held_on, items in _meetings_of_month(plan, day, is_last_year=year < folk.this_year):
            yield Occasion(at(held_on, 16, 40), "meeting", partial(_hold_meeting, folk, plan, held_on, items))
    for day, items in (
        (date(year, 6, 25), ("life_meeting",)),
        (date(year, 12, 22), ("life_meeting", "appraisal")),
    ):
        yield Occasion(at(day, 17), "meeting", partial(_hold_meeting, folk, plan, day, items))
    pledged_on = date(year, 3, 20)
    yield Occasion(at(pledged_on, 10, 30), "pledge", partial(_record_pledges, folk, plan, pledged_on))
    for activity in ACTIVITIES:
        day = date(year, activity.month, activity.day)
        next_day = day + timedelta(days=1)
        yield Occasion(at(next_day, 9, 15), "activity", partial(_record_activity, folk, plan, activity, day))


def _meetings_of_month(plan: BranchPlan, day: date, *, is_last_year: bool) -> Iterator[tuple[date, tuple[str, ...]]]:
    """The month's meetings and their kinds: in one month of the quarter the party day carries the others too."""
    not_held = {item for key, month, item in NOT_HELD if is_last_year and (key, month) == (plan.key, day.month)}
    meetings = [(day, ["party_day"])]
    if (day.month - 1) % 3 + 1 == plan.quarter_month:
        meetings[0][1].append("assembly")
        if plan.lecture_apart:
            meetings.append((day + timedelta(days=2), ["lecture"]))
        else:
            meetings[0][1].append("lecture")
    for held_on, items in meetings:
        held = tuple(item for item in items if item not in not_held)
        if held:
            yield held_on, held


def _record_dues(folk: Townsfolk, plan: BranchPlan, day: date, now: datetime) -> None:
    """The month's dues, and the arrears of those who missed the month before."""
    expected = folk.expected_on(plan, day)
    entries = [
        EventEntry(folk.id_of(person), "dues", day, period_of(day, "month"))
        for person in expected
        if _pays(folk, person, day)
    ]
    before = (day.replace(day=1) - timedelta(days=1)).replace(day=plan.party_day)
    if before.year >= folk.last_year:
        entries += [
            EventEntry(folk.id_of(person), "dues", day, period_of(before, "month"), note="补交上月党费")
            for person in folk.expected_on(plan, before)
            if person in expected
            and not _pays(folk, person, before)
            and folk.chances(person, before.year, f"arrears {before.month}").random() < 0.6
        ]
    _record(folk, plan, entries, now)


def _pays(folk: Townsfolk, person: Person, day: date) -> bool:
    return folk.chances(person, day.year, f"dues {day.month}").random() < person.habit.pays


def _hold_meeting(folk: Townsfolk, plan: BranchPlan, day: date, items: tuple[str, ...], now: datetime) -> None:
    statuses = {folk.id_of(person): _draw_status(folk, person, day) for person in folk.expected_on(plan, day)}
    branch, topics = folk.branches[plan.key], _topics(day, items)
    held = {
        "held_on": day,
        "kinds": [(item, period_of(day, _PER[item])) for item in items],
        "statuses": statuses,
        "topic": "；".join(topics.values()),
        "topics": topics if len(topics) > 1 else {},
        "place": "村党群服务中心" if "村" in plan.name else "党员活动室",
        "host": folk.secretaries[plan.key].get_full_name(),
        "minutes": _compose_minutes(items, statuses),
    }
    about: dict[str, Any] = {"actor": folk.recorders[plan.key], "now": now, **held}
    sign_in = SignIn.objects.filter(branch=branch, meeting__isnull=True, opens_at__lte=now).first()
    if sign_in is None:
        record_meeting(branch=branch, **about)
    else:
        record_signed_in_meeting(sign_in=sign_in, seen=sign_in.scans.count(), **about)


def _topics(day: date, items: tuple[str, ...]) -> dict[str, str]:
    """The topic of each kind that has one."""
    topics = {
        "party_day": TOPICS[day.month - 1],
        "lecture": LECTURES[(day.month - 1) // 3],
        "life_meeting": "开展批评和自我批评",
        "appraisal": "民主评议党员",
    }
    return {item: topics[item] for item in items if item in topics}


def _compose_minutes(items: tuple[str, ...], statuses: dict[int, Status]) -> str:
    """Short minutes of an assembly or a life meeting; a party day's are in its photos."""
    present = sum(status == Status.ATTENDED for status in statuses.values())
    opening = f"应到{len(statuses)}人，实到{present}人。"
    if "life_meeting" in items:
        return (
            f"{opening}\n一、书记通报支部班子检查材料。\n二、党员逐一作个人检查，开展批评和自我批评。\n三、书记总结。"
        )
    if "assembly" in items:
        return f"{opening}\n一、传达学习上级文件精神。\n二、通报本季度党费收缴情况。\n三、讨论并通过下季度工作安排。"
    return ""


def _draw_status(folk: Townsfolk, person: Person, day: date) -> Status:
    """How somebody took part (D24): at home when very old, from afar when away, otherwise in the room."""
    chances = folk.chances(person, day.year, f"meeting {day:%m%d}")
    if chances.random() < person.habit.attends:
        if person.is_floating:
            return chances.choice((Status.ONLINE, Status.AT_PLACE_OF_STAY))
        is_very_old = day.year - person.born.year >= 78
        return Status.HOME_VISIT if is_very_old and chances.random() < 0.4 else Status.ATTENDED
    if chances.random() < person.habit.excused:
        return Status.MADE_UP if chances.random() < 0.3 else Status.EXCUSED
    return Status.ABSENT


def _record_pledges(folk: Townsfolk, plan: BranchPlan, day: date, now: datetime) -> None:
    entries = [
        EventEntry(folk.id_of(person), "pledge", day, period_of(day, "year"), note="公开承诺并上墙公示")
        for person in folk.expected_on(plan, day)
        if folk.chances(person, day.year, "pledge").random() < person.habit.attends
    ]
    _record(folk, plan, entries, now)


def _record_activity(folk: Townsfolk, plan: BranchPlan, activity: Activity, day: date, now: datetime) -> None:
    entries = []
    for person in folk.expected_on(plan, day):
        chances = folk.chances(person, day.year, f"activity {day:%m%d}")
        joins = person.habit.joins ** (2 if activity.selective else 1)
        if chances.random() < joins:
            points = _draw_points(activity, person, chances)
            led = activity.can_lead and chances.random() < person.habit.leads
            entries.append(
                EventEntry(folk.id_of(person), activity.item, day, points=points, led=led, note=activity.note)
            )
    _record(folk, plan, entries, now)


def _draw_points(activity: Activity, person: Person, chances: Random) -> int:
    """Tenths between the activity's least and most, by quality and luck, in steps of half a point."""
    share = min(1.0, max(0.0, person.habit.quality + (chances.random() - 0.5) / 2))
    return activity.least + int((activity.most - activity.least) * share / 5 + 0.5) * 5


def _record(folk: Townsfolk, plan: BranchPlan, entries: list[EventEntry], now: datetime) -> None:
    if entries:
        record_events(
            actor=folk.recorders[plan.key],
            now=now,
            town=folk.town,
            branch=folk.branches[plan.key],
            entries=entries,
        )
