"""Where findings stand, in words, and those of a member as far as the user may know of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from members.access import findings_for
from members.models import Member
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import row_url
from veto.endings import say_end
from veto.models import Deduction, Finding, VetoRecord


def name_state(row: Finding) -> Promise | str:
    """Where a finding stands, a proposed one by what comes next, an ended one with its day and why."""
    if row.state == Finding.State.ENDED:
        return say_end(row)
    return row.step.label if row.step else row.state.label


def list_findings(request: HttpRequest, member: Member) -> list[dict[str, Any]]:
    """A member's findings as far as the user may know of them, with the way to each; without their grounds (D21)."""
    found: list[dict[str, Any]] = []
    for model in (Deduction, VetoRecord):
        rows: QuerySet[Any] = findings_for(
            actor_of(request), model._default_manager.filter(member=member), on=today_of(request)
        )
        found += [
            {
                "kind": row._meta.verbose_name,
                "date": row.date,
                "state": say_end(row) if row.state == Finding.State.ENDED else row.state.label,
                "url": row_url(row),
            }
            for row in rows
        ]
    return found
