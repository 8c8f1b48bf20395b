"""Cells of who was absent or excused: shown so, left out of a column, changed at the meeting alone (D24, S4)."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from members.models import Member
from points.errors import MissedMeeting
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from points.scoring.squares import Square
from points.ticks.saving import CellOutcome, TickChange, TicksSaved, save_ticks
from points.ticks.sheet import CellState, TickCell, read_sheet
from tests.cast import Cast
from tests.factories import NOW, base_entry
from tests.points.meetings.held import change

ITEM = "party_day"


def hold(cast: Cast, statuses: dict[Member, str], day: date = date(2026, 3, 5), period: str = "2026-03") -> Meeting:
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=day,
        kinds=[(ITEM, period)],
        statuses={member.pk: status for member, status in statuses.items()},
    )


def cells_of(cast: Cast) -> dict[tuple[int, str], TickCell]:
    return read_sheet(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, item=ITEM, year=2026).cells


def tick_march(cast: Cast, *members: Member) -> TicksSaved:
    return save_ticks(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        item=ITEM,
        year=2026,
        changes=[TickChange(member.pk, "2026-03", ticked=True) for member in members],
        token=uuid4(),
    )


def earned() -> set[tuple[str, str]]:
    return set(PointEvent.objects.live().values_list("member__name", "period"))


def test_the_column_head_gives_nothing_to_who_was_absent_or_excused(cast: Cast) -> None:
    """The head of the column sends every cell; the absent and the excused got a point each."""
    zhang, li, zeng = cast.members_a
    meeting = hold(cast, {zhang: "absent", li: "excused"})
    cells = cells_of(cast)
    assert [
        (cells[member.pk, "2026-03"].state, cells[member.pk, "2026-03"].square, cells[member.pk, "2026-03"].mark)
        for member in cast.members_a
    ] == [
        (CellState.MISSED, Square.ABSENT, "缺"),
        (CellState.MISSED, Square.EXCUSED, "假"),
        (CellState.EMPTY, Square.NOT_OVER, ""),
    ]
    assert cells[zhang.pk, "2026-03"].meeting_id == meeting.pk
    saved = tick_march(cast, zhang, li, zeng)
    assert [result.outcome for result in saved.results] == [
        CellOutcome.REFUSED,
        CellOutcome.REFUSED,
        CellOutcome.SAVED,
    ]
    assert saved.results[0].message == ("2026-03-05的会议登记为缺席（甲记录员登记）。只能在该次会议中更改参加情况。")
    assert earned() == {("曾国华", "2026-03")}


def test_the_attendance_changes_it(cast: Cast) -> None:
    zhang = cast.member_a
    meeting = hold(cast, {zhang: "absent"})
    change(cast, meeting, {zhang: Attendance.Status.MADE_UP})
    cell = cells_of(cast)[zhang.pk, "2026-03"]
    assert (cell.state, cell.square, cell.meeting_id) == (CellState.MEETING, Square.EARNED, meeting.pk)


def test_of_several_meetings_taking_part_wins_then_the_excuse(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    hold(cast, {zhang: "absent", li: "excused", zeng: "absent"})
    hold(cast, {zhang: "attended", li: "absent", zeng: "excused"}, date(2026, 3, 9))
    cells = cells_of(cast)
    assert [cells[member.pk, "2026-03"].square for member in cast.members_a] == [
        Square.EARNED,
        Square.EXCUSED,
        Square.EXCUSED,
    ]


def test_what_the_branch_held_and_what_it_did_not(cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    hold(cast, {zhang: "attended"}, date(2026, 2, 9), "2026-02")
    cells = cells_of(cast)
    assert [cells[li.pk, f"2026-{month:02}"].square for month in (1, 2, 3, 4)] == [
        Square.NOT_HELD,
        Square.NO_RECORD,
        Square.NOT_OVER,
        Square.NOT_OVER,
    ]
    assert [cells[li.pk, f"2026-{month:02}"].mark for month in (1, 2, 3)] == ["无", "", ""]
    assert cells[li.pk, "2026-01"].explanation == "未打勾：支部未组织。"


def test_a_record_by_hand_is_refused_too(cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    hold(cast, {zhang: "absent"})
    entries = [base_entry(member, ITEM, "2026-03", date(2026, 3, 10)) for member in (zhang, li)]
    with pytest.raises(MissedMeeting, match="张伟（党员活动日 2026年3月，2026-03-05缺席）"):
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    assert earned() == set()
