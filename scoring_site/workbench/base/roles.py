"""What the menu and several screens ask about the role of the user."""

from __future__ import annotations

from django.http import HttpRequest

from members.access import Action, reach_of
from members.models import Appointment
from scoring_site.desks import Desk
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.seats import branches_recorded_by

Role = Appointment.Role


def desk_of(request: HttpRequest) -> Desk:
    """Whose menu the user has. A town comes before a branch; whoever records has the recorder's, with other roles too.

    One query for a secretary: whether a recorder was appointed beside them.
    """
    user, today = actor_of(request), today_of(request)
    reach = reach_of(user, on=today)
    if reach.read_towns:
        return Desk.TOWN if reach.staff_towns else Desk.SUPERVISOR
    if not reach.branch_roles:
        return Desk.ADMINISTRATOR
    held: frozenset[str] = frozenset().union(*reach.branch_roles.values())
    if Role.SECRETARY in held and reach.readable_branches - set(reach.branch_roles):
        return Desk.GENERAL_BRANCH
    if branches_recorded_by(user, on=today):
        return Desk.RECORDER
    if Role.SECRETARY in held:
        return Desk.SECRETARY
    return Desk.COMMITTEE if Role.COMMITTEE_MEMBER in held else Desk.ASSISTANT


def may_work_on_points(request: HttpRequest) -> bool:
    """Whether the user has a role in a branch, or over a town and its points."""
    return reach_of(actor_of(request), on=today_of(request)).works_on_points


def may_see_accounts(request: HttpRequest) -> bool:
    """Whether the town's accounts are the user's to see."""
    return bool(reach_of(actor_of(request), on=today_of(request)).account_towns)


def may_see_appointments(request: HttpRequest) -> bool:
    """Whether the list of appointments is in the user's menu: the town's, or those of their own branch."""
    return may_see_accounts(request) or may_work_on_points(request)


def may_read_logs(request: HttpRequest) -> bool:
    """Whether the audit log and the access log are the user's to read."""
    return bool(reach_of(actor_of(request), on=today_of(request)).log_towns)


def may_give_logins(request: HttpRequest) -> bool:
    """Whether the user makes login slips."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.towns_with(Action.GIVE_LOGIN) or reach.branches_to(Action.GIVE_LOGIN))


def may_see_resets(request: HttpRequest) -> bool:
    """Whether the list of password resets is the user's: of their branches, or the town's to confirm."""
    kept = reach_of(actor_of(request), on=today_of(request)).towns_with(Action.KEEP_ACCOUNTS)
    return bool(kept) or may_work_on_points(request)


def may_verify(request: HttpRequest) -> bool:
    """Whether the user has what is stored verified."""
    return bool(reach_of(actor_of(request), on=today_of(request)).towns_with(Action.VERIFY))


def may_have_jobs(request: HttpRequest) -> bool:
    """Whether anything is made in the background for the user."""
    return may_export(request) or may_verify(request)


def may_take_out(request: HttpRequest) -> bool:
    """Whether the user may take out lists as they are shown: whoever exports, and the town's supervisors (5.3)."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.towns_with(Action.TAKE_OUT) or reach.branches_to(Action.TAKE_OUT))


def may_export(request: HttpRequest) -> bool:
    """Whether the user may take anything out: town staff, and recorders and secretaries for their branch."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.staff_towns or reach.branches_to(Action.EXPORT))
