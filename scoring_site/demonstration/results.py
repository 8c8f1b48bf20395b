"""What follows a final half: members confirm their results (3.3, D26), and two branches decide the year's ratings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone

from members.models import Member
from members.selectors import members_in
from points.confirmations import confirm_at_meeting, confirm_line, unconfirmed_lines
from points.models import Confirmation, Rating, Review
from points.ratings import decide_rating, ratable
from points.rules.periods import H2, half_end
from scoring_site.demonstration.accounts import SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people import BranchPlan
from scoring_site.demonstration.townsfolk import Townsfolk

CONFIRM_TOGETHER = ("office", "shiqiao", "first", "tea")
RATED = (SHOWN_BRANCH, "tea")

Decision = Rating.Decision
How = Confirmation.How
_BASICALLY, _HARDLY_KNOWN = 650, 300
"""Tenths below which a passing year is rated 基本合格 here, and a rating is put off until somebody was spoken with."""


def plan_results(diary: Diary, folk: Townsfolk, plan: BranchPlan, review: Review, *, closed_on: date) -> None:
    """Put the confirmations of a half that became final, and with the second one the ratings, into the diary."""
    if plan.key == SHOWN_BRANCH:
        diary.add(at(closed_on, 20, 15), partial(_confirm_in_portal, folk, review))
        diary.add(at(closed_on + timedelta(days=2), 10), partial(_confirm_on_forms, folk, plan, review))
    elif plan.key in CONFIRM_TOGETHER:
        diary.add(at(closed_on + timedelta(days=2), 17), partial(_confirm_together, folk, plan, review))
    if review.half == H2 and plan.key in RATED:
        diary.add(at(closed_on + timedelta(days=4), 17), partial(_rate, folk, plan, review))


def _confirm_in_portal(folk: Townsfolk, review: Review, now: datetime) -> None:
    user = folk.users["member"]
    line = next(line for line in unconfirmed_lines(review) if line.member_id == user.member_id)
    confirm_line(actor=user, now=now, line=line, how=How.PORTAL, confirmed_on=timezone.localdate(now))


def _confirm_on_forms(folk: Townsfolk, plan: BranchPlan, review: Review, now: datetime) -> None:
    """Every other of the rest has signed the printed form so far."""
    for line in unconfirmed_lines(review)[::2]:
        confirm_line(
            actor=folk.recorders[plan.key], now=now, line=line, how=How.FORM, confirmed_on=timezone.localdate(now)
        )


def _confirm_together(folk: Townsfolk, plan: BranchPlan, review: Review, now: datetime) -> None:
    """At a meeting at which every sixth was missing."""
    present = [line.member_id for number, line in enumerate(unconfirmed_lines(review), start=1) if number % 6]
    confirm_at_meeting(
        actor=folk.recorders[plan.key],
        now=now,
        review=review,
        member_ids=present,
        met_on=timezone.localdate(now),
    )


def _rate(folk: Townsfolk, plan: BranchPlan, review: Review, now: datetime) -> None:
    """优秀 for the best, at most a third of the full members; below 60 as the score forces it (D14)."""
    branch = review.branch
    members = list(members_in([branch.pk], half_end(review.year, H2)).filter(category=Member.Category.FULL))
    standings = [(member, ratable(member, review.year)) for member in members]
    standings.sort(key=lambda row: (-(row[1].total or 0), row[0].position))
    excellent = len(members) // 3
    for place, (member, standing) in enumerate(standings):
        if standing.total is not None and standing.total < _HARDLY_KNOWN:
            decision = Decision.DEFERRED
        elif standing.total is None or standing.total >= _BASICALLY:
            decision = Decision.QUALIFIED
            if place < excellent and Decision.EXCELLENT in standing.allowed:
                decision = Decision.EXCELLENT
        elif Decision.BASICALLY_QUALIFIED in standing.allowed:
            decision = Decision.BASICALLY_QUALIFIED
        else:
            decision = Decision.UNQUALIFIED
        decide_rating(
            actor=folk.secretaries[plan.key],
            now=now,
            member=member,
            year=review.year,
            decision=decision,
            met_on=timezone.localdate(now),
        )
