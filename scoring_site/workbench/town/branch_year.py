"""What a branch's page shows of its year: how it stands, the year as a grid, what is owed, and the ways on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.access import branches_for
from members.models import Branch
from points.meetings.owed import read_owed_months
from points.models import Review
from points.papers.scores.reading import GridCell, read_grid, read_scores, sum_up
from points.reviews.overview import read_late_halves
from points.rules.periods import HALVES
from points.scoring.wording import name_period, name_period_in_year
from points.scoring.year_choice import choose_year
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.roles import may_read_logs, may_see_appointments

MOST_OWED = 6
"""So many months that are owed something are named; the home has all."""


def read_branch_year(request: HttpRequest, branch: Branch) -> dict[str, Any]:
    """The context of a branch's page beside its facts; a constant number of queries."""
    user, today = actor_of(request), today_of(request)
    rulebooks = catalogue_for(request).of_town(branch.town_id)
    year = choose_year(request, list(rulebooks), current=today.year)
    below = branches_for(user, on=today).filter(parent=branch).order_by("position", "pk")
    context: dict[str, Any] = {
        "ways": list_ways(request, branch),
        "year": year,
        "years": list(rulebooks),
        "below": [(row.name, row_url(row)) for row in below],
    }
    if year not in rulebooks:
        return context
    rulebook = rulebooks[year]
    lines = read_scores(branch.town, [branch], rulebook=rulebook, year=year, on=today)
    if not lines:
        return context
    sheet = page_url("ticks", branch.pk)
    late = read_late_halves(Branch.objects.filter(pk=branch.pk), on=today).get(branch.pk, [])
    owed = read_owed_months([branch], on=today)
    return context | {
        "standing": sum_up(lines, rulebook),
        "months": range(1, 13),
        "grid": [
            (
                row.name,
                f"{sheet}?item={row.item}&year={year}",
                [_show(cell) for cell in row.cells],
            )
            for row in read_grid(lines, rulebook, year)
        ],
        "halves": _read_halves(branch, year),
        "late": [text for text, _due in late],
        "owed": [line.shown for line in owed[:MOST_OWED]],
        "owed_more": max(0, len(owed) - MOST_OWED),
    }


def list_ways(request: HttpRequest, branch: Branch) -> list[tuple[str, str]]:
    """The lists that are about a branch, with the branch chosen: words and address."""
    of_branch = f"?branch={branch.pk}"
    ways = [
        (_("Members"), page_url("members_member_changelist") + of_branch),
        (_("Scores at a glance"), page_url("scores") + of_branch),
        (_("Party life"), page_url("points_meeting_changelist") + of_branch),
        (_("Half-year reviews"), page_url("points_review_changelist") + of_branch),
        (_("Notices"), page_url("publicity_notice_changelist") + of_branch),
        (_("Ratings"), page_url("points_rating_changelist") + of_branch),
    ]
    if may_see_appointments(request):
        ways.append((_("Appointments"), page_url("members_appointment_changelist") + of_branch))
    if may_read_logs(request):
        ways.append((_("Audit log"), page_url("members_auditentry_changelist")))
    return ways


def _read_halves(branch: Branch, year: int) -> list[tuple[str, str, str]]:
    """Both halves with their state and their page; without a review there is none."""
    reviews = {review.half: review for review in Review.objects.filter(branch=branch, year=year)}
    return [
        (
            name_period(f"{year}{half}"),
            reviews[half].get_state_display() if half in reviews else _("not opened"),
            row_url(reviews[half]) if half in reviews else "",
        )
        for half in HALVES
    ]


def _show(cell: GridCell) -> dict[str, Any]:
    """A cell for the template: its words, width and look."""
    if cell.earned is None:
        shown, look = "", "open"
    elif not cell.is_held:
        shown, look = _("none held"), "none"
    else:
        shown, look = f"{cell.earned}/{cell.of}", "full" if cell.is_complete else "part"
    return {"shown": shown, "look": look, "months": cell.months, "period": name_period_in_year(cell.period)}
