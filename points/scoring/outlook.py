"""What an annual score means for its member, and what is still open, in considerate words (4.1–4.4; D12, D14).

Before the year is over nothing is concluded from a score: it says how far the next mark is and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.models import Member
from points.rules.facts import MemberFacts
from points.rules.periods import H2, half_end
from points.rules.prospects import CATCH_UP, LEAD, Openness, Prospect, find_prospects
from points.rules.ratings import NOT_GRADED, PENDING, PROPOSED_FAIL, suggest_rating
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.score import ScoreSheet
from points.scoring.wording import name_period_in_year


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a score is from one of the regulation's marks, all in tenths; `missing` is 0 once reached."""

    mark: int
    missing: int
    words: str

    @property
    def is_reached(self) -> bool:
        return self.missing == 0

    @property
    def shown_mark(self) -> str:
        return say_points(self.mark)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The headline over a score, its distance to 60, 80 and 90, and the rating once the year is over (else empty)."""

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
    marks: tuple[tuple[int, str], ...] = (
        (thresholds.passing, _("the pass mark")),
        (thresholds.award, _("admission to awards")),
        (thresholds.excellent, _("“excellent” becomes possible")),
    )
    part_year = len(sheet.months_in_scope) < 12
    if (part_year or category == Member.Category.PROBATIONARY) and sheet.total < thresholds.excellent:
        # Probationary members are not graded (D14), and a part of a year seldom reaches it: no distance to name.
        marks = marks[:-1]
    rating = suggest_rating(
        rulebook,
        total=sheet.total,
        category=category,
        part_year=part_year,
        vetoed=sheet.is_vetoed,
        year_over=is_over,
    )
    return Outlook(
        headline=headline,
        distances=tuple(_measure(mark, sheet.total, meaning, is_over=is_over) for mark, meaning in marks),
        rating=_say_rating(rating),
    )


def _measure(mark: int, total: int, meaning: str, *, is_over: bool) -> Distance:
    missing = max(0, mark - total)
    if not missing:
        text = _("%(mark)s reached, %(meaning)s")
    elif is_over:
        text = _("%(missing)s points short of %(mark)s, %(meaning)s")
    else:
        text = _("%(missing)s points to %(mark)s, %(meaning)s")
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


@dataclass(frozen=True, slots=True)
class Chance:
    """One thing the member can still do: what, when, and what it alone adds (`leading` where leading adds more)."""

    item: str
    name: str
    clause_text: str
    when: str
    gain: int
    leading: int
    words: str


@dataclass(frozen=True, slots=True)
class Chances:
    """What is still open in a year, each with its promise, and all of it together; tenths beside the words."""

    base: tuple[Chance, ...]
    deeds: tuple[Chance, ...]
    together: int
    words: str

    @property
    def shown(self) -> str:
        return say_points(self.together)


def describe_chances(rulebook: Rulebook, facts: MemberFacts, openness: Openness) -> Chances:
    """What carrying out each of the things still open would add to the annual score, in the active language."""
    prospects = find_prospects(rulebook, facts, openness)
    base: list[Chance] = []
    deeds: dict[str, Chance] = {}
    for prospect in prospects.lines:
        if prospect.periods:
            base.append(_describe_base_chance(rulebook, prospect))
        else:
            before = deeds.get(prospect.item)
            deeds[prospect.item] = _describe_deed(rulebook, prospect, before.gain if before else 0)
    words = ""
    if prospects.together:
        words = _("All of it together can add up to %(points)s points.") % {"points": say_points(prospects.together)}
    return Chances(tuple(base), tuple(deeds.values()), prospects.together, words)


def _describe_base_chance(rulebook: Rulebook, prospect: Prospect) -> Chance:
    item = rulebook.item(prospect.item)
    assert isinstance(item, BaseItem)
    is_meeting = item.nature == "meeting"
    values = {
        "points": say_points(prospect.gain),
        "periods": _("、").join(name_period_in_year(period) for period in prospect.periods),
    }
    if prospect.way == CATCH_UP:
        text = (
            _("pay the arrears for %(periods)s")
            if item.is_dues
            else _("make up %(periods)s before the half is submitted")
        )
    elif item.is_dues:
        text = _("pay for %(periods)s")
    elif item.per == "year":
        text = _("take part within the year") if is_meeting else _("to be done within the year")
    else:
        text = _("take part: %(periods)s") if is_meeting else _("to be done: %(periods)s")
    return Chance(
        item=prospect.item,
        name=item.name,
        clause_text=rulebook.clause_text(item.clause),
        when=text % values,
        gain=prospect.gain,
        leading=0,
        words=_("+%(points)s points") % values,
    )


def _describe_deed(rulebook: Rulebook, prospect: Prospect, gain: int) -> Chance:
    """`gain` is what the deed adds without leading: 0 where it adds nothing, or where this is that prospect."""
    item = rulebook.item(prospect.item)
    if prospect.way == LEAD:
        leading = prospect.gain
        if gain:
            text = _("up to +%(points)s points, in a leading role up to +%(leading)s")
        else:
            text = _("in a leading role up to +%(leading)s points")
    else:
        gain, leading, text = prospect.gain, 0, _("up to +%(points)s points")
    return Chance(
        item=prospect.item,
        name=item.name,
        clause_text=rulebook.clause_text(item.clause),
        when="",
        gain=gain,
        leading=leading,
        words=text % {"points": say_points(gain), "leading": say_points(leading)},
    )
