"""需关心了解: who may need a visit, from the months themselves; never a veto, never a conclusion (D17, D22).

The rule is pure: what happened in each month is handed in, oldest first; below it a whole town is read for it in a
constant number of queries. A month counts as missed once it is over, if the member
was expected at a meeting in it, took part in none and was not excused. A month without a meeting the member was
expected at neither counts nor breaks the row; taking part, an excuse, and a month outside the scheme break it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from foundation.chunks import split_into_chunks
from foundation.ledger import live
from members.models import Branch, Exemption, Member, Membership
from members.selectors import branch_subquery, with_branch_on
from points.models import Attendance, Meeting, PointEvent
from points.rules.periods import first_day, last_day
from points.rules.scope import Span, is_in_scope, subtract_spans
from points.scoring.catalogue import read_catalogue_of

REMINDER_MONTHS = 3
"""From here on: somebody goes and asks how they are."""
CANDIDATE_MONTHS = 6
"""From here on the branch may look whether a ground is there; it decides, after hearing the member (2.3.4.1, D18)."""
MONTHS_READ = 24
"""How far back a row of months is followed."""
Status = Attendance.Status
ByMonth = dict[int, dict[str, dict[str, int]]]


class MonthState(StrEnum):
    """What a month means for the row."""

    MISSED = "missed"
    TOOK_PART = "took_part"
    EXCUSED = "excused"
    NOTHING_HELD = "nothing_held"
    OUT_OF_SCOPE = "out_of_scope"


BREAKS = frozenset({MonthState.TOOK_PART, MonthState.EXCUSED, MonthState.OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """One month of one member: meetings the branch held, at which the member was expected, took part, was excused.

    `recorded`: a live base record of a meeting item, which is taking part (D17). `in_scope`: in the scheme on the
    month's last day, or today for the running one (D16).
    """

    month: str
    held: int = 0
    expected: int = 0
    took_part: int = 0
    excused: int = 0
    recorded: int = 0
    in_scope: bool = True

    @property
    def state(self) -> MonthState:
        """What the month means; whoever took part once or was excused once did not stay away."""
        if not self.in_scope:
            return MonthState.OUT_OF_SCOPE
        if self.took_part or self.recorded:
            return MonthState.TOOK_PART
        if self.excused:
            return MonthState.EXCUSED
        return MonthState.MISSED if self.expected else MonthState.NOTHING_HELD


@dataclass(frozen=True, slots=True)
class Row:
    """The months missed without a break up to now; `months` has those between without a meeting too."""

    months: tuple[MonthFacts, ...]

    @property
    def missed(self) -> int:
        """How many months count."""
        return sum(month.state is MonthState.MISSED for month in self.months)

    @property
    def latest(self) -> tuple[MonthFacts, ...]:
        """The last twelve of its months, for a page."""
        return self.months[-12:]

    @property
    def is_reminder(self) -> bool:
        return self.missed >= REMINDER_MONTHS

    @property
    def is_candidate(self) -> bool:
        return self.missed >= CANDIDATE_MONTHS


def find_row(months: Iterable[MonthFacts], *, on: date) -> Row:
    """The row that runs on a day. The month still running can break it and cannot lengthen it."""
    row: list[MonthFacts] = []
    for facts in months:
        if facts.state in BREAKS:
            row.clear()
        elif last_day(facts.month) < on and (row or facts.state is MonthState.MISSED):
            row.append(facts)
    while row and row[-1].state is not MonthState.MISSED:
        row.pop()
    return Row(tuple(row))


def find_dues_row(
    months: Sequence[str], *, recorded: frozenset[str], paid: frozenset[str], on: date
) -> tuple[str, ...]:
    """The months in the scheme that are over, whose dues the branch has recorded for others and not for the member.

    `months` are those in scope, oldest first, with "" where the member was out of the scheme; a month in which nobody's
    dues were recorded neither counts nor breaks the row, one that is paid (the running one too) breaks it (D25).
    """
    row: list[str] = []
    for month in months:
        if not month or month in paid:
            row.clear()
        elif month in recorded and last_day(month) < on:
            row.append(month)
    return tuple(row)


def months_before(day: date, count: int) -> tuple[str, ...]:
    """The last `count` months up to and with that of a day, oldest first."""
    first = day.year * 12 + day.month - count
    return tuple(f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, first + count))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to care about: the months they stayed away, and those whose dues are open. Never a finding."""

    member: Member
    branch: Branch
    absence: Row
    dues: tuple[str, ...]

    @property
    def is_absent_long(self) -> bool:
        return self.absence.is_candidate

    @property
    def owes_long(self) -> bool:
        return len(self.dues) >= CANDIDATE_MONTHS

    @property
    def is_urgent(self) -> bool:
        """Six months of either: the branch may look whether there is a ground."""
        return self.is_absent_long or self.owes_long


def find_candidates(members: QuerySet[Member], *, on: date) -> list[Candidate]:
    """Those of `members`, in a branch today, with three months of absence or six of open dues; the gravest first.

    Ten queries at most while fewer than 500 members come into question.
    """
    months = months_before(on, MONTHS_READ)
    catalogue = read_catalogue_of(members.values("town"))
    dues, meetings = catalogue.events_of("dues"), catalogue.events_of("meeting")
    present = with_branch_on(members, on).filter(branch_id_on_day__isnull=False)  # type: ignore[misc] # an annotation
    absent = _often_absent(members, since=first_day(months[0]))
    owing = _unpaid(members, dues, since=months[-CANDIDATE_MONTHS - 1])
    found = {
        member.pk: member for member in present.filter(Q(pk__in=absent) | Q(pk__in=owing)).order_by("position", "id")
    }
    judge = partial(_judge, members=found, months=months, dues=dues, meetings=meetings, on=on)
    candidates = [each for chunk in split_into_chunks(found) for each in judge(chunk)]
    return sorted(candidates, key=lambda each: (not each.is_urgent, each.branch.position, each.branch.pk))


def _often_absent(members: QuerySet[Member], *, since: date) -> QuerySet[Any]:
    """Members marked absent often enough for three months to be possible."""
    absences = Attendance.objects.live().filter(
        member__in=members.values("pk"), status=Status.ABSENT, meeting__held_on__gte=since
    )
    often = absences.values("member").annotate(times=Count("pk")).filter(times__gte=REMINDER_MONTHS)
    return often.order_by().values("member")


def _unpaid(members: QuerySet[Member], dues: Q, *, since: str) -> QuerySet[Any]:
    """Members without a live record of dues for `since` or a later month."""
    paid = PointEvent.objects.live().filter(dues, period__gte=since).order_by()
    return members.exclude(pk__in=paid.values("member")).order_by().values("pk")


def _judge(
    ids: Iterable[int],
    *,
    members: Mapping[int, Member],
    months: tuple[str, ...],
    dues: Q,
    meetings: Q,
    on: date,
) -> Iterable[Candidate]:
    """The candidates of a chunk; `dues` and `meetings` are which events are of that nature."""
    ids = list(ids)
    branch_ids = {getattr(members[pk], "branch_id_on_day") for pk in ids}  # noqa: B009 (an annotation)
    branches = Branch.objects.in_bulk(branch_ids)
    since = first_day(months[0])
    attended, recorded = _read_attendances(ids, since), _read_records(ids, meetings, months[0])
    held = _count_meetings(branch_ids, since)
    scopes = _read_scopes(ids)
    paid, dues_recorded = _read_dues(ids, branch_ids, dues, months[0], on)
    for pk in ids:
        branch = branches[getattr(members[pk], "branch_id_on_day")]  # noqa: B009
        in_scope = {month: is_in_scope(scopes[pk], min(last_day(month), on)) for month in months}
        row = find_row(
            (
                MonthFacts(
                    month,
                    held=held[branch.pk].get(month, 0),
                    **attended[pk].get(month, {}),
                    recorded=recorded[pk].get(month, 0),
                    in_scope=in_scope[month],
                )
                for month in months
            ),
            on=on,
        )
        unpaid = find_dues_row(
            [month if in_scope[month] else "" for month in months],
            recorded=dues_recorded[branch.pk],
            paid=paid[pk],
            on=on,
        )
        candidate = Candidate(members[pk], branch, row, unpaid if len(unpaid) >= CANDIDATE_MONTHS else ())
        if row.is_reminder or candidate.dues:
            yield candidate


def _read_attendances(ids: list[int], since: date) -> ByMonth:
    """Per member and month: expected, took part, excused."""
    rows = (
        Attendance.objects.live()
        .filter(member__in=ids, meeting__held_on__gte=since)
        .annotate(month=TruncMonth("meeting__held_on"))
        .values("member_id", "month")
        .annotate(
            expected=Count("pk"),
            took_part=Count("pk", filter=Q(status__in=Attendance.EARNING)),
            excused=Count("pk", filter=Q(status=Status.EXCUSED)),
        )
        .order_by()
    )
    found: ByMonth = defaultdict(dict)
    for row in rows:
        names = ("expected", "took_part", "excused")
        found[row["member_id"]][f"{row['month']:%Y-%m}"] = {name: row[name] for name in names}
    return found


def _read_records(ids: list[int], meetings: Q, since: str) -> dict[int, dict[str, int]]:
    """Per member and month: live base records of meeting items, in the month of their period or else of their day."""
    events = PointEvent.objects.live().filter(meetings, member__in=ids, date__gte=first_day(since))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for member_id, period, day in events.order_by().values_list("member_id", "period", "date"):
        month = period if "-" in period else f"{day:%Y-%m}"
        found[member_id][month] = found[member_id].get(month, 0) + 1
    return found


def _count_meetings(branch_ids: Iterable[int], since: date) -> dict[int, dict[str, int]]:
    """Per branch and month: meetings at which somebody was expected."""
    rows = (
        Meeting.objects.filter(live("attendances"), branch__in=branch_ids, held_on__gte=since)
        .annotate(month=TruncMonth("held_on"))
        .values("branch_id", "month")
        .annotate(times=Count("pk", distinct=True))
        .order_by()
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["branch_id"]][f"{row['month']:%Y-%m}"] = row["times"]
    return found


def _read_scopes(ids: list[int]) -> dict[int, tuple[Span, ...]]:
    """Per member: the days in the scheme, which are those in a branch and not exempt (D15, D16)."""
    rows: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    memberships = Membership.objects.filter(member__in=ids).order_by("from_date")
    for member_id, start, branch_id in memberships.values_list("member_id", "from_date", "branch_id"):
        rows[member_id].append((start, branch_id))
    exempt: dict[int, list[Span]] = defaultdict(list)
    for member_id, start, end in Exemption.objects.filter(member__in=ids).values_list(
        "member_id", "from_date", "ended_on"
    ):
        exempt[member_id].append(Span(start, end))
    return {
        pk: subtract_spans(
            [
                Span(start, of_member[index + 1][0] if index + 1 < len(of_member) else None)
                for index, (start, branch_id) in enumerate(of_member)
                if branch_id is not None
            ],
            exempt[pk],
        )
        for pk in ids
        for of_member in [rows[pk]]
    }


def _read_dues(
    ids: list[int], branch_ids: Iterable[int], dues: Q, since: str, on: date
) -> tuple[dict[int, frozenset[str]], dict[int, frozenset[str]]]:
    """The months each member paid, and the months of which each branch has recorded anybody's dues."""
    recorded_dues = PointEvent.objects.live().filter(dues, period__gte=since).order_by()
    paid: dict[int, set[str]] = defaultdict(set)
    for member_id, period in recorded_dues.filter(member__in=ids).values_list("member_id", "period"):
        paid[member_id].add(period)
    recorded: dict[int, set[str]] = defaultdict(set)
    placed = recorded_dues.annotate(branch_today=branch_subquery(on, member="member")).filter(
        branch_today__in=branch_ids
    )
    for branch_id, period in placed.values_list("branch_today", "period").distinct():
        recorded[branch_id].add(period)
    return (
        defaultdict(frozenset, {pk: frozenset(months) for pk, months in paid.items()}),
        defaultdict(frozenset, {pk: frozenset(months) for pk, months in recorded.items()}),
    )
