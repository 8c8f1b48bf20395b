"""The parts of a half-year's table: plain values for templates and papers, tenths beside their written form."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from foundation.tenths import say_points, show_points
from members.models import Member
from points.models import Review, ReviewLine
from points.rules.clauses import cite_clause
from points.rules.rulebook import Rulebook
from points.scoring.wording import NOT_GIVEN, gives_half, show_half


def show_change(tenths: int) -> str:
    """A difference with its sign: `+3.0`, `-0.5`, `0`."""
    return "0" if not tenths else f"{'+' if tenths > 0 else ''}{show_points(tenths)}"


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """One item of the rulebook; `maximum` in tenths."""

    code: str
    name: str
    clause: str
    maximum: int
    is_base: bool

    @property
    def shown_maximum(self) -> str:
        return say_points(self.maximum)

    @property
    def cited(self) -> str:
        """The clause as the paper numbers it (D28)."""
        return cite_clause(self.clause)


@dataclass(frozen=True, slots=True)
class Cell:
    """A member's points of one item in the year so far; `cap` says which cap bit, in words, else empty.

    `in_half` is what the second half added; None in a first half, which is the year so far.
    """

    item: str
    name: str
    points: int
    in_half: int | None
    cap: str

    @property
    def shown(self) -> str:
        return show_points(self.points) if self.points else "0"

    @property
    def shown_in_half(self) -> str:
        return show_change(self.in_half) if self.in_half else ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at before the half is approved; `kind` is for the looks, `detail` may be empty."""

    kind: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One member's line. `half_score` is None while the first half it builds on is not approved (D8, D20).

    `first_half` is what a second half builds on; None in a first one, or where the member was not in the scheme then.

    `previous` is the score of the half before, where it was frozen; `line` the frozen line, None before approval.
    """

    number: int
    member: Member
    cells: tuple[Cell, ...]
    base: int
    incentive: int
    deducted: int
    first_half: int | None
    half_score: int | None
    previous: int | None
    cumulative: int
    is_vetoed: bool
    flags: tuple[Flag, ...]
    remarks: tuple[str, ...] = ()
    line: ReviewLine | None = None

    @property
    def change(self) -> int | None:
        """The half's score less that of the half before; None where either is not given (D8)."""
        if not gives_half(self.half_score) or not gives_half(self.previous):
            return None
        return self.half_score - self.previous

    @property
    def shown_base(self) -> str:
        return show_points(self.base)

    @property
    def shown_incentive(self) -> str:
        return show_points(self.incentive)

    @property
    def shown_deducted(self) -> str:
        return show_points(-self.deducted) if self.deducted else "0"

    @property
    def shown_first_half(self) -> str:
        return show_half(self.first_half)

    @property
    def shown_half(self) -> str:
        return show_half(self.half_score)

    @property
    def shown_change(self) -> str:
        return NOT_GIVEN if self.change is None else show_change(self.change)

    @property
    def shown_cumulative(self) -> str:
        return show_points(self.cumulative)


@dataclass(frozen=True, slots=True)
class ReviewTable:
    """The whole half; `not_held` names what the branch held none of (支部未组织), for the place above the table."""

    review: Review
    rulebook: Rulebook
    columns: tuple[ItemColumn, ...]
    rows: tuple[ReviewRow, ...]
    exempt: tuple[Member, ...]
    not_held: str
    is_frozen: bool

    @property
    def waits_for_first_half(self) -> bool:
        """Some second-half scores are blank because the first half is not approved yet."""
        return any(row.half_score is None for row in self.rows)

    @property
    def flag_counts(self) -> list[tuple[str, int]]:
        """How many members carry each kind of flag, by its kind."""
        counts = Counter(flag.kind for row in self.rows for flag in row.flags)
        return sorted(counts.items())
