"""How a notice stands: since when each line is up and until when, and what keeps the notice from closing (D9, D10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from members.errors import UnknownWorkYear
from members.models import Member
from members.people.naming import list_names
from members.places.workdays import TownCalendar
from points.models import Review, ReviewLine
from points.reviews.guards import refuse_final
from points.rules.periods import H1, H2
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import current_lines, read_payload
from publicity.models import EnteredCorrection, LinePosting, Notice
from publicity.notices.channels import name_channels
from publicity.notices.counted_days import closes_at, last_day_up
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class LineDays:
    """How long one current line must stay up; both days are None until it is up."""

    line: ReviewLine
    posted_on: date | None
    last_day: date | None


def line_days(notice: Notice, lines: Sequence[ReviewLine] | None = None) -> list[LineDays]:
    """For each current line the day it went up and the last day it must stay; `lines` where they are read already.

    A corrected line has its own full days, or (`restart_on_correction = false`, D10) those of the line it replaces.

    Raises:
        UnknownWorkYear.
    """
    review = notice.review
    calendar = TownCalendar(review.branch.town)
    restarts = rulebook_for(review.branch.town, review.year).settings.restart_on_correction
    posted: dict[int, date] = {}
    first_posted: dict[int, date] = {}
    for line_id, member_id, day in (
        LinePosting.objects.filter(notice=notice)
        .order_by("line__revision")
        .values_list("line_id", "line__member_id", "posted_on")
    ):
        posted[line_id] = day
        first_posted.setdefault(member_id, day)
    last_days: dict[date, date] = {}
    rows = []
    for line in current_lines(review) if lines is None else lines:
        posted_on = posted.get(line.pk)
        if posted_on is None:
            rows.append(LineDays(line, None, None))
            continue
        counts_from = posted_on if restarts else first_posted[line.member_id]
        if counts_from not in last_days:
            last_days[counts_from] = last_day_up(
                counts_from, days=notice.days, working=notice.working_days, calendar=calendar
            )
        rows.append(LineDays(line, posted_on, last_days[counts_from]))
    return rows


def line_days_or_problem(notice: Notice) -> tuple[list[LineDays], str]:
    """`line_days`; where the days off of a year are not known, the lines without last days and what to say."""
    lines = current_lines(notice.review)
    try:
        return line_days(notice, lines), ""
    except UnknownWorkYear as error:
        posted = dict(LinePosting.objects.filter(notice=notice).values_list("line_id", "posted_on"))
        return [LineDays(line, posted.get(line.pk), None) for line in lines], str(error)


def last_day_of(days: Sequence[LineDays]) -> date | None:
    """The last day any of the lines must stay up; None while none is up."""
    return max((row.last_day for row in days if row.last_day), default=None)


def unheard_findings(lines: Sequence[ReviewLine]) -> int:
    """How many imported findings behind the lines lack their notice and the answer, of members who are there (D18)."""
    scores = [read_payload(line.payload) for line in lines]
    return sum(
        rows.filter(uuid__in=chunk, backfilled=True, ended_on__isnull=True).unanswered().count()
        for rows, uuids in (
            (Deduction.objects.all(), [uuid for score in scores for uuid in score.deductions]),
            (VetoRecord.objects.all(), [uuid for score in scores for uuid in score.vetoes]),
        )
        for chunk in split_into_chunks(uuids)
    )


def explain_unheard(lines: Sequence[ReviewLine]) -> str:
    """What to say where findings behind the lines lack their papers; empty where none does (D18)."""
    missing = unheard_findings(lines)
    if not missing:
        return ""
    return _(
        "%(count)d findings entered afterwards lack the notice to the member and the member's statement or waiver. "
        "Enter both first."
    ) % {"count": missing}


def explain_open_notice(notice: Notice, *, now: datetime) -> list[str]:
    """Everything that keeps a notice from closing now, in words; empty when it may close; a few queries."""
    if notice.posted_on is None:
        missing = set(notice.required) - set(notice.postings.values_list("channel", flat=True))
        still = [channel for channel in notice.required if channel in missing]
        return [_("It is not up yet on: %(channels)s.") % {"channels": name_channels(still)}]
    reasons = []
    try:
        days = line_days(notice)
    except UnknownWorkYear as error:
        return [str(error)]
    waiting = [row.line.member.listed_name for row in days if row.posted_on is None]
    if waiting:
        reasons.append(_("Corrected lines have not been put up yet: %(names)s.") % {"names": "、".join(waiting[:10])})
    last_day = last_day_of(days)
    if last_day is not None and now < closes_at(last_day):
        reasons.append(_("It stays up until the end of %(date)s.") % {"date": last_day})
    if notice.objections.filter(answered_at__isnull=True).exists():
        # How many is not said: the reader may be whom some of them are hidden from (D21).
        reasons.append(
            _(
                "Not every objection is answered yet. The town's staff answer those about the secretary or the "
                "recorder; they are not listed here."
            )
        )
    to_review = list_names(waiting_corrections(notice.review), on=timezone.localdate(now), most=10)
    if to_review:
        reasons.append(
            _("Corrections wait for their review: %(names)s. Have them reviewed, or taken back, first.")
            % {"names": to_review}
        )
    late = refuse_final(notice.review)
    if late:
        reasons.append(late)
    return reasons


def waiting_corrections(review: Review) -> QuerySet[Member]:
    """Whose line in this half a correction would change that waits for its review, by name (D10)."""
    of_year = EnteredCorrection.objects.filter(settled_at__isnull=True, review__year=review.year)
    halves = [H1] if review.half == H1 else [H1, H2]
    rows = of_year.filter(review__half__in=halves, member__review_lines__review=review)
    return Member.objects.filter(pk__in=rows.values("member")).order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class DayCounter:
    """Where a notice stands on a day. `number` counts from the day after posting; `last_day` is None before posting.

    `reopened_on`: its half was final and was opened again on that day (D10).
    """

    posted_on: date | None
    last_day: date | None
    number: int
    is_over: bool
    is_closed: bool
    reopened_on: date | None = None

    @property
    def shown(self) -> str:
        if self.reopened_on is None:
            return self._shown_days
        return _("opened again on %(day)s: %(standing)s") % {"day": self.reopened_on, "standing": self._shown_days}

    @property
    def _shown_days(self) -> str:
        if self.posted_on is None:
            return _("not up yet")
        if self.last_day is None:
            return _("up since %(posted)s") % {"posted": self.posted_on}
        values = {"posted": self.posted_on, "last": self.last_day, "number": self.number}
        if self.is_closed:
            return _("closed; it was up from %(posted)s to the end of %(last)s") % values
        if self.is_over:
            return _("its days are over; it was to stay up until the end of %(last)s") % values
        if self.number < 1:
            return _("put up today; the days count from tomorrow, until the end of %(last)s") % values
        return _("day %(number)d; it stays up until the end of %(last)s") % values


def count_days(notice: Notice, days: Sequence[LineDays], *, now: datetime) -> DayCounter:
    """The day counter of a notice whose line days were read."""
    last_day = last_day_of(days)
    number = (timezone.localdate(now) - notice.posted_on).days if notice.posted_on else 0
    return DayCounter(
        posted_on=notice.posted_on,
        last_day=last_day,
        number=number,
        is_over=last_day is not None and now >= closes_at(last_day),
        is_closed=notice.review.state == Review.State.FINAL,
        reopened_on=timezone.localdate(notice.review.reopened_at) if notice.review.reopened_at else None,
    )
