"""What a member's page shows: the year's score with its reasons, and every record with voids struck through."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from foundation.tenths import show_points
from members.access import Action, members_for
from members.models import Member
from points.models import PointEvent
from points.results.ratings import read_decided_rating
from points.rules.periods import H2, half_end
from points.rules.rulebook import Rulebook
from points.scoring.explanations import explain_sheet, read_held_periods
from points.scoring.gaps import read_gap_reasons
from points.scoring.outlook import describe_outlook
from points.scoring.scores import score_members
from points.scoring.wording import name_period, say_note, show_half
from points.scoring.year_choice import choose_year
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.roster.members.archive import archive_url


def read_record(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What a member's page shows of them in the chosen year, beside their findings."""
    rulebooks = catalogue_for(request).of_town(member.town_id)
    year = choose_year(request, list(rulebooks), current=today_of(request).year)
    prints = members_for(actor_of(request), on=today_of(request), action=Action.EXPORT).filter(pk=member.pk).exists()
    context: dict[str, Any] = {
        "member": member,
        "year": year,
        "years": list(rulebooks),
        "events": _read_events(request, member, year),
        "memberships": member.memberships.select_related("branch").order_by("from_date"),
        "exemptions": [(exemption, row_url(exemption)) for exemption in member.exemptions.order_by("from_date")],
        "record_form_url": page_url("members_member_record_form", member.pk, year)
        if prints and year in rulebooks
        else "",
        "archive_url": archive_url(member, year) if year in rulebooks else "",
    }
    return context | (_explain(request, member, year, rulebooks[year]) if year in rulebooks else {})


def _explain(request: HttpRequest, member: Member, year: int, rulebook: Rulebook) -> dict[str, Any]:
    scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
    if scored is None or scored.score is None:
        return {"scored": scored}
    today = today_of(request)
    sheet = scored.score.annual
    branch_id = scored.roster_year.branch_id
    held = read_held_periods(branch_id=branch_id, year=year)
    reasons = read_gap_reasons(member, branch_id=branch_id, year=year)
    return {
        "scored": scored,
        "sheet": explain_sheet(rulebook, sheet, on=today, with_grounds=False, held=held, reasons=reasons),
        "outlook": describe_outlook(rulebook, sheet, on=today, category=member.category_on(half_end(year, H2))),
        "decided": read_decided_rating(member, year),
        "first_half": show_half(scored.first_half),
        "second_half": show_half(scored.second_half),
    }


def _read_events(request: HttpRequest, member: Member, year: int) -> list[dict[str, Any]]:
    catalogue = catalogue_for(request)
    events = PointEvent.objects.filter(member=member, year=year).select_related("batch__actor", "member", "voided_by")
    lines = []
    for event in events.order_by("date", "pk"):
        tenths = catalogue.points_of(event)
        lines.append(
            {
                "event": event,
                "url": row_url(event),
                "name": catalogue.name(member.town_id, event.year, event.item),
                "period": name_period(event.period) if event.period else "",
                "note": say_note(event),
                "points": "—" if tenths is None else show_points(tenths),
            }
        )
    return lines
