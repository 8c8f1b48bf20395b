"""Who was in a branch within a stretch of days, and on which of them: what is recorded of whoever came or left counts
where they were on its day (D16), so that of two branches' books each has its own, and both together everything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from members.models import Branch, Member, Membership
from members.people.naming import tell_apart


@dataclass(frozen=True, slots=True)
class Stay:
    """A member and where they were from which day on, None for nowhere, the earliest first."""

    member: Member
    branch_id: int
    moves: tuple[tuple[date, int | None], ...]

    def covers(self, day: date) -> bool:
        """Whether what happened on a day is this branch's: of whoever left, the last one's; before the first, that."""
        known = [branch for since, branch in self.moves if since <= day and branch is not None]
        first = next((branch for _since, branch in self.moves if branch is not None), None)
        return (known[-1] if known else first) == self.branch_id

    def is_here(self, day: date) -> bool:
        """Whether the member is on the branch's roster on a day."""
        known = [branch for since, branch in self.moves if since <= day]
        return bool(known) and known[-1] == self.branch_id

    def came_on(self, *, since: date, until: date) -> date | None:
        """The day within the stretch on which they came from elsewhere; None for whoever was here before."""
        came = [day for day, branch in self.moves if branch == self.branch_id and since < day <= until]
        return came[0] if came and not self.is_here(since) else None

    def left_on(self, *, until: date) -> date | None:
        """From which day on they are not here any more; None for whoever is."""
        if self.is_here(until):
            return None
        last = max(place for place, (day, branch) in enumerate(self.moves) if branch == self.branch_id and day <= until)
        return self.moves[last + 1][0]


def read_stays(branch: Branch, *, since: date, until: date) -> list[Stay]:
    """Whoever was in the branch on a day of the stretch, told apart: who is there at its end in the order of the
    roster, then who left within it. A constant number of queries.
    """
    came = Membership.objects.filter(branch=branch, from_date__lte=until).values("member")
    moves: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    rows = Membership.objects.filter(member__in=came).order_by("from_date")
    for member_id, from_date, branch_id in rows.values_list("member_id", "from_date", "branch_id"):
        moves[member_id].append((from_date, branch_id))
    members = Member.objects.filter(pk__in=came).order_by("position", "id")
    stays = [Stay(member, branch.pk, tuple(moves[member.pk])) for member in members]
    within = [stay for stay in stays if (day := stay.left_on(until=until)) is None or day > since]
    within.sort(key=lambda stay: not stay.is_here(until))
    tell_apart((stay.member for stay in within), lasting=True)
    return within
