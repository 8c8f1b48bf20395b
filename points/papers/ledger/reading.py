"""The rows of 台账: what a branch held, whose dues were paid and which incentive points it has in a period.

The members are those on the branch's roster on the period's last day, or today; of whoever left within the period
stands below what was recorded of them while they were there. Each table adds up to its last row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger import live
from foundation.tenths import show_points
from members.models import Branch, Member
from points.errors import NothingToPrint
from points.models import Attendance, EvidenceLink, Meeting, PointEvent
from points.papers import words
from points.papers.meetings.dues_book import DuesPaid, DuesTotal, add_dues, read_dues_rows
from points.roster.stays import Stay, read_stays
from points.rules.periods import H2, first_day, half_end, last_day, period_year
from points.rules.rulebook import Rulebook
from points.rules.score import score_member
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import read_frozen_halves
from points.scoring.scores import read_facts, read_roster_years
from points.scoring.wording import name_period_in_year

Status = Attendance.Status
OTHER_ACTIVITY = "其他活动"
UNCOUNTED = "不在计分范围，不计分"


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting and how many took part: `expected = present + beside + excused + absent`; guests stand apart."""

    held_on: date
    kinds: str
    topic: str
    place: str
    host: str
    present: int
    beside: int
    excused: int
    absent: int
    guests: int

    @property
    def expected(self) -> int:
        return self.present + self.beside + self.excused + self.absent


@dataclass(frozen=True, slots=True)
class MeetingTotal:
    """What the meetings of a period add up to, in people and times."""

    expected: int
    present: int
    beside: int
    excused: int
    absent: int

    @property
    def took_part(self) -> int:
        return self.present + self.beside


@dataclass(frozen=True, slots=True)
class DuesLine:
    """One member's dues of the period's months, each paid or None."""

    name: str
    months: tuple[DuesPaid | None, ...]
    note: str
    payers: tuple[tuple[int, str], ...]
    """Who paid for the member, by month, where somebody else did."""


@dataclass(frozen=True, slots=True)
class PointsLine:
    """One incentive record: `points` in tenths as they count before the caps, doubled for a leading role."""

    day: date
    name: str
    item: str
    content: str
    points: int
    files: int
    remark: str

    @property
    def shown(self) -> str:
        return show_points(self.points)


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """An incentive item of the period: how many records, and their points in tenths."""

    item: str
    records: int
    points: int

    @property
    def shown(self) -> str:
        return show_points(self.points)


@dataclass(frozen=True, slots=True)
class BranchLedger:
    """The three tables of a period and what they add up to; `dues` is None where the rulebook has none."""

    months: tuple[int, ...]
    members: int
    full_members: int
    meetings: tuple[MeetingLine, ...]
    dues: tuple[DuesLine, ...] | None
    points: tuple[PointsLine, ...]

    @property
    def dues_totals(self) -> list[DuesTotal]:
        return [add_dues(row.months[at] for row in self.dues or ()) for at in range(len(self.months))]

    @property
    def all_dues(self) -> DuesTotal:
        return add_dues(paid for row in self.dues or () for paid in row.months)

    @property
    def item_totals(self) -> list[ItemTotal]:
        """In the order in which the items come first."""
        totals: dict[str, list[int]] = defaultdict(list)
        for row in self.points:
            totals[row.item].append(row.points)
        return [ItemTotal(item, len(points), sum(points)) for item, points in totals.items()]

    @property
    def all_points(self) -> ItemTotal:
        return ItemTotal("", len(self.points), sum(row.points for row in self.points))

    @property
    def rewarded(self) -> int:
        """How many people have a record of the period."""
        return len({row.name for row in self.points})

    @property
    def files(self) -> int:
        return sum(row.files for row in self.points)

    @property
    def attendance(self) -> MeetingTotal:
        """The sums of the meetings' columns."""
        held = self.meetings
        return MeetingTotal(
            expected=sum(row.expected for row in held),
            present=sum(row.present for row in held),
            beside=sum(row.beside for row in held),
            excused=sum(row.excused for row in held),
            absent=sum(row.absent for row in held),
        )


def read_ledger(*, branch: Branch, period: str, now: datetime) -> BranchLedger:
    """The tables of a month or quarter that has begun; a constant number of queries, names in the active language.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the branch has no members and held nothing.
    """
    year = period_year(period)
    rulebook = rulebook_for(branch.town, year)
    start, end = first_day(period), last_day(period)
    day = min(timezone.localdate(now), end)
    stays = read_stays(branch, since=start, until=day)
    members = [stay.member for stay in stays if stay.is_here(day)]
    meetings = _read_meetings(branch, rulebook, start, end)
    if not stays and not meetings:
        raise NothingToPrint(_("%(branch)s has no members in this period and held nothing.") % {"branch": branch.name})
    months = tuple(range(start.month, end.month + 1))
    return BranchLedger(
        months=months,
        members=len(members),
        full_members=sum(member.category == Member.Category.FULL for member in members),
        meetings=meetings,
        dues=_read_dues(branch, rulebook, months, start=start, day=day, now=now) if stays else (),
        points=_read_points(stays, rulebook, year, start, end),
    )


def _read_meetings(branch: Branch, rulebook: Rulebook, start: date, end: date) -> tuple[MeetingLine, ...]:
    held = list(
        Meeting.objects.filter(live("batch"), branch=branch, held_on__range=(start, end))
        .order_by("held_on", "pk")
        .prefetch_related("kinds")
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Attendance.objects.live().filter(meeting__in=[meeting.pk for meeting in held]).order_by()
    for meeting, status, count in rows.values_list("meeting_id", "status").annotate(count=Count("pk")):
        counts[meeting][status] = count
    names = rulebook.item_names()
    return tuple(_line_of(meeting, counts[meeting.pk], names) for meeting in held)


def _line_of(meeting: Meeting, counts: Counter[str], names: Mapping[str, str]) -> MeetingLine:
    kinds = sorted(meeting.kinds.all(), key=lambda kind: kind.pk)
    return MeetingLine(
        held_on=meeting.held_on,
        kinds="、".join(f"{names.get(kind.item, kind.item)}（{name_period_in_year(kind.period)}）" for kind in kinds)
        or OTHER_ACTIVITY,
        topic=meeting.topic or "；".join(kind.topic for kind in kinds if kind.topic),
        place=meeting.place,
        host=meeting.host,
        present=counts[Status.ATTENDED],
        beside=sum(counts[status] for status in Attendance.BESIDE),
        excused=counts[Status.EXCUSED],
        absent=counts[Status.ABSENT],
        guests=counts[Status.GUEST],
    )


def _read_dues(
    branch: Branch, rulebook: Rulebook, months: Sequence[int], *, start: date, day: date, now: datetime
) -> tuple[DuesLine, ...] | None:
    if rulebook.dues_item is None:
        return None
    rows = read_dues_rows(branch=branch, year=start.year, now=now, since=start, until=day)
    lines = []
    for row in rows:
        paid = tuple(row.months[month - 1] for month in months)
        payers = [(month, of.payment.paid_by) for month, of in zip(months, paid, strict=True) if of is not None]
        lines.append(DuesLine(row.name, paid, row.note, tuple(entry for entry in payers if entry[1])))
    return tuple(lines)


def _read_points(
    stays: Sequence[Stay], rulebook: Rulebook, year: int, start: date, end: date
) -> tuple[PointsLine, ...]:
    of_member = {stay.member.pk: stay for stay in stays}
    people = Member.objects.filter(pk__in=of_member)
    recorded = PointEvent.objects.live().filter(
        member__in=of_member, period="", year=year, date__range=(start, end)
    )  # fmt: skip
    events = [
        event for event in recorded.order_by("date", "batch__at", "pk") if of_member[event.member_id].covers(event.date)
    ]
    roster_years = read_roster_years(people, year)
    facts = read_facts(people, year, roster_years, read_frozen_halves(people, year))
    uncounted = {
        entry.record.ref
        for _member, known in facts
        for entry in score_member(rulebook, known, half_end(year, H2)).uncounted
    }
    files = _count_files(events)
    items = rulebook.item_names()
    return tuple(
        PointsLine(
            day=event.date,
            name=of_member[event.member_id].member.listed_name,
            item=items.get(event.item, event.item),
            content=event.note,
            points=0 if event.pk in uncounted else (event.points or 0) * (2 if event.led else 1),
            files=len(files[event.pk]),
            remark=UNCOUNTED if event.pk in uncounted else words.LED if event.led else "",
        )
        for event in events
    )


def _count_files(events: Sequence[PointEvent]) -> dict[int, set[int]]:
    """The stored files behind each record: its own, its claim's and those of what was recorded in the same go."""
    of_batch: dict[int, list[int]] = defaultdict(list)
    for event in events:
        of_batch[event.batch_id].append(event.pk)
    ids = [event.pk for event in events]
    behind = Q(event__in=ids) | Q(claim__event__in=ids) | Q(batch__in=of_batch)
    files: dict[int, set[int]] = defaultdict(set)
    links = EvidenceLink.objects.live().filter(behind).order_by()
    for own, claimed, batch, file in links.values_list("event_id", "claim__event_id", "batch_id", "file_id"):
        proved = own or claimed
        for event_id in [proved] if proved else of_batch.get(batch or 0, []):
            files[event_id].add(file)
    return files
