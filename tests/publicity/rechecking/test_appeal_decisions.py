"""What the town decided on an appeal is carried out after closing too, with its number, for that finding (D10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason, NotAllowed
from members.models import AuditEntry, Notification
from points.errors import AppealRefused, CorrectionRefused, HalfLocked
from points.integrity.ledger import verify_ledger
from points.models import Correction, Review
from publicity.models import EnteredCorrection
from publicity.rechecking.town_decisions import needs_correction, revoke_on_appeal
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.points.half_stages import line_of, score_of
from tests.veto.final_year import appeal_on_paper, deduction_of_a_final_year, veto_of_a_final_year
from veto.appeals import answer_appeal
from veto.models import Appeal, Finding

pytestmark = pytest.mark.django_db
Outcome = Appeal.Outcome


def decide(cast: Cast, finding: Finding, **given: Any) -> Correction:
    defaults = {"actor": cast.staff, "now": NOW, "outcome": Outcome.REVOKED, "answer": "证人证言不成立。"}
    defaults |= {"number": "云镇组〔2026〕3号", "decided_on": TODAY, "is_unrelated": True}
    return revoke_on_appeal(finding=finding, **{**defaults, **given})


def test_the_line_is_corrected_and_the_appeal_answered_in_one_go(cast: Cast) -> None:
    finding, review = deduction_of_a_final_year(cast)
    filed = appeal_on_paper(cast, finding)
    assert (score_of(review, cast.member_a).cumulative, needs_correction(finding, now=NOW)) == (0, True)
    with pytest.raises(HalfLocked):
        answer_appeal(
            actor=cast.staff, now=NOW, finding=finding, outcome=Outcome.REVOKED, answer="撤销。", is_unrelated=True
        )
    correction = decide(cast, finding)
    assert (score_of(review, cast.member_a).cumulative, line_of(review, cast.member_a).revision) == (50, 2)
    finding.refresh_from_db()
    filed.refresh_from_db()
    assert (finding.state, needs_correction(finding, now=NOW)) == ("revoked", False)
    assert (filed.outcome, filed.answer, filed.answered_by) == ("revoked", "证人证言不成立。", cast.staff)
    entered = EnteredCorrection.objects.get()
    assert (entered.town_decision, entered.decided_on, entered.settled_by) == ("云镇组〔2026〕3号", TODAY, cast.staff)
    assert (entered.correction, entered.expected, entered.objection) == (correction, None, None)
    assert entered.reason == f"经申诉（{filed.receipt}）：撤销原认定"
    review = Review.objects.get(pk=review.pk)
    assert (review.state, correction.consent_by) == ("published", cast.staff)
    assert AuditEntry.objects.get(verb="revoke_on_appeal").new == {
        "decision": f"云镇组〔2026〕3号 {TODAY}",
        "recusal": True,
    }
    assert Notification.objects.filter(user=cast.member_user_a).latest("pk").kind == "appeal_answered"
    assert list(verify_ledger()) == []
    with pytest.raises(AppealRefused):
        decide(cast, finding)


def test_a_veto_that_reached_both_halves_goes_from_both_lines(cast: Cast) -> None:
    finding, second = veto_of_a_final_year(cast)
    appeal_on_paper(cast, finding)
    first = Review.objects.get(half="H1")
    assert [score_of(review, cast.member_a).cumulative for review in (first, second)] == [0, 0]
    decide(cast, finding, outcome=Outcome.CHANGED)
    assert [score_of(review, cast.member_a).cumulative for review in (first, second)] == [50, 50]
    assert list(verify_ledger()) == []


def test_what_it_needs(cast: Cast) -> None:
    finding, _review = deduction_of_a_final_year(cast)
    with pytest.raises(AppealRefused):
        decide(cast, finding)
    appeal_on_paper(cast, finding)
    wrong: tuple[tuple[dict[str, Any], type[Exception], str], ...] = (
        ({"number": " "}, CorrectionRefused, "文号"),
        ({"outcome": Outcome.UPHELD}, CorrectionRefused, "维持"),
        ({"decided_on": TODAY - timedelta(days=1)}, CorrectionRefused, "收到申诉之后"),
        ({"answer": ""}, MissingReason, "理由"),
        ({"is_unrelated": False}, NotAllowed, "回避"),
        ({"actor": cast.secretary_a}, PermissionDenied, "其他支部"),
        ({"actor": cast.other_staff}, PermissionDenied, "其他支部"),
    )
    for given, error, said in wrong:
        with pytest.raises(error, match=said):
            decide(cast, finding, **given)
    finding.refresh_from_db()
    assert (finding.state, Correction.objects.count()) == ("confirmed", 0)
