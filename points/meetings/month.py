"""A branch's month: what it owes by the rulebook and for whom it is still open, and recording it in one save.

The rows are today's members of the branch, as whoever records them must be (`record_events`); whoever is exempt or was
not in the scheme at the month's end stands greyed with the reason (D15, D16).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger import live
from members.access import Action, require_branch_action
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.models import Branch, Member, RecordBatch, User
from members.people.naming import tell_apart
from members.selectors import members_in
from points.errors import MeetingHeld, NoRulebook, NothingToRecord
from points.halves.locks import locked_halves, refuse_locked_halves
from points.meetings.holding import HeldMeeting, check_meeting, describe_meeting, insert_meeting, refuse_strangers
from points.meetings.last_time import LastTime, read_last_time
from points.models import Meeting, MeetingKind, PointEvent, Review
from points.records.entries import EventEntry, check_entry
from points.records.recording import insert_events, refuse_duplicates
from points.records.scope import refuse_out_of_scope
from points.rules.periods import first_day, last_day, period_half, period_of, period_year
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.scope import is_owed
from points.scoring.adoption import rulebooks_of
from points.scoring.missed import ACTOR_NAME, read_missed
from points.scoring.scope import ScopeOfMembers
from points.scoring.squares import Square, find_square
from points.scoring.wording import name_period, name_period_in_year

YEARLY = "year"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is recorded for a member in a column: earned, or (`status`) excused or absent from what was held."""

    day: date
    by: str
    status: str = ""

    @property
    def is_earned(self) -> bool:
        return not self.status


@dataclass(frozen=True, slots=True)
class HeldOn:
    """One meeting that carried a kind: its day and who recorded it."""

    meeting: Meeting
    by: str


@dataclass(frozen=True, slots=True)
class MonthKind:
    """A meeting item of the month with its period; `is_due` while the branch held none and somebody lacks it."""

    item: BaseItem
    period: str
    held: tuple[HeldOn, ...]
    is_due: bool

    @property
    def shown_period(self) -> str:
        return name_period_in_year(self.period)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One member: why nothing is asked of them this month, and what is recorded."""

    member: Member
    reason: str
    locked: str
    was_here: bool
    dues: Mark | None
    marks: tuple[Mark | None, ...]
    squares: tuple[Square, ...]
    """The state of each kind's period."""

    @property
    def is_open(self) -> bool:
        return not self.reason and not self.locked

    @property
    def may_pay(self) -> bool:
        return self.is_open and self.dues is None


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """The sheet; `dues` is None where the rulebook has none."""

    branch: Branch
    month: str
    dues: BaseItem | None
    kinds: tuple[MonthKind, ...]
    rows: tuple[MonthRow, ...]
    late_half: str
    last: LastTime | None

    @property
    def due_kinds(self) -> tuple[MonthKind, ...]:
        return tuple(kind for kind in self.kinds if kind.is_due)

    @property
    def paid(self) -> int:
        return sum(row.dues is not None for row in self.rows if not row.reason)

    @property
    def may_pay(self) -> bool:
        """Whether anybody's dues can still be ticked."""
        return self.dues is not None and any(row.may_pay for row in self.rows)

    @property
    def expected(self) -> int:
        """How many owe something this month."""
        return sum(not row.reason for row in self.rows)

    @property
    def locks(self) -> list[str]:
        """Why rows are locked, each reason once."""
        return list(dict.fromkeys(row.locked for row in self.rows if row.locked))


def read_month(branch: Branch, month: str, *, rulebook: Rulebook, now: datetime) -> MonthSheet:
    """The sheet of a month that has begun; a constant number of queries."""
    today = timezone.localdate(now)
    end = last_day(month)
    roster = members_in([branch.pk], today)
    members = tell_apart(roster.order_by("position", "id"))
    dues = rulebook.dues_item
    # What is held once a year has its own time and stands on the meeting's form.
    periods = [(item, period_of(end, item.per)) for item in rulebook.meeting_items if item.per != YEARLY]
    columns = {(item.code, period) for item, period in periods} | ({(dues.code, month)} if dues else set())
    earned = _read_events(roster, columns)
    held = _read_held(branch, periods)
    missed = {
        key: Mark(found.held_on, found.recorded_by, found.status)
        for key, found in read_missed(roster.values("pk"), year=period_year(month)).items()
    }
    scope = ScopeOfMembers(member.pk for member in members)
    # Who was in the scheme on the month's last day owes something of it (D16).
    reasons = {member.pk: scope.say_outside_on(member.pk, end) for member in members}
    locked = locked_halves([EventEntry(row.pk, "", end, month).half_key for row in members], now=now)
    here = roster if today <= end else members_in([branch.pk], end)
    here_ids = set(here.values_list("pk", flat=True))
    half_key = EventEntry(0, "", end, month).half_key[1:]
    held_on = _days_held(held, earned)
    marks = {
        member.pk: tuple(
            earned.get((member.pk, item.code, period)) or missed.get((member.pk, item.code, period))
            for item, period in periods
        )
        for member in members
    }
    rows = tuple(
        MonthRow(
            member=member,
            reason=reasons[member.pk],
            locked=locked.get((member.pk, *half_key), ""),
            was_here=member.pk in here_ids,
            dues=earned.get((member.pk, dues.code, month)) if dues else None,
            marks=marks[member.pk],
            squares=tuple(
                _find_square(
                    period,
                    mark,
                    on=today,
                    # What stands recorded is judged by its own day, what is not by the days the branch held it (D16).
                    in_scope=not scope.say_outside(member.pk, item, period=period, day=mark.day)
                    if mark
                    else is_owed(item, period, held_on[item.code, period], scope.spans_of(member.pk), on=today),
                    is_held=bool(held_on[item.code, period]),
                )
                for (item, period), mark in zip(periods, marks[member.pk], strict=True)
            ),
        )
        for member in members
    )
    kinds = tuple(
        MonthKind(
            item=item,
            period=period,
            held=tuple(held.get((item.code, period), ())),
            is_due=(item.code, period) not in held and any(row.is_open and row.marks[index] is None for row in rows),
        )
        for index, (item, period) in enumerate(periods)
    )
    last = read_last_time(branch, through=end)
    return MonthSheet(branch, month, dues, kinds, rows, _read_late_half(branch, month), last)


def _find_square(period: str, mark: Mark | None, *, on: date, in_scope: bool, is_held: bool) -> Square:
    """The state of a kind's period; a record that is out of scope earns nothing (D16)."""
    return find_square(
        period,
        on=on,
        in_scope=in_scope,
        earned=mark is not None and mark.is_earned and in_scope,
        missed="" if mark is None else mark.status,
        is_held=is_held,
    )


_Key = tuple[int, str, str]


def _days_held(
    held: Mapping[tuple[str, str], list[HeldOn]], earned: Mapping[_Key, Mark]
) -> Mapping[tuple[str, str], set[date]]:
    """The days of the branch's meetings, and those for which anybody has a record."""
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for pair, meetings in held.items():
        days[pair].update(on.meeting.held_on for on in meetings)
    for (_member_id, item, period), mark in earned.items():
        days[item, period].add(mark.day)
    return days


def _read_events(roster: QuerySet[Member], columns: Collection[tuple[str, str]]) -> dict[_Key, Mark]:
    """Live records in the columns; one query."""
    events = (
        PointEvent.objects.live()
        .filter(
            member__in=roster.values("pk"),
            item__in={item for item, _period in columns},
            period__in={period for _item, period in columns},
        )
        .select_related("batch__actor")
        .only("member", "item", "period", "date", *ACTOR_NAME)
    )
    return {
        (event.member_id, event.item, event.period): Mark(event.date, str(event.batch.actor))
        for event in events.order_by()
        if (event.item, event.period) in columns
    }


def _kinds_of(branch: Branch, periods: list[tuple[BaseItem, str]]) -> QuerySet[MeetingKind]:
    return MeetingKind.objects.filter(
        live("meeting__batch"),
        meeting__branch=branch,
        item__in=[item.code for item, _period in periods],
        period__in={period for _item, period in periods},
    )


def _read_held(branch: Branch, periods: list[tuple[BaseItem, str]]) -> Mapping[tuple[str, str], list[HeldOn]]:
    """The branch's meetings by (item, period), in order; one query."""
    held: dict[tuple[str, str], list[HeldOn]] = defaultdict(list)
    kinds = _kinds_of(branch, periods).select_related("meeting__batch__actor")
    for kind in kinds.order_by("meeting__held_on", "meeting_id"):
        held[kind.item, kind.period].append(HeldOn(kind.meeting, str(kind.meeting.batch.actor)))
    return held


def _read_late_half(branch: Branch, month: str) -> str:
    """The approved half the month lies in, in a word: what is recorded for it now is late (D20)."""
    half = period_half(month, first_day(month))
    states = (Review.State.APPROVED, Review.State.PUBLISHED)
    review = Review.objects.filter(branch=branch, year=period_year(month), half=half, state__in=states).first()
    return str(review.get_half_display()) if review else ""


def record_month(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    month: str,
    dues: Collection[int] = (),
    dues_on: date | None = None,
    meeting: HeldMeeting | None = None,
    token: UUID | None = None,
    drafted_by: User | None = None,
) -> RecordBatch:
    """Record whose dues of `month` (a canonical period) were paid on a day, and a meeting: all or nothing.

    The meeting and the dues are a batch each, so that voiding the one never takes the other (D30); returned is the one
    that bears the token: the meeting's, where there is one.

    Raises:
        PermissionDenied: not the actor's branch.
        NothingToRecord: neither dues nor a meeting.
        MeetingHeld: a kind of the meeting is recorded for its period already.
        DuplicateBatch: the form was sent before.
        NotOnRoster, NoRulebook, UnknownStatus, DuplicateBaseRecord, HalfLocked (D20), OutOfScope (D16) and the errors
        of `check_entry`.
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.RECORD, branch, on=today)
    if not dues and meeting is None:
        raise NothingToRecord(_("Nothing is ticked: tick whose dues are paid, or what was held, and save again."))
    rulebooks = rulebooks_of(branch.town)
    entries = check_dues(branch, month, dues, dues_on or today, today=today)
    if meeting is not None:
        check_meeting(meeting, today=today)
    with transaction.atomic():
        attending = meeting.statuses.keys() if meeting else ()
        lock_for_score(branch_ids=[branch.pk], member_ids={*dues, *attending})
        open_for = partial(open_batch, actor=actor, now=now, town=branch.town, branch=branch, drafted_by=drafted_by)
        batches = []
        if meeting is not None:
            batches.append(open_for(source=RecordBatch.Source.MEETING, token=token))
            _refuse_held(meeting, rulebooks)
            written_meeting = insert_meeting(meeting, batch=batches[0], now=now)
            log_change(
                actor=actor,
                now=now,
                town=branch.town,
                verb="record_meeting",
                subject=written_meeting,
                new=describe_meeting(meeting),
            )
        refuse_out_of_scope(entries, rulebooks)
        refuse_locked_halves((entry.half_key for entry in entries), now=now)
        refuse_duplicates(entries, rulebooks)
        if entries:
            batches.append(open_for(source=RecordBatch.Source.SCREEN, token=None if batches else token))
        written = insert_events(batch=batches[-1], entries=entries)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="record_month",
            subject=batches[-1],
            new={"month": month, "events": written},
        )
    return batches[0]


def check_dues(branch: Branch, month: str, dues: Collection[int], dues_on: date, *, today: date) -> list[EventEntry]:
    """A month's dues paid on a day as checked entries.

    Raises:
        NoRulebook, NotOnRoster, OutOfScope (D16) and the errors of `check_entry`.
    """
    if not dues:
        return []
    rulebooks = rulebooks_of(branch.town)
    year = period_year(month)
    item = rulebooks[year].dues_item if year in rulebooks else None
    if item is None:
        raise NoRulebook(_("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year})
    refuse_strangers(dues, branch, on=today)
    entries = [EventEntry(member_id, item.code, dues_on, month) for member_id in sorted(set(dues))]
    for entry in entries:
        check_entry(entry, rulebooks=rulebooks, today=today)
    refuse_out_of_scope(entries, rulebooks)
    return entries


def _refuse_held(meeting: HeldMeeting, rulebooks: dict[int, Rulebook]) -> None:
    """Two people who enter the same month must not make two meetings of it; asked under the branch's lock."""
    wanted = set(meeting.kinds)
    kinds = MeetingKind.objects.filter(
        live("meeting__batch"),
        meeting__branch=meeting.branch,
        item__in={item for item, _period in wanted},
        period__in={period for _item, period in wanted},
    ).select_related("meeting__batch__actor")
    for kind in kinds.order_by("meeting__held_on", "meeting_id"):
        if (kind.item, kind.period) in wanted:
            raise MeetingHeld(
                _(
                    "%(item)s of %(period)s is recorded already: held on %(day)s, entered by %(by)s. "
                    "Nothing was saved. Untick it, or open that meeting to change its attendance."
                )
                % {
                    "item": rulebooks[period_year(kind.period)].item_names().get(kind.item, kind.item),
                    "period": name_period(kind.period),
                    "day": kind.meeting.held_on,
                    "by": kind.meeting.batch.actor,
                }
            )
