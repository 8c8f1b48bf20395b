"""The workbench's home: what the user can do, with the figures of their own reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.access import Action, branches_for, findings_for, members_for, reach_of, rows_for
from members.models import Appointment
from members.selectors import with_branch_on
from points.models import AssessmentYear, Meeting, PointEvent
from points.reviews.reminding import list_recent_reminders
from points.rules.periods import H1, half_of, half_start
from scoring_site.readiness import say_low_space
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button
from scoring_site.workbench.base.seats import (
    branches_recorded_by,
    name_branches_without_recorder,
    peopled_branches,
)
from scoring_site.workbench.setting_up import read_setup
from scoring_site.workbench.standings import read_standings
from scoring_site.workbench.tasks import group_tasks, read_tasks
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure and the list behind it; `urgent` ones wait for somebody."""

    label: str
    figure: int
    url: str
    icon: str
    urgent: bool = False


def is_for_town_roles(request: HttpRequest) -> bool:
    """Whether the user is town staff or a supervisor; the menu asks."""
    return bool(reach_of(actor_of(request), on=today_of(request)).read_towns)


def read_dashboard(request: HttpRequest) -> dict[str, Any]:
    """The context of the home page: roles, warnings, figures and buttons; a constant number of queries."""
    user, today = actor_of(request), today_of(request)
    reach = reach_of(user, on=today)
    if not reach.works_on_points:
        return _read_administrators_home(request)
    placed = with_branch_on(members_for(user, on=today), today)
    members = placed.filter(branch_id_on_day__isnull=False)  # type: ignore[misc] # an annotation
    branches = list(branches_for(user, on=today).select_related("town"))
    half_from = half_start(today.year, half_of(today))
    events = rows_for(user, PointEvent.objects.live().filter(date__gte=half_from), on=today)
    meetings = rows_for(user, Meeting.objects.filter(held_on__gte=half_from), on=today)
    half = _("first half") if half_of(today) == H1 else _("second half")
    since = f"?year={today.year}&half={half_of(today)}"
    tiles = [
        Tile(
            _("members on the roster"), members.count(), f"{page_url('members_member_changelist')}?roster=yes", "groups"
        ),
        Tile(
            _("records dated in the %(half)s") % {"half": half},
            events.count(),
            page_url("points_pointevent_changelist") + since,
            "checklist",
        ),
        Tile(
            _("meetings in the %(half)s") % {"half": half},
            meetings.count(),
            page_url("points_meeting_changelist"),
            "event",
        ),
    ]
    for queryset, label, page, icon in (
        (Deduction.objects.proposed(), _("deductions to be decided"), "veto_deduction_changelist", "remove_circle"),
        (VetoRecord.objects.proposed(), _("vetoes to be decided"), "veto_vetorecord_changelist", "gavel"),
    ):
        waiting: QuerySet[Any] = findings_for(user, queryset, on=today)
        count = waiting.count()
        tiles.append(Tile(label, count, f"{page_url(page)}?state=proposed", icon, urgent=count > 0))
    adopted = AssessmentYear.objects.filter(
        town__in={branch.town_id for branch in branches} | reach.read_towns, year=today.year
    )
    towns = {branch.town_id: branch.town.name for branch in branches}
    without = sorted(name for pk, name in towns.items() if pk not in set(adopted.values_list("town_id", flat=True)))
    return {
        "roles": _read_roles(request),
        "task_groups": group_tasks(read_tasks(user, on=today)),
        "setup": read_setup(user, on=today),
        "reminders": list_recent_reminders(user, on=today),
        "standings": read_standings(user, on=today),
        "tiles": tiles,
        "buttons": _read_buttons(request),
        "no_rulebook": "、".join(without),
        "low_space": say_low_space() if reach.staff_towns else "",
        "no_recorder": name_branches_without_recorder(user, on=today),
        "year": today.year,
        "adopt_url": page_url("points_assessmentyear_adopt") if reach.staff_towns else "",
    }


def _read_administrators_home(request: HttpRequest) -> dict[str, Any]:
    """The context for one of the three administrators: what waits for them and where their work is, no points."""
    user, today = actor_of(request), today_of(request)
    reach = reach_of(user, on=today)
    keeps = bool(reach.towns_with(Action.KEEP_ACCOUNTS))
    offered = (
        (keeps, _("New account"), "members_user_new", "person_add"),
        (bool(reach.account_towns), _("Accounts"), "members_user_changelist", "person"),
        (bool(reach.account_towns), _("Appointments"), "members_appointment_changelist", "badge"),
        (keeps, _("Login slips"), "login_slips", "key"),
        (keeps, _("Password resets"), "members_passwordreset_changelist", "lock_reset"),
        (bool(reach.log_towns), _("Audit log"), "members_auditentry_changelist", "history"),
        (
            bool(reach.towns_with(Action.VERIFY)),
            _("Verify what is stored"),
            "members_auditentry_verify",
            "verified_user",
        ),
        (bool(reach.log_towns), _("Access log"), "members_accessentry_changelist", "door_open"),
    )
    return {
        "roles": _read_roles(request),
        "task_groups": group_tasks(read_tasks(user, on=today)),
        "buttons": [Button(label, page_url(page), icon, main=True) for shown, label, page, icon in offered if shown],
        "low_space": say_low_space() if keeps else "",
    }


def _read_roles(request: HttpRequest) -> list[str]:
    """The user's appointments of today in words."""
    today = today_of(request)
    rows = Appointment.objects.on(today).filter(user=actor_of(request).pk)
    return [
        f"{row.branch.name if row.branch else row.town.name} {row.shown_role}"
        for row in rows.to_be_shown().select_related("branch", "town")
    ]


def _read_buttons(request: HttpRequest) -> list[Button]:
    """What the user may do, most frequent first."""
    user, today = actor_of(request), today_of(request)
    buttons = []
    recorded = peopled_branches(branches_recorded_by(user, on=today), on=today)
    if reach_of(user, on=today).staff_towns or recorded:
        buttons += [
            Button(_("This month"), page_url("month"), "calendar_month", main=True),
            Button(_("Record an activity"), page_url("activity"), "groups", main=True),
            Button(_("Tick sheet"), page_url("choose_ticks"), "grid_on", main=True),
            Button(_("Record a meeting"), page_url("points_meeting_record"), "event"),
            Button(_("Record points"), page_url("points_pointevent_record"), "add"),
        ]
    elif branches_for(user, on=today, action=Action.DRAFT).exists():
        buttons += [
            Button(_("Draft the month"), page_url("month"), "calendar_month", main=True),
            Button(_("Draft an activity"), page_url("activity"), "groups", main=True),
            Button(_("Draft a meeting"), page_url("points_meeting_record"), "event"),
        ]
    if branches_for(user, on=today, action=Action.PROPOSE_FINDING).exists():
        buttons += [
            Button(_("Propose a deduction"), page_url("veto_deduction_propose"), "remove_circle"),
            Button(_("Propose a veto"), page_url("veto_vetorecord_propose"), "gavel"),
        ]
    if reach_of(user, on=today).staff_towns:
        buttons += [
            Button(_("New member"), page_url("members_member_new"), "person_add"),
            Button(_("New account"), page_url("members_user_new"), "key"),
        ]
    return [*buttons, Button(_("Look up a member"), page_url("members_member_changelist"), "search")]
