"""Corrections: the one mechanism for every change to a frozen line (D10), with consent, reach and coupled halves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch, MissingReason, NotAllowed
from members.models import AuditEntry, Membership
from points.errors import CorrectionRefused, DuplicateBaseRecord, FindingNotReady, FutureDate, HalfLocked, RecordFrozen
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, Correction, Freeze, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.voiding import void_attendance
from points.reviews.late import Lateness, late_records, late_records_of
from points.reviews.steps import mark_final, mark_published, reopen_review, return_review
from points.scoring.freezing import chain_head, current_lines
from tests.cast import Cast
from tests.factories import make_membership
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, line_of, record_deed, record_dues, score_of
from tests.two_officers import correct_line
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import revoke as revoke_finding
from veto.deciding import propose_deduction, propose_veto, void_finding
from veto.models import Answer, Deduction

LATER = JULY + timedelta(days=10)
AFTER = JANUARY + timedelta(days=20)


def correct(cast: Cast, review: Review, **given: Any) -> Correction:
    now = given.pop("now", LATER)
    defaults = {
        "actor": cast.secretary_a,
        "now": now,
        "review": review,
        "member": cast.member_a,
        "decided_on": now.date(),
        "reason": "核对收据后更正",
    }
    return correct_line(**{**defaults, **given})


def dues(cast: Cast, month: int) -> EventEntry:
    return EventEntry(cast.member_a.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")


def heard_deduction(cast: Cast, *, day: date, now: Any) -> Deduction:
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=now,
        member=cast.member_a,
        item="gambling",
        date=day,
        particulars="核查记录",
        papers="核实材料",
    )
    hear_member(
        actor=cast.recorder_a,
        now=now,
        finding=finding,
        notified_on=now.date(),
        answered_on=now.date(),
        answer=Answer.Kind.WAIVED,
    )
    return finding


@pytest.mark.django_db
def test_a_correction_voids_records_and_revises(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    old = line_of(review, cast.member_a)
    correction = correct(cast, review, void=[wrong], record=[dues(cast, 4), dues(cast, 5)])
    new = line_of(review, cast.member_a)
    assert (new.revision, new.correction, new.freeze.sequence) == (2, correction, 2)
    assert score_of(review, cast.member_a).cumulative == 20
    assert ReviewLine.objects.get(pk=old.pk).payload == old.payload
    assert [line.revision for line in current_lines(review)] == [2, 1, 1, 1]
    wrong.refresh_from_db()
    assert (wrong.voided_by, wrong.voided_at, wrong.void_reason) == (cast.secretary_a, LATER, "核对收据后更正")
    assert (correction.reason, correction.decided_on, correction.objection, correction.consent_by) == (
        "核对收据后更正", LATER.date(), None, None,
    )  # fmt: skip
    entry = AuditEntry.objects.get(verb="correct_line")
    head = chain_head(cast.branch_a)
    assert head is not None
    assert (entry.new["voided"], entry.new["recorded"], entry.new["links"]) == (1, 2, [head.hash])
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_a_correction_of_a_correction(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    correct(cast, review, record=[dues(cast, 4)])
    added = PointEvent.objects.get(period="2025-04")
    correct(cast, review, void=[added], now=LATER + HOUR, reason="又核对一次")
    assert [
        (line.revision, line.correction and line.correction.reason)
        for line in ReviewLine.objects.filter(member=cast.member_a).order_by("revision")
    ] == [(1, None), (2, "核对收据后更正"), (3, "又核对一次")]
    assert score_of(review, cast.member_a).cumulative == 10
    assert list(verify_ledger()) == []


WRONG: dict[str, tuple[type[Exception], Callable[[Cast], dict[str, Any]]]] = {
    "nothing": (CorrectionRefused, lambda cast: {}),
    "no reason": (MissingReason, lambda cast: {"record": [dues(cast, 4)], "reason": "  "}),
    "before the approval": (
        CorrectionRefused,
        lambda cast: {"record": [dues(cast, 4)], "decided_on": JULY.date() - timedelta(days=1)},
    ),
    "to come": (
        CorrectionRefused,
        lambda cast: {"record": [dues(cast, 4)], "decided_on": LATER.date() + timedelta(days=1)},
    ),
    "another member's": (
        CorrectionRefused,
        lambda cast: {"record": [EventEntry(cast.members_a[1].pk, "dues", date(2025, 4, 1), "2025-04")]},
    ),
    "another half's": (
        CorrectionRefused,
        lambda cast: {"record": [EventEntry(cast.member_a.pk, "dues", date(2025, 7, 1), "2025-07")]},
    ),
    "another year's": (
        CorrectionRefused,
        lambda cast: {"record": [EventEntry(cast.member_a.pk, "dues", date(2026, 1, 1), "2026-01")]},
    ),
    "no line": (CorrectionRefused, lambda cast: {"member": cast.member_b}),
    "there already": (DuplicateBaseRecord, lambda cast: {"record": [dues(cast, 3)]}),
    "of the future": (
        FutureDate,
        lambda cast: {"record": [EventEntry(cast.member_a.pk, "dues", date(2025, 12, 1), "2025-06")]},
    ),
    "by the recorder": (PermissionDenied, lambda cast: {"record": [dues(cast, 4)], "actor": cast.recorder_a}),
    "by another branch": (PermissionDenied, lambda cast: {"record": [dues(cast, 4)], "actor": cast.secretary_b}),
    "by the supervisor": (PermissionDenied, lambda cast: {"record": [dues(cast, 4)], "actor": cast.supervisor}),
    "by the member": (PermissionDenied, lambda cast: {"record": [dues(cast, 4)], "actor": cast.member_user_a}),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("what", WRONG)
def test_a_correction_that_cannot_be(cast: Cast, what: str) -> None:
    record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    refusal, given = WRONG[what]
    if what.startswith("another year"):
        given_now = {"now": AFTER, "decided_on": AFTER.date()}
    else:
        given_now = {}
    with pytest.raises(refusal):
        correct(cast, review, **{**given_now, **given(cast)})
    assert (Correction.objects.count(), Freeze.objects.count(), PointEvent.objects.count()) == (0, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_before_approval_there_is_nothing_to_correct(cast: Cast, state: str) -> None:
    review = bring_to(cast, state)
    with pytest.raises((CorrectionRefused, HalfLocked)):
        correct(cast, review, record=[dues(cast, 4)])


@pytest.mark.django_db
def test_a_record_voided_before_is_not_voided_again(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    correct(cast, review, void=[wrong])
    with pytest.raises(CorrectionRefused, match="此前已经作废"):
        correct(cast, review, void=[wrong], now=LATER + HOUR)


@pytest.mark.django_db
def test_a_form_sent_twice_corrects_once(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    deed = EventEntry(cast.member_a.pk, "volunteering", date(2025, 5, 1), points=10)
    token = uuid4()
    correct(cast, review, record=[deed], token=token)
    with pytest.raises(DuplicateBatch):
        correct(cast, review, record=[deed], token=token, now=LATER + HOUR)
    assert score_of(review, cast.member_a).incentive == 10


@pytest.mark.django_db
def test_voiding_what_a_meeting_earned_voids_the_attendance_and_earns_again_elsewhere(cast: Cast) -> None:
    for day in (5, 20):
        record_meeting(
            actor=cast.recorder_a,
            now=JULY,
            branch=cast.branch_a,
            held_on=date(2025, 3, day),
            kinds=[("party_day", "2025-03"), ("lecture", "2025Q1")] if day == 5 else [("party_day", "2025-03")],
            statuses={cast.member_a.pk: "attended"},
        )
    review = bring_to(cast, "approved", start=JULY + HOUR)
    assert score_of(review, cast.member_a).cumulative == 40
    first, second = Attendance.objects.order_by("pk")
    with pytest.raises(RecordFrozen):
        void_attendance(actor=cast.recorder_a, now=LATER, attendance=first, reason="签到有误")
    correct(cast, review, void=[PointEvent.objects.get(item="party_day")])
    first.refresh_from_db()
    assert (first.voided_at, first.void_reason) == (LATER, "核对收据后更正")
    live = PointEvent.objects.live()
    assert [(event.item, event.attendance) for event in live] == [("party_day", second)]
    assert score_of(review, cast.member_a).cumulative == 10
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_correcting_the_first_half_revises_the_second_in_another_branch(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    first = bring_to(cast, "published", start=JULY + HOUR)
    bring_to(cast, "published", branch=cast.branch_b, start=JULY + HOUR)
    make_membership(cast.member_a, cast.branch_b, date(2025, 9, 1), Membership.Why.MOVED)
    second = bring_to(cast, "approved", half="H2", branch=cast.branch_b)
    assert score_of(second, cast.member_a).half_score == 0
    heads = chain_head(cast.branch_a), chain_head(cast.branch_b)
    correct(cast, first, void=[wrong], now=AFTER)
    assert (score_of(first, cast.member_a).cumulative, line_of(first, cast.member_a).revision) == (0, 2)
    line = line_of(second, cast.member_a)
    assert (line.revision, line.freeze.branch, score_of(second, cast.member_a).first_half) == (2, cast.branch_b, 0)
    assert (chain_head(cast.branch_a), chain_head(cast.branch_b)) != heads
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_a_submitted_second_half_is_returned_before_the_first_is_corrected(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    first = bring_to(cast, "final", start=JULY + HOUR)
    second = bring_to(cast, "submitted", half="H2")
    with pytest.raises(HalfLocked, match="已提交"):
        correct(cast, first, record=[dues(cast, 4)], now=AFTER, actor=cast.staff)
    return_review(actor=cast.secretary_a, now=AFTER, review=second, remark="先更正上半年")
    correct(cast, first, record=[dues(cast, 4)], now=AFTER, actor=cast.staff)
    assert score_of(first, cast.member_a).cumulative == 20


@pytest.mark.django_db
def test_the_second_half_does_not_change_what_the_first_counted(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    bring_to(cast, "published", start=JULY + HOUR)
    late = record_dues(cast, month=4, now=LATER)
    second = bring_to(cast, "approved", half="H2")
    assert [(record.lateness, record.record) for record in late_records_of(second)] == [(Lateness.RECORDED, late)]
    with pytest.raises(CorrectionRefused, match="更正上半年"):
        correct(cast, second, void=[wrong], now=AFTER)
    correct(cast, second, void=[late], now=AFTER)
    assert (score_of(second, cast.member_a).cumulative, score_of(second, cast.member_a).half_score) == (10, 0)
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_a_final_half_needs_the_towns_consent_and_is_published_again(cast: Cast) -> None:
    review = bring_to(cast, "final")
    with pytest.raises(NotAllowed, match="已定稿"):
        correct(cast, review, record=[dues(cast, 4)], reviewer=cast.committee_a)
    correction = correct(cast, review, record=[dues(cast, 4)], actor=cast.staff)
    review.refresh_from_db()
    assert (review.state, review.final_at, correction.consent_by) == ("published", None, cast.staff)
    assert mark_final(actor=cast.secretary_a, now=LATER + HOUR, review=review).state == "final"


@pytest.mark.django_db
def test_the_branch_corrects_what_the_town_opened_again(cast: Cast) -> None:
    first = bring_to(cast, "final")
    second = bring_to(cast, "final", half="H2")
    reopen_review(actor=cast.staff, now=AFTER, review=first, reason="上级核查")
    # The second half is still final, and the correction would revise it too.
    with pytest.raises(NotAllowed, match="已定稿"):
        correct(cast, first, record=[dues(cast, 4)], now=AFTER, reviewer=cast.committee_a)
    reopen_review(actor=cast.staff, now=AFTER, review=second, reason="上级核查")
    correction = correct(cast, first, record=[dues(cast, 4)], now=AFTER, reviewer=cast.committee_a)
    assert (correction.actor, correction.consent_by) == (cast.secretary_a, cast.staff)
    assert [score_of(each, cast.member_a).cumulative for each in (first, second)] == [10, 10]
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_what_came_late_is_taken_in_by_a_correction_without_changes(cast: Cast) -> None:
    bring_to(cast, "final")
    second = bring_to(cast, "approved", half="H2")
    late = record_deed(cast, day=date(2025, 12, 30), now=JANUARY + timedelta(days=1), points=15)
    assert [record.record for record in late_records(current_lines(second))] == [late]
    correct(cast, second, now=AFTER)
    assert score_of(second, cast.member_a).cumulative == 15
    assert late_records(current_lines(second)) == []
    with pytest.raises(CorrectionRefused, match="没有任何改动"):
        correct(cast, second, now=AFTER + HOUR)


@pytest.mark.django_db
def test_after_the_year_is_final_a_finding_is_confirmed_and_revoked_by_correction_only(cast: Cast) -> None:
    record_deed(cast, day=date(2025, 5, 1), now=JULY, points=40)
    record_dues(cast, month=3, now=JULY)
    record_dues(cast, month=4, now=JULY)
    bring_to(cast, "final", start=JULY + HOUR)
    second = bring_to(cast, "final", half="H2")
    finding = heard_deduction(cast, day=date(2025, 12, 1), now=JANUARY + timedelta(days=2))
    with pytest.raises(HalfLocked, match="已定稿"):
        confirm_finding(actor=cast.secretary_a, now=AFTER, finding=finding, decided_on=AFTER.date())
    correct(cast, second, confirm=[finding], actor=cast.staff, now=AFTER)
    assert (score_of(second, cast.member_a).cumulative, score_of(second, cast.member_a).deducted) == (10, 50)
    finding.refresh_from_db()
    assert (finding.state, finding.decided_on, finding.decided_by) == ("confirmed", AFTER.date(), cast.staff)
    mark_final(actor=cast.secretary_a, now=AFTER + HOUR, review=second)
    with pytest.raises(HalfLocked):
        revoke_finding(actor=cast.secretary_a, now=AFTER + 2 * HOUR, finding=finding, reason="复查不实")
    correct(cast, second, revoke=[finding], actor=cast.staff, now=AFTER + 2 * HOUR, reason="复查不实")
    assert score_of(second, cast.member_a).cumulative == 60
    finding.refresh_from_db()
    assert (finding.state, finding.revoke_reason) == ("revoked", "复查不实")
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_a_finding_is_heard_before_a_correction_confirms_it(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=LATER,
        member=cast.member_a,
        item="gambling",
        date=date(2025, 6, 1),
        particulars="核查记录",
        papers="核实材料",
    )
    with pytest.raises(FindingNotReady):
        correct(cast, review, confirm=[finding], now=LATER + HOUR)
    with pytest.raises(FindingNotReady):
        correct(cast, review, revoke=[finding], now=LATER + HOUR)
    assert Freeze.objects.count() == 1


@pytest.mark.django_db
def test_a_veto_makes_a_frozen_half_nought_and_its_revocation_gives_the_points_back_next_time(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    veto = propose_veto(
        actor=cast.recorder_a,
        now=JULY - timedelta(days=10),
        member=cast.member_a,
        ground="disrepute",
        date=date(2025, 6, 1),
        particulars="核查记录",
        papers="核实材料",
    )
    day = date(2025, 6, 28)
    hear_member(
        actor=cast.recorder_a, now=JULY, finding=veto, notified_on=day, answered_on=day, answer=Answer.Kind.WAIVED
    )
    confirm_finding(actor=cast.secretary_a, now=JULY, finding=veto, decided_on=date(2025, 6, 30))
    first = bring_to(cast, "published", start=JULY + HOUR)
    score = score_of(first, cast.member_a)
    assert (score.cumulative, score.vetoed, score.earned_before_veto) == (0, True, 10)
    with pytest.raises(RecordFrozen):
        void_finding(actor=cast.secretary_a, now=LATER, finding=veto, reason="录入错误", is_unrelated=True)
    revoke_finding(actor=cast.secretary_a, now=LATER, finding=veto, reason="复查不实")
    assert [record.lateness for record in late_records(current_lines(first))] == [Lateness.REVOKED]
    second = bring_to(cast, "approved", half="H2")
    score = score_of(second, cast.member_a)
    assert (score.cumulative, score.first_half, score.half_score, score.vetoed) == (10, 0, 10, False)
    assert list(verify_ledger()) == []


@pytest.mark.django_db
def test_a_second_half_can_be_negative_and_is_not_shown_then(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    bring_to(cast, "published", start=JULY + HOUR)
    finding = heard_deduction(cast, day=date(2025, 8, 1), now=LATER + timedelta(days=30))
    confirm_finding(
        actor=cast.secretary_a,
        now=LATER + timedelta(days=31),
        finding=finding,
        decided_on=LATER.date() + timedelta(days=31),
    )
    score = score_of(bring_to(cast, "approved", half="H2"), cast.member_a)
    assert (score.cumulative, score.half_score) == (0, -10)


@pytest.mark.django_db
def test_a_correction_of_a_published_half_leaves_it_published(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    mark_published(actor=cast.secretary_a, now=JULY + 3 * HOUR, review=review)
    correct(cast, review, void=[wrong])
    assert Review.objects.get(pk=review.pk).state == "published"
