"""The tick sheet: what each cell is and why, and saving many cells of which each is answered for itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason
from members.models import AuditEntry, Exemption, Member, Membership, RecordBatch
from points.errors import UnknownItem
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.records.voiding import void_attendance
from points.ticks.saving import CellOutcome, TickChange, TicksSaved, save_ticks
from points.ticks.sheet import CellState, TickSheet, read_sheet
from tests.cast import Cast, build_cast
from tests.factories import NOW, make_batch, make_event, make_member, make_membership
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.threads import run_at_once
from tests.towns import add_towns
from tests.work import counting_calls, counts_while_growing, queries_of

LATER = NOW + timedelta(hours=1)


def sheet_of(cast: Cast, *, item: str = "dues", year: int = 2026, now: Any = NOW, who: str = "recorder_a") -> TickSheet:
    return read_sheet(actor=getattr(cast, who), now=now, branch=cast.branch_a, item=item, year=year)


def save(cast: Cast, *changes: TickChange, who: str = "recorder_a", **more: Any) -> TicksSaved:
    return save_ticks(
        **{
            "actor": getattr(cast, who),
            "now": NOW,
            "branch": cast.branch_a,
            "item": "dues",
            "year": 2026,
            "changes": changes,
            "token": uuid4(),
            "reason": "误勾",
        }
        | more
    )


def tick(member: Member, period: str = "2026-03") -> TickChange:
    return TickChange(member.pk, period, ticked=True)


def untick(event: PointEvent) -> TickChange:
    return TickChange(event.member_id, event.period, ticked=False, seen=str(event.uuid))


def outcomes(saved: TicksSaved) -> list[CellOutcome]:
    return [result.outcome for result in saved.results]


def live(item: str = "dues") -> set[tuple[str, str]]:
    events = PointEvent.objects.filter(item=item, voided_at=None)
    return set(events.values_list("member__name", "period"))


# What is on the sheet


def test_who_is_on_it_and_which_periods(cast: Cast) -> None:
    sheet = sheet_of(cast)
    assert [row.member.name for row in sheet.rows] == ["张伟", "李娜", "曾国华"]
    assert sheet.periods == tuple(f"2026-{month:02}" for month in range(1, 13))
    assert [row.member.name for row in sheet_of(cast, year=2025).rows] == ["张伟", "李娜", "曾国华", "王五"]
    assert sheet_of(cast, item="lecture").periods == ("2026Q1", "2026Q2", "2026Q3", "2026Q4")
    assert sheet_of(cast, item="pledge").periods == ("2026",)
    with pytest.raises(UnknownItem):
        sheet_of(cast, item="volunteering")


def test_cells_say_what_they_are(cast: Cast) -> None:
    first, second, third = cast.members_a
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 5),
        kinds=[("party_day", "2026-03")],
        statuses={first.pk: Attendance.Status.ATTENDED, second.pk: Attendance.Status.EXCUSED},
    )
    make_event(make_batch(cast.recorder_a, cast.town), third, "party_day", "2026-03", date=date(2026, 3, 5))
    Exemption.objects.create(
        member=third,
        ground="unable",
        applied_on=date(2026, 1, 5),
        decided_on=date(2026, 1, 6),
        from_date=date(2026, 1, 10),
    )
    new = make_member(cast.branch_a, "新来", since=date(2026, 2, 10), why=Membership.Why.TRANSFERRED_IN)
    cells = sheet_of(cast, item="party_day").cells
    said = {key: (cell.state, cell.explanation) for key, cell in cells.items()}
    assert said[first.pk, "2026-03"][0] == CellState.MEETING
    assert "2026-03-05" in said[first.pk, "2026-03"][1]
    assert said[second.pk, "2026-03"] == (
        CellState.MISSED,
        "2026-03-05的会议登记为请假（甲记录员登记）。只能在该次会议中更改参加情况。",
    )
    assert said[third.pk, "2026-03"][0] == CellState.TICKED
    assert "甲记录员" in said[third.pk, "2026-03"][1]
    assert "不计分期间：自2026-01-10起不实行积分制。" in said[third.pk, "2026-03"][1]
    assert said[third.pk, "2026-01"] == (
        CellState.OUTSIDE,
        "不计分期间：自2026-01-10起不实行积分制。",
    )
    assert said[new.pk, "2026-01"] == (CellState.OUTSIDE, "不计分期间：2026-02-10以前不在名册上。")
    assert said[new.pk, "2026-02"][0] == CellState.EMPTY
    assert said[first.pk, "2026-04"] == (CellState.FUTURE, "这一期还没有开始。")


def test_a_leaver_keeps_the_months_before(cast: Cast) -> None:
    cells = sheet_of(cast, year=2025).cells
    assert cells[cast.left_a.pk, "2025-09"].state == CellState.OUTSIDE
    assert "2025-09-01" in cells[cast.left_a.pk, "2025-09"].explanation
    assert cells[cast.left_a.pk, "2025-08"].state == CellState.LOCKED  # the recorder may not, the town's staff may
    assert sheet_of(cast, year=2025, who="staff").cells[cast.left_a.pk, "2025-08"].state == CellState.EMPTY


def test_a_member_moved_within_the_town_is_on_the_sheet_of_the_branch_that_records_for_them(cast: Cast) -> None:
    make_membership(cast.member_b, cast.branch_a, date(2026, 2, 1), Membership.Why.MOVED)
    cells = sheet_of(cast).cells
    assert [cells[cast.member_b.pk, f"2026-0{month}"].state for month in (1, 2)] == [CellState.EMPTY] * 2
    of_b = read_sheet(actor=cast.recorder_b, now=NOW, branch=cast.branch_b, item="dues", year=2026)
    assert cast.member_b.pk not in {row.member.pk for row in of_b.rows}
    before = read_sheet(actor=cast.recorder_b, now=NOW, branch=cast.branch_b, item="dues", year=2025)
    assert before.cells[cast.member_b.pk, "2025-03"].state == CellState.LOCKED


def test_submitted_counted_and_late_cells(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    bring_to(cast, "submitted")
    now = JULY + HOUR / 2
    locked = sheet_of(cast, year=2025, now=now).cells
    assert locked[cast.member_a.pk, "2025-03"].state == CellState.LOCKED
    assert "已提交" in locked[cast.member_a.pk, "2025-04"].explanation
    assert locked[cast.member_a.pk, "2025-07"].state == CellState.EMPTY


def test_counted_and_late_cells_after_the_approval(cast: Cast) -> None:
    event = record_dues(cast, month=3, now=JULY)
    bring_to(cast, "approved")
    cells = sheet_of(cast, year=2025, now=JULY + 2 * HOUR).cells
    counted, late = cells[cast.member_a.pk, "2025-03"], cells[cast.member_a.pk, "2025-04"]
    assert (counted.state, counted.uuid) == (CellState.COUNTED, str(event.uuid))
    assert "更正" in counted.explanation
    assert late.state == CellState.EMPTY
    assert "不计分" in late.explanation
    saved = save(cast, untick(event), tick(cast.member_a, "2025-04"), year=2025, now=JULY + 2 * HOUR)
    assert outcomes(saved) == [CellOutcome.REFUSED, CellOutcome.SAVED]
    assert list(verify_ledger()) == []


def test_who_only_reads_is_told_so(cast: Cast) -> None:
    cell = sheet_of(cast, who="committee_a").cells[cast.member_a.pk, "2026-01"]
    assert cell.state == CellState.LOCKED
    assert cell.is_expected
    assert "记录员" in cell.explanation or "登记" in cell.explanation


def test_reading_costs_the_same_for_any_number_of_members_and_towns(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)

    def grow_to(size: int) -> None:
        for number in range(size - Member.objects.filter(memberships__branch=cast.branch_a).count() + 1):
            make_event(batch, make_member(cast.branch_a, f"党员{number}"), "dues", "2026-01")

    def read() -> None:
        actor = type(cast.recorder_a).objects.get(pk=cast.recorder_a.pk)
        sheet = read_sheet(actor=actor, now=NOW, branch=cast.branch_a, item="dues", year=2026)
        assert sheet.columns[0][1:] == (len(sheet.rows) - 3, len(sheet.rows))
        sizes.append(len(sheet.rows))

    sizes: list[int] = []
    grow_to(10)
    counts = counts_while_growing(read, lambda: grow_to(150), add_towns)
    assert counts == [counts[0]] * 3
    assert sizes == [10, 150, 150]


def test_a_save_reads_the_members_it_changes_and_the_answer_after_its_locks(cast: Cast) -> None:
    def save_one(period: str) -> list[str]:
        return queries_of(lambda: save(cast, tick(cast.member_a, period)))

    def calls(period: str) -> int:
        with counting_calls() as work:
            save(cast, tick(cast.member_a, period))
        return work.calls

    calls("2025-12")
    few, least = save_one("2026-01"), calls("2026-02")
    for number in range(27):
        make_member(cast.branch_a, f"党员{number}")
    add_towns()
    many = save_one("2026-03")
    assert len(many) == len(few)
    # The last thing a transaction does here is to release its savepoint.
    released = max(number for number, sql in enumerate(many) if sql.startswith("RELEASE SAVEPOINT"))
    reads = [number for number, sql in enumerate(many) if 'FROM "points_reviewline"' in sql and '"payload"' in sql]
    assert [number > released for number in reads] == [False, True]
    assert calls("2025-10") < 1.05 * least


# Saving


def test_one_save_is_one_batch_and_dues_are_dated_today(cast: Cast) -> None:
    first, second, _third = cast.members_a
    token = uuid4()
    saved = save(cast, tick(first, "2026-02"), tick(first), tick(second), token=token)
    assert outcomes(saved) == [CellOutcome.SAVED] * 3
    batch = RecordBatch.objects.get()
    assert (batch.uuid, batch.actor, batch.branch) == (token, cast.recorder_a, cast.branch_a)
    assert set(batch.events.values_list("member", "period", "date")) == {
        (first.pk, "2026-02", NOW.date()),  # D25: no day of payment is invented
        (first.pk, "2026-03", NOW.date()),
        (second.pk, "2026-03", NOW.date()),
    }
    assert saved.cells[first.pk, "2026-03"].state == CellState.TICKED
    assert sheet_of(cast).columns[2] == ("2026-03", 2, 3)
    assert list(verify_ledger()) == []


def test_the_same_save_sent_again_writes_nothing_and_says_saved(cast: Cast) -> None:
    first, second, _third = cast.members_a
    token = uuid4()
    changes = (tick(first), tick(second))
    save(cast, *changes, token=token)
    assert outcomes(save(cast, *changes, token=token, now=LATER)) == [CellOutcome.SAVED] * 2
    assert PointEvent.objects.count() == 2
    assert RecordBatch.objects.count() == 1
    # Taken back by somebody between the two sendings: it stays so.
    event = PointEvent.objects.get(member=first)
    save(cast, untick(event), who="secretary_a")
    assert outcomes(save(cast, *changes, token=token, now=LATER)) == [CellOutcome.CONFLICT, CellOutcome.SAVED]
    assert PointEvent.objects.filter(voided_at=None).count() == 1


def test_an_untick_voids_with_its_reason_and_makes_no_batch(cast: Cast) -> None:
    save(cast, *map(tick, cast.members_a))
    event = PointEvent.objects.get(member=cast.member_a)
    with pytest.raises(MissingReason):
        save(cast, untick(event), reason=" ")
    token = uuid4()
    saved = save(cast, untick(event), reason="核实未交", who="secretary_a", now=LATER, token=token)
    assert outcomes(saved) == [CellOutcome.SAVED]
    event.refresh_from_db()
    assert (event.void_reason, event.voided_by, event.voided_at) == ("核实未交", cast.secretary_a, LATER)
    assert RecordBatch.objects.count() == 1
    log = AuditEntry.objects.get(verb="void_events")
    assert log.new == {"reason": "核实未交", "events": [str(event.uuid)]}
    again = save(cast, untick(event), token=token, now=LATER)
    assert outcomes(again) == [CellOutcome.ALREADY]
    assert "核实未交" in again.results[0].message
    assert list(verify_ledger()) == []


def test_ticks_and_unticks_of_one_save_are_all_written_or_none(cast: Cast) -> None:
    save(cast, tick(cast.member_a))
    event = PointEvent.objects.get()
    with pytest.raises(MissingReason):
        save(cast, tick(cast.members_a[1]), untick(event), reason="")
    assert live() == {("张伟", "2026-03")}
    save(cast, tick(cast.members_a[1]), untick(event))
    assert live() == {("李娜", "2026-03")}


def test_what_somebody_else_changed_is_not_overwritten(cast: Cast) -> None:
    """Two sheets opened at the same time; the second save comes after the first."""
    first, second, third = cast.members_a
    save(cast, tick(first), tick(third))
    seen_first, seen_third = (PointEvent.objects.get(member=member) for member in (first, third))
    # The secretary takes one back, takes one back and ticks it again, and ticks what was empty.
    save(cast, untick(seen_first), untick(seen_third), tick(second), who="secretary_a", now=LATER)
    save(cast, tick(third), who="secretary_a", now=LATER)
    saved = save(
        cast,
        TickChange(first.pk, "2026-03", ticked=True, seen=str(seen_first.uuid)),
        tick(second),
        untick(seen_third),
        now=LATER,
    )
    assert outcomes(saved) == [CellOutcome.CONFLICT, CellOutcome.ALREADY, CellOutcome.CONFLICT]
    assert "甲书记" in saved.results[0].message
    assert "2026-03-15 11:00" in saved.results[0].message
    assert "甲书记" in saved.results[1].message
    assert "甲书记" in saved.results[2].message
    assert live() == {("李娜", "2026-03"), ("曾国华", "2026-03")}


def test_what_a_meeting_earned_is_changed_at_the_meeting(cast: Cast) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 5),
        kinds=[("party_day", "2026-03")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    event = PointEvent.objects.get()
    saved = save(cast, untick(event), item="party_day")
    assert outcomes(saved) == [CellOutcome.REFUSED]
    assert "会议" in saved.results[0].message
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=meeting.attendances.get(), reason="误签")
    assert outcomes(save(cast, tick(cast.member_a), item="party_day")) == [CellOutcome.SAVED]


def test_a_tick_taken_back_leaves_the_period_to_a_meeting_that_earns_it(cast: Cast) -> None:
    save(cast, tick(cast.member_a), item="party_day")
    event = PointEvent.objects.get()
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 5),
        kinds=[("party_day", "2026-03")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    saved = save(cast, untick(event), item="party_day", now=LATER)
    assert outcomes(saved) == [CellOutcome.SAVED]
    assert saved.cells[cast.member_a.pk, "2026-03"].state == CellState.MEETING


@pytest.mark.parametrize("period", ["2026-04", "2027-01", "2026Q1", "x"])
def test_no_tick_where_there_is_no_cell(period: str, cast: Cast) -> None:
    assert outcomes(save(cast, tick(cast.member_a, period))) == [CellOutcome.REFUSED]
    assert outcomes(save(cast, tick(cast.member_b))) == [CellOutcome.REFUSED]
    assert not PointEvent.objects.exists()


@pytest.mark.parametrize("who", ["committee_a", "supervisor", "recorder_b", "other_staff", "member_user_a"])
def test_only_who_records_for_the_branch_saves(who: str, cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        save(cast, tick(cast.member_a), who=who)
    assert not PointEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_recorders_at_once_leave_one_live_record_per_cell() -> None:
    cast = build_cast()
    changes = [tick(member, period) for member in cast.members_a for period in ("2026-01", "2026-02", "2026-03")]
    saves = run_at_once(
        *(lambda who=who: save(cast, *changes, who=who) for who in ("recorder_a", "secretary_a", "staff"))
    )
    assert [type(saved) for saved in saves] == [TicksSaved] * 3
    for answers in zip(*map(outcomes, saves), strict=True):
        assert sorted(answers) == [CellOutcome.ALREADY, CellOutcome.ALREADY, CellOutcome.SAVED]
    assert PointEvent.objects.count() == 9
    assert RecordBatch.objects.count() == 1
    assert list(verify_ledger()) == []


@pytest.mark.django_db(transaction=True)
def test_one_save_sent_twice_at_once_is_written_once() -> None:
    cast = build_cast()
    token = UUID(int=4)
    changes = [tick(member) for member in cast.members_a]
    saves = run_at_once(*[lambda: save(cast, *changes, token=token)] * 3)
    assert [outcomes(saved) for saved in saves] == [[CellOutcome.SAVED] * 3] * 3
    assert (PointEvent.objects.count(), RecordBatch.objects.count()) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_ticking_and_taking_back_at_once_leaves_what_one_of_them_wanted() -> None:
    cast = build_cast()
    save(cast, tick(cast.member_a))
    event = PointEvent.objects.get()
    one, two = run_at_once(
        lambda: save(cast, untick(event), who="secretary_a"), lambda: save(cast, untick(event), tick(cast.members_a[1]))
    )
    assert sorted([outcomes(one)[0], outcomes(two)[0]]) == [CellOutcome.ALREADY, CellOutcome.SAVED]
    assert live() == {("李娜", "2026-03")}
    assert list(verify_ledger()) == []
