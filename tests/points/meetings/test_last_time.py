"""As last time: who was there is copied, never an exception (S5)."""

from __future__ import annotations

from datetime import date

from points.meetings.holding import record_meeting
from points.meetings.last_time import read_last_time
from points.models import Attendance, Meeting
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, make_member

Status = Attendance.Status


def hold(cast: Cast, day: date, statuses: dict[int, str]) -> Meeting:
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=day,
        kinds=[("party_day", f"{day:%Y-%m}")],
        statuses=statuses,
        place=f"村部{day.month}",
        host="王书记",
    )


def test_only_who_was_there_is_copied(cast: Cast) -> None:
    others = [make_member(cast.branch_a, status) for status in Status.values if status not in ("attended", "guest")]
    new = make_member(cast.branch_a, "新来")
    statuses = {cast.member_a.pk: "attended"} | {member.pk: member.name for member in others}
    hold(cast, date(2026, 2, 9), statuses)
    last = read_last_time(cast.branch_a, through=date(2026, 3, 31))
    assert last is not None
    assert (last.place, last.host, last.held_on) == ("村部2", "王书记", date(2026, 2, 9))
    ids = [*statuses, new.pk]
    assert last.find_there(ids) == [cast.member_a.pk]
    assert last.find_exceptions(ids) == [member.pk for member in others]
    assert last.find_unlisted(ids) == [new.pk]


def test_it_is_the_latest_by_the_day_that_stands(cast: Cast) -> None:
    zhang, li, _zeng = cast.members_a
    assert read_last_time(cast.branch_a, through=date(2026, 3, 31)) is None
    hold(cast, date(2026, 1, 9), {zhang.pk: "attended"})
    february = hold(cast, date(2026, 2, 9), {li.pk: "attended"})

    def place(through: date) -> str:
        last = read_last_time(cast.branch_a, through=through)
        return last.place if last else ""

    assert place(date(2026, 3, 31)) == "村部2"
    assert place(date(2026, 1, 31)) == "村部1"
    void_batch(actor=cast.recorder_a, now=NOW, batch=february.batch, reason="填错")
    assert place(date(2026, 3, 31)) == "村部1"
