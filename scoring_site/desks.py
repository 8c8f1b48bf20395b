"""The workbench's menu by job: for each kind of desk at most eight entries, and behind an entry its pages as tabs.

A desk is what somebody's appointments make of them (`scoring_site.workbench.base.roles.desk_of`). Every desk that has
to do with points has every page, under the entry where its role looks for it; which of them are shown, the page's own
question about the request says. The settings import this before any app is loaded: questions are dotted paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOR_TOWN_ROLES = "scoring_site.workbench.dashboard.is_for_town_roles"
FOR_OVERVIEW = "scoring_site.workbench.overview.page.may_see_overview"
FOR_CANDIDATES = "scoring_site.workbench.findings.candidates.may_see_candidates"
FOR_WORK_ON_POINTS = "scoring_site.workbench.base.roles.may_work_on_points"
FOR_ACCOUNTS = "scoring_site.workbench.base.roles.may_see_accounts"
FOR_LOGS = "scoring_site.workbench.base.roles.may_read_logs"
FOR_APPOINTMENTS = "scoring_site.workbench.base.roles.may_see_appointments"
FOR_LOGINS = "scoring_site.workbench.base.roles.may_give_logins"
FOR_RESETS = "scoring_site.workbench.base.roles.may_see_resets"
FOR_JOBS = "scoring_site.workbench.base.roles.may_have_jobs"
FOR_RECORDERS = "scoring_site.workbench.base.roles.may_export"
FOR_WRITERS = "scoring_site.workbench.recording.drafting.may_write"

MOST_ENTRIES = 8
"""So many entries a desk has beside the user's own menu; they stand on a screen of 1280 × 800 without scrolling."""


class Desk(StrEnum):
    """Whose work a menu is made for."""

    RECORDER = "recorder"
    SECRETARY = "secretary"
    COMMITTEE = "committee"
    ASSISTANT = "assistant"
    GENERAL_BRANCH = "general_branch"
    TOWN = "town"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the menu: its words, and the question whether it is the user's (None: everybody's)."""

    title: Promise
    permission: str | None = FOR_WORK_ON_POINTS


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: the names of its pages in the order of their tabs; `own`: it stands in the user's own menu."""

    title: Promise
    icon: str
    pages: tuple[str, ...]
    own: bool = False


TABS: dict[str, Tab] = {
    "index": Tab(_("Home"), None),
    "overview": Tab(_("Overview"), FOR_OVERVIEW),
    "month": Tab(_("This month"), FOR_WRITERS),
    "activity": Tab(_("Record an activity"), FOR_WRITERS),
    "choose_ticks": Tab(_("Tick sheet")),
    "points_pointevent_changelist": Tab(_("Point events")),
    "points_announcement_changelist": Tab(_("Announcements and leave")),
    "points_meeting_changelist": Tab(_("Meetings")),
    "points_attendance_changelist": Tab(_("Attendance")),
    "points_signin_changelist": Tab(_("Sign-ins")),
    "points_claim_changelist": Tab(_("Members' claims")),
    "points_draft_changelist": Tab(_("Drafts")),
    "members_recordbatch_changelist": Tab(_("Batches")),
    "points_evidencelink_changelist": Tab(_("Evidence")),
    "members_member_changelist": Tab(_("Members")),
    "members_branch_changelist": Tab(_("Branches")),
    "members_membership_changelist": Tab(_("Moves")),
    "members_exemption_changelist": Tab(_("Exemptions")),
    "members_exemptionapplication_changelist": Tab(_("Applications for exemption")),
    "members_informing_changelist": Tab(_("Information about data")),
    "members_datarequest_changelist": Tab(_("Requests about data"), FOR_TOWN_ROLES),
    "login_slips": Tab(_("Login slips"), FOR_LOGINS),
    "members_passwordreset_changelist": Tab(_("Password resets"), FOR_RESETS),
    "veto_deduction_changelist": Tab(_("Deductions")),
    "veto_vetorecord_changelist": Tab(_("Vetoes")),
    "candidates": Tab(_("Members to care about"), FOR_CANDIDATES),
    "points_review_changelist": Tab(_("Half-year reviews")),
    "points_guidance_changelist": Tab(_("Remarks from above")),
    "publicity_notice_changelist": Tab(_("Notices")),
    "publicity_objection_changelist": Tab(_("Objections")),
    "points_correction_changelist": Tab(_("Corrections")),
    "publicity_enteredcorrection_changelist": Tab(_("Reviews of corrections")),
    "scores": Tab(_("Scores at a glance")),
    "awards": Tab(_("Award eligibility")),
    "points_rating_changelist": Tab(_("Ratings")),
    "import": Tab(_("Import"), FOR_RECORDERS),
    "export": Tab(_("Export"), FOR_RECORDERS),
    "jobs": Tab(_("My jobs"), FOR_JOBS),
    "points_assessmentyear_changelist": Tab(_("Assessment years")),
    "points_reviewdates_changelist": Tab(_("Review dates")),
    "members_town_changelist": Tab(_("Towns"), FOR_TOWN_ROLES),
    "publicity_requiredchannel_changelist": Tab(_("Required channels"), FOR_TOWN_ROLES),
    "members_workday_changelist": Tab(_("Days off and make-up workdays"), FOR_TOWN_ROLES),
    "members_user_changelist": Tab(_("Accounts"), FOR_ACCOUNTS),
    "members_appointment_changelist": Tab(_("Appointments"), FOR_APPOINTMENTS),
    "members_auditentry_changelist": Tab(_("Audit log"), FOR_LOGS),
    "members_accessentry_changelist": Tab(_("Access log"), FOR_LOGS),
}
"""Every page of the menu by its name; which view lies under which of them, the view says (`scoring_site/menu.py`)."""

_MONTH = ("month", "choose_ticks", "activity")
_LIFE = (
    "points_announcement_changelist",
    "points_meeting_changelist",
    "points_attendance_changelist",
    "points_signin_changelist",
)
_CLAIMS = ("points_claim_changelist", "points_draft_changelist")
_RECORDED = ("points_pointevent_changelist", "members_recordbatch_changelist", "points_evidencelink_changelist")
_PEOPLE = ("members_member_changelist", "members_branch_changelist")
_SCORES = ("scores",)
_OVERVIEW = ("overview",)
"""Of whoever looks after several branches; elsewhere behind the entry of the one branch, for who does that too."""
_PEOPLE_CHANGES = (
    "members_membership_changelist",
    "members_exemption_changelist",
    "members_exemptionapplication_changelist",
    "members_informing_changelist",
    "login_slips",
    "members_passwordreset_changelist",
)
_REVIEWS = (
    "points_review_changelist",
    "publicity_notice_changelist",
    "publicity_objection_changelist",
    "points_correction_changelist",
    "publicity_enteredcorrection_changelist",
    "points_guidance_changelist",
)
_RATINGS = ("points_rating_changelist", "awards")
_FINDINGS = ("veto_deduction_changelist", "veto_vetorecord_changelist", "candidates")
_FILES = ("export", "import", "jobs")
_RULES = (
    "points_assessmentyear_changelist",
    "points_reviewdates_changelist",
    "publicity_requiredchannel_changelist",
    "members_workday_changelist",
    "members_town_changelist",
)
_ACCOUNTS = ("members_user_changelist", "members_appointment_changelist")
_DATA = ("members_datarequest_changelist",)
_LOGS = ("members_auditentry_changelist", "members_accessentry_changelist")

_HOME = Entry(_("Home"), "home", ("index",))
_OVERSEEING = Entry(_("Overview of the town"), "grid_view", _OVERVIEW)
_RECORDING = Entry(_("Recording"), "calendar_month", _MONTH + _CLAIMS + _RECORDED)
_REVIEWING = Entry(_("Review and publicity"), "fact_check", _REVIEWS)
_REVIEWING_AND_RATINGS = Entry(_("Review and publicity"), "fact_check", _REVIEWS + _RATINGS)
_FINDING = Entry(_("Negative list and veto"), "gavel", _FINDINGS)
_MEMBERS = Entry(_("Members"), "groups", _PEOPLE + _PEOPLE_CHANGES)
_OWN = (
    Entry(_("Settings"), "tune", _RULES, own=True),
    Entry(_("Accounts and appointments"), "badge", _ACCOUNTS + _DATA, own=True),
    Entry(_("Logs"), "history", _LOGS, own=True),
)

DESKS: dict[Desk, tuple[Entry, ...]] = {
    Desk.RECORDER: (
        _HOME,
        Entry(_("Record the month"), "calendar_month", _MONTH),
        Entry(_("Party life"), "event", _LIFE),
        Entry(_("Claims and drafts"), "volunteer_activism", _CLAIMS),
        Entry(
            _("Members and points"),
            "groups",
            (*_PEOPLE[:1], *_SCORES, *_OVERVIEW, "points_pointevent_changelist", *_PEOPLE[1:], *_PEOPLE_CHANGES),
        ),
        _REVIEWING_AND_RATINGS,
        _FINDING,
        Entry(_("Print, import, export"), "print", _FILES + _RECORDED[1:]),
        *_OWN,
    ),
    Desk.SECRETARY: (
        _HOME,
        _REVIEWING,
        Entry(_("Use of results"), "workspace_premium", _RATINGS),
        _FINDING,
        Entry(_("The branch"), "account_tree", _SCORES + _OVERVIEW + _LIFE),
        _MEMBERS,
        _RECORDING,
        Entry(_("Print and export"), "print", _FILES),
        *_OWN,
    ),
    Desk.COMMITTEE: (
        _HOME,
        Entry(_("The branch"), "account_tree", _SCORES + _OVERVIEW + _LIFE + _MONTH + _CLAIMS + _RECORDED),
        _REVIEWING_AND_RATINGS,
        _FINDING,
        Entry(_("Members"), "groups", _PEOPLE + _PEOPLE_CHANGES),
        Entry(_("Print and export"), "print", _FILES),
        *_OWN,
    ),
    Desk.ASSISTANT: (
        _HOME,
        Entry(_("Draft records"), "edit_calendar", _MONTH),
        Entry(_("My drafts"), "edit_note", _CLAIMS[::-1]),
        Entry(_("List of members"), "groups", _PEOPLE + _PEOPLE_CHANGES),
        Entry(_("The branch"), "account_tree", _SCORES + _OVERVIEW + _LIFE + _RECORDED),
        _REVIEWING_AND_RATINGS,
        _FINDING,
        Entry(_("Print and export"), "print", _FILES),
        *_OWN,
    ),
    Desk.GENERAL_BRANCH: (
        _HOME,
        Entry(_("Overview of the branches"), "grid_view", _OVERVIEW),
        Entry(_("The branches"), "account_tree", (*_PEOPLE[1:], *_LIFE)),
        _REVIEWING_AND_RATINGS,
        Entry(_("Members and points"), "groups", _PEOPLE[:1] + _SCORES + _PEOPLE_CHANGES),
        _RECORDING,
        _FINDING,
        Entry(_("Print and export"), "print", _FILES),
        *_OWN,
    ),
    Desk.TOWN: (
        _HOME,
        _OVERSEEING,
        Entry(_("Branches"), "account_tree", _PEOPLE[1:] + _MONTH + _LIFE + _CLAIMS + _RECORDED),
        Entry(_("Members and accounts"), "groups", _PEOPLE[:1] + _ACCOUNTS + _PEOPLE_CHANGES + _DATA),
        _REVIEWING,
        Entry(_("Deductions and appeals"), "gavel", _FINDINGS),
        Entry(_("Use of results"), "workspace_premium", _SCORES + _RATINGS + _FILES),
        Entry(_("Settings"), "tune", _RULES),
        _OWN[2],
    ),
    Desk.SUPERVISOR: (
        _HOME,
        _OVERSEEING,
        Entry(_("Branches"), "account_tree", _PEOPLE[1:] + _LIFE + _MONTH + _CLAIMS + _RECORDED),
        Entry(_("Members and points"), "groups", _PEOPLE[:1] + _SCORES + _PEOPLE_CHANGES),
        _REVIEWING_AND_RATINGS,
        _FINDING,
        Entry(_("Print and export"), "print", _FILES),
        Entry(_("Logs"), "history", _LOGS),
        *_OWN[:2],
    ),
    Desk.ADMINISTRATOR: (
        _HOME,
        Entry(_("Accounts"), "person", _ACCOUNTS),
        Entry(_("Log-ins"), "key", ("login_slips", "members_passwordreset_changelist")),
        Entry(_("Logs"), "history", _LOGS),
        Entry(_("My jobs"), "pending_actions", ("jobs",)),
    ),
}
