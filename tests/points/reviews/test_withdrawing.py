"""Taking back a half opened by mistake: as long as it was never submitted, logged, and nothing of it is left."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry, RecordBatch
from points.errors import TransitionRefused
from points.models import Review
from points.reviews.overview import read_unopened
from points.reviews.steps import explain_no_withdrawal, open_review, return_review, submit_review, withdraw_review
from tests.cast import Cast
from tests.points.half_stages import HOUR, JULY, record_dues

NEVER_SUBMITTED = "没有提交过的半年草稿"


def opened(cast: Cast) -> Review:
    record_dues(cast, month=1, now=JULY)
    return open_review(branch=cast.branch_a, year=2025, half="H1")


@pytest.mark.parametrize("role", ["recorder_a", "secretary_a", "staff"])
def test_a_draft_is_taken_back_and_can_be_opened_again(cast: Cast, role: str) -> None:
    review, batches = opened(cast), RecordBatch.objects.count()
    withdraw_review(actor=getattr(cast, role), now=JULY, review=review)
    assert not Review.objects.exists()
    assert RecordBatch.objects.count() == batches
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor, entry.new) == (
        "withdraw_review",
        getattr(cast, role),
        {"year": 2025, "half": "H1", "state": "draft"},
    )
    with pytest.raises(TransitionRefused, match="已经撤回"):
        withdraw_review(actor=getattr(cast, role), now=JULY, review=Review(pk=9999, branch=cast.branch_a))
    assert open_review(branch=cast.branch_a, year=2025, half="H1").state == "draft"


@pytest.mark.parametrize("role", ["committee_a", "supervisor", "member_user_a", "recorder_b", "other_staff"])
def test_nobody_else_takes_it_back(cast: Cast, role: str) -> None:
    review = opened(cast)
    with pytest.raises(PermissionDenied):
        withdraw_review(actor=getattr(cast, role), now=JULY, review=review)
    assert Review.objects.get() == review


def test_what_was_submitted_once_stays(cast: Cast) -> None:
    review = opened(cast)
    assert explain_no_withdrawal(review, actor=cast.recorder_a, now=JULY) == ""
    submit_review(actor=cast.recorder_a, now=JULY, review=review)
    with pytest.raises(TransitionRefused, match=NEVER_SUBMITTED):
        withdraw_review(actor=cast.recorder_a, now=JULY + HOUR, review=review)
    returned = return_review(actor=cast.secretary_a, now=JULY + HOUR, review=review, remark="三月漏登")
    assert returned.state == "draft"
    with pytest.raises(TransitionRefused, match=NEVER_SUBMITTED):
        withdraw_review(actor=cast.secretary_a, now=JULY + HOUR, review=returned)
    assert Review.objects.get() == review


def test_halves_that_are_over_are_offered_before_the_running_one(cast: Cast) -> None:
    halves = read_unopened(type(cast.branch_a).objects.filter(pk=cast.branch_a.pk), on=JULY.date())
    found = [(half.year, half.half) for half in halves]
    assert found[-1] == (2025, "H2")
    assert found[0] == (2025, "H1")
