"""What the menu and several screens ask about the role of the user."""

from __future__ import annotations

from django.http import HttpRequest

from members.access import BRANCH_ROLES_FOR, Action, reach_of
from scoring_site.requests import actor_of, today_of


def may_export(request: HttpRequest) -> bool:
    """Whether the user may take anything out: town staff, and recorders and secretaries for their branch."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.staff_towns or reach.branches_with(BRANCH_ROLES_FOR[Action.EXPORT]))
