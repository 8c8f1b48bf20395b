"""A correction says that somebody was there after all: the meeting's list is put right with it (D10, D24)."""

from __future__ import annotations

from datetime import date

import pytest

from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.entries import EventEntry
from points.scoring.missed import read_missed
from tests.cast import Cast
from tests.factories import NOW
from tests.points.half_stages import HOUR, JULY, bring_to, line_of, score_of
from tests.publicity.corrections.test_corrections import correct

pytestmark = pytest.mark.django_db
DAY = date(2025, 5, 20)
KINDS = [("party_day", "2025-05"), ("lecture", "2025Q2")]


def hold(cast: Cast, kinds: list[tuple[str, str]], day: date = DAY) -> Meeting:
    """张伟 stands as absent on its list."""
    statuses = {member.pk: "attended" for member in cast.members_a} | {cast.member_a.pk: "absent"}
    return record_meeting(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, held_on=day, kinds=kinds, statuses=statuses
    )


def there(cast: Cast, day: date = DAY) -> EventEntry:
    return EventEntry(cast.member_a.pk, "party_day", day, "2025-05")


def test_the_list_is_put_right_and_all_of_the_meeting_earns(cast: Cast) -> None:
    meeting = hold(cast, KINDS)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    assert score_of(review, cast.member_a).base == 0
    correct(cast, review, record=[there(cast)], reason="签到表原件上有本人签名")
    rows = Attendance.objects.filter(meeting=meeting, member=cast.member_a).order_by("pk")
    assert [(row.status, row.void_reason) for row in rows] == [("absent", "签到表原件上有本人签名"), ("attended", None)]
    events = PointEvent.objects.live().filter(member=cast.member_a).order_by("item")
    assert [(event.item, event.period, event.attendance) for event in events] == [
        ("lecture", "2025Q2", rows[1]),
        ("party_day", "2025-05", rows[1]),
    ]
    assert score_of(review, cast.member_a).base == 40
    assert line_of(review, cast.member_a).revision == 2
    assert read_missed([cast.member_a.pk]) == {}
    assert list(verify_ledger()) == []


def test_on_another_day_it_was_something_else_and_the_list_stands(cast: Cast) -> None:
    hold(cast, KINDS)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    correct(cast, review, record=[there(cast, date(2025, 5, 22))])
    assert score_of(review, cast.member_a).base == 10
    standing = Attendance.objects.live().get(member=cast.member_a)
    assert standing.status == "absent"
    assert PointEvent.objects.live().get(member=cast.member_a).attendance is None


def test_an_item_of_the_other_half_is_not_earned_on_the_side(cast: Cast) -> None:
    """Held in July for June, and as the lecture of the third quarter."""
    july = date(2025, 7, 2)
    hold(cast, [("party_day", "2025-05"), ("lecture", "2025Q3")], july)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    correct(cast, review, record=[there(cast, july)])
    assert score_of(review, cast.member_a).base == 10
    assert Attendance.objects.live().get(member=cast.member_a).status == "absent"
    assert not PointEvent.objects.live().filter(member=cast.member_a, item="lecture").exists()
