"""Where each half of many branches stands: its state, since when, and the town's day it is measured by (3.2, 3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.errors import UnknownWorkYear
from members.models import Branch
from members.places.workdays import TownCalendar
from members.selectors import members_in
from points.models import Review
from points.reviews.dates import DueDay, find_due_day, read_town_days
from points.rules.periods import H1, H2, half_end, half_start
from points.scoring.wording import name_period_in_year
from publicity.models import Notice
from publicity.notices.counted_days import last_day_up

State = Review.State
HalfKey = tuple[int, str]
"""Year and half."""


@dataclass(frozen=True, slots=True)
class HalfStanding:
    """One half of a branch on a day; `review_id` is None where none was opened.

    `days` is how long it has been in its state; None for one that is not over, and one nobody has opened.
    """

    year: int
    half: str
    review_id: int | None
    state: str | None
    is_over: bool
    days: int | None = None
    due: DueDay | None = None
    last_day: date | None = None
    """Of a notice that is up: until the end of which day it stays up, as far as the days off are known (D9)."""
    is_up_long_enough: bool = False

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due.is_late

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be recorded in it any more without being returned (D20)."""
        return self.state not in (None, State.DRAFT)

    @property
    def is_up(self) -> bool:
        return self.state == State.PUBLISHED

    @property
    def name(self) -> str:
        """Which half, of the year that is known."""
        return name_period_in_year(f"{self.year}{self.half}")

    @property
    def shown(self) -> str:
        """The state in a word or two, with its age."""
        if self.state is None:
            return _("not opened") if self.is_over else pgettext("half-year", "running")
        values = {"days": self.days}
        if self.state == State.PUBLISHED and self.days is not None:
            return _("on notice, day %(days)d") % values
        words = {
            State.DRAFT: pgettext("half-year", "draft") if self.is_over else pgettext("half-year", "running"),
            State.SUBMITTED: _("to be approved"),
            State.APPROVED: _("to be posted"),
            State.PUBLISHED: _("on notice"),
            State.FINAL: pgettext("half-year", "final"),
        }
        return words[State(self.state)]

    @property
    def note(self) -> str:
        """How long it has waited, how late it is, or until when: what stands below the state."""
        if self.due is not None and self.due.is_late:
            return _("%(days)d days late") % {"days": -self.due.days_left}
        if self.is_up and self.last_day is not None:
            if self.is_up_long_enough:
                return _("its days are over")
            return _("until %(day)s") % {"day": f"{self.last_day:%m-%d}"}
        if self.due is not None and self.is_over:
            return _("by %(day)s") % {"day": f"{self.due.by:%m-%d}"}
        if self.days is not None and self.state in (State.SUBMITTED, State.APPROVED):
            return _("for %(days)d days") % {"days": self.days}
        return ""


def find_halves(year: int, *, on: date) -> tuple[HalfKey, HalfKey]:
    """The two halves at hand: of the running year the one that runs and the one before it, of a past year its own."""
    if year == on.year and on < half_start(year, H2):
        return (year - 1, H2), (year, H1)
    return (year, H1), (year, H2)


def read_halves(
    branches: Sequence[Branch], halves: Sequence[HalfKey], *, on: date
) -> Mapping[int, Mapping[HalfKey, HalfStanding]]:
    """Each half of each branch that had members in it, by branch id; a constant number of queries."""
    ids = [branch.pk for branch in branches]
    years = {year for year, _half in halves}
    reviews = {
        (review.branch_id, review.year, review.half): review
        for review in Review.objects.filter(branch__in=ids, year__in=years)
    }
    notices = _read_days_up(branches, years)
    days = read_town_days(branches)
    found: dict[int, dict[HalfKey, HalfStanding]] = {pk: {} for pk in ids}
    for year, half in halves:
        if half_start(year, half) > on:
            continue
        end = half_end(year, half)
        placed = members_in(ids, min(on, end)).order_by()
        peopled = set(placed.values_list("branch_id_on_day", flat=True).distinct())  # type: ignore[misc] # an annotation
        for branch in branches:
            review = reviews.get((branch.pk, year, half))
            if review is None and branch.pk not in peopled:
                continue
            state = review.state if review else None
            posted_on, last_day = notices.get(review.pk, (None, None)) if review else (None, None)
            found[branch.pk][year, half] = HalfStanding(
                year=year,
                half=half,
                review_id=review.pk if review else None,
                state=state,
                is_over=end < on,
                days=_count_days(review, posted_on, on=on) if review else None,
                due=find_due_day(state, days.of(branch, year, half), on=on),
                last_day=last_day,
                is_up_long_enough=last_day is not None and last_day < on,
            )
    return found


def _count_days(review: Review, posted_on: date | None, *, on: date) -> int | None:
    """How long a review has been in its state; of a notice its day, the day of posting not counted (D9)."""
    if posted_on is not None:
        return (on - posted_on).days
    moments = {State.SUBMITTED: review.submitted_at, State.APPROVED: review.approved_at}
    moment = moments.get(State(review.state))
    return max(0, (on - timezone.localdate(moment)).days) if moment else None


def _read_days_up(branches: Sequence[Branch], years: set[int]) -> dict[int, tuple[date, date | None]]:
    """Since when and, where the days off are known, until when each notice is up, by review; a query for each town.

    A corrected line that went up later is up later (D10); the notice's own page counts line by line.
    """
    calendars: dict[int, TownCalendar] = {}
    up = Notice.objects.filter(
        review__branch__in=[branch.pk for branch in branches],
        review__year__in=years,
        review__state=State.PUBLISHED,
        posted_on__isnull=False,
    )
    found: dict[int, tuple[date, date | None]] = {}
    for notice in up.annotate(latest=Max("line_postings__posted_on")).select_related("review__branch__town"):
        town = notice.review.branch.town
        if town.pk not in calendars:
            calendars[town.pk] = TownCalendar(town)
        assert notice.posted_on is not None
        latest = max(notice.posted_on, getattr(notice, "latest") or notice.posted_on)  # noqa: B009 (an annotation)
        try:
            last_day = last_day_up(latest, days=notice.days, working=notice.working_days, calendar=calendars[town.pk])
        except UnknownWorkYear:
            last_day = None
        found[notice.review_id] = notice.posted_on, last_day
    return found
