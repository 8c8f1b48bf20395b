from points.models.deductions import Deduction
from points.models.events import PointEvent
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

__all__ = (
    "AssessmentYear",
    "Attendance",
    "Confirmation",
    "Correction",
    "Deduction",
    "Freeze",
    "Meeting",
    "MeetingKind",
    "PointEvent",
    "Rating",
    "Review",
    "ReviewDates",
    "ReviewLine",
    "ReviewRemark",
    "Rulebook",
)
