"""The workbench with all its tables; only the addresses import it.

Where pages of several jobs lie under the address of one row (a branch has tick sheets, a review its notice), they are
joined here: the job folders do not know each other.
"""

from __future__ import annotations

from django.db.models import Model

from members.models import (
    Appointment,
    AuditEntry,
    Branch,
    DataRequest,
    Exemption,
    ExemptionApplication,
    Member,
    Membership,
    RecordBatch,
    Town,
    User,
    WorkDay,
)
from points.models import (
    AssessmentYear,
    Attendance,
    Claim,
    Correction,
    Draft,
    EvidenceLink,
    Meeting,
    PointEvent,
    Rating,
    Review,
    ReviewDates,
    SignIn,
)
from publicity.models import Notice, Objection, RequiredChannel
from scoring_site.workbench.base.scoped import ScopedModelAdmin
from scoring_site.workbench.findings.kinds import DeductionAdmin, VetoRecordAdmin
from scoring_site.workbench.publicity.calendar.tables import RequiredChannelAdmin, WorkDayAdmin
from scoring_site.workbench.publicity.corrections.table import CorrectionAdmin
from scoring_site.workbench.publicity.notices.of_review import NoticeOfReview
from scoring_site.workbench.publicity.notices.table import NoticeAdmin
from scoring_site.workbench.publicity.objections.handling import ObjectionAdmin
from scoring_site.workbench.recording.batches import RecordBatchAdmin
from scoring_site.workbench.recording.claims.table import ClaimAdmin
from scoring_site.workbench.recording.drafts import DraftAdmin
from scoring_site.workbench.recording.events import PointEventAdmin
from scoring_site.workbench.recording.evidence import EvidenceLinkAdmin
from scoring_site.workbench.recording.meetings.attendances import AttendanceAdmin
from scoring_site.workbench.recording.meetings.table import MeetingAdmin
from scoring_site.workbench.recording.sign_ins.table import SignInAdmin
from scoring_site.workbench.recording.ticks import TickViews
from scoring_site.workbench.results.ratings import RatingAdmin
from scoring_site.workbench.reviews.dates.table import ReviewDatesAdmin
from scoring_site.workbench.reviews.table import ReviewAdmin
from scoring_site.workbench.roster.branch_papers import BranchPapers
from scoring_site.workbench.roster.exemption_applications import ExemptionApplicationAdmin
from scoring_site.workbench.roster.members.record import MemberRecordAdmin
from scoring_site.workbench.roster.memberships import ExemptionAdmin, MembershipAdmin
from scoring_site.workbench.site import WorkbenchSite
from scoring_site.workbench.town.accounts import AppointmentAdmin, UserAdmin
from scoring_site.workbench.town.data_requests import DataRequestAdmin
from scoring_site.workbench.town.log import AuditEntryAdmin
from scoring_site.workbench.town.places import BranchAdmin, TownAdmin
from scoring_site.workbench.town.rulebooks import AssessmentYearAdmin
from veto.models import Deduction, VetoRecord


class BranchScreens(BranchPapers, TickViews, BranchAdmin):
    """The branches, with their tick sheets and papers."""


class ReviewScreens(NoticeOfReview, ReviewAdmin):
    """The half-year reviews, each with the way to its notice."""


TABLES: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Town: TownAdmin,
    Branch: BranchScreens,
    Member: MemberRecordAdmin,
    User: UserAdmin,
    Appointment: AppointmentAdmin,
    AuditEntry: AuditEntryAdmin,
    DataRequest: DataRequestAdmin,
    Membership: MembershipAdmin,
    Exemption: ExemptionAdmin,
    ExemptionApplication: ExemptionApplicationAdmin,
    RecordBatch: RecordBatchAdmin,
    AssessmentYear: AssessmentYearAdmin,
    Meeting: MeetingAdmin,
    Attendance: AttendanceAdmin,
    PointEvent: PointEventAdmin,
    Claim: ClaimAdmin,
    Draft: DraftAdmin,
    EvidenceLink: EvidenceLinkAdmin,
    Deduction: DeductionAdmin,
    VetoRecord: VetoRecordAdmin,
    Review: ReviewScreens,
    ReviewDates: ReviewDatesAdmin,
    SignIn: SignInAdmin,
    Rating: RatingAdmin,
    Notice: NoticeAdmin,
    Objection: ObjectionAdmin,
    Correction: CorrectionAdmin,
    RequiredChannel: RequiredChannelAdmin,
    WorkDay: WorkDayAdmin,
}

workbench = WorkbenchSite(name="workbench")
workbench.disable_action("delete_selected")
for model, table in TABLES.items():
    workbench.register(model, table)
