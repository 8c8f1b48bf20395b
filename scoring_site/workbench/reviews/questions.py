"""What the half's table and the pages under it ask of a review alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from members.access import COMMITTEE_ROLES, Action, reach_of
from points.models import Review
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import ScopedModelAdmin

HIDDEN = gettext_lazy("(by permission only)")


def find_correct_url(table: ScopedModelAdmin[Any], request: HttpRequest, review: Review) -> str:
    """Where a correction of a frozen half is entered (D10); empty for whoever cannot."""
    if review.state not in Review.FROZEN or not table.may_change(request, review, Action.CORRECT):
        return ""
    return page_url("points_correction_new", review.pk)


def reads_reasons(table: ScopedModelAdmin[Any], request: HttpRequest, review: Review) -> bool:
    """Whether the reasons of corrections, which may name a ground, are the user's to read (D21)."""
    committee = reach_of(actor_of(request), on=today_of(request)).branches_with(COMMITTEE_ROLES)
    return review.branch_id in committee or table.may_change(request, review, Action.CORRECT)
