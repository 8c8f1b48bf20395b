from members.models.accounts import Appointment, User
from members.models.batches import RecordBatch, RosterChange
from members.models.log import AuditEntry
from members.models.notifications import Notification
from members.models.people import Exemption, Member, Membership
from members.models.towns import Branch, Town

__all__ = (
    "Appointment",
    "AuditEntry",
    "Branch",
    "Exemption",
    "Member",
    "Membership",
    "Notification",
    "RecordBatch",
    "RosterChange",
    "Town",
    "User",
)
