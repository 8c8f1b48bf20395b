"""What a page chooses from and what its address chose: towns, a branch, the members a form offers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest

from members.access import Action, branches_for, members_for, reach_of
from members.models import Branch, Member, Town
from members.selectors import members_in
from scoring_site.parameters import read_id
from scoring_site.requests import actor_of, today_of


def choose_branch(request: HttpRequest, branches: Sequence[Branch]) -> Branch | None:
    """Of these branches the one that `?branch=` names, or the only one there is.

    An address that names another branch chooses none: its form would write into a branch nobody meant.
    """
    wanted = request.GET.get("branch", "")
    only = branches[0] if len(branches) == 1 and not wanted else None
    return next((row for row in branches if str(row.pk) == wanted), only)


def kept_towns(request: HttpRequest, action: Action = Action.KEEP_ROSTER) -> QuerySet[Town]:
    """The towns over which the user may do `action`: keep the roster and what goes with it, or the accounts."""
    kept = reach_of(actor_of(request), on=today_of(request)).towns_with(action)
    return Town.objects.filter(pk__in=kept).order_by("pk")


def pickable_members(request: HttpRequest, action: Action) -> tuple[QuerySet[Member], Branch | None, Sequence[Branch]]:
    """The members a form offers: `?member=` alone, else those of `?branch=` or of the only branch there is.

    Returns them with the branch they belong to (None for a single member) and the branches to choose from.
    """
    user, today = actor_of(request), today_of(request)
    allowed = members_for(user, on=today, action=action).order_by("position", "id")
    if member_id := read_id(request.GET.get("member", "")):
        return allowed.filter(pk=member_id), None, ()
    branches = list(branches_for(user, on=today, action=action).order_by("town_id", "position", "id"))
    branch = choose_branch(request, branches)
    if branch is None:
        return allowed.none(), None, branches
    return allowed.filter(pk__in=members_in([branch.pk], today).values("pk")), branch, branches
