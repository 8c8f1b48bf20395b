"""What an exemption would take out of the score, shown before it is entered (D15, D16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from foundation.tenths import show_points
from members.models import Member
from points.models import AssessmentYear, PointEvent
from points.rules.periods import H1, half_end
from points.rules.rulebook import BaseItem, IncentiveItem
from points.rules.scope import Span, may_count, subtract_spans
from points.scoring.adoption import rulebook_for
from points.scoring.scores import days_in_scheme, read_roster_rows, score_members


@dataclass(frozen=True, slots=True)
class LostYear:
    """One year that would have no score any more: what stands there now, in tenths, and what no longer counts.

    `first_half` is the first half's score where that goes too, None where it stays. `records` counts by item in words
    what may count today and would be out of scope (D16).
    """

    year: int
    annual: int
    first_half: int | None
    records: tuple[tuple[str, int], ...]

    @property
    def shown_annual(self) -> str:
        return show_points(self.annual)

    @property
    def shown_first_half(self) -> str:
        return "" if self.first_half is None else show_points(self.first_half)


def read_losses(member: Member, *, from_date: date, today: date) -> list[LostYear]:
    """Every year already begun that an exemption from a day on would leave without a score; none for a day to come."""
    adopted = AssessmentYear.objects.filter(town=member.town, year__range=(from_date.year, today.year))
    memberships, exemptions = read_roster_rows(Member.objects.filter(pk=member.pk))
    before = days_in_scheme(memberships.get(member.pk, ()), exemptions.get(member.pk, ()))
    after = subtract_spans(before, [Span(from_date)])
    found = []
    for year in sorted(adopted.values_list("year", flat=True)):
        rulebook = rulebook_for(member.town, year)
        scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
        if scored is None or scored.score is None:
            continue
        counted = Counter(
            event.item
            for event in PointEvent.objects.live().filter(member=member, year=year)
            if _is_lost(rulebook.item(event.item), event, before, after)
        )
        names = rulebook.item_names()
        found.append(
            LostYear(
                year=year,
                annual=scored.score.annual.total,
                first_half=scored.first_half if from_date <= half_end(year, H1) else None,
                records=tuple((names[code], count) for code, count in counted.items()),
            )
        )
    return found


def _is_lost(item: object, event: PointEvent, before: Sequence[Span], after: Sequence[Span]) -> bool:
    """Whether a record may count for the days in the scheme before the exemption and not for those left after it."""
    assert isinstance(item, BaseItem | IncentiveItem)
    return may_count(item, event.period, event.date, before) and not may_count(item, event.period, event.date, after)
