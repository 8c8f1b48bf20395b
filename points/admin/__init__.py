"""The workbench's tables of this room; `scoring_site.workbench` registers them."""

from django.db.models import Model

from members.admin import ScopedModelAdmin
from members.models import AuditEntry, Branch, Exemption, ExemptionApplication, Member, Membership, RecordBatch
from points.admin.attendances import AttendanceAdmin
from points.admin.batches import RecordBatchAdmin
from points.admin.claims import ClaimAdmin
from points.admin.drafts import DraftAdmin
from points.admin.events import PointEventAdmin
from points.admin.evidence import EvidenceLinkAdmin
from points.admin.exemption_applications import ExemptionApplicationAdmin
from points.admin.finding_kinds import DeductionAdmin, VetoRecordAdmin
from points.admin.log import RecordLogAdmin
from points.admin.meetings import MeetingAdmin
from points.admin.memberships import ExemptionAdmin, MembershipAdmin
from points.admin.people import BranchRecordAdmin, MemberRecordAdmin
from points.admin.ratings import RatingAdmin
from points.admin.review_dates import ReviewDatesAdmin
from points.admin.reviews import ReviewAdmin
from points.admin.rulebooks import AssessmentYearAdmin
from points.admin.sign_ins import SignInAdmin
from points.models import (
    AssessmentYear,
    Attendance,
    Claim,
    Deduction,
    Draft,
    EvidenceLink,
    Meeting,
    PointEvent,
    Rating,
    Review,
    ReviewDates,
    SignIn,
)
from veto.models import VetoRecord

ADMINS: dict[type[Model], type[ScopedModelAdmin]] = {  # type: ignore[type-arg]
    Member: MemberRecordAdmin,
    Branch: BranchRecordAdmin,
    Membership: MembershipAdmin,
    Exemption: ExemptionAdmin,
    ExemptionApplication: ExemptionApplicationAdmin,
    RecordBatch: RecordBatchAdmin,
    AuditEntry: RecordLogAdmin,
    AssessmentYear: AssessmentYearAdmin,
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
    SignIn: SignInAdmin,
    Rating: RatingAdmin,
}
