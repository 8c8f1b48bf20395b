"""Old and new figures of corrected lines, as a notice shows them: no ground, no reason (D10, D21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.people.naming import tell_apart_at_home
from points.rules.periods import H1, half_end
from points.scoring.freezing import FrozenScore
from points.scoring.wording import name_period
from publicity.corrections.plans import RevisedLine
from publicity.notices.days_up import LineDays
from publicity.notices.table import NoticeRow, show_rows, shows_parts


@dataclass(frozen=True, slots=True)
class ShownRevision:
    """One corrected line, the row it had and the row it has; `both_scores`: the half has one beside the year's.

    `with_parts`: base, incentive and deductions too, as the notice shows them (`shows_parts`).
    """

    revised: RevisedLine
    period: str
    old: NoticeRow
    new: NoticeRow
    both_scores: bool
    with_parts: bool

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """Label, old and new of each figure."""
        old, new = self.old, self.new
        figures: list[tuple[str, str, str]] = []
        if self.with_parts:
            parts: list[tuple[str, str, str]] = [
                (_("base points"), old.base, new.base),
                (_("incentive points"), old.incentive, new.incentive),
                (_("deductions"), old.deducted, new.deducted),
            ]
            of_year = _("%(part)s, the whole year so far")
            figures += [(of_year % {"part": each[0]}, *each[1:]) for each in parts] if self.both_scores else parts
        if self.both_scores:
            figures += [
                (_("score of the first half"), old.first_half, new.first_half),
                (_("score of the second half"), old.half, new.half),
                (_("Annual score"), old.annual, new.annual),
            ]
        else:
            figures.append((_("half-year score"), old.half, new.half))
        then, now = (_months_until(score) for score in (self.revised.old, self.revised.new))
        return [*figures, (_("months in the scheme"), str(then), str(now))] if then != now else figures


def _months_until(score: FrozenScore) -> int:
    """How many months the member was in the scheme until the half's end."""
    return sum(month <= half_end(score.year, score.half).month for month in score.months_in_scope)


def show_revised(revised: Iterable[RevisedLine], *, inside: bool = False) -> list[ShownRevision]:
    """The rows of corrected lines; `inside` is for those who read the branch's own version, with its parts (D21)."""
    shown = []
    entries = list(revised)
    ended = max((half_end(entry.line.review.year, entry.line.review.half) for entry in entries), default=None)
    if ended is not None:
        tell_apart_at_home((entry.line.member for entry in entries), on=ended, lasting=True)
    for entry in entries:
        days = [LineDays(entry.replaced, None, None), LineDays(entry.line, None, None)]
        old, new = show_rows(days, inside=inside)
        review = entry.line.review
        period = name_period(f"{review.year}{review.half}")
        with_parts = shows_parts(review, inside=inside)
        shown.append(ShownRevision(entry, period, old, new, both_scores=review.half != H1, with_parts=with_parts))
    return shown
