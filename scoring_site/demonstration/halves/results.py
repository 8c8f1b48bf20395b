"""What follows a final half: members confirm their results (3.3, D26), and two branches decide the year's ratings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from django.utils import timezone

from points.models import Confirmation, Rating, Review
from points.results.ratings import RatingRow, decide_ratings, read_rating_sheet
from points.reviews.confirmations import confirm_line, confirm_members, unconfirmed_lines
from points.rules.periods import H2
from scoring_site.demonstration.accounts import SHOWN_BRANCH
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.roster import BranchPlan
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.pictures import keep_paper

CONFIRM_TOGETHER = ("office", "shiqiao", "first", "tea")
RATED = (SHOWN_BRANCH, "tea")

Decision = Rating.Decision
How = Confirmation.How
_BASICALLY = 650
"""Tenths below which a passing year is rated 基本合格 here."""


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
    confirm_members(
        actor=folk.recorders[plan.key],
        now=now,
        review=review,
        member_ids=[line.member_id for line in unconfirmed_lines(review)[::2]],
        how=How.FORM,
        confirmed_on=timezone.localdate(now),
    )


def _confirm_together(folk: Townsfolk, plan: BranchPlan, review: Review, now: datetime) -> None:
    """At a meeting at which every sixth was missing."""
    present = [line.member_id for number, line in enumerate(unconfirmed_lines(review), start=1) if number % 6]
    confirm_members(
        actor=folk.recorders[plan.key],
        now=now,
        review=review,
        member_ids=present,
        how=How.MEETING,
        confirmed_on=timezone.localdate(now),
        scan=keep_paper(f"{plan.key}/{review.year}{review.half}/confirmed"),
    )


def _rate(folk: Townsfolk, plan: BranchPlan, review: Review, now: datetime) -> None:
    """优秀 for the best, at most a third of the full members; below 60 as the score forces it (D14)."""
    sheet = read_rating_sheet(review.branch, review.year)
    rows = sorted(
        (row for row in sheet.rows if not row.is_probationary), key=lambda row: (-(row.total or 0), row.member.position)
    )
    excellent = len(rows) // 3
    decisions = {row.member.pk: _choose(row, may_be_excellent=place < excellent) for place, row in enumerate(rows)}
    met_on = timezone.localdate(now)
    secretary = folk.secretaries[plan.key]
    # Nobody enters their own: the town's staff enter the secretary's.
    for actor, entered in (
        (secretary, {pk: code for pk, code in decisions.items() if pk != secretary.member_id}),
        (folk.staff, {pk: code for pk, code in decisions.items() if pk == secretary.member_id}),
    ):
        if entered:
            decide_ratings(
                actor=actor,
                now=now,
                branch=review.branch,
                year=review.year,
                decisions=entered,
                met_on=met_on,
                is_unrelated=True,
            )


def _choose(row: RatingRow, *, may_be_excellent: bool) -> str:
    if row.total is None or row.total >= _BASICALLY:
        return Decision.EXCELLENT if may_be_excellent and Decision.EXCELLENT in row.allowed else Decision.QUALIFIED
    return Decision.BASICALLY_QUALIFIED if Decision.BASICALLY_QUALIFIED in row.allowed else Decision.UNQUALIFIED
