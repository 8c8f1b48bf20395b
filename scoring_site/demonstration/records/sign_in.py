"""One meeting of the shown branch to which those with an account signed in by phone (D24)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from members.models import User
from points.meetings.sign_ins import open_sign_in, sign_in_self
from points.models import SignIn
from scoring_site.demonstration.accounts import SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.roster import BRANCHES
from scoring_site.demonstration.people.townsfolk import Townsfolk

_MONTH = 12
_WHO = ("secretary", "committee", "member")


def plan_sign_in(diary: Diary, folk: Townsfolk) -> None:
    """Put the sign-in of last December's party day into the diary; the meeting's entry finds it."""
    plan = next(plan for plan in BRANCHES if plan.key == SHOWN_BRANCH)
    day = date(folk.last_year, _MONTH, plan.party_day)
    diary.add(at(day, 14, 20), partial(_open, folk, day))
    for number, username in enumerate(_WHO):
        diary.add(at(day, 14, 26 + 2 * number), partial(_scan, folk.users[username]))


def _open(folk: Townsfolk, day: date, now: datetime) -> None:
    open_sign_in(
        actor=folk.recorders[SHOWN_BRANCH],
        now=now,
        branch=folk.branches[SHOWN_BRANCH],
        opens_at=now,
        closes_at=at(day, 16, 30),
    )


def _scan(user: User, now: datetime) -> None:
    sign_in_self(actor=user, now=now, sign_in=SignIn.objects.latest("pk"))
