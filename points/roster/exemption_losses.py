"""What an exemption would take out of the score, shown before it is entered (D15, D16)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from foundation.tenths import show_points
from members.models import Member
from points.models import AssessmentYear, PointEvent
from points.rules.periods import H1, half_end, last_day
from points.scoring.adoption import rulebook_for
from points.scoring.scores import score_members


@dataclass(frozen=True, slots=True)
class LostYear:
    """One year that would have no score any more: what stands there now, in tenths, and what no longer counts.

    `first_half` is the first half's score where that goes too, None where it stays. `records` counts by item in words
    what belongs to days from the exemption on.
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
    found = []
    for year in sorted(adopted.values_list("year", flat=True)):
        rulebook = rulebook_for(member.town, year)
        scored = next(score_members(Member.objects.filter(pk=member.pk), rulebook=rulebook, year=year), None)
        if scored is None or scored.score is None:
            continue
        dues = rulebook.dues_item
        counted = Counter(
            event.item
            for event in PointEvent.objects.live().filter(member=member, year=year)
            if (last_day(event.period) if dues and event.item == dues.code else event.date) >= from_date
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
