"""The tables of towns, people, accounts, the log and kept files.

What is done with them stands in the packages beside, an idea each; a table has no verb.
"""

from members.models.accounts import Appointment, LoginCode, User
from members.models.batches import RecordBatch, RosterChange
from members.models.data_requests import DataRequest
from members.models.evidence import StoredFile
from members.models.exemption_applications import ExemptionApplication
from members.models.failed_logins import FailedLogins
from members.models.informings import Informing
from members.models.jobs import Job
from members.models.log import AccessEntry, AuditEntry, RemovedAccess
from members.models.notifications import Notification
from members.models.password_resets import PasswordReset
from members.models.people import Exemption, Member, Membership
from members.models.seals import Seal, UnsealedRow
from members.models.second_factors import RecoveryCode, SecondFactor
from members.models.sent_forms import SentForm
from members.models.sessions import Session
from members.models.towns import Branch, FormerBranchName, Town, WorkDay

__all__ = (
    "AccessEntry",
    "Appointment",
    "AuditEntry",
    "Branch",
    "DataRequest",
    "Exemption",
    "ExemptionApplication",
    "FailedLogins",
    "FormerBranchName",
    "Informing",
    "Job",
    "LoginCode",
    "Member",
    "Membership",
    "Notification",
    "PasswordReset",
    "RecordBatch",
    "RecoveryCode",
    "RemovedAccess",
    "RosterChange",
    "Seal",
    "SecondFactor",
    "SentForm",
    "Session",
    "StoredFile",
    "Town",
    "UnsealedRow",
    "User",
    "WorkDay",
)
