"""A year's scores as they stand: halves, total, the next mark and what earned nothing, member by member.

The figures are those of the annual report: of the ledger, and of the frozen lines where a branch's year is final.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, partial

from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.models import Branch, Member, Town
from members.people.naming import tell_apart
from members.places.branches import names_on
from points.papers.annual.frozen_year import read_frozen_year
from points.papers.annual.report import YearRow, in_hundredths, members_ever_in, reduce_year
from points.rules.periods import H2, first_day, half_end, last_day, periods_of_year
from points.rules.rulebook import Rulebook
from points.scoring.bands import BANDS, find_band, marks_of, say_bands
from points.scoring.explanations import read_held_by_branch
from points.scoring.missed import group_missed, read_missed
from points.scoring.scores import YearStatus, score_members
from points.scoring.squares import WORDS, Square
from points.scoring.year_squares import Pair, find_squares

LEFT_OPEN = (Square.NO_RECORD, Square.ABSENT, Square.EXCUSED)
"""The squares that are gaps of a member; what the branch held none of is not theirs (D24)."""


@dataclass(frozen=True)
class ScoreLine:
    """One member's year; points in tenths, None for whoever is not scored.

    `to_mark` are the points missing to the next of the three marks; both None above the last.
    """

    number: int
    member: Member
    branch: str
    branch_id: int
    status: YearStatus
    left_why: str
    first_half: int | None
    second_half: int | None
    base: int | None
    incentive: int | None
    deducted: int | None
    total: int | None
    is_vetoed: bool
    mark: int | None
    to_mark: int | None
    find_squares: Callable[[], Mapping[Pair, Square]] = field(compare=False)

    @cached_property
    def squares(self) -> Mapping[Pair, Square]:
        """Those of every item and period, none for whoever is not scored.

        Found when they are asked for: a list of a town shows a page of lines, and they are a quarter of the work.
        """
        return self.find_squares()

    @property
    def gaps(self) -> dict[Square, int]:
        """The periods that earned nothing and might have, by their square."""
        counts = Counter(self.squares.values())
        return {square: counts[square] for square in LEFT_OPEN if counts[square]}

    @property
    def gap_count(self) -> int:
        return sum(self.gaps.values())

    @property
    def shown_gaps(self) -> str:
        """`无记录2、请假1`."""
        return "、".join(f"{WORDS[square]}{count}" for square, count in self.gaps.items())

    @property
    def shown_distance(self) -> str:
        """How far the next mark is, in words; empty where there is none."""
        if self.mark is None or self.to_mark is None:
            return ""
        return _("%(missing)s to %(mark)s") % {"missing": say_points(self.to_mark), "mark": say_points(self.mark)}


def read_scores(
    town: Town, branches: Sequence[Branch], *, rulebook: Rulebook, year: int, on: date
) -> tuple[ScoreLine, ...]:
    """The members whose year one of these branches of the town has, in the order of branches and rosters.

    A constant number of queries; two seconds of processor time for three thousand members.
    """
    places = {branch.pk: branch for branch in branches}
    members = members_ever_in(town, branches)
    frozen = read_frozen_year(branches, year)
    names = names_on(branches, min(half_end(year, H2), on))
    held = read_held_by_branch(list(places), year=year)
    missed = group_missed(read_missed(members.order_by().values("pk"), year=year))
    people = members.order_by().in_bulk()
    found: dict[int, list[tuple[YearRow, Callable[[], Mapping[Pair, Square]]]]] = {pk: [] for pk in places}
    for scored in score_members(members, rulebook=rulebook, year=year):
        branch_id = scored.roster_year.branch_id
        if branch_id not in places:
            continue
        row = reduce_year(scored, people[scored.member_id], rulebook, year, frozen.scores.get(scored.member_id))
        find: Callable[[], Mapping[Pair, Square]] = dict
        if scored.score is not None:
            own = missed.get(scored.member_id, {})
            annual = scored.score.annual
            of_year = partial(find_squares, rulebook, annual, on=on, held=held.get(branch_id, {}), missed=own)
            find = partial(_collect, of_year)
        found[branch_id].append((row, find))
    lines: list[ScoreLine] = []
    for branch_id, group in found.items():
        group.sort(key=lambda entry: (entry[0].person.position, entry[0].member_id))
        tell_apart((row.person for row, _find in group), lasting=True)
        for row, find in group:
            lines.append(_make_line(len(lines) + 1, row, names[branch_id], rulebook, find))
    return tuple(lines)


def _collect(find: Callable[[], Iterator[tuple[Pair, Square]]]) -> Mapping[Pair, Square]:
    return dict(find())


def _make_line(
    number: int, row: YearRow, branch: str, rulebook: Rulebook, find: Callable[[], Mapping[Pair, Square]]
) -> ScoreLine:
    figures = row.figures
    mark = None
    if figures is not None and not figures.is_vetoed:
        mark = next((mark for mark in marks_of(rulebook) if figures.total < mark), None)
    return ScoreLine(
        number=number,
        member=row.person,
        branch=branch,
        branch_id=row.roster_year.branch_id,
        status=row.roster_year.status,
        left_why=row.roster_year.left_why,
        first_half=figures.first_half if figures else None,
        second_half=figures.second_half if figures else None,
        base=figures.base if figures else None,
        incentive=figures.incentive if figures else None,
        deducted=figures.deducted if figures else None,
        total=figures.total if figures else None,
        is_vetoed=figures.is_vetoed if figures else False,
        mark=mark,
        to_mark=mark - figures.total if mark is not None and figures else None,
        find_squares=find,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How some lines stand together: how many are scored, their average in points, and how many in each band."""

    count: int
    average: str
    bands: tuple[tuple[str, int, str], ...]
    """Of each band its name, how many stand in it, and its words."""


def band_of(line: ScoreLine, rulebook: Rulebook) -> str:
    """The band of a line; empty for whoever is not scored."""
    return "" if line.total is None else find_band(line.total, rulebook)


def sum_up(lines: Sequence[ScoreLine], rulebook: Rulebook) -> Standing:
    """The lines together."""
    totals = [line.total for line in lines if line.total is not None]
    counts = Counter(band_of(line, rulebook) for line in lines)
    average = str(in_hundredths(Decimal(sum(totals)) / len(totals))) if totals else "—"
    words = say_bands(rulebook)
    return Standing(len(totals), average, tuple((band, counts[band], words[band]) for band in BANDS))


@dataclass(frozen=True, slots=True)
class GridCell:
    """One period of an item: how many earned it of those it asks, or (`is_held` false) that the branch held none.

    Both counts are None while the period is not over and nobody has earned it. `months` is its width.
    """

    period: str
    months: int
    earned: int | None
    of: int | None
    is_held: bool = True

    @property
    def is_complete(self) -> bool:
        return self.earned is not None and self.earned == self.of


@dataclass(frozen=True, slots=True)
class GridRow:
    """One base item of the year."""

    item: str
    name: str
    cells: tuple[GridCell, ...]


def read_grid(lines: Sequence[ScoreLine], rulebook: Rulebook, year: int) -> tuple[GridRow, ...]:
    """The year of some members as a grid of base items and periods (D24)."""
    counts: dict[Pair, Counter[Square]] = defaultdict(Counter)
    for line in lines:
        for pair, square in line.squares.items():
            counts[pair][square] += 1
    return tuple(
        GridRow(
            item.code,
            item.name,
            tuple(_make_cell(period, counts[item.code, period]) for period in periods_of_year(year, item.per)),
        )
        for item in rulebook.base
    )


def _make_cell(period: str, counts: Counter[Square]) -> GridCell:
    months = last_day(period).month - first_day(period).month + 1
    earned = counts[Square.EARNED]
    asked = counts.total() - counts[Square.OUT_OF_SCOPE]
    if not asked or (not earned and counts[Square.NOT_OVER] == asked):
        return GridCell(period, months, None, None)
    if not earned and counts[Square.NOT_HELD]:
        return GridCell(period, months, 0, asked, is_held=False)
    return GridCell(period, months, earned, asked)
