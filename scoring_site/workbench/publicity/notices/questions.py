"""What the table of notices and the pages under it ask and say alike."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from members.access import Action, branches_for
from points.models import Review
from points.scoring.wording import name_period
from publicity.models import Notice
from scoring_site.requests import actor_of, today_of


def name_notice(notice: Notice) -> str:
    """`一支部 2025年上半年`."""
    return f"{notice.review.branch_name} {name_period(notice.period)}"


def waiting_halves(request: HttpRequest) -> QuerySet[Review]:
    """The approved halves without a notice that the user may post."""
    branches = branches_for(actor_of(request), on=today_of(request), action=Action.APPROVE_REVIEW)
    waiting = Review.objects.filter(state=Review.State.APPROVED, notice__isnull=True, branch__in=branches)
    return (
        waiting.select_related("branch__town")
        .prefetch_related("branch__former_names")
        .order_by("-year", "-half", "branch__position", "pk")
    )
