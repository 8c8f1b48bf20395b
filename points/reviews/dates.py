"""The days by which a town wants each half submitted, approved and posted, and what is late against them (3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.models import Branch, Town, User
from points.errors import ReviewDatesRefused
from points.models import Review, ReviewDates
from points.reviews.year_end import read_settled_days
from points.rules.periods import H2, half_end

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


def move_dates(dates: ReviewDates, settled_on: date | None) -> ReviewDates:
    """A second half's days as they run for a branch: from the day its year's end was settled (None: not yet), D3."""
    if dates.half != H2 or dates.latest_start is None:
        return dates
    end = half_end(dates.year, H2)
    late = min(max(settled_on or dates.latest_start, end), dates.latest_start) - end
    names = ("town_id", "year", "half", "latest_start")
    days = {name: getattr(dates, name) + late for name in ("submit_by", "approve_by", "post_by")}
    return ReviewDates(**{name: getattr(dates, name) for name in names}, **days)


class TownDays:
    """The days some towns set for their halves, as they run for each branch."""

    def __init__(
        self, dates: Mapping[tuple[int, int, str], ReviewDates], settled: Mapping[tuple[int, int], date]
    ) -> None:
        self._dates = dates
        self._settled = settled
        """By branch and year; only where a day can move."""

    def of(self, branch: Branch, year: int, half: str) -> ReviewDates | None:
        """The days of a branch's half; None where its town set none."""
        dates = self._dates.get((branch.town_id, year, half))
        return move_dates(dates, self._settled.get((branch.pk, year))) if dates else None


def read_town_days(branches: Iterable[Branch]) -> TownDays:
    """The days of the branches' towns; one query, and five for each town and year whose days can move."""
    of_town: dict[int, list[Branch]] = defaultdict(list)
    for branch in branches:
        of_town[branch.town_id].append(branch)
    dates = {(row.town_id, row.year, row.half): row for row in ReviewDates.objects.filter(town__in=list(of_town))}
    settled: dict[tuple[int, int], date] = {}
    for (town_id, year, half), row in dates.items():
        if half == H2 and row.latest_start is not None:
            for branch_id, day in read_settled_days(of_town[town_id], year).items():
                settled[branch_id, year] = day
    return TownDays(dates, settled)


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
    latest_start: date | None = None,
) -> ReviewDates:
    """Set or change a town's dates of a half; the old ones stay in the log.

    `latest_start`: of a second half, the day from which its days run at latest where its year's end is not settled yet.

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
    if latest_start is not None and (half != H2 or latest_start < last_day):
        raise ReviewDatesRefused(
            _("Only the days of a second half can wait, and for no day before %(date)s.") % {"date": last_day}
        )
    days = {"submit_by": submit_by, "approve_by": approve_by, "post_by": post_by}
    new: dict[str, date | None] = {**days, "latest_start": latest_start}
    with transaction.atomic():
        before = ReviewDates.objects.select_for_update().filter(town=town, year=year, half=half).first()
        old = {name: str(day) for name in new if (day := getattr(before, name))} if before else None
        dates, _created = ReviewDates.objects.update_or_create(town=town, year=year, half=half, defaults=new)
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="set_review_dates",
            subject=dates,
            old=old,
            new={"year": year, "half": half, **{name: str(day) for name, day in new.items() if day}},
        )
    return dates
