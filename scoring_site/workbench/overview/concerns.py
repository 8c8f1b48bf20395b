"""What there is to care about in each branch: members who may need a visit, findings that wait (D17, D18, D21).

Numbers and days alone, never who and never why: those are behind the ways on, for whoever may read them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.access import findings_for, reach_of
from members.models import Member, Town, User
from members.selectors import branch_subquery
from veto.candidates import find_candidates
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class Concern:
    """Of one branch how many may need a visit, and how many findings wait there, the oldest for how many days."""

    people: int = 0
    findings: int = 0
    days: int = 0

    def __bool__(self) -> bool:
        return bool(self.people or self.findings)


def read_concerns(user: User, town: Town, *, on: date) -> dict[int, Concern]:
    """By branch id, for the town's own roles; a general branch is told of neither.

    A constant number of queries while fewer than 500 members come into question.
    """
    if town.pk not in reach_of(user, on=on).read_towns:
        return {}
    people: dict[int, int] = defaultdict(int)
    for candidate in find_candidates(Member.objects.filter(town=town), on=on):
        people[candidate.branch.pk] += 1
    since: dict[int, list[date]] = defaultdict(list)
    kinds: tuple[QuerySet[Any], ...] = (Deduction.objects.proposed(), VetoRecord.objects.proposed())
    for rows in kinds:
        with_branch = rows.exclude(Q(needs_clearance=True, cleared_at=None)).filter(member__town=town)
        placed = findings_for(user, with_branch, on=on).annotate(branch_today=branch_subquery(on, member="member"))
        for branch_id, at in placed.order_by().values_list("branch_today", "batch__at"):
            since[branch_id].append(timezone.localdate(at))
    return {
        pk: Concern(people[pk], len(since[pk]), (on - min(since[pk])).days if since[pk] else 0)
        for pk in {*people, *since}
    }
