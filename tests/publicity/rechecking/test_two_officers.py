"""A correction is entered by one officer and carried out by another; nobody corrects or reviews themselves (D10, D19).

P2 as it was seen: a secretary added points to his own published line, alone and without meeting data, and revoked a
finding against himself inside a correction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from foundation.errors import DomainError
from members.errors import DuplicateBatch, MissingReason, NotAllowed
from members.models import Appointment, AuditEntry, Branch, Member, Membership, Notification, User
from points.errors import CorrectionRefused
from points.integrity.ledger import verify_ledger
from points.models import Correction, Freeze, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.steps import reopen_review
from points.roster.moves import Move
from publicity.corrections.corrections import TwoOfficers
from publicity.corrections.plans import CorrectionPlan, carry_out_plan
from publicity.errors import NoticeRefused
from publicity.models import EnteredCorrection, Notice
from publicity.notices.publication import close_notice
from publicity.rechecking.access import corrections_to_review, explain_no_review
from publicity.rechecking.steps import (
    DecidingMeeting,
    correction_link,
    enter_correction,
    refuse_correction,
    review_correction,
    take_back_correction,
)
from publicity.rechecking.stored_plans import read_lines, read_plan, read_vote
from tests.cast import Cast
from tests.factories import appoint, make_user
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, line_of, record_deed, record_dues, score_of
from tests.publicity.stages import at, posted
from tests.two_officers import MET
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from veto.deciding import propose_deduction
from veto.models import Answer, Deduction

pytestmark = pytest.mark.django_db
LATER = JULY + timedelta(days=10)
Role = Appointment.Role


def dues(member: Member, month: int = 4) -> EventEntry:
    return EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")


def enter(cast: Cast, review: Review, **given: Any) -> EnteredCorrection:
    """Entered by the secretary for 张伟: the dues of April, unless told."""
    member = given.pop("member", cast.member_a)
    now = given.get("now", LATER)
    changes = given.pop("changes", {"record": (dues(member),)})
    plan = CorrectionPlan(review, member, given.pop("decided_on", now.date()), given.pop("reason", "漏登"), **changes)
    defaults = {"actor": cast.secretary_a, "now": now, "meeting": MET, "is_unrelated": True}
    entering = enter_correction(plan=plan, **{**defaults, **given})
    assert entering.entered is not None
    return entering.entered


def review_it(entered: EnteredCorrection, actor: User, **given: Any) -> Correction:
    return review_correction(**{"actor": actor, "now": LATER + HOUR, "entered": entered, "is_unrelated": True, **given})


def make_member_of(user: User, member: Member) -> User:
    """The account becomes that of a member."""
    User.objects.filter(member=member).update(member=None)
    User.objects.filter(pk=user.pk).update(member=member)
    return User.objects.get(pk=user.pk)


def test_entering_changes_nothing_and_the_review_carries_out_what_was_entered(cast: Cast) -> None:
    wrong = record_dues(cast, month=3, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    entered = enter(cast, review, changes={"void": (wrong,), "record": (dues(cast.member_a), dues(cast.member_a, 5))})
    assert (Correction.objects.count(), Freeze.objects.count(), PointEvent.objects.live().count()) == (0, 1, 1)
    assert (score_of(review, cast.member_a).cumulative, entered.is_waiting) == (10, True)
    (shown,) = read_lines(entered)
    assert (shown.old.cumulative, shown.new.cumulative, shown.line.revision) == (10, 20, 2)
    plan = read_plan(entered)
    assert (plan.void, [entry.period for entry in plan.record]) == ((wrong,), ["2025-04", "2025-05"])

    correction = review_it(entered, cast.committee_a)
    line = line_of(review, cast.member_a)
    assert (line.revision, line.correction, score_of(review, cast.member_a).cumulative) == (2, correction, 20)
    entered.refresh_from_db()
    assert (entered.outcome, entered.settled_by, entered.correction) == ("carried_out", cast.committee_a, correction)
    assert (correction.actor, line.freeze.actor) == (cast.secretary_a, cast.committee_a)
    wrong.refresh_from_db()
    assert (wrong.voided_by, wrong.voided_at) == (cast.secretary_a, LATER + HOUR)
    logged = AuditEntry.objects.filter(verb__in=("enter_correction", "correct_line", "review_correction"))
    assert [(entry.verb, entry.actor) for entry in logged.order_by("pk")] == [
        ("enter_correction", cast.secretary_a),
        ("correct_line", cast.committee_a),
        ("review_correction", cast.committee_a),
    ]
    assert logged.get(verb="correct_line").new["entered_by"] == "甲书记"
    assert {logged.get(verb=verb).new["recusal"] for verb in ("enter_correction", "review_correction")} == {True}
    assert list(verify_ledger()) == []


def test_nobody_enters_and_reviews_alone(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    with pytest.raises(NotAllowed, match="由您登记"):
        review_it(entered, cast.secretary_a)
    with pytest.raises(NotAllowed, match="由您登记"):
        refuse_correction(actor=cast.secretary_a, now=LATER, entered=entered, reason="不妥", is_unrelated=True)
    assert Correction.objects.count() == 0
    correction = review_it(enter(cast, review, member=cast.members_a[1]), cast.committee_a)
    forged = {"outcome": "carried_out", "settled_at": LATER, "settled_by": cast.secretary_a, "correction": correction}
    with pytest.raises(DatabaseError), transaction.atomic():
        EnteredCorrection.objects.filter(pk=entered.pk).update(**forged)
    with pytest.raises(IntegrityError, match="entered_correction_by_two"), transaction.atomic():
        EnteredCorrection.objects.create(
            review=review, member=cast.members_a[2], decided_on=LATER.date(), expected=3, present=3, reason="绕行",
            plan="{}", lines="[]", figures="", entered_by=cast.secretary_a, at=LATER, outcome="refused",
            settled_at=LATER, settled_by=cast.secretary_a, settled_reason="绕行",
        )  # fmt: skip


def test_a_secretary_does_not_correct_their_own_line_in_any_way(cast: Cast) -> None:
    """The fault as it was seen, from its three sides: points, a finding revoked, a change of the roster."""
    record_dues(cast, month=3, now=JULY)
    secretary = make_member_of(cast.secretary_a, cast.member_a)
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=at(6, 19),
        member=cast.member_a,
        item="gambling",
        date=date(2025, 6, 1),
        particulars="核查记录",
        papers="核实材料",
    )
    day = date(2025, 6, 20)
    hear_member(
        actor=cast.recorder_a, now=JULY, finding=finding, notified_on=day, answered_on=day, answer=Answer.Kind.WAIVED
    )
    confirm_finding(actor=cast.staff, now=JULY, finding=finding, decided_on=date(2025, 6, 30))
    review = approve_as_staff(cast)
    leaving = Move(None, date(2025, 7, 1), Membership.Why.SUSPENDED)
    for changes in ({"record": (dues(cast.member_a),)}, {"revoke": (finding,)}, {"roster": leaving}, {}):
        with pytest.raises(NotAllowed, match="涉及本人"):
            enter(cast, review, actor=secretary, changes=changes)
        plan = CorrectionPlan(review, cast.member_a, LATER.date(), "漏登", **changes)
        for officers in (TwoOfficers(secretary, cast.staff), TwoOfficers(cast.staff, secretary)):
            with pytest.raises(NotAllowed, match="涉及本人"):
                carry_out_plan(officers=officers, now=LATER, plan=plan, seen="")
    assert (EnteredCorrection.objects.count(), Correction.objects.count()) == (0, 0)
    assert Deduction.objects.confirmed().count() == 1


def approve_as_staff(cast: Cast) -> Review:
    return bring_to(cast, "approved", start=JULY + HOUR, by=cast.staff)


def test_an_officers_own_line_is_reviewed_by_the_town(cast: Cast) -> None:
    """Entered by a committee member, for the secretary cannot; the recorder's line likewise goes to the town."""
    secretary = make_member_of(cast.secretary_a, cast.member_a)
    review = approve_as_staff(cast)
    another = make_user("committee-2", name="乙委员", town=cast.town)
    appoint(another, Role.COMMITTEE_MEMBER, branch=cast.branch_a)
    entered = enter(cast, review, actor=cast.committee_a)
    assert "镇党建办" in explain_no_review(entered, another, on=LATER.date())
    for who, refusal in ((another, "镇党建办"), (secretary, "涉及本人")):
        with pytest.raises(NotAllowed, match=refusal):
            review_it(entered, who)
    assert [list(corrections_to_review(who, on=LATER.date())) for who in (another, secretary, cast.staff)] == [
        [], [], [entered],
    ]  # fmt: skip
    assert review_it(entered, cast.staff).actor == cast.committee_a


def test_nobody_reviews_a_correction_of_their_own_line(cast: Cast) -> None:
    committee = make_member_of(cast.committee_a, cast.member_a)
    staff_member = make_member_of(make_user("staff-2", name="镇干部乙", town=cast.town), cast.members_a[1])
    appoint(staff_member, Role.TOWN_STAFF, town=cast.town)
    review = bring_to(cast, "approved")
    of_committee = enter(cast, review)
    of_staff = enter(cast, review, member=cast.members_a[1])
    for entered, own in ((of_committee, committee), (of_staff, staff_member)):
        for step in (
            lambda entered=entered, own=own: review_it(entered, own),
            lambda entered=entered, own=own: refuse_correction(
                actor=own, now=LATER, entered=entered, reason="不同意", is_unrelated=True
            ),
        ):
            with pytest.raises(NotAllowed, match="涉及本人"):
                step()
        assert entered not in corrections_to_review(own, on=LATER.date())
    assert of_staff in corrections_to_review(committee, on=LATER.date())


def test_without_the_recusal_statement_nothing_is_entered_reviewed_or_refused(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    with pytest.raises(NotAllowed, match="回避"):
        enter(cast, review, is_unrelated=False)
    entered = enter(cast, review)
    with pytest.raises(NotAllowed, match="回避"):
        review_it(entered, cast.committee_a, is_unrelated=False)
    with pytest.raises(NotAllowed, match="回避"):
        refuse_correction(actor=cast.committee_a, now=LATER, entered=entered, reason="不妥", is_unrelated=False)
    entered.refresh_from_db()
    assert entered.is_waiting


@pytest.mark.parametrize("who", ["recorder_a", "supervisor", "member_user_a", "secretary_b", "committee_b", "outsider"])
def test_who_has_no_part_in_it(cast: Cast, who: str) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    actor = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        enter(cast, review, actor=actor, member=cast.members_a[1])
    with pytest.raises(PermissionDenied):
        review_it(entered, actor)
    with pytest.raises(PermissionDenied):
        refuse_correction(actor=actor, now=LATER, entered=entered, reason="不妥", is_unrelated=True)
    with pytest.raises(NotAllowed):
        take_back_correction(actor=actor, now=LATER, entered=entered)
    assert entered not in corrections_to_review(actor, on=LATER.date())


MEETINGS: dict[str, tuple[DecidingMeeting, str]] = {
    "no minutes": (DecidingMeeting(3, 3, "  "), "会议记录"),
    "nobody": (DecidingMeeting(3, 0, "通过"), "应到"),
    "more than expected": (DecidingMeeting(3, 4, "通过"), "应到"),
    "half": (DecidingMeeting(4, 2, "通过"), "半数"),
    "one": (DecidingMeeting(1, 1, "通过"), "两人"),
}


@pytest.mark.parametrize("what", MEETINGS)
def test_the_committee_decides_with_minutes_and_quorum(cast: Cast, what: str) -> None:
    review = bring_to(cast, "approved")
    meeting, said = MEETINGS[what]
    with pytest.raises(CorrectionRefused, match=said):
        enter(cast, review, meeting=meeting)
    assert EnteredCorrection.objects.count() == 0


def test_of_two_namesakes_the_refusal_names_the_one_it_was_about(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    Member.objects.filter(pk=cast.members_a[1].pk).update(name="张伟", party_group="第二党小组")
    entered = enter(cast, review)
    refuse_correction(actor=cast.committee_a, now=LATER, entered=entered, reason="收据不符", is_unrelated=True)
    assert Notification.objects.get(kind="correction_refused").about == "张伟（第一党小组）"


def test_who_takes_a_correction_back_or_has_no_account_any_more_is_told_nothing(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    take_back_correction(actor=cast.secretary_a, now=LATER, entered=enter(cast, review))
    entered = enter(cast, review)
    User.objects.filter(pk=cast.secretary_a.pk).update(is_active=False)
    refuse_correction(actor=cast.committee_a, now=LATER, entered=entered, reason="收据不符", is_unrelated=True)
    assert not Notification.objects.filter(kind="correction_refused").exists()


def test_without_a_committee_the_assembly_decides_with_half_of_its_members(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=False)
    review = bring_to(cast, "approved")
    review = Review.objects.select_related("branch__town").get(pk=review.pk)
    with pytest.raises(CorrectionRefused, match="党员大会"):
        enter(cast, review, meeting=DecidingMeeting(5, 2, "通过"))
    entered = enter(cast, review, meeting=DecidingMeeting(4, 2, "通过"))
    assert (entered.by_assembly, entered.expected, entered.present, entered.minutes) == (True, 4, 2, "通过")


CHANGED: dict[str, Callable[[Cast, Review], object]] = {
    "another record came late": lambda cast, _review: record_deed(cast, day=date(2025, 5, 10), now=LATER),
    "the same record came late": lambda cast, _review: record_events(
        actor=cast.recorder_a, now=LATER, town=cast.town, entries=[dues(cast.member_a, 4)]
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_where_the_ledger_changed_in_between_it_is_refused_in_words(cast: Cast, what: str) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    CHANGED[what](cast, review)
    lines = ReviewLine.objects.count()
    with pytest.raises(DomainError, match=r"重新登记|以下已登记"):
        review_it(entered, cast.committee_a)
    entered.refresh_from_db()
    assert (entered.is_waiting, Correction.objects.count(), ReviewLine.objects.count()) == (True, 0, lines)
    refuse_correction(
        actor=cast.committee_a, now=LATER + HOUR, entered=entered, reason="台账已变，请重新登记", is_unrelated=True
    )
    entered.refresh_from_db()
    assert (entered.outcome, entered.settled_reason) == ("refused", "台账已变，请重新登记")
    again = enter(cast, review, now=LATER + 2 * HOUR, changes={})
    assert again.is_waiting


def test_a_refusal_has_its_reason_and_settles_it_once(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    with pytest.raises(MissingReason):
        refuse_correction(actor=cast.committee_a, now=LATER, entered=entered, reason=" ", is_unrelated=True)
    assert not Notification.objects.filter(user=cast.secretary_a).exists()
    refuse_correction(actor=cast.committee_a, now=LATER, entered=entered, reason="收据不符", is_unrelated=True)
    told = Notification.objects.get(user=cast.secretary_a)
    assert (told.kind, told.about, told.period, told.branch) == ("correction_refused", "张伟", "2025H1", cast.branch_a)
    assert (told.link, told.at, told.read_at) == (correction_link(entered), LATER, None)
    assert not Notification.objects.filter(user=cast.committee_a).exists()
    with pytest.raises(CorrectionRefused, match="已经处理"):
        review_it(entered, cast.staff)
    with pytest.raises(CorrectionRefused, match="已经处理"):
        take_back_correction(actor=cast.secretary_a, now=LATER, entered=entered)
    assert (Correction.objects.count(), score_of(review, cast.member_a).cumulative) == (0, 0)


def test_taken_back_by_who_entered_it_alone(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    with pytest.raises(CorrectionRefused, match="等待复核"):
        enter(cast, review, now=LATER + HOUR)
    with pytest.raises(NotAllowed):
        take_back_correction(actor=cast.committee_a, now=LATER, entered=entered)
    take_back_correction(actor=cast.secretary_a, now=LATER, entered=entered)
    entered.refresh_from_db()
    assert (entered.outcome, entered.settled_by, Correction.objects.count()) == ("taken_back", cast.secretary_a, 0)
    assert enter(cast, review, now=LATER + HOUR).is_waiting


def test_a_form_sent_twice_enters_once(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    token = enter(cast, review).uuid
    with pytest.raises(DuplicateBatch):
        enter(cast, review, token=token)
    assert EnteredCorrection.objects.count() == 1


def test_who_left_office_in_between_has_it_entered_anew(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    entered = enter(cast, review)
    Appointment.objects.filter(user=cast.secretary_a).update(to_date=LATER.date())
    with pytest.raises(CorrectionRefused, match="不再任职"):
        review_it(entered, cast.committee_a)


def test_a_final_half_is_reviewed_by_the_town_or_was_entered_by_it(cast: Cast) -> None:
    review = bring_to(cast, "final")
    entered = enter(cast, review)
    assert "镇党建办" in explain_no_review(entered, cast.committee_a, on=LATER.date())
    assert list(corrections_to_review(cast.committee_a, on=LATER.date())) == []
    with pytest.raises(NotAllowed, match="定稿"):
        review_it(entered, cast.committee_a)
    assert review_it(entered, cast.staff).consent_by == cast.staff
    review.refresh_from_db()
    assert (review.state, review.reopened_by) == ("published", cast.staff)


def test_the_towns_entry_of_a_final_half_is_its_consent(cast: Cast) -> None:
    review = bring_to(cast, "final")
    entered = enter(cast, review, actor=cast.staff)
    assert list(corrections_to_review(cast.secretary_a, on=LATER.date())) == [entered]
    assert review_it(entered, cast.secretary_a).consent_by == cast.staff


def test_a_first_half_whose_second_is_final_needs_the_town_too(cast: Cast) -> None:
    first = bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    after = JANUARY + timedelta(days=20)
    reopen_review(actor=cast.staff, now=after, review=first, reason="上级核查")
    first.refresh_from_db()
    entered = enter(cast, first, now=after)
    assert list(corrections_to_review(cast.committee_a, on=after.date())) == []
    with pytest.raises(NotAllowed, match="定稿"):
        review_it(entered, cast.committee_a, now=after)
    assert review_it(entered, cast.staff, now=after).consent_by == cast.staff
    assert list(verify_ledger()) == []


def test_whoever_proposed_a_finding_neither_enters_nor_reviews_its_confirmation(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    finding = propose_deduction(
        actor=cast.secretary_a,
        now=LATER,
        member=cast.member_a,
        item="gambling",
        date=date(2025, 6, 1),
        particulars="核查记录",
        papers="核实材料",
    )
    day = LATER.date()
    hear_member(
        actor=cast.recorder_a,
        now=LATER,
        finding=finding,
        notified_on=day,
        answered_on=day,
        answer=Answer.Kind.WAIVED,
    )
    with pytest.raises(NotAllowed, match="提出"):
        enter(cast, review, changes={"confirm": (finding,)})
    entered = enter(cast, review, actor=cast.committee_a, changes={"confirm": (finding,)})
    with pytest.raises(NotAllowed, match="提出"):
        review_it(entered, cast.secretary_a)
    review_it(entered, cast.staff)
    finding.refresh_from_db()
    assert (finding.state, finding.decided_by) == ("confirmed", cast.committee_a)


def test_a_notice_does_not_close_over_a_correction_that_waits(cast: Cast) -> None:
    notice: Notice = posted(cast)
    entered = enter(cast, notice.review, now=at(7, 8))
    with pytest.raises(NoticeRefused, match="张伟"):
        close_notice(actor=cast.secretary_a, now=at(7, 20), notice=notice)
    take_back_correction(actor=cast.secretary_a, now=at(7, 20), entered=entered)
    assert close_notice(actor=cast.secretary_a, now=at(7, 20), notice=notice).review.state == "final"


def test_a_vote_entered_when_only_those_in_favour_were_asked_for_still_adds_up() -> None:
    vote = read_vote("2026-01-05", 5, 4, 3)
    assert (vote.met_on, vote.present, vote.in_favour, vote.against, vote.abstained) == (date(2026, 1, 5), 4, 3, 1, 0)
