"""The members' portal: one's own points with their reasons, one's own record form, and how the pages look."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from members.access import reach_of
from members.admin.downloads import send_file
from members.models import Branch, Member, User
from points.adoption import rulebook_for
from points.errors import NoRulebook, NothingToPrint
from points.explanations import explain_sheet, explain_voided, read_held_periods
from points.models import AssessmentYear
from points.outlook import describe_outlook
from points.reports.record_form_pdf import write_record_form
from points.scoring import score_members
from points.year_choice import choose_year
from scoring_site.clock import TimedRequest

LARGE_TYPE_COOKIE = "large_type"
A_YEAR_OF_SECONDS = 365 * 24 * 60 * 60


def _own_member(user: User) -> Member | None:
    return Member.objects.select_related("town").filter(pk=user.member_id).first() if user.member_id else None


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def show_home(request: HttpRequest) -> HttpResponse:
    """My points of a year with every reason; someone with a role and no member goes to the workbench."""
    user = cast(User, request.user)
    today = timezone.localdate(cast(TimedRequest, request).now)
    is_worker = reach_of(user, on=today).is_worker
    member = _own_member(user)
    if member is None:
        if is_worker:
            return redirect("workbench:index")
        return render(request, "portal/no_member.html", {"is_worker": False})
    years = list(AssessmentYear.objects.filter(town=member.town).order_by("-year").values_list("year", flat=True))
    context: dict[str, object] = {"member": member, "is_worker": is_worker, "years": years}
    if not years:
        return render(request, "portal/no_rulebook.html", context)
    year = choose_year(request, years, current=today.year)
    rulebook = rulebook_for(member.town, year)
    scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
    context |= {"year": year, "scored": scored}
    if scored is None:
        return render(request, "portal/not_on_roster.html", context)
    standing = scored.year_standing
    context |= {
        "branch": Branch.objects.get(pk=standing.branch_id),
        "voided": explain_voided(rulebook, member=member, year=year),
    }
    if scored.score is None:
        return render(request, "portal/not_scored.html", context)
    sheet = scored.score.annual
    held = read_held_periods(branch_id=standing.branch_id, year=year)
    context |= {
        # The member's own findings: their grounds are theirs to read (D21).
        "sheet": explain_sheet(rulebook, sheet, on=today, with_grounds=True, held=held),
        "outlook": describe_outlook(rulebook, sheet, on=today, category=member.category),
        "rulebook": rulebook,
    }
    return render(request, "portal/my_points.html", context)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def download_record_form(request: HttpRequest, year: int) -> HttpResponse:
    """One's own record form of a year as PDF; there is no way to ask for anybody else's."""
    member = _own_member(cast(User, request.user))
    if member is None:
        raise Http404
    try:
        pdf = write_record_form(member=member, year=year, now=cast(TimedRequest, request).now, with_grounds=True)
    except (NoRulebook, NothingToPrint) as error:
        raise Http404(str(error)) from error
    # D21: neither a name nor a ground in the file's name.
    return send_file(pdf, f"record-form-{year}.pdf")


@require_POST
def switch_large_type(request: HttpRequest) -> HttpResponse:
    """Turn the large type (长辈版) on or off for this browser and return to the page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = reverse("home")
    response = redirect(target)
    if request.COOKIES.get(LARGE_TYPE_COOKIE):
        response.delete_cookie(LARGE_TYPE_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            LARGE_TYPE_COOKIE,
            "1",
            max_age=A_YEAR_OF_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response
