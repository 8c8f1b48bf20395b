"""The portal's page of one's own half-year results, where each is confirmed (3.3, D26)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from foundation.errors import DomainError
from members.access import reach_of
from members.models import User
from points.models import Confirmation, Rating, Review, ReviewLine
from points.results.ratings import read_own_ratings
from points.reviews.confirmations import confirm_line
from points.rules.periods import H2
from points.scoring.wording import name_period
from publicity.models import Notice
from publicity.notices.audience import notices_for
from publicity.notices.days_up import LineDays
from publicity.notices.table import NoticeRow, show_rows, shows_both_scores
from scoring_site.menu import lies_under
from scoring_site.portal.corrected import explain_corrections
from scoring_site.requests import actor_of, now_of, today_of


@dataclass(frozen=True, slots=True)
class OwnResult:
    """One half of the member's: its current line, when it was confirmed, and the notice it is on, once open."""

    line: ReviewLine
    period: str
    row: NoticeRow
    confirmed_on: date | None
    notice: Notice | None
    correction: str
    """When and why it was corrected, in words."""
    rating: Rating | None
    """What the branch decided about the year: it stands with the second half."""

    @property
    def review(self) -> Review:
        return self.line.review

    @property
    def both_scores(self) -> bool:
        return shows_both_scores(self.review)


def read_own_lines(user: User) -> dict[int, list[ReviewLine]]:
    """The revisions of the user's own line in each half, by review; the latest half first, one query."""
    if user.member_id is None:
        return {}
    lines = (
        ReviewLine.objects.filter(member=user.member_id)
        .select_related("review__branch__town", "member", "freeze", "correction__entered")
        .prefetch_related("review__branch__former_names")
    )
    found: dict[int, list[ReviewLine]] = defaultdict(list)
    for line in lines.order_by("-review__year", "-review__half", "revision"):
        found[line.review_id].append(line)
    return found


def read_confirmed(lines: Sequence[ReviewLine]) -> dict[int, date]:
    """When each of the lines was confirmed, by its key; without those nobody confirmed."""
    rows = Confirmation.objects.filter(line__in=[line.pk for line in lines])
    return dict(rows.values_list("line_id", "confirmed_on"))


@lies_under("home")
@require_GET
def show_results(request: HttpRequest) -> HttpResponse:
    """One's own half-year results, each to be confirmed or objected to."""
    user, today = actor_of(request), today_of(request)
    lines = read_own_lines(user)
    confirmed = read_confirmed([revisions[-1] for revisions in lines.values()])
    notices = {notice.review_id: notice for notice in notices_for(user, on=today)}
    ratings = read_own_ratings(user)
    # What was earned before a veto is the member's own to see (D7).
    rows = show_rows([LineDays(revisions[-1], None, None) for revisions in lines.values()], inside=True)
    corrections = explain_corrections(lines.values())
    results = [
        OwnResult(
            row.line,
            name_period(f"{row.line.review.year}{row.line.review.half}"),
            row,
            confirmed.get(row.line.pk),
            notices.get(row.line.review_id),
            corrections.get(row.line.review_id, ""),
            ratings.get(row.line.review.year) if row.line.review.half == H2 else None,
        )
        for row in rows
    ]
    context = {"results": results, "is_worker": reach_of(user, on=today).is_worker}
    return render(request, "portal/results.html", context)


@lies_under("home")
@require_POST
def confirm_result(request: HttpRequest, token: UUID) -> HttpResponse:
    """Confirm one's own result of a half; the form names the revision that was shown."""
    user = actor_of(request)
    lines = {revisions[-1].review.uuid: revisions[-1] for revisions in read_own_lines(user).values()}
    line = lines.get(token)
    if line is None:
        raise Http404
    if request.POST.get("revision") != str(line.revision):
        messages.warning(request, _("This result was corrected in the meantime; please look at the new one."))
        return redirect("results")
    try:
        confirm_line(
            actor=user,
            now=now_of(request),
            line=line,
            how=Confirmation.How.PORTAL,
            confirmed_on=today_of(request),
        )
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Thank you, your confirmation is entered. You can still raise an objection."))
    return redirect("results")
