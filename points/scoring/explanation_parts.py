"""The parts of an explained score sheet: plain values for templates, points in tenths beside their written form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from foundation.tenths import say_points, show_points
from points.models import EvidenceLink
from points.scoring.squares import Square
from veto.models import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """One addend on the way to a figure, in tenths; negative where something is taken off."""

    label: str
    points: int

    @property
    def shown(self) -> str:
        return f"+{show_points(self.points)}" if self.points >= 0 else show_points(self.points)


@dataclass(frozen=True, slots=True)
class Tick:
    """One period of a base item in the year's calendar."""

    period: str
    label: str
    state: Square
    state_label: str


@dataclass(frozen=True, slots=True)
class GapLine:
    """A period that is over or missed without a point: its state, and in words what happened and can still be done."""

    period: str
    label: str
    state: Square
    state_label: str
    words: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record behind an item; `points` and `bonus` (for a leading role) are tenths before caps.

    `countersigned` says who approved the half it is in, or that nobody has yet; None where that is not shown.
    `evidence`: the files that prove it, as far as the reader may open them.
    """

    ref: int
    what: str
    day: date
    points: int
    bonus: int
    counted: bool
    remark: str
    note: str
    recorded_by: str
    recorded_on: date | None
    countersigned: str | None
    evidence: tuple[EvidenceLink, ...] = ()

    @property
    def shown(self) -> str:
        return show_points(self.points + self.bonus)


@dataclass(frozen=True, slots=True)
class ItemExplanation:
    """An item's points of its maximum, with clause, calendar (base items), records, steps and remarks.

    `gaps` tells of the periods of a base item that earned nothing, where the reader asked for it.
    Of an incentive item's points `bonus` are for a leading role; `cap` is what its plain points count up to (base: 0).
    """

    code: str
    name: str
    clause: str
    clause_text: str
    points: int
    maximum: int
    ticks: tuple[Tick, ...]
    records: tuple[RecordLine, ...]
    steps: tuple[Step, ...]
    remarks: tuple[str, ...]
    bonus: int = 0
    cap: int = 0
    gaps: tuple[GapLine, ...] = ()

    @property
    def shown(self) -> str:
        return show_points(self.points)

    @property
    def shown_maximum(self) -> str:
        return say_points(self.maximum)

    @property
    def is_in_scope(self) -> bool:
        """Whether anything of it could count: no calendar, or a period in which the member was in the scheme."""
        return not self.ticks or any(tick.state != Square.OUT_OF_SCOPE for tick in self.ticks)

    @property
    def plain(self) -> int:
        return self.points - self.bonus

    @property
    def shown_bonus(self) -> str:
        return show_points(self.bonus)


@dataclass(frozen=True, slots=True)
class SectionExplanation:
    """Base or incentive points: the items, and what the section itself added or cut (`steps`)."""

    name: str
    clause: str
    clause_text: str
    points: int
    maximum: int
    items: tuple[ItemExplanation, ...]
    steps: tuple[Step, ...]
    remarks: tuple[str, ...]

    @property
    def shown(self) -> str:
        return show_points(self.points)

    @property
    def shown_maximum(self) -> str:
        return say_points(self.maximum)

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(item.code for item in self.items)

    @property
    def shown_before_steps(self) -> str:
        return show_points(sum(item.points for item in self.items))


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A deduction (points it takes, positive) or veto; nothing of its ground unless the reader may see it.

    `decided_in` is the body that decided (`Finding.decided_in`). `state` is the finding's, `state_label` says it in
    words; `answer_label` how its member was heard, once they were.
    """

    ref: int
    title: str
    day: date
    decided_on: date | None
    decided_in: str | None
    points: int
    clause: str
    clause_text: str
    particulars: str
    uuid: UUID
    state: Finding.State
    state_label: str
    notified_on: date | None
    answered_on: date | None
    answer_label: str
    statement: str

    @property
    def shown(self) -> str:
        return show_points(-self.points)


@dataclass(frozen=True, slots=True)
class SheetExplanation:
    """A whole sheet in words; `steps` lead from nothing to `total`."""

    year: int
    base: SectionExplanation
    incentive: SectionExplanation
    deductions: tuple[FindingLine, ...]
    vetoes: tuple[FindingLine, ...]
    veto_clause_text: str
    earned_before_veto: int
    total: int
    steps: tuple[Step, ...]
    part_year_months: int | None

    @property
    def shown(self) -> str:
        return show_points(self.total)

    @property
    def shown_before_veto(self) -> str:
        return show_points(self.earned_before_veto)


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding the member was told of that does not count: not decided yet, or decided in their favour."""

    uuid: UUID
    is_veto: bool
    title: str
    day: date
    state: Finding.State
    state_label: str
    notified_on: date
    answered_on: date | None
    answer_label: str
    statement: str

    @property
    def is_waiting(self) -> bool:
        return self.state == Finding.State.PROPOSED


@dataclass(frozen=True, slots=True)
class VoidedLine:
    """A voided record: it counts nothing and stays readable."""

    name: str
    what: str
    day: date
    voided_on: date
    voided_by: str
    reason: str
