"""Who is on probation and was vetoed, or failed a year: a reminder to the branch, no conclusion (预备期, D18)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from members.models import Member
from members.people.naming import tell_apart_at_home
from members.selectors import members_in
from points.models import Review, ReviewLine
from points.rules.periods import H2
from points.rules.ratings import fails_year
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import read_payload
from veto.models import VetoRecord


@dataclass(frozen=True, slots=True)
class ProbationReminder:
    """A member on probation and what their branch thinks of when it decides about it."""

    member: Member
    year: int
    veto: VetoRecord | None
    """What stands against them; None where the year's score alone failed."""


def read_probation_reminders(branch_ids: Collection[int], *, on: date) -> list[ProbationReminder]:
    """Members of these branches who are on probation on a day, vetoed since last year or failing in it.

    A year fails once it is final, by the rule of its rating (4.1, D14). A constant number of queries.
    """
    on_probation = Q(category=Member.Category.PROBATIONARY) | Q(full_since__gt=on)
    rows = members_in(list(branch_ids), on).filter(on_probation).select_related("town").order_by("position", "pk")
    people = {member.pk: member for member in tell_apart_at_home(rows, on=on)}
    vetoes = VetoRecord.objects.confirmed().filter(member__in=people, year__gte=on.year - 1).order_by("year", "pk")
    found = {(veto.member_id, veto.year): veto for veto in vetoes}
    reminders = [ProbationReminder(people[member_id], year, veto) for (member_id, year), veto in found.items()]
    for member_id in _failing(people, on.year - 1):
        if (member_id, on.year - 1) not in found:
            reminders.append(ProbationReminder(people[member_id], on.year - 1, None))
    return reminders


def _failing(people: dict[int, Member], year: int) -> list[int]:
    """Whose final line of the year is below the pass mark."""
    of_year = ReviewLine.objects.filter(review__year=year, review__half=H2, review__state=Review.State.FINAL)
    lines = {line.member_id: line for line in of_year.filter(member__in=people).order_by("member_id", "revision")}
    rulebooks = {town: rulebook_for(town, year) for town in {people[member_id].town for member_id in lines}}
    failing = []
    for member_id, line in lines.items():
        score = read_payload(line.payload)
        rulebook = rulebooks[people[member_id].town]
        if fails_year(rulebook, score.cumulative, part_year=score.is_part_year, vetoed=score.vetoed):
            failing.append(member_id)
    return failing
