"""What waits for a secretary about notices that are up: corrected lines, the day one may close, confirmations (3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import Action, reach_of
from members.models import User
from members.notifications import Task
from points.models import Review
from points.reviews.confirmations import unconfirmed_lines
from points.scoring.wording import name_period
from publicity.models import Notice
from publicity.notices.counted_days import closes_at
from publicity.notices.days_up import explain_open_notice, last_day_of, line_days_or_problem
from publicity.notices.publication import unposted_lines

LATER = 8
"""Days, more than a week: nothing waits for a confirmation."""


def read_notice_tasks(user: User, *, on: date) -> list[Task]:
    """The notices of the user's own branches that are up, and what is next; a few queries for each.

    The town's staff, who could do it for every branch, finds them in the list of notices.
    """
    own = reach_of(user, on=on).branches_to(Action.APPROVE_REVIEW)
    if not own:
        return []
    # A notice's days end at midnight, so that any moment of the day sees the same.
    now = timezone.make_aware(datetime.combine(on, time(12)))
    notices = (
        Notice.objects.filter(review__branch__in=own, review__state=Review.State.PUBLISHED)
        .select_related("review__branch__town")
        .order_by("posted_on", "pk")
    )
    return [task for notice in notices for task in (*_list_steps(notice, now=now), *_ask_to_confirm(notice))]


def _list_steps(notice: Notice, *, now: datetime) -> Iterator[Task]:
    page = reverse("workbench:publicity_notice_change", args=[notice.pk])
    return (Task(text, page, order, step=step) for text, order, step in _say(notice, now=now))


def _ask_to_confirm(notice: Notice) -> Iterator[Task]:
    """Who has not confirmed their result yet, in the portal or on paper (D26)."""
    review = notice.review
    if count := len(unconfirmed_lines(review)):
        values = {"branch": review.branch.name, "half": name_period(notice.period), "count": count}
        text = _("%(branch)s %(half)s: %(count)d members have not confirmed their result yet") % values
        yield Task(text, reverse("workbench:points_review_confirm", args=[review.pk]), LATER)


def _say(notice: Notice, *, now: datetime) -> Iterator[tuple[str, int, str]]:
    """What is next for a notice that is up, in how many days, and the word for it; nothing before it is up."""
    look = pgettext("task", "Look")
    values = {"branch": notice.review.branch.name, "half": name_period(notice.period)}
    waiting = unposted_lines(notice)
    if waiting:
        names = "、".join(line.member.listed_name for line in waiting[:10])
        text = _("Notice of %(branch)s %(half)s: corrected lines are to be put up (%(names)s)")
        yield text % {**values, "names": names}, 0, ""
        return
    days, _problem = line_days_or_problem(notice)
    last_day = last_day_of(days)
    if last_day is not None and now < closes_at(last_day):
        text = _("Notice of %(branch)s %(half)s: it stays up until the end of %(day)s")
        yield text % {**values, "day": last_day}, (last_day - timezone.localdate(now)).days + 1, look
    elif not explain_open_notice(notice, now=now):
        yield _("Notice of %(branch)s %(half)s: its days are over, take the photo and close it") % values, 0, ""
    elif last_day is not None:
        text = _("Notice of %(branch)s %(half)s: its days are over; its page says what still keeps it from closing")
        yield text % values, 0, look
