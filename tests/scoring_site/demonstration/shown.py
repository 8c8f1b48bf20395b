"""Who is shown in the demonstration town, and when the tests look at it."""

from __future__ import annotations

from datetime import datetime

from members.models import Member
from points.scoring.scores import ScoredMember
from scoring_site.demonstration.people.roster import invent_people
from tests.clock import SHANGHAI

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


TODAY = MOMENT.date()


def find(key: str) -> Member:
    return Member.objects.get(name=invent_people(this_year=2026)[key].details["name"])


def annual(scored: ScoredMember | None) -> int | None:
    return scored.score.annual.total if scored and scored.score else None
