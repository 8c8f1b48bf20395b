"""The shown branch's next party day, announced the day before, with a member who asked for leave from it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone

from points.meetings.announcing import ComingMeeting, announce_meeting
from points.meetings.leaves import ask_leave
from points.models import Announcement
from scoring_site.demonstration.accounts import SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.roster import BRANCHES
from scoring_site.demonstration.people.townsfolk import Townsfolk

WHO = "member"
REASON = "当天上午要到县医院复查，赶不回来。"


def plan_meeting_to_come(diary: Diary, folk: Townsfolk, *, now: datetime) -> None:
    """Put the announcement and the request for leave into the diary, before the town's last moment."""
    today = timezone.localdate(now)
    yesterday = today - timedelta(days=1)
    plan = next(plan for plan in BRANCHES if plan.key == SHOWN_BRANCH)
    day = today.replace(day=plan.party_day)
    if day <= today:
        day = (today.replace(day=1) + timedelta(days=32)).replace(day=plan.party_day)
    diary.add(at(yesterday, 16), partial(_announce, folk, day))
    diary.add(at(yesterday, 19), partial(_ask, folk))


def _announce(folk: Townsfolk, day: date, now: datetime) -> None:
    # Of a year without a rulebook yet nothing can be said of what a meeting counts for.
    kinds = [("party_day", f"{day:%Y-%m}")] if day.year <= folk.this_year else []
    coming = ComingMeeting(
        day=day,
        starts=time(14, 30),
        place="村党群服务中心",
        kinds=kinds,
        topic="学习党章，开展志愿服务",
        note="请自带党章和劳动手套。",
    )
    announce_meeting(actor=folk.recorders[SHOWN_BRANCH], now=now, branch=folk.branches[SHOWN_BRANCH], coming=coming)


def _ask(folk: Townsfolk, now: datetime) -> None:
    ask_leave(actor=folk.users[WHO], now=now, announcement=Announcement.objects.latest("pk"), reason=REASON)
