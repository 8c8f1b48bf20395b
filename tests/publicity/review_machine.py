"""A town in which everybody does legal and illegal things with the halves of a year, one random action at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from foundation.errors import DomainError
from members.models import AuditEntry, Member, Membership, RecordBatch, User
from points.imports.records import import_records
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, Freeze, PointEvent, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
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
from points.roster.moves import change_membership
from points.scoring.freezing import current_lines, read_payload
from publicity.corrections.plans import CorrectionPlan
from publicity.models import EnteredCorrection, LinePosting, Notice, Objection
from publicity.notices.publication import close_notice, post_notice, post_revised_lines, prepare_notice
from publicity.objections.objections import answer_objection, raise_objection
from publicity.rechecking.steps import (
    enter_correction,
    refuse_correction,
    review_correction,
    take_back_correction,
)
from tests.cast import build_cast
from tests.clock import SHANGHAI
from tests.points.half_stages import settle_year_end
from tests.two_officers import MET
from tests.veto.hearings import PAPER, meeting_after, resolve
from veto.deciding import (
    clear_finding,
    confirm_finding,
    propose_deduction,
    propose_veto,
    revoke_finding,
    void_finding,
)
from veto.hearings import Delivery, disown_answer, record_answer, tell_member
from veto.models import Answer, Deduction, Finding, VetoRecord

START = datetime(2025, 6, 20, 9, 0, tzinfo=SHANGHAI)
LATEST = datetime(2026, 6, 30, tzinfo=SHANGHAI)
ACTORS = (
    "recorder_a", "recorder_a", "secretary_a", "secretary_a", "secretary_a", "staff", "staff", "committee_a",
    "recorder_b", "secretary_b", "supervisor", "member_user_a", "outsider", "other_staff",
)  # fmt: skip
PLACES = st.integers(0, 10_000)
WHO = st.sampled_from(ACTORS)
MONTHS = st.integers(1, 12)
HALVES = st.sampled_from(["H1", "H1", "H2"])
BRANCHES = st.sampled_from(["branch_a", "branch_a", "branch_b"])


def pick(rows: list[Any], place: int) -> Any:
    return rows[place % len(rows)] if rows else None


class ReviewMachine(RuleBasedStateMachine):
    """A town of two branches from June 2025 to June 2026."""

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.cast = build_cast()
        self.make_officers_members()
        self.now = START
        self.fingerprint = self.take_fingerprint()
        self.entries = AuditEntry.objects.count()
        self.done = 0

    def make_officers_members(self) -> None:
        """Secretary, committee member and recorder of branch A have lines of their own, as everywhere."""
        owners = {"secretary_a": 1, "committee_a": 2}
        members = {part: self.cast.members_a[place] for part, place in owners.items()}
        for part, member in (*members.items(), ("recorder_a", self.cast.left_a)):
            officer: User = getattr(self.cast, part)
            officer.member = member
            officer.save(update_fields=["member"])

    def teardown(self) -> None:
        try:
            assert list(verify_ledger()) == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # --- acting -----------------------------------------------------------------------------------------------------

    def attempt(self, who: str, verb: Callable[..., Any], **given: Any) -> Any:
        """Let somebody try; a refusal is an outcome like any other and must leave everything as it was."""
        self.now += timedelta(minutes=1)
        actor: User = getattr(self.cast, who)
        try:
            with transaction.atomic():
                outcome = verb(actor=actor, now=self.now, **given)
        except (DomainError, PermissionDenied):
            assert self.take_fingerprint() == self.fingerprint, f"{verb.__name__} was refused and changed something"
            return None
        self.done += 1
        self.check_logged(actor, verb)
        return outcome

    def check_logged(self, actor: User, verb: Callable[..., Any]) -> None:
        """A change without actor and reason never happens: each is logged with who did it, now."""
        changed = self.take_fingerprint() != self.fingerprint
        entries = AuditEntry.objects.order_by("pk")[self.entries :]
        if changed:
            assert entries, f"{verb.__name__} changed something and logged nothing"
        for entry in entries:
            # Who objected stands with the objection alone, for those who handle it (D11).
            known = {actor.pk, self.cast.system.pk} if verb is raise_objection else {actor.pk}
            assert (entry.actor_id in known, entry.at) == (True, self.now)
        self.fingerprint = self.take_fingerprint()
        self.entries = AuditEntry.objects.count()

    def take_fingerprint(self) -> tuple[Any, ...]:
        return (
            PointEvent.objects.count(),
            PointEvent.objects.live().count(),
            Attendance.objects.live().count(),
            tuple(model.objects.confirmed().count() for model in (Deduction, VetoRecord)),
            tuple(Review.objects.order_by("pk").values_list("pk", "state")) if Review.objects.exists() else (),
            ReviewLine.objects.count(),
            Freeze.objects.count(),
            LinePosting.objects.count(),
            Objection.objects.filter(answered_at__isnull=True).count(),
            tuple(EnteredCorrection.objects.order_by("pk").values_list("outcome", flat=True)),
            Review.objects.filter(own_line_by__isnull=False).count(),
        )

    def reviews(self) -> list[Review]:
        return list(Review.objects.select_related("branch__town").order_by("pk"))

    def members(self) -> list[Member]:
        return [*self.cast.members_a, self.cast.left_a, *self.cast.members_b]

    def entry(self, member: Member, month: int, base: bool) -> EventEntry:
        if base:
            return EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")
        return EventEntry(member.pk, "volunteering", date(2025, month, 20), points=7)

    # --- rules ------------------------------------------------------------------------------------------------------

    @initialize(
        months=st.lists(MONTHS, max_size=6, unique=True),
        stages=st.sampled_from([7, 8, 6, 4, 3, 2, 0]),  # late ones first: hypothesis prefers them
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

    @rule(days=st.sampled_from([0, 1, 3, 5, 6, 7, 20, 60]), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.now = min(self.now + timedelta(days=days, hours=hours), max(self.now, LATEST))

    @rule(who=WHO, place=PLACES, month=MONTHS, base=st.booleans())
    def record(self, who: str, place: int, month: int, base: bool) -> None:
        member = pick(self.members(), place)
        self.attempt(who, record_events, town=self.cast.town, entries=[self.entry(member, month, base)])

    @rule(who=WHO, place=PLACES, month=MONTHS, base=st.booleans())
    def import_file(self, who: str, place: int, month: int, base: bool) -> None:
        member = pick(self.members(), place)
        entry = self.entry(member, month, base)
        branch = "一支部" if member in (*self.cast.members_a, self.cast.left_a) else "二支部"
        cells = (branch, member.name, "得分", entry.item, str(entry.date), entry.period, "" if base else "0.7")
        text = f"党支部,姓名,类别,项目,日期,期次,分值\n{','.join(cells)}\n"
        self.attempt(who, import_records, town=self.cast.town, data=text.encode(), filename="records.csv")

    @rule(who=WHO, month=MONTHS, day=st.integers(1, 28), attended=st.lists(st.booleans(), min_size=3, max_size=3))
    def hold_meeting(self, who: str, month: int, day: int, attended: list[bool]) -> None:
        statuses = {
            member.pk: "attended" if here else "absent"
            for member, here in zip(self.cast.members_a, attended, strict=True)
        }
        held_on = date(2025, month, day)
        kinds = [("party_day", f"2025-{month:02d}"), ("pledge", "2025")]
        self.attempt(who, record_meeting, branch=self.cast.branch_a, held_on=held_on, kinds=kinds, statuses=statuses)

    @rule(who=WHO, place=PLACES)
    def void_one(self, who: str, place: int) -> None:
        event = pick(list(PointEvent.objects.order_by("pk")), place)
        if event is not None:
            self.attempt(who, void_event, event=event, reason="误登")

    @rule(who=WHO, place=PLACES)
    def void_attending(self, who: str, place: int) -> None:
        attendance = pick(list(Attendance.objects.order_by("pk")), place)
        if attendance is not None:
            self.attempt(who, void_attendance, attendance=attendance, reason="签到有误")

    @rule(who=WHO, place=PLACES)
    def void_whole_batch(self, who: str, place: int) -> None:
        batch = pick(list(RecordBatch.objects.order_by("pk")), place)
        if batch is not None:
            self.attempt(who, void_batch, batch=batch, reason="重复导入")

    @rule(who=WHO, place=PLACES, month=MONTHS, veto=st.booleans())
    def find(self, who: str, place: int, month: int, veto: bool) -> None:
        member, day = pick(self.members(), place), date(2025, month, 15)
        if veto:
            given = {
                "member": member,
                "ground": "disrepute",
                "date": day,
                "particulars": "核查记录",
                "papers": "核实材料",
            }
            finding: Finding | None = self.attempt(who, propose_veto, **given)
        else:
            given = {"member": member, "item": "gambling", "date": day, "particulars": "核查记录", "papers": "核实材料"}
            finding = self.attempt(who, propose_deduction, **given)
        if finding is not None and place % 4:
            self.let_through(finding)
            self.hear(who, finding, 0)

    def let_through(self, finding: Finding) -> None:
        """The town's staff, and where they proposed it their system, let through what goes to them first."""
        for who in ("staff", "system"):
            self.attempt(who, clear_finding, finding=finding, is_unrelated=True)

    def hear(self, who: str, finding: Finding, ago: int) -> None:
        """Told on a day by whoever tries, and answered on paper that day, with an earlier meeting agreed to."""
        day = (self.now - timedelta(days=ago)).date()
        told = {"delivery": Delivery(day, receipt=[PAPER]), "meeting": meeting_after(day, finding.member)}
        self.attempt(who, tell_member, finding=finding, **told)
        given = {"answered_on": day, "kind": Answer.Kind.WAIVED, "agrees_earlier": True, "papers": [PAPER]}
        self.attempt(who, record_answer, finding=finding, **given)

    @rule(
        who=WHO,
        place=PLACES,
        step=st.sampled_from(["clear", "answer", "confirm", "confirm", "disown", "revoke", "void"]),
        ago=st.integers(0, 90),
    )
    def treat_finding(self, who: str, place: int, step: str, ago: int) -> None:
        finding = self.a_finding(place)
        if finding is None:
            return
        day = (self.now - timedelta(days=ago)).date()
        if step == "clear":
            self.attempt(who, clear_finding, finding=finding, is_unrelated=True)
        elif step == "answer":
            self.hear(who, finding, ago)
        elif step == "confirm":
            self.attempt(who, confirm_finding, finding=finding, resolution=resolve(day), is_unrelated=True)
        elif step == "disown":
            self.attempt(who, disown_answer, finding=finding)
        elif step == "revoke":
            self.attempt(who, revoke_finding, finding=finding, reason="复查不实", is_unrelated=True)
        else:
            self.attempt(who, void_finding, finding=finding, reason="录入错误")

    def a_finding(self, place: int) -> Finding | None:
        found: Finding | None = pick([*Deduction.objects.order_by("pk"), *VetoRecord.objects.order_by("pk")], place)
        return found

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
            self.attempt(f"committee_{letter}", approve_own_line, review=review, is_unrelated=True)
            if self.attempt(secretary, approve_review, review=review, meeting=meeting) is None:
                self.attempt("staff", approve_review, review=review, meeting=meeting)
        elif review.state == "approved":
            notice = Notice.objects.filter(review=review).first() or self.attempt(
                secretary, prepare_notice, review=review, contact="组织委员 村部"
            )
            if notice is not None:
                self.attempt(secretary, post_notice, notice=notice, channel="board", posted_on=self.now.date())
        elif review.state == "published":
            self.attempt(secretary, post_revised_lines, notice=review.notice, posted_on=self.now.date())
            self.now += timedelta(days=12)
            self.attempt(secretary, close_notice, notice=review.notice)

    @rule(who=WHO, place=PLACES, ago=st.integers(-1, 9), channel=st.sampled_from(["board", "chat"]))
    def post(self, who: str, place: int, ago: int, channel: str) -> None:
        notice = pick(list(Notice.objects.order_by("pk")), place)
        if notice is not None:
            posted_on = (self.now - timedelta(days=ago)).date()
            self.attempt(who, post_notice, notice=notice, channel=channel, posted_on=posted_on)
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
        for finding in findings:
            self.attempt(who, confirm_finding, finding=finding, decided_on=self.now.date())
            self.attempt(who, revoke_finding, finding=finding, reason="复查不实")
            self.attempt(who, void_finding, finding=finding, reason="录入错误")
        for entered in EnteredCorrection.objects.filter(settled_at__isnull=True):
            self.attempt(who, review_correction, entered=entered, is_unrelated=True)

    @precondition(lambda self: self.done > 8)
    @rule(who=st.sampled_from(["staff", "staff", "recorder_a"]), place=PLACES, ago=st.sampled_from([0, 0, 40]))
    def move(self, who: str, place: int, ago: int) -> None:
        self.attempt(
            who,
            change_membership,
            member=pick(self.members(), place),
            branch=self.cast.branch_b,
            from_date=(self.now - timedelta(days=ago)).date(),
            why=Membership.Why.MOVED,
        )
