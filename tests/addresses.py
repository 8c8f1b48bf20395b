"""Every address of the site, and a row of every table for those that take an id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLResolver, get_resolver

from members.jobs.asking import ask_for_job
from members.models import (
    AccessEntry,
    Appointment,
    AuditEntry,
    Branch,
    DataRequest,
    Exemption,
    ExemptionApplication,
    Informing,
    Job,
    Member,
    Membership,
    PasswordReset,
    User,
    WorkDay,
)
from points.evidence.links import attach_evidence
from points.meetings.holding import record_meeting
from points.meetings.sign_ins import open_sign_in
from points.models import (
    AnnouncedKind,
    Announcement,
    AssessmentYear,
    Attendance,
    Claim,
    Draft,
    EvidenceLink,
    Guidance,
    LeaveRequest,
    Rating,
    ReviewLine,
    SignIn,
)
from points.records.recording import record_events
from points.reviews.dates import set_review_dates
from points.reviews.steps import CommitteeMeeting, approve_review, open_review, submit_review
from publicity.corrections.plans import CorrectionPlan
from publicity.models import Notice, Objection, RequiredChannel
from publicity.notices.publication import post_notice, prepare_notice
from publicity.objections.objections import raise_objection
from publicity.rechecking.steps import enter_correction
from tests.cast import Cast
from tests.exemptions import exempt_member
from tests.factories import NOW, TODAY, appoint, base_entry, incentive_entry, make_user
from tests.members.evidence.uploads import picture
from tests.two_officers import MET, correct_line
from tests.veto.hearings import tell
from veto.deciding import propose_deduction, propose_veto
from veto.models import VetoRecord

Rows = dict[type[Model], Model]
"""A row of every table, by its model."""


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver: its name (or, where it has none, its route) and its whole route."""

    key: str
    route: str

    @property
    def arguments(self) -> set[str]:
        return set(re.findall(r"<(?:\w+:)?(\w+)>", self.route))

    def of(self, rows: Rows) -> str:
        """The address with the ids of these rows."""
        _site, app_label, model_name, *_rest = [*self.route.split("/"), "", "", ""][1:]
        row = next((row for row in rows.values() if row._meta.label_lower == f"{app_label}.{model_name}"), None)
        values = {
            "object_id": self._review_to_correct(rows) or (row or rows[Member]).pk,
            "member_id": rows[Member].pk,
            "branch_id": rows[Branch].pk,
            "year": 2026,
            "token": self._token(rows),
            "content_type_id": ContentType.objects.get_for_model(Member).pk,
        }
        plain = re.sub(r"\^?\(\?P<app_label>[^)]*\)/\$", "points/", self.route)
        plain = re.sub(r"\(\?P<url>[^)]*\)\$", "nowhere/", plain)
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), plain)

    def _review_to_correct(self, rows: Rows) -> int | None:
        notice = rows[Notice]
        assert isinstance(notice, Notice)
        return notice.review_id if "/correction/new/" in self.route else None

    def _token(self, rows: Rows) -> UUID:
        """The uuid of what an address of the portal is about; else nobody's."""
        models = {
            "/notices/": Notice,
            "/objections/": Objection,
            "/results/": ReviewLine,
            "/sign-in/": SignIn,
            "/meetings/": Announcement,
            "/claims/": Claim,
            "/evidence/": EvidenceLink,
            "/hearings/": VetoRecord,
            "/workbench/jobs/": Job,
        }
        found = next((rows[model] for start, model in models.items() if self.route.startswith(start)), None)
        if isinstance(found, ReviewLine):
            return found.review.uuid
        if isinstance(found, Notice | Objection | VetoRecord | SignIn | Announcement | Claim | EvidenceLink | Job):
            return found.uuid
        return UUID(int=7)


def read_addresses(resolver: Any = None, namespace: str = "", prefix: str = "/") -> Iterator[Address]:
    """Every address of the site."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from read_addresses(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, route)
        else:
            yield Address(f"{namespace}{entry.name}" if entry.name else route, route)


ADDRESSES = {address.key: address for address in read_addresses()}


def make_rows(cast: Cast, branch: Branch, member: Member, recorder: User, staff: User) -> Rows:
    """A row of every table, of one branch and its member."""
    about: dict[str, Any] = {"actor": recorder, "now": NOW}
    entries = [base_entry(member), incentive_entry(member)]
    batch = record_events(town=branch.town, branch=branch, entries=entries, **about)
    meeting = record_meeting(
        branch=branch,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={member.pk: Attendance.Status.ATTENDED},
        topic=f"{branch.name}的党课",
        **about,
    )
    exemption = exempt_member(
        actor=staff,
        now=NOW,
        member=member,
        ground=Exemption.Ground.UNABLE,
        applied_on=TODAY,
        decided_on=TODAY,
        from_date=TODAY,
    )
    days = {"submit_by": TODAY, "approve_by": TODAY, "post_by": TODAY}
    dates = set_review_dates(actor=staff, now=NOW, town=branch.town, year=2025, half="H2", **days)
    about |= {"member": member, "date": TODAY}
    rows: list[Model] = [
        branch.town,
        branch,
        member,
        recorder,
        Appointment.objects.get(user=recorder),
        AuditEntry.objects.filter(town=branch.town).latest("pk"),
        AccessEntry.objects.create(at=NOW, kind=AccessEntry.Kind.REFUSED, user=recorder, town=branch.town, path="/"),
        Membership.objects.get(member=member),
        exemption,
        batch,
        AssessmentYear.objects.get(town=branch.town, year=2026),
        meeting,
        meeting.attendances.get(),
        *make_leave(branch, member, recorder),
        Guidance.objects.create(branch=branch, year=2026, half="H1", text=f"请{branch.name}补课", by=staff, at=NOW),
        open_sign_in(branch=branch, opens_at=NOW, closes_at=NOW + timedelta(hours=1), actor=recorder, now=NOW),
        batch.events.get(item="dues"),
        *attach_evidence(actor=recorder, now=NOW, files=[picture()], subject=batch.events.get(item="dues")),
        make_claim(member),
        propose_deduction(item="gambling", particulars="核实", papers="核实材料", **about),
        tell_of_veto(recorder, propose_veto(ground="disciplined", particulars="处分决定", papers="文号", **about)),
        ExemptionApplication.objects.create(member=member, ground="unable", text="腿脚不便", applied_on=TODAY, at=NOW),
        Draft.objects.create(branch=branch, kind="events", payload={"entries": []}, made_by=recorder, made_at=NOW),
        DataRequest.objects.create(member=member, text="电话有误", at=NOW),
        Informing.objects.create(
            member=member, kind="informed", channel="meeting", day=TODAY, entered_by=recorder, at=NOW
        ),
        make_job(branch, recorder),
        make_reset(branch, recorder),
        # The half before the exemption, in which the member still has a line.
        open_review(branch=branch, year=2025, half="H2"),
        dates,
        make_rating(branch, member, staff),
        *make_published_half(branch, member, recorder, staff),
    ]
    return {type(row): row for row in rows}


def tell_of_veto(recorder: User, veto: VetoRecord) -> VetoRecord:
    """The member knows of it, so that the portal has their hearing."""
    tell(actor=recorder, now=NOW, finding=veto, notified_on=TODAY)
    return veto


def make_leave(branch: Branch, member: Member, recorder: User) -> list[Model]:
    """A meeting to come before the exemption of anybody, and a request for leave that waits."""
    announcement = Announcement.objects.create(
        branch=branch,
        day=date(2026, 3, 14),
        starts=time(15),
        topic=f"{branch.name}的通知",
        place="会议室",
        made_by=recorder,
        made_at=NOW,
    )
    leave = LeaveRequest.objects.create(
        announcement=announcement, day=announcement.day, member=member, reason="住院检查", asked_at=NOW
    )
    return [
        announcement,
        AnnouncedKind.objects.create(announcement=announcement, item="lecture", period="2026Q1"),
        leave,
    ]


def make_job(branch: Branch, recorder: User) -> Job:
    """What the branch's recorder asked for; nobody else's."""
    about: dict[str, Any] = {"parameters": {"year": 2026}, "file_name": f"{branch.name}-2026.pdf"}
    return ask_for_job(actor=recorder, now=NOW, kind="record_forms", town=branch.town, branch=branch, **about)


def make_reset(branch: Branch, recorder: User) -> PasswordReset:
    """Of an account of the branch without a role, asked for by its recorder."""
    user = make_user(f"lost-{branch.pk}", name="石磊", town=branch.town)
    return PasswordReset.objects.create(user=user, branch=branch, reason="忘记密码", asked_by=recorder, asked_at=NOW)


def make_rating(branch: Branch, member: Member, staff: User) -> Rating:
    """What a branch decided about a year before."""
    return Rating.objects.create(
        branch=branch, member=member, year=2024, decision="qualified", met_on=date(2025, 1, 20), by=staff, at=NOW
    )


def make_claim(member: Member) -> Model:
    """A claim that waits; of a member who need have no account."""
    return Claim.objects.create(member=member, item="volunteering", date=TODAY, deed="清理河道", filed_at=NOW)


def make_published_half(branch: Branch, member: Member, recorder: User, staff: User) -> list[Model]:
    """The half before that, posted, objected to and corrected; and what the town set for its notices."""
    review = open_review(branch=branch, year=2025, half="H1")
    submit_review(actor=recorder, now=NOW, review=review)
    meeting = CommitteeMeeting(TODAY, "村部", 3, 3, "一致通过")
    by_staff: dict[str, Any] = {"actor": staff, "now": NOW}
    review = approve_review(review=review, meeting=meeting, **by_staff)
    notice = prepare_notice(review=review, contact="向支部书记反映", **by_staff)
    notice = post_notice(notice=notice, channels=["board"], posted_on=TODAY, **by_staff)
    objection = raise_objection(
        actor=recorder,
        now=NOW,
        notice=notice,
        text="漏登",
        about=member,
        via=Objection.Via.PAPER,
        objector_name="匿名",
        received_on=TODAY,
    )
    second = make_user(f"second-{branch.pk}", name="复核委员", town=branch.town)
    appoint(second, Appointment.Role.COMMITTEE_MEMBER, branch=branch)
    correction = correct_line(
        review=notice.review,
        member=member,
        decided_on=TODAY,
        reason="漏登",
        record=[base_entry(member, period="2025-03", day=date(2025, 3, 10))],
        reviewer=second,
        **by_staff,
    )
    missing = base_entry(member, period="2025-04", day=date(2025, 4, 10))
    plan = CorrectionPlan(notice.review, member, TODAY, "漏登", record=(missing,))
    entered = enter_correction(plan=plan, meeting=MET, is_unrelated=True, **by_staff).entered
    assert entered is not None
    channel, _created = RequiredChannel.objects.get_or_create(town=branch.town, channel="board")
    day, _created = WorkDay.objects.get_or_create(town=branch.town, day=date(2026, 7, 6))
    line = ReviewLine.objects.filter(review=review, member=member).latest("revision")
    return [notice, objection, correction, entered, channel, day, line]
