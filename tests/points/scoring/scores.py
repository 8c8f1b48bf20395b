"""The live score of one member or of a town, as the reports read it."""

from __future__ import annotations

from collections.abc import Iterator

from members.models import Member, Town
from points.scoring.adoption import rulebook_for
from points.scoring.scores import ScoredMember, score_members


def score_town(town: Town, year: int) -> Iterator[ScoredMember]:
    return score_members(Member.objects.filter(town=town), rulebook=rulebook_for(town, year), year=year)


def score_one(member: Member, year: int) -> ScoredMember | None:
    members = Member.objects.filter(pk=member.pk)
    return next(score_members(members, rulebook=rulebook_for(member.town, year), year=year), None)
