"""A meeting's day is put right within its open half; what it earned is earned anew, checked again (D30)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.errors import MissingReason
from members.models import AuditEntry, Membership
from points.errors import FutureDate, HalfLocked, NotOnRoster, OtherHalf
from points.integrity.ledger import verify_ledger
from points.meetings.changes import change_meeting
from points.models import Attendance, Meeting, PointEvent
from tests.cast import Cast
from tests.factories import NOW, make_member, make_membership
from tests.points.half_stages import bring_to, start_of
from tests.points.meetings.held import hold

Status = Attendance.Status


def move(cast: Cast, meeting: Meeting, day: date, kinds: list[tuple[str, str]], reason: str = "日期写错") -> Meeting:
    return change_meeting(
        actor=cast.recorder_a, now=NOW, meeting=meeting, kinds=kinds, topics={}, texts={}, held_on=day, reason=reason
    )


def live() -> set[tuple[str, str, str, date]]:
    rows = PointEvent.objects.live()
    return set(rows.values_list("member__name", "item", "period", "date"))


def test_what_was_earned_is_dated_the_new_day_in_its_period(cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    meeting = hold(cast, {zhang: Status.ATTENDED, li: Status.ABSENT}, date(2026, 2, 10))
    moved = move(cast, meeting, date(2026, 3, 2), [("party_day", "2026-03")])
    assert moved.held_on == date(2026, 3, 2)
    assert list(moved.kinds.values_list("item", "period")) == [("party_day", "2026-03")]
    assert live() == {("张伟", "party_day", "2026-03", date(2026, 3, 2))}
    assert [event.void_reason for event in PointEvent.objects.voided()] == ["日期写错"]
    assert moved.attendances.live().count() == 2
    entry = AuditEntry.objects.get(verb="change_meeting")
    assert (entry.old["held_on"], entry.new["held_on"]) == ("2026-02-10", "2026-03-02")
    assert list(verify_ledger()) == []


def test_the_same_period_on_another_day(cast: Cast) -> None:
    meeting = hold(cast, {cast.member_a: Status.ATTENDED}, date(2026, 2, 10))
    move(cast, meeting, date(2026, 2, 11), [("party_day", "2026-02")])
    assert live() == {("张伟", "party_day", "2026-02", date(2026, 2, 11))}


def test_who_has_the_period_already_keeps_that_and_what_is_free_earns_elsewhere(cast: Cast) -> None:
    zhang = cast.member_a
    meeting = hold(cast, {zhang: Status.ATTENDED}, date(2026, 2, 10))
    hold(cast, {zhang: Status.ATTENDED}, date(2026, 2, 20))
    hold(cast, {zhang: Status.ATTENDED}, date(2026, 3, 5), (("party_day", "2026-03"),))
    move(cast, meeting, date(2026, 3, 2), [("party_day", "2026-03")])
    assert live() == {
        ("张伟", "party_day", "2026-02", date(2026, 2, 20)),
        ("张伟", "party_day", "2026-03", date(2026, 3, 5)),
    }


def test_refusals_change_nothing(cast: Cast) -> None:
    late = make_member(cast.branch_b, "转来")
    make_membership(late, cast.branch_a, date(2026, 2, 5), Membership.Why.MOVED)
    meeting = hold(cast, {cast.member_a: Status.ATTENDED, late: Status.ATTENDED}, date(2026, 2, 10))
    before = live()
    kinds = [("party_day", "2026-02")]
    with pytest.raises(NotOnRoster):
        move(cast, meeting, date(2026, 2, 4), kinds)
    with pytest.raises(FutureDate):
        move(cast, meeting, date(2026, 3, 16), kinds)
    with pytest.raises(OtherHalf, match="不在同一个半年"):
        move(cast, meeting, date(2025, 12, 30), kinds)
    with pytest.raises(MissingReason):
        move(cast, meeting, date(2026, 2, 11), kinds, reason="")
    meeting.refresh_from_db()
    assert (meeting.held_on, live()) == (date(2026, 2, 10), before)


def test_not_in_a_submitted_half(cast: Cast) -> None:
    kinds = (("party_day", "2025-11"),)
    meeting = hold(cast, {cast.member_a: Status.ATTENDED}, date(2025, 11, 10), kinds)
    bring_to(cast, "submitted", half="H2")
    with pytest.raises(HalfLocked):
        change_meeting(
            actor=cast.recorder_a,
            now=start_of("H2") + timedelta(days=90),
            meeting=meeting,
            kinds=kinds,
            topics={},
            texts={},
            held_on=date(2025, 11, 11),
            reason="日期写错",
        )
    meeting.refresh_from_db()
    assert meeting.held_on == date(2025, 11, 10)
