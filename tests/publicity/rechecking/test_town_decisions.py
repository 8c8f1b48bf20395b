"""What the town decided on an objection is carried out with its number, for that line alone (D10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch, NotAllowed
from members.models import AuditEntry, User
from points.errors import CorrectionRefused
from points.integrity.ledger import verify_ledger
from points.models import Correction
from points.records.entries import EventEntry
from publicity.corrections.plans import Attempt, CorrectionPlan
from publicity.errors import ObjectionRefused
from publicity.models import EnteredCorrection, Notice, Objection
from publicity.notices.publication import close_notice
from publicity.objections.objections import answer_objection, note_dissatisfaction, raise_objection, reply_for_town
from publicity.rechecking.steps import enter_correction, review_correction
from publicity.rechecking.town_decisions import correct_by_town_decision
from tests.cast import Cast
from tests.points.half_stages import score_of
from tests.publicity.stages import at, posted
from tests.two_officers import MET

pytestmark = pytest.mark.django_db
LATER = at(7, 9)


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return posted(cast)


def object_to(cast: Cast, notice: Notice, *, for_town: bool = True) -> Objection:
    """About the line of 张伟; the town's to handle unless told."""
    return raise_objection(
        actor=cast.member_user_a,
        now=at(7, 8),
        notice=notice,
        text="四月党费漏登",
        about=cast.member_a,
        about_officers=for_town,
    )


def decide(cast: Cast, objection: Objection, **given: Any) -> Attempt:
    member = given.pop("member", cast.member_a)
    entry = EventEntry(member.pk, "dues", date(2025, 4, 10), "2025-04")
    day = given.pop("decided_on", LATER.date())
    plan = CorrectionPlan(objection.notice.review, member, day, "镇里核实漏登", record=(entry,))
    defaults = {"actor": cast.staff, "now": LATER, "number": "云镇组〔2025〕12号", "is_unrelated": True}
    defaults |= {"plan": plan, "objection": objection, "answer": "已更正。"}
    return correct_by_town_decision(**{**defaults, **given})


def test_the_towns_decision_is_carried_out_at_once_and_answers_the_objection(cast: Cast, notice: Notice) -> None:
    objection = object_to(cast, notice)
    token = uuid4()
    correction = decide(cast, objection, token=token).correction
    assert correction is not None
    assert (score_of(notice.review, cast.member_a).cumulative, correction.objection) == (10, objection.uuid)
    entered = EnteredCorrection.objects.get()
    assert (entered.town_decision, entered.outcome, entered.settled_by, entered.expected) == (
        "云镇组〔2025〕12号", "carried_out", cast.staff, None,
    )  # fmt: skip
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.answer, objection.answered_by) == ("corrected", "已更正。", cast.staff)
    assert AuditEntry.objects.get(verb="correct_by_town_decision").new["decision"] == "云镇组〔2025〕12号 2025-07-09"
    with pytest.raises(DuplicateBatch):
        decide(cast, objection, token=token)
    assert list(verify_ledger()) == []


def test_figures_others_than_those_seen_are_not_saved(cast: Cast, notice: Notice) -> None:
    objection = object_to(cast, notice)
    attempt = decide(cast, objection, seen="")
    assert (attempt.correction, Correction.objects.count()) == (None, 0)
    assert decide(cast, objection, seen=attempt.fingerprint).correction is not None


def test_for_that_line_alone_with_a_number_and_not_before_the_objection(cast: Cast, notice: Notice) -> None:
    objection = object_to(cast, notice)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"member": cast.members_a[1]}, "所涉及"),
        ({"number": " "}, "文号"),
        ({"decided_on": date(2025, 7, 7)}, "收到异议之后"),
    )
    for given, said in wrong:
        with pytest.raises(CorrectionRefused, match=said):
            decide(cast, objection, **given)
    with pytest.raises(CorrectionRefused, match="支部办理"):
        decide(cast, object_to(cast, notice, for_town=False))
    with pytest.raises(NotAllowed, match="回避"):
        decide(cast, objection, is_unrelated=False)
    assert Correction.objects.count() == 0


@pytest.mark.parametrize("who", ["secretary_a", "committee_a", "recorder_a", "supervisor", "other_staff"])
def test_only_the_towns_staff_carry_it_out(cast: Cast, notice: Notice, who: str) -> None:
    with pytest.raises(PermissionDenied):
        decide(cast, object_to(cast, notice), actor=getattr(cast, who))
    assert Correction.objects.count() == 0


def test_nobody_carries_out_a_decision_about_themselves(cast: Cast, notice: Notice) -> None:
    objection = object_to(cast, notice)
    User.objects.filter(pk=cast.member_user_a.pk).update(member=None)
    User.objects.filter(pk=cast.staff.pk).update(member=cast.member_a)
    with pytest.raises(NotAllowed, match="涉及本人"):
        decide(cast, objection, actor=User.objects.get(pk=cast.staff.pk))
    assert Correction.objects.count() == 0


def test_an_answer_that_did_not_satisfy_is_decided_by_the_town_also_after_closing(cast: Cast, notice: Notice) -> None:
    objection = object_to(cast, notice, for_town=False)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    note_dissatisfaction(actor=cast.member_user_a, now=LATER, objection=objection, text="收据在此")
    closed = at(7, 20)
    close_notice(actor=cast.secretary_a, now=closed, notice=notice)
    later = closed + timedelta(days=1)
    correction = decide(cast, objection, now=later, decided_on=later.date(), answer="").correction
    assert correction is not None
    assert correction.consent_by == cast.staff
    notice.review.refresh_from_db()
    assert notice.review.state == "published"
    objection.refresh_from_db()
    assert (objection.answer, objection.correction) == ("登记无误。", None)
    reply_for_town(actor=cast.staff, now=later, objection=objection, reply="经核实，已更正。", is_unrelated=True)
    assert list(verify_ledger()) == []


def test_after_the_towns_reply_a_branch_meeting_may_decide_too_and_the_answer_stands(
    cast: Cast, notice: Notice
) -> None:
    objection = object_to(cast, notice, for_town=False)
    entry = EventEntry(cast.member_a.pk, "dues", date(2025, 4, 10), "2025-04")
    plan = CorrectionPlan(notice.review, cast.member_a, LATER.date(), "漏登", record=(entry,))
    given: dict[str, Any] = {"now": LATER, "plan": plan, "meeting": MET, "is_unrelated": True, "objection": objection}
    with pytest.raises(ObjectionRefused, match="答复"):
        enter_correction(actor=cast.staff, **given)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    note_dissatisfaction(actor=cast.member_user_a, now=LATER, objection=objection)
    reply_for_town(actor=cast.staff, now=LATER, objection=objection, reply="请支部更正。", is_unrelated=True)
    with pytest.raises(ObjectionRefused, match="已经答复"):
        enter_correction(actor=cast.staff, answer="已更正。", **given)
    with pytest.raises(PermissionDenied):
        enter_correction(actor=cast.committee_a, **given)
    entered = enter_correction(actor=cast.staff, **given).entered
    assert entered is not None
    correction = review_correction(actor=cast.committee_a, now=LATER, entered=entered, is_unrelated=True)
    objection.refresh_from_db()
    assert (correction.objection, score_of(notice.review, cast.member_a).cumulative) == (objection.uuid, 10)
    assert (objection.answer, objection.answered_by, objection.correction) == ("登记无误。", cast.secretary_a, None)
