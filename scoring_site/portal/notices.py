"""The portal's pages about notices: those one may open, one notice with one's own line first, what one was told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from members.access import reach_of
from members.models import Notification
from members.notifications import mark_all_read, mark_read
from points.scoring.freezing import link_of_half
from points.scoring.wording import name_period
from publicity.models import Notice
from publicity.notices.audience import notices_for, record_reading
from publicity.notices.days_up import LineDays, count_days, line_days_or_problem
from publicity.notices.publication import notice_link
from publicity.notices.table import NoticeRow, show_rows, show_superseded, shows_both_scores, shows_parts
from scoring_site.menu import lies_under
from scoring_site.portal.results import read_own_lines
from scoring_site.requests import actor_of, now_of, today_of

MOST_NOTIFICATIONS = 100


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """A notice in the list: its half in words, and the reader's own line, None where they have none."""

    notice: Notice
    period: str
    own: NoticeRow | None
    both_scores: bool


@lies_under("notices")
@require_GET
def show_notices(request: HttpRequest) -> HttpResponse:
    """The notices one may open, latest first, each with one's own line."""
    user, today = actor_of(request), today_of(request)
    lines = [LineDays(revisions[-1], None, None) for revisions in read_own_lines(user).values()]
    own = {row.line.review_id: row for row in show_rows(lines, inside=True)}
    notices = [
        ListedNotice(notice, name_period(notice.period), own.get(notice.review_id), shows_both_scores(notice.review))
        for notice in notices_for(user, on=today)
    ]
    context = {"notices": notices, "is_worker": reach_of(user, on=today).is_worker}
    return render(request, "portal/notices/notices.html", context)


@lies_under("notices")
@require_GET
def show_notice(request: HttpRequest, token: UUID) -> HttpResponse:
    """One notice in the version for outside, one's own line first; keeps that it was opened (D21)."""
    user, now, today = actor_of(request), now_of(request), today_of(request)
    notice = notices_for(user, on=today).filter(uuid=token).first()
    if notice is None:
        raise Http404
    record_reading(user=user, now=now, notice=notice)
    mark_read(user=user, now=now, link=notice_link(notice))
    days, problem = line_days_or_problem(notice)
    own_days = [entry for entry in days if entry.line.member_id == user.member_id]
    context = {
        "notice": notice,
        "period": name_period(notice.period),
        "counter": count_days(notice, days, now=now),
        "problem": problem,
        "rows": show_rows(days, inside=False),
        # What was earned before a veto is the member's own to see (D7).
        "own": next(iter(show_rows(own_days, inside=True)), None),
        "superseded": show_superseded(notice),
        "both_scores": shows_both_scores(notice.review),
        "with_parts": shows_parts(notice.review, inside=False),
        "link": link_of_half(notice.review),
        "is_worker": reach_of(user, on=today).is_worker,
    }
    return render(request, "portal/notices/notice.html", context)


@lies_under("notifications")
@require_GET
def show_notifications(request: HttpRequest) -> HttpResponse:
    """What one was told, latest first, and what of it was read when; opening the page behind an entry marks it read."""
    user = actor_of(request)
    rows = Notification.objects.filter(user=user).select_related("branch")[:MOST_NOTIFICATIONS]
    context = {
        "notifications": [(row, name_period(row.period) if row.period else "") for row in rows],
        "is_worker": reach_of(user, on=today_of(request)).is_worker,
    }
    return render(request, "portal/notices/notifications.html", context)


@lies_under("notifications")
@require_POST
def read_notifications(request: HttpRequest) -> HttpResponse:
    """Mark everything one was told as read."""
    mark_all_read(user=actor_of(request), now=now_of(request))
    return redirect("notifications")
