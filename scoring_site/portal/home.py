"""My points: the score of a year or a half with every reason, where it stands, and what is still open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.tenths import say_points
from members.access import reach_of
from members.models import Branch, Member, User
from members.notifications import mark_read
from points.errors import NoRulebook, NothingToPrint
from points.evidence.links import evidence_of_own_records
from points.models import AssessmentYear, Review, ReviewLine
from points.papers.record_form.pdf import TITLE, write_record_form
from points.results.ratings import rating_link, read_decided_rating
from points.reviews.table import line_agrees
from points.rules.periods import H1, H2, half_end
from points.rules.prospects import facts_behind
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet
from points.scoring.adoption import rulebook_for
from points.scoring.explanation_findings import explain_open_findings
from points.scoring.explanation_parts import SheetExplanation
from points.scoring.explanations import HeldPeriods, cut_ticks, explain_sheet, explain_voided, read_held_periods
from points.scoring.freezing import recompute_sheets
from points.scoring.gaps import read_gap_reasons
from points.scoring.outlook import describe_chances, describe_outlook
from points.scoring.own_year import OwnHalf, OwnYear, read_own_year
from points.scoring.scores import ScoredMember, score_members
from points.scoring.wording import gives_half, show_half
from points.scoring.year_choice import choose_year
from scoring_site.downloads import send_file
from scoring_site.menu import lies_under
from scoring_site.portal.corrected import explain_corrections
from scoring_site.portal.made_codes import say_made_codes
from scoring_site.portal.meetings_to_come import list_to_come
from scoring_site.portal.waiting import list_waiting
from scoring_site.portal.year_grid import lay_out_year
from scoring_site.requests import actor_of, now_of, today_of

TONES = {
    Review.State.DRAFT: "provisional",
    Review.State.SUBMITTED: "provisional",
    Review.State.APPROVED: "approved",
    Review.State.PUBLISHED: "published",
    Review.State.FINAL: "final",
}


@dataclass(frozen=True, slots=True)
class StateWords:
    """Where a score stands: a short word, its tone (a class of the stylesheet), and a sentence."""

    tone: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class View:
    """One choice of the page: the year (`half` empty) or a half; `score` in tenths, None where out of scope."""

    half: str
    label: str
    score: int | None
    state: StateWords

    @property
    def shown(self) -> str:
        return show_half(self.score)


def own_member(user: User) -> Member | None:
    """The member whose account this is, with the town; None for an account without one."""
    return Member.objects.select_related("town").filter(pk=user.member_id).first() if user.member_id else None


@lies_under("home")
@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """My points of a year or a half; someone with a role and no member goes to the workbench."""
    user, today = actor_of(request), today_of(request)
    member = own_member(user)
    if member is None:
        if reach_of(user, on=today).is_worker:
            return redirect("workbench:index")
        return render(request, "portal/points/no_member.html")
    years = list(AssessmentYear.objects.filter(town=member.town).order_by("-year").values_list("year", flat=True))
    context: dict[str, object] = {"member": member, "years": years, "made_codes": say_made_codes(user)}
    context["waiting"] = list_waiting(user, on=today)
    context["to_come"] = list_to_come(user, on=today)
    if not years:
        return render(request, "portal/points/no_rulebook.html", context)
    year = choose_year(request, years, current=today.year)
    rulebook = rulebook_for(member.town, year)
    scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
    context |= {"year": year, "scored": scored, "decided": read_decided_rating(member, year)}
    mark_read(user=user, now=now_of(request), link=rating_link(year))
    if scored is None:
        return render(request, "portal/points/not_on_roster.html", context)
    roster_year = scored.roster_year
    context["branch"] = branch = Branch.objects.get(pk=roster_year.branch_id)
    context["branch_name"] = branch.name_on(min(half_end(year, H2), today))
    own = read_own_year(member, branch_id=roster_year.branch_id, year=year)
    if scored.score is None:
        # A first half that was approved before stands, also on its notice (D15, D20).
        first = own.halves[H1].score
        context["first_half"] = show_half(first.cumulative) if first else ""
        return render(request, "portal/points/not_scored.html", context)
    views = list_views(scored, own, on=today)
    view = choose_view(request, views)
    held = read_held_periods(branch_id=roster_year.branch_id, year=year)
    sheet = choose_sheet(rulebook, scored, own, view)
    explained = explain_own_sheet(
        rulebook,
        sheet,
        view,
        user=user,
        member=member,
        own=own,
        held=held,
        branch_id=roster_year.branch_id,
        on=today,
    )
    context |= {
        "views": views,
        "view": view,
        "first_half": show_half(scored.first_half),
        "adds_up": scored.first_half is not None and gives_half(view.score),
        "rulebook": rulebook,
        "sheet": explained,
        "grid": lay_out_year(explained.base, months=6 if view.half == H1 else 12),
        "voided": explain_voided(rulebook, member=member, year=year),
        "open_findings": [] if user.is_limited else explain_open_findings(rulebook, member=member, year=year),
        "difference": say_difference(own, view, sheet),
        "corrections": say_corrections(own, view),
        "outlook": describe_outlook(rulebook, sheet, on=today, category=member.category_on(half_end(year, H2))),
        "opened": request.GET.get("why", ""),
    }
    if not view.half and not own.halves[H2].is_final:
        facts = facts_behind(sheet, scored.frozen.approvals)
        context["chances"] = describe_chances(rulebook, facts, own.openness(on=today, held=held))
    return render(request, "portal/points/my_points.html", context)


def explain_own_sheet(
    rulebook: Rulebook,
    sheet: ScoreSheet,
    view: View,
    *,
    user: User,
    member: Member,
    own: OwnYear,
    held: HeldPeriods,
    branch_id: int,
    on: date,
) -> SheetExplanation:
    """The sheet in words, with the grounds of the user's own findings and their own files: theirs to read (D21).

    A limited account reads scores only (D29).
    """
    explained = explain_sheet(
        rulebook,
        sheet,
        on=on,
        with_grounds=not user.is_limited,
        held=held,
        reasons=read_gap_reasons(member, branch_id=branch_id, year=sheet.year),
        countersigned=own.countersigned,
        evidence={} if user.is_limited else evidence_of_own_records(user, year=sheet.year, on=on),
    )
    return replace(explained, base=cut_ticks(explained.base, sheet.through)) if view.half == H1 else explained


def list_views(scored: ScoredMember, own: OwnYear, *, on: date) -> list[View]:
    """The year, and each half of it that has begun and has a score."""
    year = scored.score.annual.year if scored.score else on.year
    first, second = own.halves[H1], own.halves[H2]
    final = second.score if second.is_final else None
    annual = final.cumulative if final else scored.score.annual.total if scored.score else None
    views = [View("", _("whole year"), annual, describe_state(second))]
    if scored.first_half is not None:
        views.append(View(H1, _("first half"), scored.first_half, describe_state(first)))
    if on > half_end(year, H1):
        half_score = final.half_score if final else scored.second_half
        views.append(View(H2, _("second half"), half_score, describe_state(second)))
    return views


def choose_view(request: HttpRequest, views: list[View]) -> View:
    """`?half=`, else the year. Raises Http404 for a half that is not there."""
    asked = request.GET.get("half", "")
    for view in views:
        if view.half == asked:
            return view
    raise Http404


def choose_sheet(rulebook: Rulebook, scored: ScoredMember, own: OwnYear, view: View) -> ScoreSheet:
    """The sheet behind a view: as frozen where the annual report prints it so, else from the ledger as it stands.

    A first half counts as frozen from its approval, the year once its second half is final.
    """
    assert scored.score is not None
    half = own.halves[H1 if view.half == H1 else H2]
    live = scored.score.first_half if view.half == H1 else scored.score.annual
    line = half.line if view.half == H1 or half.is_final else None
    return (_read_frozen(line, rulebook) if line is not None else None) or live


def _read_frozen(line: ReviewLine, rulebook: Rulebook) -> ScoreSheet | None:
    """None where the records behind the line do not add up to it any more: then the ledger speaks."""
    year = line.review.year
    sheet = recompute_sheets([line], rulebook=rulebook, year=year)[line.pk]
    return sheet if sheet is not None and line_agrees(line, sheet) else None


def say_difference(own: OwnYear, view: View, sheet: ScoreSheet) -> str:
    """What to say where the branch approved another figure than the records give by now (补记, D20)."""
    line = own.halves[H1 if view.half == H1 else H2].score
    if line is None or line.cumulative == sheet.total:
        return ""
    return _("The branch approved %(approved)s points; with what was recorded since, it is %(now)s.") % {
        "approved": say_points(line.cumulative),
        "now": say_points(sheet.total),
    }


def say_corrections(own: OwnYear, view: View) -> list[str]:
    """What was corrected of the half shown, or of the year's halves; one query."""
    halves = [view.half] if view.half else [H1, H2]
    return list(explain_corrections(own.halves[half].revisions for half in halves).values())


def describe_state(own: OwnHalf) -> StateWords:
    """Where a half, or the year with its second half, stands (3.2, 3.3)."""
    word, sentence = {
        Review.State.DRAFT: (_("provisional"), _("Provisional: the branch decides and publishes the score.")),
        Review.State.SUBMITTED: (_("under review"), _("Provisional: the branch is reviewing the half-year.")),
        Review.State.APPROVED: (_("approved"), _("Approved by the branch; the notice is still to follow.")),
        Review.State.PUBLISHED: (_("on notice"), _("Approved and on notice: you may raise an objection.")),
        Review.State.FINAL: (_("final"), _("Final: approved, and its notice is closed.")),
    }[Review.State(own.state)]
    return StateWords(TONES[Review.State(own.state)], word, sentence)


@lies_under("home")
@require_safe
def download_record_form(request: HttpRequest, year: int) -> HttpResponse:
    """One's own record form of a year as PDF; there is no way to ask for anybody else's."""
    member = own_member(actor_of(request))
    if member is None:
        raise Http404
    try:
        pdf = write_record_form(member=member, year=year, now=now_of(request), with_grounds=True)
    except (NoRulebook, NothingToPrint) as error:
        raise Http404(str(error)) from error
    # D21: neither a name nor a ground in the file's name.
    return send_file(pdf, f"{year}年-{TITLE}.pdf")
