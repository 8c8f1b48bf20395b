"""Thousands of legal and illegal actions by everybody, and what must never come of them (issue of trust: D9, D10, D20).

Never reached: an approved score that changed without a revision, a notice closed early or unanswered, a total unlike
its listed records, a change without actor and reason, a result after approval that hides a late record; and by steps of
one account alone a confirmed finding, an exemption, an approved own line, an own rating or an own correction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from members.models import Exemption, ExemptionApplication
from points.integrity.ledger import verify_ledger
from points.models import Correction, Freeze, PointEvent, Rating, Review, ReviewLine
from points.reviews.late import Lateness, late_records
from points.scoring.freezing import current_lines, read_payload
from publicity.models import Closing, EnteredCorrection, LinePosting
from tests.clock import SHANGHAI
from tests.effort import in_ci
from tests.publicity.review_machine import ReviewMachine
from veto.models import Deduction, VetoRecord


class WatchedReviews(ReviewMachine):
    """The machine with what must never be, checked after every action."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[tuple[int, int, int], tuple[str, str]] = {}
        self.links = 0
        self.closed: set[tuple[int, datetime]] = set()

    @invariant()
    def no_frozen_score_changes_without_a_revision(self) -> None:
        stored = {
            (line.review_id, line.member_id, line.revision): (line.payload, line.hash)
            for line in ReviewLine.objects.all()
        }
        assert self.lines.items() <= stored.items(), "a frozen line was changed or lost"
        for (review_id, member_id, revision), (payload, _hash) in stored.items() - self.lines.items():
            if revision > 1:
                line = ReviewLine.objects.get(review=review_id, member=member_id, revision=revision)
                assert line.correction is not None
                assert line.correction.reason
                assert read_payload(payload) is not None
        self.lines = stored

    @invariant()
    def every_total_is_that_of_its_records(self) -> None:
        links = Freeze.objects.count()
        if links != self.links:
            self.links = links
            assert list(verify_ledger()) == []

    @invariant()
    def no_notice_closes_early_or_unanswered(self) -> None:
        for review in Review.objects.filter(state="final").select_related("notice"):
            assert review.final_at is not None
            if (review.pk, review.final_at) in self.closed:
                continue
            self.closed.add((review.pk, review.final_at))
            assert not review.notice.objections.filter(answered_at__isnull=True).exists()
            for line in current_lines(review):
                posting = LinePosting.objects.get(line=line)
                full_days = posting.posted_on + timedelta(days=review.notice.days + 1)
                assert review.final_at >= datetime(*full_days.timetuple()[:3], tzinfo=SHANGHAI)
                assert review.final_at > line.freeze.at

    @invariant()
    def no_result_hides_a_late_record(self) -> None:
        for review in Review.objects.filter(state__in=Review.FROZEN):
            lines = current_lines(review)
            late = late_records(lines)
            if review.half == "H2" and review.state == "final":
                assert late == []
            named = {str(each.record.uuid) for each in late if each.record and each.lateness is Lateness.RECORDED}
            for line in lines:
                listed = set(read_payload(line.payload).events)
                live = PointEvent.objects.live().filter(member=line.member, year=2025)
                if review.half == "H1":  # D3, written out: a period's own half, a yearly item's or deed's by its date
                    live_uuids = {
                        str(event.uuid)
                        for event in live
                        if (event.period if len(event.period) > 4 else str(event.date)) < "2025-07"
                    }
                else:
                    live_uuids = {str(event.uuid) for event in live}
                assert live_uuids - listed == {uuid for uuid in named if uuid in live_uuids}
                assert listed <= live_uuids, "a counted record was voided without a correction"

    @invariant()
    def no_account_alone_ends_in_a_confirmed_finding(self) -> None:
        """D18: whoever proposed it neither let it through nor decided it, and a veto was let through (P1)."""
        for model in (Deduction, VetoRecord):
            for found in model.objects.filter(confirmed_at__isnull=False, backfilled=False).select_related("batch"):
                assert found.decided_by_id != found.batch.actor_id
                assert found.cleared_by_id != found.batch.actor_id
                assert found.cleared_by_id is not None or not found.needs_clearance
                assert found.needs_clearance or model is Deduction
                assert found.answers.exists()

    @invariant()
    def no_account_alone_ends_in_an_exemption(self) -> None:
        """D15: the member applied, on paper that one officer entered and another's entry of the vote granted (P3)."""
        for exemption in Exemption.objects.select_related("application__entered_by", "application__decided_by"):
            application = exemption.application
            entered, decided = application.entered_by, application.decided_by
            assert decided is not None
            assert entered != decided, "one account entered the paper and the decision"
            assert exemption.member_id not in (entered and entered.member_id, decided.member_id)
            assert application.scan or entered is None
            assert exemption.applied_on <= exemption.decided_on <= exemption.from_date
            assert exemption.decided_on <= self.now.date()
        for declined in ExemptionApplication.objects.filter(state="declined").select_related("decided_by"):
            assert declined.decided_by is not None
            assert declined.decided_by.member_id != declined.member_id

    @invariant()
    def nobody_enters_their_own_rating(self) -> None:
        """D14: and none before the year is final (P4)."""
        for rating in Rating.objects.select_related("by"):
            assert rating.by.member_id != rating.member_id
            closings = Closing.objects.filter(notice__review__half="H2", notice__review__branch=rating.branch_id)
            assert closings.filter(at__lt=rating.at).exists()

    @invariant()
    def every_correction_has_its_person_and_reason(self) -> None:
        assert not Correction.objects.filter(reason="").exists()
        for correction in Correction.objects.filter(lines__isnull=True):
            raise AssertionError(f"correction {correction.uuid} led to nothing")

    @invariant()
    def no_account_decides_about_itself_or_alone(self) -> None:
        """Whatever the order of steps: no own line approved, no own correction, none by one officer (D10, D19)."""
        for entered in EnteredCorrection.objects.exclude(outcome__isnull=True).select_related(
            "entered_by", "settled_by"
        ):
            second = entered.settled_by
            assert second is not None
            assert entered.entered_by.member_id != entered.member_id
            if entered.outcome != EnteredCorrection.Outcome.TAKEN_BACK:
                assert second.pk != entered.entered_by_id
                assert second.member_id != entered.member_id
        assert not Correction.objects.filter(entered__isnull=True).exists()
        for review in Review.objects.filter(state__in=Review.FROZEN).select_related("approved_by", "own_line_by"):
            approver, another = review.approved_by, review.own_line_by
            assert approver is not None
            if approver.member_id and review.lines.filter(member=approver.member_id).exists():
                assert another is not None
                assert another.member_id != approver.member_id
        for model in (Deduction, VetoRecord):
            for stamp in ("decided_by", "revoked_by", "voided_by", "cleared_by"):
                about_themselves = model._default_manager.filter(**{f"{stamp}__member": F("member")})
                assert not about_themselves.exists(), f"{stamp} themselves"


def play(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        WatchedReviews,
        settings=settings(
            settings(), max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_no_sequence_of_actions_breaks_trust() -> None:
    play(examples=2, steps=30)


@pytest.mark.long
@pytest.mark.django_db
def test_no_long_sequence_of_actions_breaks_trust() -> None:
    play(examples=in_ci(40, by_hand=100), steps=80)
