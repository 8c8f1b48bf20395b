"""A town in which everybody does legal and illegal things with the halves of a year, one random action at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from members.models import Exemption, ExemptionApplication, Member, User
from points.models import PointEvent, Rating, Review
from points.records.recording import record_events
from points.results.ratings import decide_ratings
from points.reviews.steps import (
    CommitteeMeeting,
    approve_own_line,
    approve_review,
    mark_final,
    mark_published,
    open_review,
    reopen_review,
    return_review,
    submit_review,
)
from points.roster.exemption_applications import enter_paper_application, grant_application
from points.roster.moves import end_exemption
from points.scoring.freezing import current_lines, read_payload
from publicity.corrections.plans import CorrectionPlan
from publicity.models import EnteredCorrection, Notice, Objection
from publicity.notices.publication import close_notice, post_notice, post_revised_lines, prepare_notice
from publicity.objections.objections import answer_objection, raise_objection
from publicity.rechecking.steps import (
    enter_correction,
    refuse_correction,
    review_correction,
    take_back_correction,
)
from tests.clock import SHANGHAI
from tests.exemptions import SCAN, vote_on
from tests.points.half_stages import settle_year_end
from tests.publicity.acting_town import BRANCHES, HALVES, LATEST, MONTHS, PLACES, WHO, pick
from tests.publicity.people_machine import PeopleMachine
from tests.two_officers import MET
from tests.veto.hearings import resolve
from veto.deciding import (
    confirm_finding,
    revoke_finding,
    void_finding,
)
from veto.models import Deduction, VetoRecord


class ReviewMachine(PeopleMachine):
    """The halves of both branches from draft to final, with notices, objections and corrections."""

    @initialize(
        months=st.lists(MONTHS, max_size=6, unique=True),
        stages=st.sampled_from([8, 7, 6, 4, 3, 2, 0]),  # late ones first: hypothesis prefers them
        moves=st.booleans(),
        found=st.booleans(),
    )
    def begin(self, months: list[int], stages: int, moves: bool, found: bool) -> None:
        """Start anywhere between two drafts and a final year, so that short runs see late stages too."""
        for branch in (self.cast.branch_a, self.cast.branch_b):
            for half in ("H1", "H2"):
                open_review(branch=branch, year=2025, half=half)
            settle_year_end(branch, by=self.cast.staff, at=self.now)
        self.fingerprint = self.take_fingerprint()
        for month in months:
            entry = self.entry(self.cast.member_a, month, base=month % 2 == 0)
            self.attempt("recorder_a", record_events, town=self.cast.town, entries=[entry])
        if found:
            self.find("recorder_a", 7, 5, veto=False)
            self.treat_finding("secretary_a", 0, "confirm", 0)
        if moves:
            self.now += timedelta(days=15)
            self.move("staff", 1, 0)
        if stages > 4:
            for _turn in range(4):
                self.go_on("branch_b", "H1")
        for turn in range(stages):
            self.go_on("branch_a", "H1" if turn < 4 else "H2")
        if stages == 8:
            for place in range(3):
                for who in ("secretary_a", "committee_a", "staff"):
                    self.rate(who, place, "unqualified")

    @rule(days=st.sampled_from([0, 1, 3, 5, 6, 7, 20, 60]), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.now = min(self.now + timedelta(days=days, hours=hours), max(self.now, LATEST))

    @rule(
        who=WHO,
        branch=BRANCHES,
        half=HALVES,
        step=st.sampled_from(
            ["submit", "submit", "own line", "approve", "approve", "return", "publish", "finalise", "reopen"]
        ),
    )
    def step(self, who: str, branch: str, half: str, step: str) -> None:
        review = Review.objects.select_related("branch__town").get(
            branch=getattr(self.cast, branch), year=2025, half=half
        )
        if step == "submit":
            self.attempt(who, submit_review, review=review)
        elif step == "own line":
            self.attempt(who, approve_own_line, review=review, is_unrelated=True)
        elif step == "approve":
            meeting = CommitteeMeeting(self.now.date(), "村部", 3, 2, "通过")
            self.attempt(who, approve_review, review=review, meeting=meeting)
        elif step == "return":
            self.attempt(who, return_review, review=review, remark="请核对")
        elif step == "reopen":
            self.attempt(who, reopen_review, review=review, reason="上级核查")
        elif who not in ("secretary_a", "secretary_b", "staff"):
            # The town's own verbs for these two stand behind the notice; nobody else gets past their role.
            assert self.attempt(who, mark_published if step == "publish" else mark_final, review=review) is None

    @rule(branch=BRANCHES, half=HALVES)
    def go_on(self, branch: str, half: str) -> None:
        """Whoever is next in turn takes the next step, so that long runs get somewhere."""
        letter = branch[-1]
        review = Review.objects.select_related("branch__town").get(
            branch=getattr(self.cast, branch), year=2025, half=half
        )
        secretary = f"secretary_{letter}"
        if review.state == "draft":
            last_day = datetime(2025, 6 if half == "H1" else 12, 30, 20, tzinfo=SHANGHAI) + timedelta(days=1)
            self.now = max(self.now, last_day)
            self.attempt(f"recorder_{letter}", submit_review, review=review)
        elif review.state == "submitted":
            meeting = CommitteeMeeting(self.now.date(), "村部", 3, 2, "通过")
            for verb, given in ((approve_own_line, {"is_unrelated": True}), (approve_review, {"meeting": meeting})):
                self.attempt(secretary, verb, review=review, **given)  # alone, where that is possible
            self.attempt(f"committee_{letter}", approve_own_line, review=review, is_unrelated=True)
            if self.attempt(secretary, approve_review, review=review, meeting=meeting) is None:
                self.attempt("staff", approve_review, review=review, meeting=meeting)
        elif review.state == "approved":
            notice = Notice.objects.filter(review=review).first() or self.attempt(
                secretary, prepare_notice, review=review, contact="组织委员 村部"
            )
            if notice is not None:
                self.attempt(secretary, post_notice, notice=notice, channels=["board"], posted_on=self.now.date())
        elif review.state == "published":
            self.attempt(secretary, post_revised_lines, notice=review.notice, posted_on=self.now.date())
            self.now += timedelta(days=12)
            self.attempt(secretary, close_notice, notice=review.notice)

    @rule(who=WHO, place=PLACES, ago=st.integers(-1, 9), channel=st.sampled_from(["board", "chat"]))
    def post(self, who: str, place: int, ago: int, channel: str) -> None:
        notice = pick(list(Notice.objects.order_by("pk")), place)
        if notice is not None:
            posted_on = (self.now - timedelta(days=ago)).date()
            self.attempt(who, post_notice, notice=notice, channels=[channel], posted_on=posted_on)
            self.attempt(who, post_revised_lines, notice=notice, posted_on=posted_on)

    @rule(who=WHO, place=PLACES)
    def close(self, who: str, place: int) -> None:
        notice = pick(list(Notice.objects.order_by("pk")), place)
        if notice is not None:
            self.attempt(who, close_notice, notice=notice)

    @rule(place=PLACES, hasty=st.booleans())
    def object_to(self, place: int, hasty: bool) -> None:
        """A member objects, to a notice that is up where there is one; `hasty`: the town would close it unanswered."""
        notices = Notice.objects.order_by("pk")
        up = notices.filter(review__state=Review.State.PUBLISHED)
        notice = pick(list(up) or list(notices), place)
        if notice is not None:
            who = "member_user_a" if notice.review.branch == self.cast.branch_a else "member_user_b"
            self.attempt(who, raise_objection, notice=notice, text="三月党费漏记")
            if hasty:
                self.now += timedelta(days=12)
                self.attempt("staff", close_notice, notice=notice)

    @rule(who=WHO, place=PLACES)
    def answer(self, who: str, place: int) -> None:
        objection = pick(list(Objection.objects.order_by("pk")), place)
        if objection is not None:
            self.attempt(who, answer_objection, objection=objection, answer="已核对台账，登记无误。", is_unrelated=True)

    @rule(
        who=WHO,
        place=PLACES,
        which=PLACES,
        month=MONTHS,
        how=st.sampled_from(["void", "record", "swap", "nothing", "finding"]),
    )
    def correct(self, who: str, place: int, which: int, month: int, how: str) -> None:
        frozen = [review for review in self.reviews() if review.state in Review.FROZEN]
        review = pick(frozen or self.reviews(), place)
        member = pick(self.members(), which)
        events = list(PointEvent.objects.live().filter(member=member).order_by("pk"))
        changes: dict[str, Any] = {}
        if how in ("void", "swap") and events:
            changes["void"] = (pick(events, which),)
        if how in ("record", "swap"):
            changes["record"] = (self.entry(member, month, month % 2 == 0),)
        if how == "finding":
            finding = self.a_finding(which)
            if finding is not None:
                changes[("confirm", "revoke", "void_findings")[month % 3]] = (finding,)
                member = finding.member
        self.enter(who, review, member, changes)

    def enter(self, who: str, review: Review, member: Member, changes: dict[str, Any]) -> EnteredCorrection | None:
        """Somebody enters a correction; nobody else has looked at it yet."""
        plan = CorrectionPlan(review, member, self.now.date(), "复核更正", **changes)
        entering = self.attempt(who, enter_correction, plan=plan, meeting=MET, is_unrelated=True)
        return entering.entered if entering else None

    @rule(who=WHO, place=PLACES, step=st.sampled_from(["review", "review", "review", "refuse", "take back"]))
    def settle_correction(self, who: str, place: int, step: str) -> None:
        entered = pick(list(EnteredCorrection.objects.order_by("settled_at", "pk")), place)
        if entered is None:
            return
        if step == "review":
            self.attempt(who, review_correction, entered=entered, is_unrelated=place % 9 > 0)
        elif step == "refuse":
            self.attempt(who, refuse_correction, entered=entered, reason="收据不符", is_unrelated=True)
        else:
            self.attempt(who, take_back_correction, entered=entered)

    @rule(place=PLACES, which=PLACES, month=st.integers(1, 6), how=st.sampled_from(["void", "record", "swap", "late"]))
    def correct_well(self, place: int, which: int, month: int, how: str) -> None:
        """The town corrects a line that can be corrected, so that corrections of corrections come about."""
        review = pick([review for review in self.reviews() if review.state in Review.FROZEN], place)
        if review is None:
            return
        line = pick(current_lines(review), which)
        listed = PointEvent.objects.filter(uuid__in=read_payload(line.payload).events).order_by("pk")
        changes: dict[str, Any] = {}
        if how in ("void", "swap") and listed:
            changes["void"] = (pick(list(listed), which),)
        if how in ("record", "swap"):
            changes["record"] = (self.entry(line.member, month if review.half == "H1" else month + 6, base=False),)
        entered = self.enter("staff", review, line.member, changes)
        if entered is not None:
            letter = "a" if review.branch == self.cast.branch_a else "b"
            self.attempt(f"secretary_{letter}", review_correction, entered=entered, is_unrelated=True)

    @rule(who=st.sampled_from(["secretary_a", "committee_a", "recorder_a"]), month=MONTHS)
    def scheme(self, who: str, month: int) -> None:
        """One account does for its own line whatever it can think of, in every order that comes up."""
        officer: User = getattr(self.cast, who)
        own = officer.member
        assert own is not None
        findings = [*Deduction.objects.filter(member=own), *VetoRecord.objects.filter(member=own)]
        meeting = CommitteeMeeting(self.now.date(), "村部", 3, 2, "通过")
        for review in self.reviews():
            self.attempt(who, approve_own_line, review=review, is_unrelated=True)
            self.attempt(who, approve_review, review=review, meeting=meeting)
            self.enter(who, review, own, {"record": (self.entry(own, month, base=False),)})
            for finding in findings:
                self.enter(who, review, own, {"revoke": (finding,)})
        today = self.now.date()
        for finding in findings:
            self.attempt(who, confirm_finding, finding=finding, resolution=resolve(today), is_unrelated=True)
            self.attempt(who, revoke_finding, finding=finding, reason="复查不实", is_unrelated=True)
            self.attempt(who, void_finding, finding=finding, reason="录入错误", is_unrelated=True)
        self.attempt(
            who, enter_paper_application, member=own, ground=Exemption.Ground.UNABLE, applied_on=today, scan=SCAN
        )
        for application in ExemptionApplication.objects.filter(member=own):
            self.attempt(who, grant_application, application=application, vote=vote_on(today), is_unrelated=True)
        for exemption in Exemption.objects.filter(member=own):
            self.attempt(who, end_exemption, exemption=exemption, ended_on=today, reason="已康复", is_unrelated=True)
        decisions = {own.pk: Rating.Decision.UNQUALIFIED}
        given = {"branch": self.cast.branch_a, "year": 2025, "decisions": decisions, "met_on": today}
        self.attempt(who, decide_ratings, **given, is_unrelated=True)
        for entered in EnteredCorrection.objects.filter(settled_at__isnull=True):
            self.attempt(who, review_correction, entered=entered, is_unrelated=True)
