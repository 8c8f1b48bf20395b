"""How the workbench looks: the party's red, its menu, its language switch; nothing comes from another server.

The settings import this before any app is loaded: it names what needs models by their dotted path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from scoring_site.menu import lights

RED = {
    "50": "oklch(97.4% 0.012 22)",
    "100": "oklch(94% 0.03 22)",
    "200": "oklch(88.6% 0.06 22)",
    "300": "oklch(80.5% 0.11 22)",
    "400": "oklch(70% 0.17 23)",
    "500": "oklch(61% 0.21 24)",
    "600": "oklch(51.5% 0.2 25)",
    "700": "oklch(45% 0.18 25)",
    "800": "oklch(39% 0.15 25)",
    "900": "oklch(34% 0.12 25)",
    "950": "oklch(24% 0.08 25)",
}


FOR_TOWN_ROLES = "scoring_site.workbench.dashboard.is_for_town_roles"
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


def _file(path: str) -> Callable[[HttpRequest], str]:
    """Find the address of a static file when a page asks, not when the settings are read."""
    return lambda request: static(path)


def _item(title: Any, icon: str, page: str, permission: str | None = FOR_WORK_ON_POINTS) -> dict[str, Any]:
    link = reverse_lazy(f"workbench:{page}")
    return {"title": title, "icon": icon, "link": link, "active": lights(page), "permission": permission}


def _list(title: Any, icon: str, model: str, permission: str = FOR_WORK_ON_POINTS) -> dict[str, Any]:
    return _item(title, icon, f"{model}_changelist", permission)


NAVIGATION: list[dict[str, Any]] = [
    {"items": [_item(_("Home"), "home", "index", permission=None)]},
    {
        "title": _("Roster"),
        "items": [
            _list(_("Members"), "groups", "members_member"),
            _list(_("Branches"), "account_tree", "members_branch"),
            _item(_("Login slips"), "key", "login_slips", permission=FOR_LOGINS),
            _list(_("Password resets"), "lock_reset", "members_passwordreset", permission=FOR_RESETS),
            _list(_("Moves"), "swap_horiz", "members_membership"),
            _list(_("Exemptions"), "elderly", "members_exemption"),
            _list(_("Applications for exemption"), "contact_page", "members_exemptionapplication"),
            _list(_("Information about data"), "privacy_tip", "members_informing"),
            _list(_("Requests about data"), "manage_accounts", "members_datarequest", permission=FOR_TOWN_ROLES),
        ],
    },
    {
        "title": _("Recording"),
        "items": [
            _item(_("This month"), "calendar_month", "month", permission=FOR_WRITERS),
            _item(_("Record an activity"), "diversity_3", "activity", permission=FOR_WRITERS),
            _item(_("Tick sheet"), "grid_on", "choose_ticks"),
            _list(_("Point events"), "checklist", "points_pointevent"),
            _list(_("Meetings"), "event", "points_meeting"),
            _list(_("Attendance"), "how_to_reg", "points_attendance"),
            _list(_("Sign-ins"), "qr_code_2", "points_signin"),
            _list(_("Drafts"), "edit_note", "points_draft"),
            _list(_("Batches"), "inventory_2", "members_recordbatch"),
            _list(_("Members' claims"), "volunteer_activism", "points_claim"),
            _list(_("Evidence"), "attach_file", "points_evidencelink"),
        ],
    },
    {
        "title": _("Negative list and veto"),
        "items": [
            _list(_("Deductions"), "remove_circle", "veto_deduction"),
            _list(_("Vetoes"), "gavel", "veto_vetorecord"),
            _item(_("Members to care about"), "diversity_1", "candidates", permission=FOR_CANDIDATES),
        ],
    },
    {
        "title": _("Review and publicity"),
        "items": [
            _list(_("Half-year reviews"), "fact_check", "points_review"),
            _list(_("Notices"), "campaign", "publicity_notice"),
            _list(_("Objections"), "contact_support", "publicity_objection"),
            _list(_("Corrections"), "published_with_changes", "points_correction"),
            _list(_("Reviews of corrections"), "rule", "publicity_enteredcorrection"),
            _list(_("Ratings"), "workspace_premium", "points_rating"),
            _list(_("Review dates"), "calendar_month", "points_reviewdates"),
            _list(_("Required channels"), "cell_tower", "publicity_requiredchannel", permission=FOR_TOWN_ROLES),
            _list(_("Days off and make-up workdays"), "event_busy", "members_workday", permission=FOR_TOWN_ROLES),
        ],
    },
    {
        "title": _("Import and export"),
        "items": [
            _item(_("Import"), "upload_file", "import", permission=FOR_RECORDERS),
            _item(_("Export"), "download", "export", permission=FOR_RECORDERS),
            _item(_("My jobs"), "pending_actions", "jobs", permission=FOR_JOBS),
        ],
    },
    {
        "title": _("System"),
        "items": [
            _list(_("Assessment years"), "menu_book", "points_assessmentyear"),
            _list(_("Towns"), "location_city", "members_town", permission=FOR_TOWN_ROLES),
            _list(_("Accounts"), "person", "members_user", permission=FOR_ACCOUNTS),
            _list(_("Appointments"), "badge", "members_appointment", permission=FOR_APPOINTMENTS),
            _list(_("Audit log"), "history", "members_auditentry", permission=FOR_LOGS),
            _list(_("Access log"), "door_open", "members_accessentry", permission=FOR_LOGS),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Party-member points workbench"),
    "SITE_HEADER": _("Party-member points workbench"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "star",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("workbench/base/star.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "THEME": "light",
    "COLORS": {"primary": RED},
    "STYLES": [
        _file("workbench/base/workbench.css"),
        _file("workbench/base/parts.css"),
        _file("demonstration/banner.css"),
        _file("workbench/roster/score_sheet.css"),
        _file("points/gauge.css"),
        _file("workbench/reviews/review.css"),
        _file("workbench/results/ratings.css"),
        _file("workbench/base/evidence.css"),
    ],
    "SCRIPTS": [
        # First: what it brings back into a form is there before the other scripts look at the form.
        _file("forms/unsaved.js"),
        _file("workbench/base/workbench.js"),
        _file("forms/evidence.js"),
        _file("forms/sent_once.js"),
    ],
    "SIDEBAR": {"show_search": False, "command_search": False},
}
