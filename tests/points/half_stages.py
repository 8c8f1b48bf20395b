"""Walking a half-year of the cast's branch A from draft to final, each step by whoever takes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from members.models import Branch, Member, User
from points.models import NotHeldDeclaration, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.steps import (
    CommitteeMeeting,
    approve_review,
    mark_final,
    mark_published,
    open_review,
    submit_review,
)
from points.reviews.year_end import year_end_items
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import FrozenScore, current_lines, read_payload
from tests.cast import Cast
from tests.clock import SHANGHAI

JULY = datetime(2025, 7, 5, 10, 0, tzinfo=SHANGHAI)
JANUARY = datetime(2026, 1, 8, 10, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
STATES = ("draft", "submitted", "approved", "published", "final")


def meeting_on(day: date) -> CommitteeMeeting:
    return CommitteeMeeting(day, "村部会议室", 3, 3, "逐人核定，一致通过。")


def start_of(half: str) -> datetime:
    """When the tests take the first step of a half."""
    return JULY if half == "H1" else JANUARY


def record_dues(
    cast: Cast, *, month: int, now: datetime, member: Member | None = None, actor: User | None = None
) -> PointEvent:
    """One month's dues of 张伟 (or another member), dated within the month."""
    member = member or cast.member_a
    batch = record_events(
        actor=actor or cast.recorder_a,
        now=now,
        town=cast.town,
        entries=[EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")],
    )
    return PointEvent.objects.get(batch=batch)


def record_deed(cast: Cast, *, day: date, now: datetime, points: int = 10, member: Member | None = None) -> PointEvent:
    member = member or cast.member_a
    batch = record_events(
        actor=cast.recorder_a,
        now=now,
        town=cast.town,
        entries=[EventEntry(member.pk, "volunteering", day, points=points)],
    )
    return PointEvent.objects.get(batch=batch)


def settle_year_end(branch: Branch, *, by: User, at: datetime, year: int = 2025) -> None:
    """Declare everything a second half waits for as not held; past the verb, for tests that are not about it."""
    NotHeldDeclaration.objects.bulk_create(
        (
            NotHeldDeclaration(branch=branch, item=item.code, period=period, reason="未召开", by=by, at=at)
            for item, period in year_end_items(rulebook_for(branch.town, year), year)
        ),
        ignore_conflicts=True,
    )


def bring_to(
    cast: Cast,
    state: str,
    *,
    half: str = "H1",
    branch: Branch | None = None,
    start: datetime | None = None,
    by: User | None = None,
) -> Review:
    """A review of the half in a state, one step an hour from `start`, taken by the branch's officers or `by` alone."""
    branch = branch or cast.branch_a
    recorder, secretary = (
        (cast.recorder_a, cast.secretary_a) if branch == cast.branch_a else (cast.recorder_b, cast.secretary_b)
    )
    recorder, secretary = by or recorder, by or secretary
    now = start or start_of(half)
    review = open_review(branch=branch, year=2025, half=half)
    if state == "draft":
        return review
    if half == "H2":
        settle_year_end(branch, by=recorder, at=now)
    review = submit_review(actor=recorder, now=now, review=review)
    if state == "submitted":
        return review
    review = approve_review(actor=secretary, now=now + HOUR, review=review, meeting=meeting_on((now + HOUR).date()))
    if state == "approved":
        return review
    review = mark_published(actor=secretary, now=now + 2 * HOUR, review=review)
    if state == "published":
        return review
    return mark_final(actor=secretary, now=now + 3 * HOUR, review=review)


def line_of(review: Review, member: Member) -> ReviewLine:
    return next(line for line in current_lines(review) if line.member_id == member.pk)


def score_of(review: Review, member: Member) -> FrozenScore:
    return read_payload(line_of(review, member).payload)
