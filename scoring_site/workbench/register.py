"""The workbench with all its pages and tables; only the addresses import it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Model

from members.models import (
    AccessEntry,
    Appointment,
    AuditEntry,
    Branch,
    DataRequest,
    Exemption,
    ExemptionApplication,
    Informing,
    Member,
    Membership,
    PasswordReset,
    RecordBatch,
    Town,
    User,
    WorkDay,
)
from points.models import (
    Announcement,
    AssessmentYear,
    Attendance,
    Claim,
    Correction,
    Draft,
    EvidenceLink,
    Guidance,
    Meeting,
    PointEvent,
    Rating,
    Review,
    ReviewDates,
    SignIn,
)
from publicity.models import EnteredCorrection, Notice, Objection, RequiredChannel
from scoring_site.workbench.base.pages import WorkbenchPage
from scoring_site.workbench.base.scoped import ScopedModelAdmin
from scoring_site.workbench.base.shown_exports import ExportShown
from scoring_site.workbench.files.exports import DOWNLOADS, ExportPage
from scoring_site.workbench.files.imports import IMPORT_ADDRESSES
from scoring_site.workbench.files.jobs import CancelJob, JobFile, JobsPage
from scoring_site.workbench.findings.candidates import CandidatesPage
from scoring_site.workbench.findings.kinds import DeductionAdmin, VetoRecordAdmin
from scoring_site.workbench.overview.export import ExportOverview
from scoring_site.workbench.overview.page import OverviewPage, RemindOfficers
from scoring_site.workbench.overview.paper import OverviewPaper
from scoring_site.workbench.publicity.calendar.tables import RequiredChannelAdmin, WorkDayAdmin
from scoring_site.workbench.publicity.corrections.entered_table import EnteredCorrectionAdmin
from scoring_site.workbench.publicity.corrections.table import CorrectionAdmin
from scoring_site.workbench.publicity.notices.table import NoticeAdmin
from scoring_site.workbench.publicity.objections.table import ObjectionAdmin
from scoring_site.workbench.recording.activities.page import ActivityPage, ActivityPreview
from scoring_site.workbench.recording.batches.table import RecordBatchAdmin
from scoring_site.workbench.recording.claims.table import ClaimAdmin
from scoring_site.workbench.recording.drafts.table import DraftAdmin
from scoring_site.workbench.recording.events.table import PointEventAdmin
from scoring_site.workbench.recording.evidence.table import EvidenceLinkAdmin
from scoring_site.workbench.recording.meetings.attendances import AttendanceAdmin
from scoring_site.workbench.recording.meetings.table import MeetingAdmin
from scoring_site.workbench.recording.meetings.to_come import AnnouncementAdmin
from scoring_site.workbench.recording.month.page import DuesBook, MonthLedger, MonthPage, QuarterLedger, SignInSheet
from scoring_site.workbench.recording.names import PastedNamesPage
from scoring_site.workbench.recording.sign_ins.table import SignInAdmin
from scoring_site.workbench.recording.ticks import ChooseTickSheet, SaveTicks, TickCells, TickSheetPage
from scoring_site.workbench.results.awards import AwardCertificates, AwardsPage, ExportAwards
from scoring_site.workbench.results.ratings import RatingAdmin
from scoring_site.workbench.results.scores import ExportScores, ScoresPage
from scoring_site.workbench.reviews.dates.table import ReviewDatesAdmin
from scoring_site.workbench.reviews.guidance import GuidanceAdmin
from scoring_site.workbench.reviews.table import ReviewAdmin
from scoring_site.workbench.roster.exemption_applications import ExemptionApplicationAdmin
from scoring_site.workbench.roster.informings import InformingAdmin
from scoring_site.workbench.roster.login_slips.page import LoginSlipsPage
from scoring_site.workbench.roster.members.archive import ArchivePage, VoidRecords
from scoring_site.workbench.roster.members.table import MemberAdmin
from scoring_site.workbench.roster.memberships import ExemptionAdmin, MembershipAdmin
from scoring_site.workbench.roster.password_resets.table import PasswordResetAdmin
from scoring_site.workbench.search import SearchPage
from scoring_site.workbench.site import WorkbenchSite
from scoring_site.workbench.town.access_log import AccessEntryAdmin
from scoring_site.workbench.town.accounts import AppointmentAdmin, UserAdmin
from scoring_site.workbench.town.data_requests import DataRequestAdmin
from scoring_site.workbench.town.log import AuditEntryAdmin
from scoring_site.workbench.town.places import BranchAdmin, TownAdmin
from scoring_site.workbench.town.rulebooks import AssessmentYearAdmin
from scoring_site.workbench.waiting import WaitingPage
from veto.models import Deduction, VetoRecord

PAGES: Sequence[type[WorkbenchPage]] = (
    ExportPage,
    *DOWNLOADS,
    JobsPage,
    JobFile,
    CancelJob,
    LoginSlipsPage,
    MonthPage,
    SignInSheet,
    DuesBook,
    MonthLedger,
    QuarterLedger,
    PastedNamesPage,
    ActivityPage,
    ActivityPreview,
    ChooseTickSheet,
    TickSheetPage,
    TickCells,
    SaveTicks,
    ArchivePage,
    VoidRecords,
    CandidatesPage,
    OverviewPage,
    RemindOfficers,
    OverviewPaper,
    ExportOverview,
    ScoresPage,
    ExportScores,
    AwardsPage,
    AwardCertificates,
    ExportAwards,
    SearchPage,
    WaitingPage,
)
"""The pages with an address of their own; the imports have one for each kind."""

TABLES: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Town: TownAdmin,
    Branch: BranchAdmin,
    Member: MemberAdmin,
    User: UserAdmin,
    Appointment: AppointmentAdmin,
    AuditEntry: AuditEntryAdmin,
    AccessEntry: AccessEntryAdmin,
    DataRequest: DataRequestAdmin,
    Informing: InformingAdmin,
    PasswordReset: PasswordResetAdmin,
    Membership: MembershipAdmin,
    Exemption: ExemptionAdmin,
    ExemptionApplication: ExemptionApplicationAdmin,
    RecordBatch: RecordBatchAdmin,
    AssessmentYear: AssessmentYearAdmin,
    Announcement: AnnouncementAdmin,
    Meeting: MeetingAdmin,
    Attendance: AttendanceAdmin,
    PointEvent: PointEventAdmin,
    Claim: ClaimAdmin,
    Draft: DraftAdmin,
    EvidenceLink: EvidenceLinkAdmin,
    Deduction: DeductionAdmin,
    VetoRecord: VetoRecordAdmin,
    Review: ReviewAdmin,
    ReviewDates: ReviewDatesAdmin,
    Guidance: GuidanceAdmin,
    SignIn: SignInAdmin,
    Rating: RatingAdmin,
    Notice: NoticeAdmin,
    Objection: ObjectionAdmin,
    Correction: CorrectionAdmin,
    EnteredCorrection: EnteredCorrectionAdmin,
    RequiredChannel: RequiredChannelAdmin,
    WorkDay: WorkDayAdmin,
}

workbench = WorkbenchSite(name="workbench")
workbench.addresses = [*IMPORT_ADDRESSES, *(page.mount for page in PAGES)]
workbench.disable_action("delete_selected")
for model, table in TABLES.items():
    # The two logs have an export of their own, and no other.
    if model not in (AuditEntry, AccessEntry):
        table.subpages = (*table.subpages, ExportShown)
    workbench.register(model, table)
