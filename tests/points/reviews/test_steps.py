"""The half-year review: every step from every state by everybody, what approval freezes, the two seats (3.2, D19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason
from members.models import Appointment, AuditEntry, Exemption, Membership, User
from points.errors import NoRulebook, TransitionRefused
from points.meetings.holding import record_meeting
from points.models import AssessmentYear, Freeze, PointEvent, Review, ReviewRemark
from points.records.voiding import void_event
from points.reviews.members import members_of_half
from points.reviews.steps import (
    CommitteeMeeting,
    Step,
    approve_own_line,
    approve_review,
    explain_refusal,
    mark_final,
    mark_published,
    open_review,
    reopen_review,
    return_review,
    submit_review,
)
from points.rules.canonical import hash_text
from points.scoring.freezing import chain_head, current_lines, read_payload
from tests.cast import Cast
from tests.factories import appoint, make_branch, make_member, make_membership
from tests.points.half_stages import (
    HOUR,
    JANUARY,
    JULY,
    STATES,
    bring_to,
    line_of,
    meeting_on,
    record_deed,
    record_dues,
    score_of,
)
from tests.work import queries_of

Role = Appointment.Role
LATER = JULY + timedelta(days=30)
MEETING = meeting_on(date(2025, 7, 5))
ROLES = (
    "recorder_a", "secretary_a", "committee_a", "staff", "system", "supervisor", "member_user_a",
    "recorder_b", "secretary_b", "other_staff", "outsider",
)  # fmt: skip

STEPS: dict[Step, tuple[Callable[..., Review], str, str, set[str]]] = {
    Step.SUBMIT: (submit_review, "draft", "submitted", {"recorder_a", "secretary_a", "staff", "system"}),
    Step.RETURN: (
        lambda **given: return_review(**given, remark="三月漏登"),
        "submitted",
        "draft",
        {"secretary_a", "staff", "system"},
    ),
    Step.APPROVE: (
        lambda **given: approve_review(**given, meeting=MEETING),
        "submitted",
        "approved",
        {"secretary_a", "staff", "system"},
    ),
    Step.PUBLISH: (mark_published, "approved", "published", {"secretary_a", "staff", "system"}),
    Step.FINALISE: (mark_final, "published", "final", {"secretary_a", "staff", "system"}),
    Step.REOPEN: (
        lambda **given: reopen_review(**given, reason="上级核查发现错误"),
        "final",
        "published",
        {"staff", "system"},
    ),
}


def seat_secretary(cast: Cast) -> User:
    """The secretary as 张伟 himself, with a line of his own in the branch."""
    user = cast.member_user_a
    appoint(user, Role.SECRETARY, branch=cast.branch_a)
    return user


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state_by_everybody(cast: Cast, step: Step, state: str) -> None:
    take, source, target, allowed = STEPS[step]
    review = bring_to(cast, state)
    before = Review.objects.values().get(pk=review.pk)
    lines, links = list(current_lines(review)), Freeze.objects.count()
    for role in ROLES:
        actor = getattr(cast, role)
        if role in allowed and state == source:
            assert explain_refusal(step, review, actor=actor, now=LATER) == ""
            continue
        # A committee member decides where no secretary can (test_deputies.py): in their reach, but not their turn.
        is_deputy = role == "committee_a" and step in (Step.RETURN, Step.APPROVE)
        refusal = TransitionRefused if role in allowed or is_deputy else PermissionDenied
        assert explain_refusal(step, review, actor=actor, now=LATER) != ""
        with pytest.raises(refusal):
            take(actor=actor, now=LATER, review=review)
    assert Review.objects.values().get(pk=review.pk) == before
    assert (list(current_lines(review)), Freeze.objects.count()) == (lines, links)
    if state == source:
        actor = getattr(cast, sorted(allowed)[0])
        assert take(actor=actor, now=LATER, review=review).state == target
        assert Review.objects.get(pk=review.pk).state == target
        entry = AuditEntry.objects.filter(object_id=str(review.uuid)).order_by("pk").last()
        assert entry is not None
        assert (entry.actor, entry.at, entry.new["state"]) == (actor, LATER, target)


@pytest.mark.django_db
def test_who_approves_the_secretarys_own_line(cast: Cast) -> None:
    secretary = seat_secretary(cast)
    review = bring_to(cast, "submitted")
    with pytest.raises(TransitionRefused, match="您本人的积分须先由"):
        approve_review(actor=secretary, now=LATER, review=review, meeting=MEETING)
    for role in ("recorder_a", "secretary_b", "committee_b", "supervisor", "outsider"):
        with pytest.raises(PermissionDenied):
            approve_own_line(actor=getattr(cast, role), now=LATER, review=review, is_unrelated=True)
    review = approve_own_line(actor=cast.committee_a, now=LATER, review=review, is_unrelated=True)
    assert (review.state, review.own_line_by, review.own_line_at) == ("submitted", cast.committee_a, LATER)
    assert approve_review(actor=secretary, now=LATER, review=review, meeting=MEETING).approved_by == secretary


@pytest.mark.django_db
def test_nobody_approves_their_own_line_in_another_role_either(cast: Cast) -> None:
    secretary = seat_secretary(cast)
    appoint(secretary, Role.COMMITTEE_MEMBER, branch=cast.branch_a)
    appoint(secretary, Role.TOWN_STAFF, town=cast.town)
    review = bring_to(cast, "submitted")
    with pytest.raises(TransitionRefused, match="任何人不得核定本人的积分"):
        approve_own_line(actor=secretary, now=LATER, review=review, is_unrelated=True)
    with pytest.raises(TransitionRefused, match="您本人的积分须先由"):
        approve_review(actor=secretary, now=LATER, review=review, meeting=MEETING)
    # Somebody of the town with no line of their own approves everything at once.
    assert approve_review(actor=cast.staff, now=LATER, review=review, meeting=MEETING).state == "approved"


@pytest.mark.django_db
def test_town_staff_with_a_line_here_need_somebody_else_for_it(cast: Cast) -> None:
    cast.staff.member = cast.members_a[1]
    cast.staff.save()
    review = bring_to(cast, "submitted")
    with pytest.raises(TransitionRefused, match="您本人的积分须先由"):
        approve_review(actor=cast.staff, now=LATER, review=review, meeting=MEETING)
    assert approve_review(actor=cast.secretary_a, now=LATER, review=review, meeting=MEETING).state == "approved"


@pytest.mark.django_db
def test_a_secretary_of_two_branches_has_an_own_line_in_one(cast: Cast) -> None:
    secretary = seat_secretary(cast)
    appoint(secretary, Role.SECRETARY, branch=cast.branch_b)
    other = bring_to(cast, "submitted", branch=cast.branch_b)
    with pytest.raises(TransitionRefused, match="书记本人不在"):
        approve_own_line(actor=cast.committee_b, now=LATER, review=other, is_unrelated=True)
    assert approve_review(actor=secretary, now=LATER, review=other, meeting=MEETING).state == "approved"
    with pytest.raises(TransitionRefused, match="您本人的积分须先由"):
        approve_review(actor=secretary, now=LATER, review=bring_to(cast, "submitted"), meeting=MEETING)


@pytest.mark.django_db
def test_a_secretary_who_left_office_or_is_exempt_has_no_own_line(cast: Cast) -> None:
    secretary = seat_secretary(cast)
    review = bring_to(cast, "submitted")
    Exemption.objects.create(
        member=cast.member_a,
        ground="unable",
        applied_on=date(2025, 1, 1),
        decided_on=date(2025, 1, 2),
        from_date=date(2025, 1, 2),
    )
    assert approve_review(actor=secretary, now=LATER, review=review, meeting=MEETING).state == "approved"
    assert cast.member_a not in members_of_half(cast.branch_a, 2025, "H1")


RECORDERS: dict[str, Callable[[Cast, User], Any]] = {
    "a month by its period, paid after the half": lambda cast, actor: record_dues(cast, month=6, now=JULY, actor=actor),
    "a meeting's list": lambda cast, actor: record_meeting(
        actor=actor,
        now=JULY,
        branch=cast.branch_a,
        held_on=date(2025, 3, 5),
        kinds=[("party_day", "2025-03")],
        statuses={cast.member_a.pk: "absent"},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", RECORDERS)
@pytest.mark.parametrize("role", ["secretary_a", "staff"])
def test_who_recorded_does_not_approve(cast: Cast, what: str, role: str) -> None:
    actor = getattr(cast, role)
    RECORDERS[what](cast, actor)
    review = bring_to(cast, "submitted")
    with pytest.raises(TransitionRefused, match="两人分任"):
        approve_review(actor=actor, now=LATER, review=review, meeting=MEETING)
    other = cast.staff if role == "secretary_a" else cast.secretary_a
    assert approve_review(actor=other, now=LATER, review=review, meeting=MEETING).state == "approved"


@pytest.mark.django_db
def test_what_was_voided_or_belongs_to_the_other_half_keeps_nobody_from_approving(cast: Cast) -> None:
    event = record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    void_event(actor=cast.secretary_a, now=JULY, event=event, reason="误登")
    record_dues(cast, month=7, now=JULY + timedelta(days=10), actor=cast.secretary_a)
    review = bring_to(cast, "submitted", start=LATER)
    assert approve_review(actor=cast.secretary_a, now=LATER + HOUR, review=review, meeting=MEETING).state == "approved"


@pytest.mark.django_db
def test_a_late_record_of_the_first_half_keeps_its_recorder_from_approving_the_second(cast: Cast) -> None:
    bring_to(cast, "approved")
    record_dues(cast, month=5, now=LATER, actor=cast.secretary_a)
    review = bring_to(cast, "submitted", half="H2")
    with pytest.raises(TransitionRefused, match="两人分任"):
        approve_review(actor=cast.secretary_a, now=JANUARY + HOUR, review=review, meeting=meeting_on(JANUARY.date()))


@pytest.mark.django_db
def test_without_a_committee_the_assembly_decides_and_the_paper_says_so(cast: Cast) -> None:
    cast.branch_a.has_committee = False
    cast.branch_a.save()
    record_dues(cast, month=3, now=JULY, actor=cast.secretary_a)
    review = bring_to(cast, "approved")
    assert review.by_assembly is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "  "},
        {"met_on": date(2025, 6, 29)},
        {"met_on": LATER.date() + timedelta(days=1)},
        {"present": 0},
        {"present": 4},
        {"expected": 6, "present": 3},
        {"expected": 7, "present": 3},
    ],
)
def test_a_meeting_that_cannot_approve(cast: Cast, wrong: dict[str, Any]) -> None:
    review = bring_to(cast, "submitted")
    with pytest.raises(TransitionRefused):
        approve_review(actor=cast.secretary_a, now=LATER, review=review, meeting=replace(MEETING, **wrong))
    assert Review.objects.get(pk=review.pk).state == "submitted"


@pytest.mark.django_db
@pytest.mark.parametrize(("expected", "present"), [(1, 1), (3, 2), (5, 3), (6, 4), (7, 4)])
def test_more_than_half_is_a_quorum(cast: Cast, expected: int, present: int) -> None:
    review = bring_to(cast, "submitted")
    meeting = CommitteeMeeting(date(2025, 6, 30), "村部", expected, present, "通过")
    review = approve_review(actor=cast.secretary_a, now=LATER, review=review, meeting=meeting)
    assert (review.met_on, review.met_at, review.expected, review.present, review.minutes, review.by_assembly) == (
        date(2025, 6, 30), "村部", expected, present, "通过", False,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_half_is_submitted_on_its_last_day_and_by_somebody_scored(cast: Cast) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    with pytest.raises(TransitionRefused, match="2025-06-30"):
        submit_review(actor=cast.recorder_a, now=datetime(2025, 6, 29, 23, 59, tzinfo=JULY.tzinfo), review=review)
    submit_review(actor=cast.recorder_a, now=datetime(2025, 6, 30, tzinfo=JULY.tzinfo), review=review)
    empty = make_branch(cast.town, "空支部")
    with pytest.raises(TransitionRefused, match="没有计分的党员"):
        submit_review(actor=cast.staff, now=JULY, review=open_review(branch=empty, year=2025, half="H1"))
    with pytest.raises(NoRulebook):
        open_review(branch=cast.branch_a, year=2024, half="H1")
    assert open_review(branch=cast.branch_a, year=2025, half="H1") == review


@pytest.mark.django_db
def test_submission_freezes_the_rulebook_once(cast: Cast) -> None:
    review = bring_to(cast, "submitted")
    return_review(actor=cast.secretary_a, now=JULY + HOUR, review=review, remark="请补登")
    submit_review(actor=cast.recorder_a, now=JULY + 2 * HOUR, review=review)
    assert AssessmentYear.objects.get(town=cast.town, year=2025).frozen_at == JULY
    assert AssessmentYear.objects.get(town=cast.town, year=2026).frozen_at is None


@pytest.mark.django_db
def test_a_return_says_why_and_takes_the_approvals_back(cast: Cast) -> None:
    seat_secretary(cast)
    review = approve_own_line(
        actor=cast.committee_a, now=JULY + HOUR, review=bring_to(cast, "submitted"), is_unrelated=True
    )
    with pytest.raises(TransitionRefused, match="请说明要改什么"):
        return_review(actor=cast.secretary_a, now=LATER, review=review, remark=" ", line_remarks={cast.member_a.pk: ""})
    with pytest.raises(TransitionRefused, match="不在本半年的核定表中"):
        return_review(actor=cast.secretary_a, now=LATER, review=review, line_remarks={cast.member_b.pk: "谁？"})
    remarks = {cast.member_a.pk: "三月漏登", cast.members_a[1].pk: " "}
    review = return_review(actor=cast.secretary_a, now=LATER, review=review, remark="整体复核", line_remarks=remarks)
    assert (review.state, review.submitted_at, review.submitted_by, review.own_line_at, review.own_line_by) == (
        "draft", None, None, None, None,
    )  # fmt: skip
    assert list(ReviewRemark.objects.order_by("pk").values_list("member", "text", "by", "at")) == [
        (cast.member_a.pk, "三月漏登", cast.secretary_a.pk, LATER),
        (None, "整体复核", cast.secretary_a.pk, LATER),
    ]


@pytest.mark.django_db
def test_approval_freezes_every_line_by_value(cast: Cast) -> None:
    dues = record_dues(cast, month=3, now=JULY)
    deed = record_deed(cast, day=date(2025, 5, 1), now=JULY, points=25)
    record_deed(cast, day=date(2025, 7, 1), now=JULY, points=40)  # the second half's
    review = bring_to(cast, "approved", start=JULY + HOUR)
    # 王五 left only in September, so his first half is reviewed too.
    assert [(line.member.name, line.revision) for line in current_lines(review)] == [
        ("张伟", 1), ("李娜", 1), ("曾国华", 1), ("王五", 1),
    ]  # fmt: skip
    score = score_of(review, cast.member_a)
    assert (score.cumulative, score.half_score, score.first_half) == (35, 35, None)
    assert (score.base, score.incentive, score.deducted, score.vetoed) == (10, 25, 0, False)
    assert (score.base_items["dues"], score.incentive_items["volunteering"]) == (10, 25)
    assert score.events == tuple(sorted((str(dues.uuid), str(deed.uuid))))
    line = line_of(review, cast.member_a)
    assert line.hash == hash_text(line.payload)
    assert "张伟" not in line.payload
    head = chain_head(cast.branch_a)
    assert head is not None
    assert (head.sequence, head.previous_hash, head.at, head.actor) == (1, "", JULY + 2 * HOUR, cast.secretary_a)


@pytest.mark.django_db
def test_the_second_half_is_the_year_less_the_first(cast: Cast) -> None:
    record_dues(cast, month=3, now=JULY)
    bring_to(cast, "final", start=JULY + HOUR)
    record_dues(cast, month=8, now=LATER + timedelta(days=20))
    record_deed(cast, day=date(2025, 4, 9), now=LATER + timedelta(days=21))  # late for the first half, 补记
    review = bring_to(cast, "approved", half="H2")
    score = score_of(review, cast.member_a)
    assert (score.cumulative, score.first_half, score.half_score) == (30, 10, 20)
    assert [line.member.name for line in current_lines(review)] == ["张伟", "李娜", "曾国华"]
    heads = list(Freeze.objects.filter(branch=cast.branch_a).order_by("sequence"))
    assert [head.sequence for head in heads] == [1, 2]
    assert heads[1].previous_hash == heads[0].hash


@pytest.mark.django_db
def test_the_second_half_waits_for_every_first_half_wherever_it_lies(cast: Cast) -> None:
    mover = cast.members_b[2]
    make_membership(mover, cast.branch_a, date(2025, 9, 1), Membership.Why.MOVED)
    newcomer = make_member(cast.branch_a, "新来", since=date(2025, 10, 1))
    bring_to(cast, "approved")
    review = bring_to(cast, "submitted", half="H2")
    with pytest.raises(TransitionRefused, match="上半年尚未核定的有：孙立") as refusal:
        approve_review(actor=cast.secretary_a, now=JANUARY, review=review, meeting=meeting_on(JANUARY.date()))
    assert "新来" not in str(refusal.value)
    bring_to(cast, "approved", branch=cast.branch_b, start=JANUARY)
    now = JANUARY + 2 * HOUR
    review = approve_review(actor=cast.secretary_a, now=now, review=review, meeting=meeting_on(JANUARY.date()))
    assert score_of(review, mover).first_half == 0
    assert score_of(review, newcomer).first_half is None


@pytest.mark.django_db
def test_a_move_entered_late_leaves_the_line_where_it_was_frozen(cast: Cast) -> None:
    review = bring_to(cast, "approved")
    make_membership(cast.members_a[1], cast.branch_b, date(2025, 6, 1), Membership.Why.MOVED)
    assert [member.name for member in members_of_half(cast.branch_b, 2025, "H1")] == ["赵敏", "钱进", "孙立"]
    assert read_payload(line_of(review, cast.members_a[1]).payload).half == "H1"


@pytest.mark.django_db
def test_reopening_names_who_and_why_until_it_is_final_again(cast: Cast) -> None:
    review = bring_to(cast, "final")
    with pytest.raises(MissingReason):
        reopen_review(actor=cast.staff, now=LATER, review=review, reason=" ")
    review = reopen_review(actor=cast.staff, now=LATER, review=review, reason="上级核查")
    assert (review.state, review.final_at, review.reopened_by, review.reopened_at) == (
        "published", None, cast.staff, LATER,
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb="reopen_review").get().new["reason"] == "上级核查"
    review = mark_final(actor=cast.secretary_a, now=LATER + HOUR, review=review)
    assert (review.final_at, review.reopened_by) == (LATER + HOUR, None)


@pytest.mark.django_db
def test_a_year_does_not_become_final_over_what_came_after_its_approval(cast: Cast) -> None:
    bring_to(cast, "final")
    review = bring_to(cast, "published", half="H2")
    late = record_dues(cast, month=11, now=JANUARY + timedelta(days=1))
    with pytest.raises(TransitionRefused, match="张伟"):
        mark_final(actor=cast.secretary_a, now=JANUARY + timedelta(days=9), review=review)
    void_event(actor=cast.recorder_a, now=JANUARY + timedelta(days=10), event=late, reason="误登")
    assert mark_final(actor=cast.secretary_a, now=JANUARY + timedelta(days=11), review=review).state == "final"
    assert PointEvent.objects.live().count() == 0


def test_each_step_reads_who_is_reviewed_once(cast: Cast) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    for step, take in (
        ("submit", lambda: submit_review(actor=cast.recorder_a, now=JULY, review=review)),
        ("return", lambda: return_review(actor=cast.secretary_a, now=JULY, review=review, remark="漏了一次")),
        ("submit", lambda: submit_review(actor=cast.recorder_a, now=JULY, review=review)),
        (
            "approve",
            lambda: approve_review(actor=cast.secretary_a, now=JULY, review=review, meeting=MEETING),
        ),
    ):
        who = [sql for sql in queries_of(take) if '"branch_id_on_day"' in sql and '"members_exemption"' in sql]
        assert len(who) == 1, step
