"""The halves of the demonstration town: reviewed, published, objected to, corrected, confirmed, rated."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from members.models import AuditEntry, Town, User
from points.models import (
    Confirmation,
    Correction,
    PointEvent,
    Rating,
    Review,
    ReviewDates,
    ReviewLine,
    ReviewRemark,
)
from points.reviews.late import late_records_of
from points.scoring.freezing import current_lines, read_payload
from publicity.models import Notice, Objection
from publicity.notices.channels import required_channels
from tests.clock import SHANGHAI
from tests.points.scoring.scores import score_one
from tests.scoring_site.demonstration.shown import annual, find
from veto.models import Deduction

pytestmark = pytest.mark.django_db


def line_history(half: str, key: str) -> list[tuple[int, int]]:
    """Revision and half-year score of each line the member ever had in that half of last year."""
    lines = ReviewLine.objects.filter(member=find(key), review__year=2025, review__half=half).order_by("revision")
    return [(line.revision, read_payload(line.payload).half_score) for line in lines]


def test_last_year_is_final_in_every_branch(town: Town) -> None:
    reviews = list(Review.objects.filter(branch__town=town))
    assert Counter((review.year, review.half, review.state) for review in reviews) == {
        (2025, "H1", "final"): 8,
        (2025, "H2", "final"): 8,
    }
    for review in reviews:
        assert review.approved_by != review.submitted_by or review.by_assembly
        assert review.own_line_by not in (None, review.approved_by)
        assert review.met_on is not None
        assert review.minutes
        assert review.submitted_at is not None
        assert review.approved_at is not None
        assert review.published_at is not None
        assert review.final_at is not None
        assert review.submitted_at < review.approved_at < review.published_at < review.final_at
    assert [review.branch.name for review in reviews if review.by_assembly] == ["云岭茶叶专业合作社党支部"] * 2
    lines = sum(len(current_lines(review)) for review in reviews if review.half == "H2")
    assert lines == 236


def test_notices_had_their_days(town: Town) -> None:
    assert required_channels(town) == ["board", "chat", "web"]
    notices = Notice.objects.filter(review__branch__town=town)
    assert notices.count() == 16
    for notice in notices:
        assert set(notice.postings.values_list("channel", flat=True)) == {"board", "chat", "web"}
        assert notice.posted_on is not None
        closed_on = notice.closings.latest("at").at.astimezone(SHANGHAI).date()
        assert (closed_on - notice.posted_on).days >= 6
    dates = ReviewDates.objects.filter(town=town).order_by("year", "half")
    assert [(row.year, row.half, row.submit_by) for row in dates] == [
        (2025, "H1", date(2025, 7, 25)),
        (2025, "H2", date(2026, 1, 25)),
        (2026, "H1", date(2026, 7, 25)),
        (2026, "H2", date(2027, 1, 25)),
    ]


def test_a_returned_line_was_fixed_before_approval(town: Town) -> None:
    remark = ReviewRemark.objects.get(review__branch__town=town)
    assert (remark.review.branch.name, remark.review.half, remark.member) == ("桃源村党支部", "H1", find("taoyuan-22"))
    fixed = PointEvent.objects.get(member=remark.member, note__contains="审核退回后补记")
    assert (fixed.points, fixed.date) == (15, date(2025, 5, 22))
    assert remark.at < fixed.batch.at
    assert remark.review.approved_at is not None
    assert fixed.batch.at < remark.review.approved_at
    assert line_history("H1", "taoyuan-22") == [(1, 360)]


def test_one_objection_was_explained_and_one_corrected(town: Town) -> None:
    explained, corrected = Objection.objects.filter(notice__review__branch__town=town).order_by("answered_at")
    assert (explained.via, explained.answer_kind, explained.objector_name) == ("paper", "explained", "匿名")
    assert (corrected.via, corrected.answer_kind) == ("portal", "corrected")
    assert corrected.objector == User.objects.get(username="member")
    for objection in (explained, corrected):
        assert objection.notes.count() == 1
        assert objection.answered_at is not None
        assert (objection.answered_at - objection.at).days <= 2
    assert corrected.correction is not None
    assert corrected.correction.objection == corrected.uuid
    assert line_history("H1", "member") == [(1, 445), (2, 465)]
    revised = ReviewLine.objects.get(member=find("member"), review__half="H1", revision=2)
    closing = corrected.notice.closings.get()
    assert (closing.at.astimezone(SHANGHAI).date() - revised.posting.posted_on).days >= 6
    assert line_history("H1", "shiqiao-11") == [(1, 415)]


def test_a_final_half_was_opened_again_with_the_towns_consent(town: Town) -> None:
    reopened = Notice.objects.get(review__branch__name="枫林村党支部", review__half="H1")
    first, second = reopened.closings.order_by("at")
    corrections = Correction.objects.filter(review=reopened.review)
    assert [correction.consent_by for correction in corrections] == [User.objects.get(username="staff")] * 2
    assert all(first.at < correction.at < second.at for correction in corrections)
    assert line_history("H1", "fenglin-8") == [(1, 310), (2, 300)]
    assert line_history("H1", "fenglin-6") == [(1, 140), (2, 150)]
    assert AuditEntry.objects.filter(town=town, verb="reopen_review").count() == 1


def test_a_backfilled_finding_got_its_papers_before_the_notice(town: Town) -> None:
    found = Deduction.objects.get(member__town=town, backfilled=True)
    assert found.member == find("office-7")
    assert found.answered is not None
    assert (found.date, found.notified_on, found.answered.answered_on, found.decided_on) == (
        date(2025, 2, 18),
        date(2025, 3, 2),
        date(2025, 3, 9),
        date(2025, 3, 12),
    )
    answered = AuditEntry.objects.get(verb="record_answer", object_id=str(found.uuid))
    notice = Notice.objects.get(review__branch__name="云岭镇机关党支部", review__half="H1")
    assert answered.at < notice.prepared_at


def test_a_late_revocation_shows_in_the_second_half(town: Town) -> None:
    """It was confirmed in the first half and revoked after its approval: what was deducted comes back (D20)."""
    review = Review.objects.get(branch__name="柳湾村党支部", year=2025, half="H2")
    late = late_records_of(review)
    assert [(record.lateness, record.line.member) for record in late] == [("revoked", find("revoked"))]
    (first,) = line_history("H1", "revoked")
    (second,) = line_history("H2", "revoked")
    assert annual(score_one(find("revoked"), 2025)) == first[1] + second[1]


def test_results_are_partly_confirmed_and_two_branches_rated(town: Town) -> None:
    confirmed = Confirmation.objects.filter(line__review__branch__town=town)
    assert Counter(confirmed.values_list("line__review__half", "how")) == {
        ("H1", "portal"): 1,
        ("H1", "form"): 23,
        ("H1", "meeting"): 88,
        ("H2", "portal"): 1,
        ("H2", "form"): 23,
        ("H2", "meeting"): 89,
    }
    ratings = Rating.objects.filter(branch__town=town, year=2025)
    assert Counter(ratings.values_list("branch__name", "decision")) == {
        ("桃源村党支部", "excellent"): 5,
        ("桃源村党支部", "qualified"): 32,
        ("桃源村党支部", "basically_qualified"): 2,
        ("桃源村党支部", "unqualified"): 7,
        ("云岭茶叶专业合作社党支部", "excellent"): 1,
        ("云岭茶叶专业合作社党支部", "qualified"): 4,
        ("云岭茶叶专业合作社党支部", "basically_qualified"): 1,
    }
    assert ratings.get(member=find("exempt_by_age")).decision == "qualified"
