"""The tables of the ledger, of what leads to it (claims, drafts, announcements, sign-ins) and of the half-year review.

Items have none: a record keeps the code, and the rulebook of its town and year says what it means.
"""

from points.models.announcements import AnnouncedKind, Announcement, LeaveRequest
from points.models.claims import Claim
from points.models.declarations import NotHeldDeclaration
from points.models.drafts import Draft
from points.models.events import PointEvent
from points.models.evidence import EvidenceLink
from points.models.guidance import Guidance
from points.models.meetings import Attendance, Meeting, MeetingKind
from points.models.reviews import (
    Confirmation,
    Correction,
    Freeze,
    Rating,
    Review,
    ReviewDates,
    ReviewLine,
    ReviewRemark,
)
from points.models.rulebooks import AssessmentYear, Rulebook
from points.models.sign_ins import SignIn, SignInScan

__all__ = (
    "AnnouncedKind",
    "Announcement",
    "AssessmentYear",
    "Attendance",
    "Claim",
    "Confirmation",
    "Correction",
    "Draft",
    "EvidenceLink",
    "Freeze",
    "Guidance",
    "LeaveRequest",
    "Meeting",
    "MeetingKind",
    "NotHeldDeclaration",
    "PointEvent",
    "Rating",
    "Review",
    "ReviewDates",
    "ReviewLine",
    "ReviewRemark",
    "Rulebook",
    "SignIn",
    "SignInScan",
)
