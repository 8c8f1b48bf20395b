"""What is recorded, found and decided about members, one random action at a time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from members.models import Exemption, ExemptionApplication, Membership, RecordBatch
from points.imports.records import import_records
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
from points.results.ratings import decide_ratings
from points.roster.exemption_applications import decline_application, enter_paper_application, grant_application
from points.roster.moves import change_membership, end_exemption
from tests.exemptions import SCAN, vote_on
from tests.publicity.acting_town import MONTHS, PLACES, WHO, ActingTown, pick
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


class PeopleMachine(ActingTown):
    """Records, findings, exemptions, ratings and moves, by everybody."""

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
            self.attempt(who, void_finding, finding=finding, reason="录入错误", is_unrelated=True)

    def a_finding(self, place: int) -> Finding | None:
        found: Finding | None = pick([*Deduction.objects.order_by("pk"), *VetoRecord.objects.order_by("pk")], place)
        return found

    @rule(who=WHO, place=PLACES, ago=st.integers(-1, 60), at_once=st.booleans())
    def apply_on_paper(self, who: str, place: int, ago: int, at_once: bool) -> None:
        day = (self.now - timedelta(days=ago)).date()
        given = {"member": pick(self.members(), place), "ground": Exemption.Ground.UNABLE, "applied_on": day}
        wanted = day if at_once else None
        application = self.attempt(who, enter_paper_application, **given, scan=SCAN, wanted_from=wanted)
        if application is not None:
            for officer in (who, "secretary_a", "staff"):
                self.attempt(officer, grant_application, application=application, vote=vote_on(day), is_unrelated=True)

    @rule(who=WHO, place=PLACES, ago=st.integers(-1, 40), step=st.sampled_from(["grant", "grant", "decline", "end"]))
    def decide_exemption(self, who: str, place: int, ago: int, step: str) -> None:
        day = (self.now - timedelta(days=ago)).date()
        if step == "end":
            exemption = pick(list(Exemption.objects.order_by("pk")), place)
            if exemption is not None:
                self.attempt(who, end_exemption, exemption=exemption, ended_on=day, reason="已康复", is_unrelated=True)
            return
        application = pick(list(ExemptionApplication.objects.order_by("-state", "pk")), place)
        if application is not None and step == "grant":
            self.attempt(who, grant_application, application=application, vote=vote_on(day), is_unrelated=True)
        elif application is not None:
            vote = vote_on(day, in_favour=0)
            given = {"application": application, "vote": vote, "explanation": "不符合"}
            self.attempt(who, decline_application, **given, is_unrelated=True)

    @rule(who=WHO, place=PLACES, rating=st.sampled_from(["unqualified", "unqualified", "qualified", "deferred"]))
    def rate(self, who: str, place: int, rating: str) -> None:
        member = pick(self.members(), place)
        branch = self.cast.branch_b if member in self.cast.members_b else self.cast.branch_a
        today = self.now.date()
        given = {"branch": branch, "year": 2025, "decisions": {member.pk: rating}, "met_on": today}
        settle_by = today + timedelta(days=30) if rating == "deferred" else None
        self.attempt(who, decide_ratings, **given, settle_by=settle_by, is_unrelated=place % 9 > 0)

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
