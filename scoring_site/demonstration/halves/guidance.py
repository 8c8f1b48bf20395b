"""What is remarked from above on halves (5.3): one the branch has answered, one that still waits."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from points.models import Guidance
from points.reviews.guidance import answer_guidance, give_guidance
from points.rules.periods import H1, H2
from scoring_site.demonstration.accounts import GENERAL, SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk

_ANSWERED = "上半年志愿服务登记偏少，请对照活动台账看看有没有漏登的。"
_ANSWER = "已对照台账，没有漏登；下半年每月安排一次志愿服务。"
_WAITING = "下半年的党课请在12月15日前上完，不要集中到年底补课。"


def plan_guidance(diary: Diary, folk: Townsfolk) -> None:
    """Put both into the diary of this year."""
    year = folk.this_year
    diary.add(at(date(year, 8, 10), 10), partial(_give, folk, GENERAL, "first", H1, _ANSWERED))
    diary.add(at(date(year, 8, 12), 15), partial(_answer, folk))
    diary.add(at(date(year, 9, 22), 10), partial(_give, folk, "staff", SHOWN_BRANCH, H2, _WAITING))


def _give(folk: Townsfolk, account: str, branch: str, half: str, text: str, now: datetime) -> None:
    actor, place = folk.users[account], folk.branches[branch]
    give_guidance(actor=actor, now=now, branch=place, year=folk.this_year, half=half, remark=text)


def _answer(folk: Townsfolk, now: datetime) -> None:
    given = Guidance.objects.get(branch=folk.branches["first"])
    answer_guidance(actor=folk.secretaries["first"], now=now, guidance=given, answer=_ANSWER)
