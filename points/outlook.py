"""What an annual score means for its member, in considerate words (4.1–4.4; D12, D14).

Before the year is over nothing is concluded from a score: it says how far the next mark is and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from points.rules.periods import H2, half_end
from points.rules.ratings import NOT_GRADED, PENDING, PROPOSED_FAIL, suggest_rating
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet
from points.wording import say_points


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a score is from one of the regulation's marks, all in tenths; `missing` is 0 once reached."""

    mark: int
    missing: int
    words: str

    @property
    def is_reached(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """The headline over a score, its distance to 60, 80 and 90, and the rating once the year is over (else empty)."""

    is_year_over: bool
    headline: str
    distances: tuple[Distance, ...]
    rating: str


def describe_outlook(rulebook: Rulebook, sheet: ScoreSheet, *, on: date, category: str) -> Outlook:
    """What the annual `sheet` says on a day, in the active language; `category` is `full` or `probationary`."""
    is_over = on > half_end(sheet.year, H2)
    values = {"year": sheet.year, "points": say_points(sheet.total)}
    if is_over:
        headline = _("%(points)s points in %(year)s") % values
    else:
        headline = _("The year is not over: %(points)s points so far") % values
    thresholds = rulebook.thresholds
    marks = (
        (thresholds.passing, _("the pass mark")),
        (thresholds.award, _("admission to awards")),
        (thresholds.excellent, _("“excellent” becomes possible")),
    )
    rating = suggest_rating(
        rulebook,
        total=sheet.total,
        category=category,
        part_year=len(sheet.months_in_scope) < 12,
        vetoed=sheet.is_vetoed,
        year_over=is_over,
    )
    return Outlook(
        is_year_over=is_over,
        headline=headline,
        distances=tuple(_measure(mark, sheet.total, meaning) for mark, meaning in marks),
        rating=_say_rating(rating),
    )


def _measure(mark: int, total: int, meaning: str) -> Distance:
    missing = max(0, mark - total)
    text = _("%(missing)s points to %(mark)s, %(meaning)s") if missing else _("%(mark)s reached, %(meaning)s")
    values = {"missing": say_points(missing), "mark": say_points(mark), "meaning": meaning}
    return Distance(mark, missing, text % values)


def _say_rating(code: str) -> str:
    """The rating before the branch decides it; empty while the year runs."""
    return {
        "": "",
        PROPOSED_FAIL: _("proposed: not qualified"),
        PENDING: _("to be decided by the branch"),
        NOT_GRADED: _("not graded (probationary member)"),
    }[code]
