"""The days by which a town wants each half submitted, approved and posted, and what is late against them (3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.models import Town, User
from points.errors import ReviewDatesRefused
from points.models import Review, ReviewDates
from points.rules.periods import half_end

DAYS_TOLD_BEFORE = 14
"""How many days ahead a date shows as something to do."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """The next day a half is measured by: what is due, by when, and how many days are left (negative: late)."""

    step: str
    by: date
    days_left: int

    @property
    def is_late(self) -> bool:
        return self.days_left < 0

    @property
    def shown(self) -> str:
        """`3 days late`, `due today` or `5 days left`, with what is due."""
        texts = {
            "submit": _("submit by %(by)s"),
            "approve": _("approve by %(by)s"),
            "post": _("post by %(by)s"),
        }
        if self.is_late:
            left = _("%(days)d days late") % {"days": -self.days_left}
        elif self.days_left:
            left = _("%(days)d days left") % {"days": self.days_left}
        else:
            left = _("due today")
        return f"{texts[self.step] % {'by': self.by.isoformat()}}（{left}）"


def find_due_day(state: str | None, dates: ReviewDates | None, *, on: date) -> DueDay | None:
    """What is due next in a review of this state (None: not opened); None when nothing is, or the town set no dates."""
    if dates is None:
        return None
    steps = {
        None: ("submit", dates.submit_by),
        Review.State.DRAFT: ("submit", dates.submit_by),
        Review.State.SUBMITTED: ("approve", dates.approve_by),
        Review.State.APPROVED: ("post", dates.post_by),
    }
    found = steps.get(None if state is None else Review.State(state))
    return DueDay(found[0], found[1], (found[1] - on).days) if found else None


def set_review_dates(
    *,
    actor: User,
    now: datetime,
    town: Town,
    year: int,
    half: str,
    submit_by: date,
    approve_by: date,
    post_by: date,
) -> ReviewDates:
    """Set or change a town's dates of a half; the old ones stay in the log.

    Raises:
        PermissionDenied: not the town's staff.
        ReviewDatesRefused: before the half is over, or out of order.
    """
    if not may(actor, Action.CONSENT, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("The dates are set by the town's staff."))
    last_day = half_end(year, half)
    if submit_by < last_day:
        raise ReviewDatesRefused(
            _("The half ends on %(date)s: nothing can be submitted before that day.") % {"date": last_day}
        )
    if not submit_by <= approve_by <= post_by:
        raise ReviewDatesRefused(_("First submitting, then approving, then posting: put the dates in that order."))
    new = {"submit_by": submit_by, "approve_by": approve_by, "post_by": post_by}
    with transaction.atomic():
        before = ReviewDates.objects.select_for_update().filter(town=town, year=year, half=half).first()
        old = {name: getattr(before, name).isoformat() for name in new} if before else None
        dates, _created = ReviewDates.objects.update_or_create(town=town, year=year, half=half, defaults=new)
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="set_review_dates",
            subject=dates,
            old=old,
            new={"year": year, "half": half, **{name: day.isoformat() for name, day in new.items()}},
        )
    return dates
