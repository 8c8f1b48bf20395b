"""Two people at the same instant: one approval, and nothing recorded while it freezes is in it by half (D20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from points.errors import HalfLocked, TransitionRefused
from points.imports.records import import_records
from points.integrity.ledger import verify_ledger
from points.models import Correction, Freeze, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_event
from points.reviews.late import late_records
from points.reviews.steps import approve_review, return_review, submit_review
from points.scoring.freezing import current_lines, read_payload
from publicity.rechecking.steps import review_correction
from tests.cast import Cast, build_cast
from tests.points.half_stages import HOUR, JULY, bring_to, meeting_on, record_dues
from tests.threads import run_at_once
from tests.two_officers import enter_line, second_officer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
NOW = JULY + HOUR
MEETING = meeting_on(JULY.date())


def approve(cast: Cast, review: Review, who: str = "secretary_a") -> Callable[[], Any]:
    return lambda: approve_review(actor=getattr(cast, who), now=NOW, review=review, meeting=MEETING)


def record(cast: Cast, now: Any = NOW) -> Callable[[], Any]:
    entry = EventEntry(cast.member_a.pk, "dues", date(2025, 5, 10), "2025-05")
    return lambda: record_events(actor=cast.recorder_a, now=now, town=cast.town, entries=[entry])


def bring_in_file(cast: Cast) -> Callable[[], Any]:
    text = "党支部,姓名,类别,项目,日期,期次\n" + "".join(
        f"一支部,{name},得分,dues,2025-05-10,2025-05\n" for name in ("张伟", "李娜", "曾国华")
    )
    return lambda: import_records(actor=cast.staff, now=NOW, town=cast.town, data=text.encode(), filename="records.csv")


def test_two_approvals_at_the_same_instant_give_one() -> None:
    cast = build_cast()
    record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "submitted")
    outcomes = run_at_once(approve(cast, review), approve(cast, review, "staff"))
    assert {type(outcome) for outcome in outcomes} == {Review, TransitionRefused}
    assert (Freeze.objects.count(), ReviewLine.objects.count()) == (1, 4)
    assert list(verify_ledger()) == []


def test_an_approval_and_a_return_at_the_same_instant() -> None:
    cast = build_cast()
    review = bring_to(cast, "submitted")
    outcomes = run_at_once(
        approve(cast, review), lambda: return_review(actor=cast.staff, now=NOW, review=review, remark="请核对")
    )
    assert {type(outcome) for outcome in outcomes} == {Review, TransitionRefused}
    state = Review.objects.get(pk=review.pk).state
    assert (state, Freeze.objects.count()) in {("approved", 1), ("draft", 0)}


@pytest.mark.parametrize("write", [record, bring_in_file])
def test_what_races_a_submission_is_in_the_half_or_refused(write: Callable[[Cast], Callable[[], Any]]) -> None:
    cast = build_cast()
    review = bring_to(cast, "draft")
    written, submitted = run_at_once(write(cast), lambda: submit_review(actor=cast.recorder_a, now=NOW, review=review))
    assert isinstance(submitted, Review)
    events = {str(uuid) for uuid in PointEvent.objects.values_list("uuid", flat=True)}
    refused = isinstance(written, HalfLocked) or bool(getattr(written, "errors", ()))
    assert len(events) == (0 if refused else 1 if write is record else 3)
    approve_review(actor=cast.secretary_a, now=NOW + HOUR, review=review, meeting=MEETING)
    frozen = {uuid for line in current_lines(review) for uuid in read_payload(line.payload).events}
    assert frozen == events
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("write", [record, bring_in_file])
def test_what_races_an_approval_is_refused_or_comes_after_it_as_a_whole(
    write: Callable[[Cast], Callable[[], Any]],
) -> None:
    cast = build_cast()
    review = bring_to(cast, "submitted")
    written, approved = run_at_once(write(cast), approve(cast, review))
    assert isinstance(approved, Review)
    lines = current_lines(review)
    assert all(read_payload(line.payload).events == () for line in lines)
    refused = isinstance(written, HalfLocked) or bool(getattr(written, "errors", ()))
    count = 0 if refused else 1 if write is record else 3
    assert PointEvent.objects.count() == count
    assert {late.record for late in late_records(lines)} == set(PointEvent.objects.all())
    assert list(verify_ledger()) == []


def test_a_void_that_races_a_submission_is_out_of_the_half_or_refused() -> None:
    cast = build_cast()
    event = record_dues(cast, month=3, now=JULY)
    kept = record_dues(cast, month=4, now=JULY)
    review = bring_to(cast, "draft")
    voided, submitted = run_at_once(
        lambda: void_event(actor=cast.secretary_a, now=NOW, event=event, reason="记错了人"),
        lambda: submit_review(actor=cast.recorder_a, now=NOW, review=review),
    )
    assert isinstance(submitted, Review)
    event.refresh_from_db()
    assert isinstance(voided, HalfLocked) == (event.voided_at is None)
    approve_review(actor=cast.secretary_a, now=NOW + HOUR, review=review, meeting=MEETING)
    counted = {uuid for line in current_lines(review) for uuid in read_payload(line.payload).events}
    assert counted == {str(each.uuid) for each in (event, kept) if each.voided_at is None}
    assert list(verify_ledger()) == []


def test_a_record_begun_before_an_approval_and_saved_after_it_is_refused() -> None:
    """The recorder's page was sent while the half was submitted; it waited for the approval's locks."""
    cast = build_cast()
    review = bring_to(cast, "submitted")
    approve(cast, review)()
    with pytest.raises(HalfLocked, match="刚刚已核定"):
        record(cast, now=NOW - timedelta(seconds=1))()
    record(cast, now=NOW + timedelta(seconds=1))()
    assert list(verify_ledger()) == []


def test_corrections_of_two_branches_chains_do_not_meet_in_the_middle() -> None:
    """Both first halves, whose second halves lie crosswise: each locks both branches in the same order."""
    cast = build_cast()
    reviews = [bring_to(cast, "approved"), bring_to(cast, "approved", branch=cast.branch_b)]

    def correct(review: Review, member: Any, actor: Any) -> Callable[[], Any]:
        entry = EventEntry(member.pk, "dues", date(2025, 5, 10), "2025-05")

        def in_two_steps() -> Any:
            entered = enter_line(
                actor=actor,
                now=NOW + HOUR,
                review=review,
                member=member,
                decided_on=JULY.date(),
                reason="漏登",
                record=[entry],
            )
            second = second_officer(review, first=actor, now=NOW)
            return review_correction(actor=second, now=NOW + HOUR, entered=entered, is_unrelated=True)

        return in_two_steps

    outcomes = run_at_once(
        *(
            action
            for first, second in zip(cast.members_a, cast.members_b, strict=True)
            for action in (
                correct(reviews[0], first, cast.secretary_a),
                correct(reviews[1], second, cast.secretary_b),
            )
        )
    )
    assert [type(outcome) for outcome in outcomes] == [Correction] * 6
    assert list(Freeze.objects.order_by("branch", "sequence").values_list("branch", "sequence")) == [
        (branch.pk, sequence) for branch in (cast.branch_a, cast.branch_b) for sequence in (1, 2, 3, 4)
    ]
    assert list(verify_ledger()) == []
