from points.models.deductions import Deduction
from points.models.events import PointEvent
from points.models.meetings import Attendance, Meeting, MeetingKind
from points.models.rulebooks import AssessmentYear, Rulebook

__all__ = (
    "AssessmentYear",
    "Attendance",
    "Deduction",
    "Meeting",
    "MeetingKind",
    "PointEvent",
    "Rulebook",
)
