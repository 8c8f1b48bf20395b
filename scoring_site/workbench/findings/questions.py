"""Who may do what with a finding, asked by its table and by its pages alike."""

from __future__ import annotations

from django.http import HttpRequest

from members.access import Action, may_read_grounds, members_for
from scoring_site.requests import actor_of, today_of
from veto.models import Finding, VetoRecord


def may_change_finding(request: HttpRequest, row: Finding, action: Action) -> bool:
    """Whether the user may do `action` to the member it is about."""
    members = members_for(actor_of(request), on=today_of(request), action=action)
    return members.filter(pk=row.member_id).exists()


def may_report(request: HttpRequest, row: VetoRecord) -> bool:
    """Whether the user signs the branch's letters and may read what stands in this one (D21)."""
    reads = may_read_grounds(actor_of(request), row, on=today_of(request))
    return reads and may_change_finding(request, row, Action.DECIDE_FINDING)
