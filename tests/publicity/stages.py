"""A half of branch A brought as far as a test needs it, through the verbs people use; July 2025 unless told."""

from __future__ import annotations

from datetime import date, datetime

from members.models import Branch, Member
from points.models import Correction, PointEvent, Review
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.steps import CommitteeMeeting, approve_review, open_review, submit_review
from points.rules.rulebook import change_settings
from points.scoring.adoption import adopt_rulebook, rulebook_for
from publicity.models import Notice
from publicity.notices.publication import post_notice, prepare_notice
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import make_batch
from tests.points.half_stages import settle_year_end
from tests.two_officers import correct_line
from tests.veto.hearings import write_answer
from veto.models import VetoRecord

CONTACT = "书面、电话或当面向支部书记甲书记反映，电话13900000000。"


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2025) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


JULY_5 = at(7, 5)
MONDAY = at(7, 7)
JULY_7 = date(2025, 7, 7)
"""A Monday: five days later is Saturday, so the notice stays up until Monday 14 July."""
LAST_MINUTE = at(7, 14, 23, 59)
FIRST_MINUTE = at(7, 15, 0, 1)


def choose(cast: Cast, **settings: str | int | bool) -> None:
    """The town adopts 2025 anew, under other readings."""
    rulebook = change_settings(rulebook_for(cast.town, 2025), **settings)
    adopt_rulebook(actor=cast.staff, now=at(1, 2), town=cast.town, year=2025, rulebook=rulebook)


def dues(member: Member, month: int = 3) -> EventEntry:
    return EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")


def record(cast: Cast, *entries: EventEntry, now: datetime = JULY_5) -> list[PointEvent]:
    batch = record_events(actor=cast.recorder_a, now=now, town=cast.town, branch=cast.branch_a, entries=list(entries))
    return list(PointEvent.objects.filter(batch=batch).order_by("pk"))


def approved(
    cast: Cast, *, half: str = "H1", now: datetime = JULY_5, year: int = 2025, branch: Branch | None = None
) -> Review:
    """By town staff where it is not branch A's."""
    branch = branch or cast.branch_a
    own = branch == cast.branch_a
    review = open_review(branch=branch, year=year, half=half)
    if half == "H2":
        settle_year_end(branch, by=cast.staff, at=now, year=year)
    review = submit_review(actor=cast.recorder_a if own else cast.staff, now=now, review=review)
    meeting = CommitteeMeeting(now.date(), "村部会议室", 3, 3, "核定积分，一致通过。")
    return approve_review(actor=cast.secretary_a if own else cast.staff, now=now, review=review, meeting=meeting)


def prepared(cast: Cast, review: Review | None = None, *, now: datetime = JULY_5) -> Notice:
    return prepare_notice(actor=cast.secretary_a, now=now, review=review or approved(cast, now=now), contact=CONTACT)


def posted(cast: Cast, notice: Notice | None = None, *, now: datetime = MONDAY) -> Notice:
    return post_notice(
        actor=cast.secretary_a, now=now, notice=notice or prepared(cast), channels=["board"], posted_on=now.date()
    )


def corrected(cast: Cast, review: Review, member: Member, *, now: datetime, month: int = 4) -> Correction:
    """One month's dues too few: recorded by a correction."""
    return correct_line(
        actor=cast.secretary_a,
        now=now,
        review=review,
        member=member,
        decided_on=now.date(),
        reason="漏登党费",
        record=[dues(member, month)],
    )


def veto(cast: Cast, decided_on: date = date(2025, 6, 20)) -> None:
    """A veto of 张伟, confirmed after her answer."""
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=at(6, 1))
    finding = VetoRecord.objects.create(
        batch=batch,
        member=cast.member_a,
        ground="disciplined",
        year=2025,
        date=date(2025, 6, 1),
        particulars="县纪委〔2025〕3号",
    )
    VetoRecord.objects.filter(pk=finding.pk).update(
        notified_on=date(2025, 6, 2),
        decided_on=decided_on,
        confirmed_at=at(6, 20),
        decided_by=cast.secretary_a,
    )
    write_answer(finding, date(2025, 6, 3))
