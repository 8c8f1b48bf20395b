"""Nobody decides about themselves: what every verb that names a member does when its actor is that member (D19).

The verbs are found, not listed: a new one fails here until it has its row. Each row is asked twice, of an account that
is the member and of one with the same offices that is not; what the two answers may be, the row says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from foundation.errors import DomainError
from members.accounts.creating import appoint as appoint_by_verb
from members.errors import AccountRefused, NotAllowed
from members.models import (
    Appointment,
    DataRequest,
    Exemption,
    ExemptionApplication,
    Informing,
    Member,
    Membership,
    User,
)
from points.claims.claims import Deed
from points.drafts.payloads import EventsContent
from points.errors import TransitionRefused
from points.models import (
    Announcement,
    Attendance,
    Claim,
    Confirmation,
    Draft,
    EvidenceLink,
    LeaveRequest,
    Meeting,
    PointEvent,
    ReviewLine,
    SignIn,
)
from points.reviews.steps import CommitteeMeeting, open_review, submit_review
from points.roster.exemptions import NewExemption
from points.ticks.saving import TickChange
from publicity.corrections.plans import CorrectionPlan
from publicity.models import EnteredCorrection, Notice, Objection
from publicity.objections.objections import answer_objection
from publicity.rechecking.steps import enter_correction, take_back_correction
from tests.addresses import Rows
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.exemptions import SCAN, vote_on
from tests.factories import NOW, TODAY, appoint, base_entry, incentive_entry, make_user, permit_grounds
from tests.furnished import Furnished, furnish
from tests.members.evidence.uploads import picture
from tests.points.half_stages import settle_year_end
from tests.two_officers import MET
from tests.verbs_about_members import find_verbs
from tests.veto.hearings import PAPER, meeting_after, resolve
from veto.hearings import Delivery
from veto.models import Answer as AnswerOfMember
from veto.models import Appeal, Deduction

Role = Appointment.Role
WAIVED = AnswerOfMember.Kind.WAIVED


class Answer(Enum):
    """What the member's own account is told, beside one with the same offices."""

    REFUSED = "refused because it is their own; the other is not"
    THEIRS = "theirs alone to do; the other is refused"
    ANYBODY = "as anybody's"


@dataclass(frozen=True)
class Scene:
    """A row of every kind about 张伟, who holds every office, and somebody else who does as well."""

    cast: Cast
    rows: Rows
    own: User
    other: User
    actor: User
    """Who of the two is asked."""

    @property
    def member(self) -> Member:
        return self.cast.member_a

    def row(self, kind: type) -> Any:
        return self.rows[kind]


Case = tuple[Answer, Callable[[Scene], dict[str, Any]]]


VERBS = dict(find_verbs())


def _correction_plan(scene: Scene) -> CorrectionPlan:
    review = scene.row(Notice).review
    return CorrectionPlan(review, scene.member, TODAY, "漏登", record=(_late_dues(scene),))


def _late_dues(scene: Scene) -> Any:
    return base_entry(scene.member, period="2025-05", day=date(2025, 5, 10))


def _submitted(scene: Scene) -> Any:
    """The second half of 2025, with the secretary's line in it, at its approval."""
    settle_year_end(scene.cast.branch_a, by=scene.cast.staff, at=NOW)
    review = open_review(branch=scene.cast.branch_a, year=2025, half="H2")
    return review if review.state == "submitted" else submit_review(actor=scene.cast.recorder_a, now=NOW, review=review)


def _answered(scene: Scene) -> Objection:
    objection: Objection = scene.row(Objection)
    answer_objection(actor=scene.cast.staff, now=NOW, objection=objection, answer="已核对台账。", is_unrelated=True)
    return objection


def _ratings(scene: Scene) -> dict[str, Any]:
    decisions = {scene.member.pk: "qualified"}
    return {"branch": scene.cast.branch_a, "year": 2025, "decisions": decisions, "met_on": TODAY, "is_unrelated": True}


def _meeting(scene: Scene, day: date = date(2026, 2, 20)) -> dict[str, Any]:
    kinds = [("party_day", "2026-02")]
    return {"branch": scene.cast.branch_a, "held_on": day, "kinds": kinds, "statuses": {scene.member.pk: "attended"}}


def _announced(scene: Scene) -> Announcement:
    """Another one, for which nobody asked for leave."""
    row: Announcement = scene.row(Announcement)
    return Announcement.objects.create(
        branch=row.branch, day=row.day, starts=time(9), place="会议室", made_by=row.made_by, made_at=NOW
    )


def _finding(**more: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {"finding": scene.row(Deduction), **more}


def _row(parameter: str, kind: type, **more: Any) -> Callable[[Scene], dict[str, Any]]:
    return lambda scene: {parameter: scene.row(kind), **more}


def _own_draft(scene: Scene) -> Draft:
    payload: dict[str, Any] = {"entries": []}
    return Draft.objects.create(
        branch=scene.cast.branch_a, kind="events", payload=payload, made_by=scene.actor, made_at=NOW
    )


def _entered_by_the_other(scene: Scene) -> EnteredCorrection:
    take_back_correction(actor=scene.cast.staff, now=NOW, entered=scene.row(EnteredCorrection))
    entering = enter_correction(
        actor=scene.other, now=NOW, plan=_correction_plan(scene), meeting=MET, is_unrelated=True
    )
    assert entering.entered is not None
    return entering.entered


def _waiting(scene: Scene) -> Appointment:
    """What somebody else gave them, and a second person is to confirm."""
    return appoint_by_verb(
        actor=scene.cast.staff, now=NOW, user=scene.own, role=Role.SUPERVISOR, town=scene.cast.town, from_date=TODAY
    )


def _stand_in(scene: Scene) -> dict[str, Any]:
    """They record in their branch no longer, and are to again for a week."""
    scene.own.appointments.filter(role=Role.RECORDER).update(to_date=TODAY)
    days = {"from_date": TODAY, "to_date": TODAY + timedelta(days=7)}
    return {"user": scene.own, "branch": scene.cast.branch_a, "reason": "记录员住院", **days}


def _colleague(scene: Scene) -> User:
    """The account of another member, without a role."""
    member = scene.cast.members_a[1]
    return make_user("colleague", name=member.name, town=scene.cast.town, member=member)


REFUSED, THEIRS, ANYBODY = Answer.REFUSED, Answer.THEIRS, Answer.ANYBODY
DEED = Deed("volunteering", TODAY, "清理河道", 10)
ANSWERS: dict[str, Case] = {
    # Accounts and roster. One may step down and look after one's own password; nobody gives themselves anything.
    "members.accounts.changing.confirm_appointment": (REFUSED, lambda scene: {"appointment": _waiting(scene)}),
    "members.accounts.changing.refuse_appointment": (ANYBODY, lambda scene: {"appointment": _waiting(scene)}),
    "members.accounts.changing.end_appointment": (
        ANYBODY, lambda scene: {"appointment": scene.own.appointments.first(), "to_date": TODAY}),
    "members.accounts.login_codes.reset_password": (REFUSED, lambda scene: {"user": scene.own, "reason": "忘记密码"}),
    # An officer's own account holds a role, so that it is nobody's of the branch to reset.
    "members.accounts.branch_resets.ask_for_reset": (
        ANYBODY, lambda scene: {"user": _colleague(scene), "branch": scene.cast.branch_a, "reason": "忘记密码"}),
    "members.accounts.second_factor.remove_second_factor": (
        REFUSED, lambda scene: {"user": scene.own, "reason": "手机遗失"}),
    "members.accounts.changing.set_account_active": (REFUSED, lambda scene: {"user": scene.own, "is_active": False}),
    "members.accounts.changing.set_ground_reading": (REFUSED, lambda scene: {"user": scene.own, "allowed": True}),
    "members.accounts.creating.appoint": (
        REFUSED, lambda scene: {"user": scene.own, "role": Role.SUPERVISOR, "town": scene.cast.town,
                                "from_date": TODAY}),
    "members.accounts.stand_ins.appoint_stand_in": (REFUSED, lambda scene: _stand_in(scene)),
    "members.accounts.creating.create_user": (
        ANYBODY, lambda scene: {"town": scene.cast.town, "username": "again", "name": "张伟", "member": scene.member}),
    "members.accounts.login_codes.issue_login_codes": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "member_ids": [scene.member.pk]}),
    # What the roster says of somebody decides nothing; the steps that do have their own rows.
    "members.people.changes.change_member": (
        ANYBODY, lambda scene: {"member": scene.member, "values": {"party_group": "第二党小组"}}),
    # That somebody was told decides nothing.
    "members.people.informing.enter_informings": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "member_ids": [scene.member.pk],
                                "kind": Informing.Kind.INFORMED, "channel": Informing.Channel.MEETING, "day": TODAY}),
    "members.people.informing.void_informing": (ANYBODY, _row("informing", Informing, reason="登记有误")),
    "members.people.pseudonyms.pseudonymise_member": (
        REFUSED, lambda scene: {"member": scene.member, "reason": "镇党委决定"}),
    "members.people.data_requests.answer_data_request": (REFUSED, _row("request", DataRequest, answer="已改正")),
    "members.people.data_requests.ask_about_data": (THEIRS, lambda _scene: {"text": "电话有误"}),
    "members.people.roster.make_full_member": (
        REFUSED, lambda scene: {"member": scene.member, "full_since": TODAY}),
    "members.roster_files.undoing.undo_roster_import": (
        ANYBODY, lambda scene: {"batch": scene.row(PointEvent).batch}),
    "points.roster.moves.change_membership": (
        REFUSED, lambda scene: {"member": scene.member, "branch": scene.cast.branch_b, "from_date": TODAY,
                                "why": Membership.Why.MOVED}),
    "points.roster.moves.end_exemption": (
        REFUSED, _row("exemption", Exemption, ended_on=TODAY + timedelta(days=1), reason="已康复",
                      is_unrelated=True)),
    "points.roster.moves.grant_exemption": (
        REFUSED, lambda scene: {
            "change": NewExemption(scene.row(ExemptionApplication), vote_on(TODAY), TODAY + timedelta(days=200)),
            "is_unrelated": True}),
    "points.roster.exemption_applications.enter_paper_application": (
        REFUSED, lambda scene: {"member": scene.member, "ground": Exemption.Ground.UNABLE, "applied_on": TODAY,
                                "scan": SCAN}),
    "points.roster.exemption_applications.apply_for_exemption": (
        THEIRS, lambda _scene: {"ground": Exemption.Ground.UNABLE, "text": "腿脚不便"}),
    "points.roster.exemption_applications.decline_application": (
        REFUSED, _row("application", ExemptionApplication, vote=vote_on(TODAY, in_favour=0), explanation="不符合",
                      is_unrelated=True)),
    "points.roster.exemption_applications.grant_application": (
        REFUSED, _row("application", ExemptionApplication, vote=vote_on(TODAY), is_unrelated=True)),
    "points.roster.exemption_applications.withdraw_application": (
        THEIRS, _row("application", ExemptionApplication)),
    # Recording: the recorder's own among everybody's (D27); what was recorded of one's own is not changed afterwards.
    "points.claims.claims.file_claim": (THEIRS, lambda _scene: {"deed": DEED}),
    "points.claims.claims.revise_claim": (THEIRS, _row("claim", Claim, deed=DEED)),
    "points.claims.claims.withdraw_claim": (THEIRS, _row("claim", Claim)),
    "points.claims.claims.accept_claim": (REFUSED, _row("claim", Claim, points=10, led=False, remark="属实")),
    "points.claims.claims.reject_claim": (REFUSED, _row("claim", Claim, reason="不属实")),
    "points.claims.claims.return_claim": (REFUSED, _row("claim", Claim, remark="请补照片")),
    "points.drafts.drafts.confirm_draft": (ANYBODY, _row("draft", Draft)),
    "points.drafts.drafts.make_draft": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "content": EventsContent([_late_dues(scene)]),
                                "token": UUID(int=7)}),
    "points.drafts.drafts.return_draft": (ANYBODY, _row("draft", Draft, remark="请核对")),
    "points.drafts.drafts.withdraw_draft": (ANYBODY, lambda scene: {"draft": _own_draft(scene)}),
    "points.evidence.links.attach_evidence": (
        ANYBODY, lambda scene: {"files": [picture()], "subject": scene.row(PointEvent)}),
    "points.evidence.links.void_evidence_link": (ANYBODY, _row("link", EvidenceLink, reason="传错")),
    "points.meetings.attendance.change_attendance": (
        REFUSED, lambda scene: {"meeting": scene.row(Meeting), "statuses": {scene.member.pk: "excused"},
                                "reason": "补登请假"}),
    "points.meetings.holding.record_meeting": (ANYBODY, _meeting),
    "points.meetings.leaves.answer_leave": (REFUSED, _row("leave", LeaveRequest, accepted=True)),
    "points.meetings.leaves.enter_leave": (
        REFUSED, lambda scene: {"announcement": _announced(scene), "member": scene.member, "reason": "住院"}),
    "points.meetings.leaves.take_back_leave": (THEIRS, _row("leave", LeaveRequest)),
    "points.meetings.month.record_month": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "month": "2026-03", "dues": [scene.member.pk]}),
    "points.meetings.sign_ins.close_sign_in": (ANYBODY, _row("sign_in", SignIn)),
    "points.meetings.sign_ins.extend_sign_in": (
        ANYBODY, _row("sign_in", SignIn, closes_at=NOW + timedelta(hours=2))),
    "points.meetings.sign_ins.record_signed_in_meeting": (
        ANYBODY, lambda scene: {"sign_in": scene.row(SignIn), "seen": 0, "topics": {},
                                **{key: value for key, value in _meeting(scene).items() if key != "branch"}}),
    "points.meetings.sign_ins.sign_in_self": (ANYBODY, _row("sign_in", SignIn)),
    "points.records.activities.record_activity": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "entries": [incentive_entry(scene.member)]}),
    "points.records.recording.record_events": (
        ANYBODY, lambda scene: {"town": scene.cast.town, "entries": [incentive_entry(scene.member)]}),
    "points.ticks.saving.save_ticks": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "item": "dues", "year": 2026,
                                "token": UUID(int=7),
                                "changes": [TickChange(scene.member.pk, "2026-02", ticked=True)]}),
    # One's own points are only lost by a void; an absence is another matter, and so is a finding.
    "points.records.voiding.void_attendance": (REFUSED, _row("attendance", Attendance, reason="登记有误")),
    "points.records.voiding.void_batch": (
        REFUSED, lambda scene: {"batch": scene.row(Deduction).batch, "reason": "登记有误"}),
    "points.records.voiding.void_event": (ANYBODY, _row("event", PointEvent, reason="登记有误")),
    "points.records.voiding.void_events": (
        ANYBODY, lambda scene: {"branch": scene.cast.branch_a, "events": [scene.row(PointEvent)], "reason": "有误"}),
    # The half, its result, and the rating.
    "points.reviews.steps.approve_own_line": (
        REFUSED, lambda scene: {"review": _submitted(scene), "is_unrelated": True}),
    "points.reviews.steps.approve_review": (
        REFUSED, lambda scene: {"review": _submitted(scene),
                                "meeting": CommitteeMeeting(TODAY, "村部", 3, 3, "一致通过")}),
    "points.reviews.steps.return_review": (
        ANYBODY, lambda scene: {"review": _submitted(scene), "line_remarks": {scene.member.pk: "请核对"}}),
    "points.reviews.confirmations.confirm_line": (
        ANYBODY, _row("line", ReviewLine, how=Confirmation.How.SLIP, confirmed_on=TODAY)),
    "points.reviews.confirmations.confirm_members": (
        ANYBODY, lambda scene: {"review": scene.row(Notice).review, "member_ids": [scene.member.pk],
                                "how": Confirmation.How.SLIP, "confirmed_on": TODAY}),
    "points.results.ratings.decide_ratings": (REFUSED, _ratings),
    # Objections: about one's own line others answer; to raise one is everybody's right.
    "publicity.objections.objections.answer_objection": (
        REFUSED, _row("objection", Objection, answer="已核对。", is_unrelated=True)),
    "publicity.objections.objections.hand_to_town": (REFUSED, _row("objection", Objection)),
    "publicity.objections.objections.note_dissatisfaction": (
        REFUSED, lambda scene: {"objection": _answered(scene), "text": "不满意"}),
    "publicity.objections.objections.note_investigation": (
        REFUSED, _row("objection", Objection, text="已走访。")),
    "publicity.objections.objections.raise_objection": (
        ANYBODY, lambda scene: {"notice": scene.row(Notice), "text": "漏登", "about": scene.member,
                                "via": Objection.Via.PAPER, "objector_name": "匿名"}),
    "publicity.objections.objections.reply_for_town": (
        REFUSED, _row("objection", Objection, reply="已复核。", is_unrelated=True)),
    # Corrections: nobody enters, reviews or refuses one of their own line.
    "publicity.rechecking.steps.enter_correction": (
        REFUSED, lambda scene: {"plan": _correction_plan(scene), "meeting": MET, "is_unrelated": True}),
    "publicity.rechecking.town_decisions.correct_by_town_decision": (
        REFUSED, lambda scene: {"plan": _correction_plan(scene), "objection": scene.row(Objection), "number": "1号",
                                "answer": "已更正。", "is_unrelated": True}),
    "publicity.rechecking.town_decisions.revoke_on_appeal": (
        REFUSED, _finding(outcome=Appeal.Outcome.REVOKED, answer="撤销。", number="1号", decided_on=TODAY,
                          is_unrelated=True)),
    "publicity.rechecking.steps.review_correction": (REFUSED, _row("entered", EnteredCorrection, is_unrelated=True)),
    "publicity.rechecking.steps.refuse_correction": (
        REFUSED, _row("entered", EnteredCorrection, reason="不妥", is_unrelated=True)),
    "publicity.rechecking.steps.take_back_correction": (
        REFUSED, lambda scene: {"entered": _entered_by_the_other(scene)}),
    # Findings: whom a matter concerns answers it, and enters nothing else (D19).
    "veto.deciding.clear_finding": (REFUSED, _finding(is_unrelated=True)),
    "veto.deciding.confirm_finding": (REFUSED, _finding(resolution=resolve(TODAY), is_unrelated=True)),
    "veto.deciding.dismiss_finding": (REFUSED, _finding(resolution=resolve(TODAY, in_favour=0), is_unrelated=True)),
    "veto.deciding.revoke_finding": (REFUSED, _finding(reason="复查不实", is_unrelated=True)),
    "veto.deciding.void_finding": (REFUSED, _finding(reason="录入错误", is_unrelated=True)),
    "veto.grounds.log_look": (ANYBODY, _finding(reason="本人查阅")),
    "veto.deciding.propose_deduction": (
        REFUSED, lambda scene: {"member": scene.member, "item": "gambling", "date": TODAY, "particulars": "核实",
                                "papers": "材料"}),
    "veto.deciding.propose_veto": (
        REFUSED, lambda scene: {"member": scene.member, "ground": "disrepute", "date": TODAY, "particulars": "核实",
                                "papers": "材料"}),
    "veto.hearings.tell_member": (
        REFUSED, lambda scene: {"finding": scene.row(Deduction), "delivery": Delivery(TODAY, receipt=[PAPER]),
                                "meeting": meeting_after(TODAY, scene.member)}),
    "veto.hearings.postpone_meeting": (
        REFUSED, lambda scene: {"finding": scene.row(Deduction), "delivery": Delivery(TODAY, receipt=[PAPER]),
                                "meeting": meeting_after(TODAY, scene.member)}),
    "veto.hearings.give_decision": (REFUSED, _finding(delivery=Delivery(TODAY, receipt=[PAPER]))),
    "veto.hearings.record_answer": (REFUSED, _finding(answered_on=TODAY, kind=WAIVED, papers=[PAPER])),
    "veto.hearings.answer_own_finding": (THEIRS, _finding(kind=WAIVED)),
    "veto.hearings.disown_answer": (THEIRS, _finding()),
    "veto.appeals.file_own_appeal": (THEIRS, _finding(text="不服")),
    "veto.appeals.file_paper_appeal": (REFUSED, _finding(text="不服", filed_on=TODAY, papers=[PAPER])),
    "veto.appeals.answer_appeal": (
        REFUSED, _finding(outcome=Appeal.Outcome.UPHELD, answer="维持。", is_unrelated=True)),
}  # fmt: skip


@pytest.fixture
def furnished(db: None, clock: FrozenClock, evidence_dir: Path) -> Furnished:
    return furnish(clock)


@pytest.fixture
def cast(furnished: Furnished) -> Cast:
    return furnished.cast


@pytest.fixture
def scene(furnished: Furnished) -> Scene:
    """Branch A with a row of everything about 张伟; two accounts hold every office, one of them is 张伟's."""
    cast, rows = furnished.cast, furnished.of_a
    other = make_user("other", name="另一人", town=cast.town)
    for user in (cast.member_user_a, other):
        for role in (Role.SECRETARY, Role.RECORDER, Role.COMMITTEE_MEMBER, Role.ASSISTANT):
            appoint(user, role, branch=cast.branch_a)
        appoint(user, Role.TOWN_STAFF, town=cast.town)
        permit_grounds(user)
    own = User.objects.get(pk=cast.member_user_a.pk)
    return Scene(cast, rows, own, other, actor=own)


def ask(scene: Scene, key: str, actor: User) -> Exception | None:
    """What the verb answers this actor; whatever it did is taken back, to the rows and to the objects."""
    actor = User.objects.get(pk=actor.pk)
    scene = replace(deepcopy(scene), actor=actor)
    with transaction.atomic():
        given = ANSWERS[key][1](scene)
        try:
            with transaction.atomic():
                VERBS[key](actor=actor, now=NOW + timedelta(minutes=5), **given)
        except (DomainError, PermissionDenied) as error:
            return error
        finally:
            transaction.set_rollback(True)
    return None


def is_about_oneself(error: Exception | None) -> bool:
    """Whether it was refused for who the actor is."""
    if isinstance(error, AccountRefused | TransitionRefused):
        return bool(re.search("本人|自己", str(error)))
    return isinstance(error, NotAllowed | PermissionDenied)


def test_every_verb_that_names_a_member_has_its_row() -> None:
    assert sorted(VERBS) == sorted(ANSWERS)


@pytest.mark.django_db
def test_what_the_member_is_told_and_what_somebody_else(scene: Scene) -> None:
    """Of every row; in one test, since the scene takes as long to build as thirty rows to ask."""
    expected = {Answer.REFUSED: (True, False), Answer.THEIRS: (False, True), Answer.ANYBODY: (False, False)}
    different = {}
    for key, (answer, _given) in ANSWERS.items():
        own, other = ask(scene, key, scene.own), ask(scene, key, scene.other)
        if (is_about_oneself(own), is_about_oneself(other)) != expected[answer]:
            different[key] = (answer, own, other)
    assert different == {}
