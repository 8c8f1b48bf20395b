"""Taking part at the place of stay needs one proof a half before it is submitted (D24)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from members.models import Member
from points.errors import TransitionRefused
from points.evidence.links import attach_evidence, void_evidence_link
from points.meetings.attendance import change_attendance
from points.meetings.holding import record_meeting
from points.models import Attendance, EvidenceLink, PointEvent
from points.reviews.steps import open_review, submit_review
from tests.cast import Cast
from tests.members.evidence.uploads import picture
from tests.points.half_stages import JULY

pytestmark = pytest.mark.django_db
Status = Attendance.Status
REFUSED = "在流入地参加组织生活的，每半年须有一份证明：张伟尚无证明"


def stay(cast: Cast, month: int, status: str = Status.AT_PLACE_OF_STAY, member: Member | None = None) -> PointEvent:
    member = member or cast.member_a
    record_meeting(
        actor=cast.recorder_a, now=JULY, branch=cast.branch_a, held_on=date(2025, month, 2),
        kinds=[("party_day", f"2025-{month:02d}")], statuses={member.pk: status},
    )  # fmt: skip
    return PointEvent.objects.live().get(member=member, period=f"2025-{month:02d}")


def submit(cast: Cast) -> str:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    return submit_review(actor=cast.recorder_a, now=JULY, review=review).state


def prove(cast: Cast, event: PointEvent) -> EvidenceLink:
    return attach_evidence(actor=cast.recorder_a, now=JULY, files=[picture()], subject=event)[0]


def test_one_proof_does_for_the_half(cast: Cast, evidence_dir: Path) -> None:
    stay(cast, 2)
    later = stay(cast, 3)
    with pytest.raises(TransitionRefused, match=REFUSED):
        submit(cast)
    prove(cast, later)
    assert submit(cast) == "submitted"


def test_a_proof_taken_back_or_of_the_other_half_is_none(cast: Cast, evidence_dir: Path) -> None:
    link = prove(cast, stay(cast, 2))
    void_evidence_link(actor=cast.recorder_a, now=JULY, link=link, reason="照片不清")
    prove(cast, stay(cast, 7))
    with pytest.raises(TransitionRefused, match=REFUSED):
        submit(cast)


def test_each_member_needs_their_own(cast: Cast, evidence_dir: Path) -> None:
    prove(cast, stay(cast, 2, member=cast.members_a[1]))
    stay(cast, 3)
    with pytest.raises(TransitionRefused, match=REFUSED):
        submit(cast)


def test_other_ways_of_taking_part_need_none(cast: Cast) -> None:
    for month, status in enumerate((Status.ONLINE, Status.HOME_VISIT, Status.MADE_UP, Status.ATTENDED), 1):
        stay(cast, month, status)
    assert submit(cast) == "submitted"


def test_changing_the_attendance_is_the_other_way_out(cast: Cast) -> None:
    attendance = stay(cast, 2).attendance
    assert attendance is not None
    changed = {cast.member_a.pk: Status.EXCUSED}
    change_attendance(actor=cast.recorder_a, now=JULY, meeting=attendance.meeting, statuses=changed, reason="没有证明")
    assert submit(cast) == "submitted"
