"""The tick sheet: one base item of a year, a branch's members down, its periods across; what each cell is and why.

A cell that cannot be changed says so in words; one that says 请假 or 缺席 is changed at its meeting (D24). The number
of queries does not depend on the number of members.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from members.access import Action, members_for
from members.models import Branch, Member, Membership, User
from members.people.naming import tell_apart
from points.errors import UnknownItem
from points.halves.locks import HalfKey, counted_records, half_key_of, locked_halves
from points.models import PointEvent, Review
from points.records.entries import tick_entry
from points.records.missed import say_missed
from points.rules.periods import first_day, periods_of_year
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.scope import is_owed
from points.scoring.adoption import rulebook_for
from points.scoring.explanations import read_held_periods
from points.scoring.missed import Missed, read_missed
from points.scoring.scope import row_on, say_outside
from points.scoring.scores import RosterYear, read_roster_rows, read_roster_year
from points.scoring.squares import MARKS, OF_STATUS, WORDS, Square, find_square

CellKey = tuple[int, str]
"""Member id and period."""
CLEARS_ARREARS = gettext_lazy(
    "The half is approved: a tick now clears the arrears and earns no point. If it was paid before, a correction with "
    "the receipt earns it."
)
IS_LATE = gettext_lazy("The half is approved: a tick now is a late record.")


class CellState(StrEnum):
    """What a cell is; only the first two can be changed on the sheet."""

    EMPTY = "empty"
    TICKED = "ticked"
    MEETING = "meeting"
    MISSED = "missed"
    COUNTED = "counted"
    LOCKED = "locked"
    OUTSIDE = "outside"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class TickCell:
    """One member and period: its state, why it is so, and the record that stands (None without one).

    `square` is what the period is to the member; `meeting_id` the branch's meeting at which the cell is changed.
    """

    member_id: int
    period: str
    state: CellState
    explanation: str
    square: Square
    event: PointEvent | None = None
    meeting_id: int | None = None

    @property
    def mark(self) -> str:
        """What stands in the cell."""
        if self.state is CellState.MEETING and self.square is Square.EARNED:
            return pgettext("mark in a tick sheet", "M")
        return "–" if self.state is CellState.LOCKED and not MARKS[self.square] else str(MARKS[self.square])

    @property
    def uuid(self) -> str:
        """The standing record's uuid: what a save says it saw; empty without one."""
        return str(self.event.uuid) if self.event else ""

    @property
    def is_expected(self) -> bool:
        """Whether it belongs to what the counts are out of: in the scheme, and the period has begun."""
        return self.event is not None or self.state not in (CellState.OUTSIDE, CellState.FUTURE)


@dataclass(frozen=True, slots=True)
class TickRow:
    """One member's year."""

    member: Member
    cells: Sequence[TickCell]

    @property
    def ticked(self) -> int:
        return sum(1 for cell in self.cells if cell.event)

    @property
    def expected(self) -> int:
        return sum(1 for cell in self.cells if cell.is_expected)


@dataclass(frozen=True)
class TickSheet:
    """The whole table; `rows` in roster order."""

    branch: Branch
    item: BaseItem
    year: int
    periods: Sequence[str]
    rows: Sequence[TickRow]

    @cached_property
    def cells(self) -> dict[CellKey, TickCell]:
        """Every cell by member id and period."""
        return {(cell.member_id, cell.period): cell for row in self.rows for cell in row.cells}

    @property
    def columns(self) -> list[tuple[str, int, int]]:
        """Each period with how many are ticked, of how many expected."""
        found = []
        for position, period in enumerate(self.periods):
            cells = [row.cells[position] for row in self.rows]
            found.append((period, sum(1 for cell in cells if cell.event), sum(1 for cell in cells if cell.is_expected)))
        return found


def base_item(rulebook: Rulebook, code: str, *, year: int) -> BaseItem:
    """The base item of a code in a year's rulebook.

    Raises:
        UnknownItem: the rulebook has no such base item.
    """
    for item in rulebook.base:
        if item.code == code:
            return item
    raise UnknownItem(
        _("“%(item)s” is not an item of the %(year)s rulebook. Choose one of its items.")
        % {"item": code[:30], "year": year}
    )


def read_sheet(*, actor: User, now: datetime, branch: Branch, item: str, year: int) -> TickSheet:
    """The sheet as the actor may change it, in a constant number of queries; the caller asks whether they may see it.

    Who is on it: the branch's members of today, and whom the roster counts to it for the year (leavers among them).

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        UnknownItem: no base item of that rulebook.
    """
    return _SheetReader(actor, now, branch, item, year, Member.objects.all()).read()


def read_cells(
    *, actor: User, now: datetime, branch: Branch, item: str, year: int, member_ids: Collection[int]
) -> dict[CellKey, TickCell]:
    """The sheet's cells of some members, by member id and period; nothing of the others is read.

    Raises: as `read_sheet`.
    """
    return _SheetReader(actor, now, branch, item, year, Member.objects.filter(pk__in=member_ids)).read().cells


class _SheetReader:
    """Reads everything a sheet of some members needs at once, then judges cell by cell."""

    def __init__(
        self, actor: User, now: datetime, branch: Branch, item: str, year: int, members: QuerySet[Member]
    ) -> None:
        self._actor = actor
        self._now = now
        self._today = timezone.localdate(now)
        self._branch = branch
        self._rulebook = rulebook_for(branch.town, year)
        self._item = base_item(self._rulebook, item, year=year)
        self._year = year
        self._asked = members
        self._periods = periods_of_year(year, self._item.per)

    def read(self) -> TickSheet:
        self._read_roster()
        ids = list(self._members)
        self._recordable = set(
            members_for(self._actor, on=self._today, action=Action.RECORD)
            .filter(pk__in=ids)
            .values_list("pk", flat=True)
        )
        events = (
            PointEvent.objects.live()
            .filter(member__in=ids, item=self._item.code, year=self._year)
            .select_related("batch__actor", "attendance__meeting")
        )
        self._events = {(event.member_id, event.period): event for event in events}
        self._keys = {
            (member_id, period): self._half_key(member_id, period) for member_id in ids for period in self._periods
        }
        self._locked = locked_halves(self._keys.values(), now=self._now)
        self._missed = {} if self._item.is_dues else read_missed(ids, year=self._year, item=self._item.code)
        self._held = read_held_periods(branch_id=self._branch.pk, year=self._year)
        self._read_frozen(ids)
        rows = [
            TickRow(member, [self._judge(member_id, period) for period in self._periods])
            for member_id, member in self._members.items()
        ]
        return TickSheet(self._branch, self._item, self._year, self._periods, rows)

    def _read_roster(self) -> None:
        once_here = self._asked.filter(
            pk__in=Membership.objects.filter(branch=self._branch, from_date__lte=self._today).values("member")
        )
        self._memberships, self._exemptions = read_roster_rows(once_here)
        self._standings: dict[int, RosterYear] = {}
        for member_id, rows in self._memberships.items():
            standing = read_roster_year(self._year, rows, self._exemptions.get(member_id, ()))
            here = row_on(rows, self._today)
            if standing is not None and self._branch.pk in (standing.branch_id, here[1] if here else None):
                self._standings[member_id] = standing
        members = Member.objects.filter(pk__in=list(self._standings)).order_by("position", "pk")
        self._members = {member.pk: member for member in tell_apart(members)}

    def _half_key(self, member_id: int, period: str) -> HalfKey:
        event = self._events.get((member_id, period))
        if event is not None:
            return half_key_of(event)
        return tick_entry(member_id, self._item, period, today=self._today).half_key

    def _read_frozen(self, ids: Iterable[int]) -> None:
        """The records frozen lines counted, and which halves of the year each member has a frozen line of."""
        counted = counted_records(ids)
        self._counted = set().union(*counted.values())
        halves = dict(
            Review.objects.filter(year=self._year, branch__town=self._branch.town_id).values_list("pk", "half")
        )
        self._frozen = {
            (member_id, self._year, halves[review_id]) for review_id, member_id in counted if review_id in halves
        }

    def _judge(self, member_id: int, period: str) -> TickCell:
        event = self._events.get((member_id, period))
        missed = self._missed.get((member_id, self._item.code, period)) if event is None else None
        outside = self._say_outside(member_id, period, event, missed)
        held_on = self._held.get((self._item.code, period), ())
        in_scheme = self._standings[member_id].in_scheme
        square = find_square(
            period,
            on=self._today,
            # What stands recorded is judged by its own day, a blank by the days the branch held it (D16).
            in_scope=not outside
            if event or missed
            else is_owed(self._item, period, held_on, in_scheme, on=self._today),
            earned=event is not None and not outside,
            missed=missed.status if missed else "",
            is_held=self._item.is_dues or bool(held_on),
        )
        if square is Square.OUT_OF_SCOPE and not outside and held_on:
            outside = self._say_outside_on(member_id, period, max(held_on))
        if event is not None:
            state, explanation = self._judge_record(event, period, outside)
        elif square in OF_STATUS.values() and missed is not None:
            state, explanation = CellState.MISSED, say_missed(missed)
        else:
            state, explanation = self._judge_blank(member_id, period, square, outside)
        return TickCell(member_id, period, state, explanation, square, event, self._find_meeting(event, missed))

    def _find_meeting(self, event: PointEvent | None, missed: Missed | None) -> int | None:
        """The branch's own meeting behind a cell; another branch's is not the reader's to change."""
        if missed is not None:
            return missed.meeting_id if missed.branch_id == self._branch.pk else None
        if event is None or event.attendance is None:
            return None
        meeting = event.attendance.meeting
        return meeting.pk if meeting.branch_id == self._branch.pk else None

    def _judge_record(self, event: PointEvent, period: str, outside: str) -> tuple[CellState, str]:
        who = _("Ticked by %(actor)s on %(at)s, for %(date)s.") % {
            "actor": event.batch.actor,
            "at": f"{timezone.localtime(event.batch.at):%Y-%m-%d %H:%M}",
            "date": event.date,
        }
        # A later exemption, move or leaving put it out of scope: it stands and counts nothing (D16).
        who += outside
        if event.attendance is not None:
            return CellState.MEETING, _(
                "Earned at the meeting of %(date)s. Change the attendance of that meeting, not this cell."
            ) % {"date": event.attendance.meeting.held_on}
        if str(event.uuid) in self._counted:
            return CellState.COUNTED, who + _(
                "An approved half-year result counted it: only a correction can take it back."
            )
        locked = self._locked.get(self._keys[event.member_id, period])
        if locked:
            return CellState.LOCKED, who + locked
        if event.member_id not in self._recordable:
            return CellState.LOCKED, who + self._say_not_recordable(event.member_id)
        return CellState.TICKED, who

    def _judge_blank(self, member_id: int, period: str, square: Square, outside: str) -> tuple[CellState, str]:
        if first_day(period) > self._today:
            return CellState.FUTURE, _("This period has not begun.")
        if outside:
            return CellState.OUTSIDE, outside
        key = self._keys[member_id, period]
        if key in self._locked:
            return CellState.LOCKED, self._locked[key]
        if member_id not in self._recordable:
            return CellState.LOCKED, self._say_not_recordable(member_id)
        if key not in self._frozen:
            return CellState.EMPTY, _("Not ticked: %(square)s.") % {"square": WORDS[square]}
        if self._item.is_dues and self._rulebook.settings.late_dues == "until_approval":
            return CellState.EMPTY, str(CLEARS_ARREARS)
        return CellState.EMPTY, str(IS_LATE)

    def _say_outside(self, member_id: int, period: str, event: PointEvent | None, missed: Missed | None) -> str:
        """Why nothing counts in a cell: by the day of its record or its meeting, else by that of a tick."""
        if event is not None:
            day = event.date
        elif missed is not None:
            day = missed.held_on
        elif first_day(period) <= self._today:
            day = tick_entry(member_id, self._item, period, today=self._today).date
        else:
            return ""  # who will be in the scheme in a period to come nobody knows
        return self._say_outside_on(member_id, period, day)

    def _say_outside_on(self, member_id: int, period: str, day: date) -> str:
        exemptions = self._exemptions.get(member_id, ())
        return say_outside(self._item, self._memberships[member_id], exemptions, period=period, day=day)

    def _say_not_recordable(self, member_id: int) -> str:
        here = row_on(self._memberships[member_id], self._today)
        if here is not None and here[1] == self._branch.pk:
            return _("Your role reads this sheet only; the branch's recorder or secretary ticks.")
        return _("No member of this branch any more: the town's staff can record it.")
