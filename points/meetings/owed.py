"""What is to be recorded, computed from the ledger: a branch's months with what they owe and for whom.

Only halves that still lie with the branch: none of a submitted or approved one (D20). A period is asked for from its
last month on, so that nobody is reminded of a lecture in the quarter's first week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils.translation import gettext as _

from foundation.ledger import live
from members.models import Branch, Member, Membership
from members.people.naming import tell_apart
from members.selectors import members_in
from points.models import AssessmentYear, Attendance, Meeting, MeetingKind, PointEvent, Review
from points.rules.periods import (
    first_day,
    half_it_ends_in,
    half_start,
    last_day,
    periods_of_year,
)
from points.rules.rulebook import BaseItem, Rulebook, parse_rulebook
from points.scoring.scores import RosterYear, read_roster_years
from points.scoring.wording import name_period

MOST_NAMED = 3
"""Up to so many people are named; of more, their number says enough."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An item and period, the members who lack its record, and whether the branch recorded a meeting of it."""

    item: BaseItem
    period: str
    names: tuple[str, ...]
    is_held: bool

    @property
    def shown(self) -> str:
        """`交纳党费：张三、李四`, `党课：尚未登记（46人）`."""
        values = {"item": self.item.name, "count": len(self.names), "names": "、".join(self.names)}
        if not self.item.is_dues and not self.is_held and len(self.names) > MOST_NAMED:
            return _("%(item)s: not recorded yet (%(count)d people)") % values
        if len(self.names) > MOST_NAMED:
            return _("%(item)s: %(count)d people without") % values
        return _("%(item)s: %(names)s without") % values


@dataclass(frozen=True, slots=True)
class OwedMonth:
    """What one screen settles: a month of a branch, or (`month` empty) one item of the year."""

    branch: Branch
    month: str
    year: int
    owed: tuple[Owed, ...]
    due_on: date

    def days_left(self, on: date) -> int:
        """Days until what is owed is late; negative since it is."""
        return (self.due_on - on).days

    @property
    def shown(self) -> str:
        """The line of the list, without the branch."""
        period = name_period(self.month or str(self.year))
        return f"{period}：{'；'.join(entry.shown for entry in self.owed)}"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the ledger says of the branches' members: their records, attendances and what was held."""

    earned: frozenset[tuple[int, str, str]]
    attended: frozenset[tuple[int, str, str]]
    held: frozenset[tuple[int, str, str]]


def read_owed_months(branches: Iterable[Branch], *, on: date) -> list[OwedMonth]:
    """What the branches still owe, per branch and month, oldest first; a constant number of queries."""
    places = {branch.pk: branch for branch in branches}
    open_halves = _read_open_halves(places.values(), on=on)
    if not open_halves:
        return []
    roster = members_in(list(places), on)
    people = list(roster.order_by("position", "id").only("name", "party_group", "birth_date"))
    years = sorted({year for _branch, year, _half in open_halves})
    standings = {year: read_roster_years(roster, year) for year in years}
    facts = _read_facts(roster, places, years)
    found: dict[tuple[int, str, int], list[Owed]] = defaultdict(list)
    for (branch_id, year, half), rulebook in open_halves.items():
        here = [member for member in people if member.branch_id_on_day == branch_id]  # type: ignore[attr-defined]
        members = [(member.pk, member.listed_name) for member in tell_apart(here)]
        for item in rulebook.base:
            for period in _periods_due(item, year, half, on=on):
                owed = _find_owed(item, period, branch_id, members, standings[year], facts)
                if owed:
                    month = "" if item.per == "year" else _last_month(period)
                    found[branch_id, month, year].append(owed)
    lines = []
    for (branch_id, month, year), owed_items in found.items():
        # What is held once a year has a screen of its own for each item.
        groups = [owed_items] if month else [[entry] for entry in owed_items]
        due_on = last_day(month or str(year))
        lines += [OwedMonth(places[branch_id], month, year, tuple(group), due_on) for group in groups]
    return sorted(lines, key=lambda line: (line.due_on, line.branch.position, line.branch.pk))


def find_months_without_dues(branches: Iterable[Branch], *, on: date) -> dict[int, list[str]]:
    """Branch id to the months that are over and for which none of its members of today has dues recorded, oldest first.

    Only months in halves that still lie with the branch, from its first member's on. Says where nobody records, for a
    whole town at once: it looks at no single member's time in the scheme. A constant number of queries.
    """
    places = {branch.pk: branch for branch in branches}
    over = [
        (branch_id, item.code, period)
        for (branch_id, year, half), rulebook in sorted(_read_open_halves(places.values(), on=on).items())
        for item in rulebook.base
        if item.is_dues
        for period in periods_of_year(year, item.per)
        if half_it_ends_in(period) == half and last_day(period) < on
    ]
    if not over:
        return {}
    roster = members_in(list(places), on).order_by()
    branch_of = dict(roster.values_list("pk", "branch_id_on_day"))  # type: ignore[misc] # an annotation
    arrived = (
        Membership.objects.filter(member__in=roster.values("pk")).values_list("branch_id").annotate(Min("from_date"))
    )
    peopled_from = dict(arrived.order_by())
    paid = PointEvent.objects.live().filter(
        member__in=roster.values("pk"),
        item__in={item for _branch, item, _period in over},
        period__in={period for _branch, _item, period in over},
    )
    recorded = {
        (branch_of[member], item, period)
        for member, item, period in paid.order_by().values_list("member_id", "item", "period")
    }
    found: dict[int, list[str]] = defaultdict(list)
    peopled = set(branch_of.values())
    for branch_id, item, period in over:
        has_members = branch_id in peopled and peopled_from[branch_id] <= last_day(period)
        if has_members and (branch_id, item, period) not in recorded:
            found[branch_id].append(period)
    return dict(found)


def read_meetings_without_attendance(branches: Iterable[Branch], *, since: date) -> list[Meeting]:
    """Meetings held since a day that nobody is entered for; one query."""
    entered = Attendance.objects.live().filter(meeting=OuterRef("pk"))
    return list(
        Meeting.objects.filter(
            live("batch"), ~Exists(entered), branch__in=[branch.pk for branch in branches], held_on__gte=since
        )
        .select_related("branch")
        .order_by("held_on", "pk")
    )


def _read_open_halves(branches: Iterable[Branch], *, on: date) -> dict[tuple[int, int, str], Rulebook]:
    """The halves of this year and the last that have begun and still lie with their branch, with their rulebook."""
    branches = list(branches)
    adopted = {
        (town_id, year): parse_rulebook(text)
        for town_id, year, text in AssessmentYear.objects.filter(
            town__in={branch.town_id for branch in branches}, year__in=(on.year - 1, on.year)
        ).values_list("town_id", "year", "rulebook__text")
    }
    closed = set(
        Review.objects.filter(branch__in=[branch.pk for branch in branches], year__gte=on.year - 1)
        .exclude(state=Review.State.DRAFT)
        .values_list("branch_id", "year", "half")
    )
    return {
        (branch.pk, year, half): adopted[branch.town_id, year]
        for year in (on.year - 1, on.year)
        for half in ("H1", "H2")
        for branch in branches
        if (branch.town_id, year) in adopted
        and half_start(year, half) <= on
        and (branch.pk, year, half) not in closed
        # A half before the branch existed is nobody's to record.
        and (branch.opened_on is None or branch.opened_on.year <= year)
    }


def _read_facts(roster: QuerySet[Member], places: Mapping[int, Branch], years: list[int]) -> _Facts:
    """The members' live base records, their attendances and what their branches held, of some years; three queries."""
    ids = roster.values("pk")
    events = PointEvent.objects.live().filter(member__in=ids, year__in=years).exclude(period="")
    attendances = (
        Attendance.objects.live()
        .filter(member__in=ids, meeting__held_on__gte=date(years[0], 1, 1))
        .exclude(status__in=Attendance.EARNING)
    )
    kinds = MeetingKind.objects.filter(
        live("meeting__batch"), meeting__branch__in=list(places), meeting__held_on__gte=date(years[0], 1, 1)
    )
    return _Facts(
        earned=frozenset(events.order_by().values_list("member_id", "item", "period")),
        attended=frozenset(
            attendances.order_by().values_list("member_id", "meeting__kinds__item", "meeting__kinds__period")
        ),
        held=frozenset(kinds.order_by().values_list("meeting__branch_id", "item", "period")),
    )


def _periods_due(item: BaseItem, year: int, half: str, *, on: date) -> list[str]:
    """The item's periods that end in the half and whose last month has begun."""
    return [
        period
        for period in periods_of_year(year, item.per)
        if half_it_ends_in(period) == half and last_day(period).replace(day=1) <= on
    ]


def _last_month(period: str) -> str:
    return f"{last_day(period):%Y-%m}"


def _find_owed(
    item: BaseItem,
    period: str,
    branch_id: int,
    members: list[tuple[int, str]],
    standings: Mapping[int, RosterYear],
    facts: _Facts,
) -> Owed | None:
    months = set(range(first_day(period).month, last_day(period).month + 1))
    names = tuple(
        name
        for pk, name in members
        if pk in standings
        and not months.isdisjoint(standings[pk].months_in_scope)
        and (pk, item.code, period) not in facts.earned
        and (pk, item.code, period) not in facts.attended
    )
    return Owed(item, period, names, (branch_id, item.code, period) in facts.held) if names else None
