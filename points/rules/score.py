"""The score of one member, with its reasons (2.2, 2.3; D1–D8, D12, D16, D23–D25).

Everything is cumulative within the year: a sheet through 30 June is the first half, a sheet through 31 December the
annual score, and their difference the second half (D8). All points are integer tenths. Every part of a sheet adds up:

    earned by the base lines                                   = base_earned
    base_earned + added by proration                           = base
    awarded + led - cut, for each incentive line               = its score
    scores of the incentive lines                              = incentive_before_cap
    incentive_before_cap - incentive_cut                       = incentive
    base + incentive - deducted + forgiven                     = earned_before_veto
    0 if a veto applies, else earned_before_veto               = total
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import H1, H2, half_end, half_of, month_end, period_half, periods_of_year
from points.rules.scope import Span, may_count
from points.rules.vocabulary import BaseItem, IncentiveItem, NegativeItem, Rulebook, VetoGround

# Why a record counts nothing
DUPLICATE = "duplicate"  # D2: another record of the same period counts
LATE_DUES = "late_dues"  # D25: paid, or recorded without a correction, after the half was approved
OUT_OF_SCOPE = "out_of_scope"  # D16: the member was not in the scheme

# Which cap bit in an incentive line (D4)
AWARDED_CAP = "awarded_cap"
BOTH_CAPS = "awarded_and_lead_caps"
JOINT_CAP = "joint_cap"  # within_item_cap: awarded and bonus share one cap


class FactsError(ValueError):
    """A record cannot be scored: unknown item, a period or date outside the year, points where none belong."""


class UncountedRecord(NamedTuple):
    """A record that earned nothing, and why: `DUPLICATE`, `LATE_DUES` or `OUT_OF_SCOPE`."""

    record: PointRecord
    reason: str


class BaseLine(NamedTuple):
    """A base item: the points earned of the year's maximum and the records behind them."""

    item: str
    clause: str
    points: int
    max: int
    counted: tuple[PointRecord, ...]
    uncounted: tuple[UncountedRecord, ...]


class IncentiveLine(NamedTuple):
    """An incentive item: `awarded + led - cut = score`; `led` is the bonus for leading, `cap` which cap bit, or ''.

    `records` count; `uncounted` are out of scope.
    """

    item: str
    clause: str
    awarded: int
    led: int
    cut: int
    score: int
    item_cap: int
    cap: str
    records: tuple[PointRecord, ...]
    uncounted: tuple[UncountedRecord, ...] = ()


class DeductionLine(NamedTuple):
    """One confirmed finding and the points it takes (positive)."""

    ref: int
    item: str
    clause: str
    date: date
    points: int


class VetoLine(NamedTuple):
    """A veto that makes this score 0."""

    ref: int
    ground: str
    clause: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A member's cumulative score through a half, every point with its clause, cap and records.

    `in_scheme` are the days on which the member was in the scheme (D16).
    `months_elapsed` counts the months that were over on `through`, `months_counted` those of them in which the
    member was in the scheme; base points are prorated by the two where the rulebook says so (D16).
    """

    year: int
    half: str
    through: date
    base_lines: tuple[BaseLine, ...]
    incentive_lines: tuple[IncentiveLine, ...]
    deduction_lines: tuple[DeductionLine, ...]
    vetoes: tuple[VetoLine, ...]
    months_in_scope: tuple[int, ...]
    months_elapsed: int
    months_counted: int
    prorated: bool
    base_earned: int
    base: int
    incentive_before_cap: int
    incentive: int
    deducted: int
    earned_before_veto: int
    total: int
    in_scheme: tuple[Span, ...]

    @property
    def base_added(self) -> int:
        """Base points that proration added (D16)."""
        return self.base - self.base_earned

    @property
    def incentive_cut(self) -> int:
        """Incentive points beyond the section's cap (2.3.2)."""
        return self.incentive_before_cap - self.incentive

    @property
    def forgiven(self) -> int:
        """Deducted points there was nothing left to take for: the total stops at 0 (D6)."""
        return self.earned_before_veto - (self.base + self.incentive - self.deducted)

    @property
    def uncounted(self) -> tuple[UncountedRecord, ...]:
        """The records that earned nothing, of every item."""
        base = [entry for line in self.base_lines for entry in line.uncounted]
        return (*base, *(entry for line in self.incentive_lines for entry in line.uncounted))

    def half_score(self, first_half: int | None) -> int:
        """The half's own score: what the total adds to the first half, where there was one (D8); may be negative."""
        return self.total - (first_half or 0)

    @property
    def is_vetoed(self) -> bool:
        """Whether a veto makes this score 0 (D7)."""
        return bool(self.vetoes)


@dataclass(frozen=True, slots=True)
class YearScore:
    """First half, annual score and their difference (D8); `second_half` may be negative."""

    first_half: ScoreSheet
    annual: ScoreSheet

    @property
    def second_half(self) -> int:
        """Annual score less first half, in tenths."""
        return self.annual.half_score(self.first_half.total)


def score_member(rulebook: Rulebook, facts: MemberFacts, through: date) -> ScoreSheet:
    """The cumulative score over the halves up to and including the one `through` lies in.

    Days before the year count as its first half with no month elapsed, days after it as its end. Raises FactsError.
    """
    plan = _plan_year(rulebook, facts.year)
    day = min(through, half_end(facts.year, H2))
    half = H1 if day.year < facts.year else half_of(day)
    first, both = _sort_records(plan, facts)
    return _make_sheet(plan, facts, first if half == H1 else both, day, half)


def score_year(rulebook: Rulebook, facts: MemberFacts) -> YearScore:
    """First half and annual score of a member. Raises FactsError."""
    plan = _plan_year(rulebook, facts.year)
    first, both = _sort_records(plan, facts)
    return YearScore(
        _make_sheet(plan, facts, first, half_end(facts.year, H1), H1),
        _make_sheet(plan, facts, both, half_end(facts.year, H2), H2),
    )


class _Slot(NamedTuple):
    """Where the records of an item go, and the periods it takes with their halves; incentive items take none."""

    position: int
    halves: Mapping[str, str]
    by_date: bool


class _Plan(NamedTuple):
    """A rulebook made ready for one year."""

    rulebook: Rulebook
    slots: Mapping[str, _Slot]
    empty_base: tuple[BaseLine, ...]
    empty_incentive: tuple[IncentiveLine, ...]
    negative: Mapping[str, NegativeItem]
    grounds: Mapping[str, VetoGround]
    month_ends: tuple[date, ...]


# The records of each item of the rulebook, base items first.
_Sorted = list[list[PointRecord]]


@lru_cache(maxsize=64)
def _plan_year(rulebook: Rulebook, year: int) -> _Plan:
    new_year = date(year, 1, 1)
    slots = {}
    for position, item in enumerate(rulebook.base):
        halves = {period: period_half(period, new_year) for period in periods_of_year(year, item.per)}
        slots[item.code] = _Slot(position, halves, by_date=item.per == "year")
    for position, incentive in enumerate(rulebook.incentive, start=len(rulebook.base)):
        slots[incentive.code] = _Slot(position, {}, by_date=True)
    return _Plan(
        rulebook=rulebook,
        slots=slots,
        empty_base=tuple(BaseLine(item.code, item.clause, 0, item.max, (), ()) for item in rulebook.base),
        empty_incentive=tuple(
            IncentiveLine(item.code, item.clause, 0, 0, 0, 0, item.cap, "", ()) for item in rulebook.incentive
        ),
        negative={item.code: item for item in rulebook.negative},
        grounds={ground.code: ground for ground in rulebook.veto},
        month_ends=tuple(month_end(year, month) for month in range(1, 13)),
    )


def _sort_records(plan: _Plan, facts: MemberFacts) -> tuple[_Sorted, _Sorted]:
    """The records of the first half and those of the year, by item; first-half records lead, then by ref (D3)."""
    year = facts.year
    slots = plan.slots
    first: _Sorted = [[] for _ in slots]
    second: _Sorted = [[] for _ in slots]
    for record in sorted(facts.points):
        slot = slots.get(record.item)
        if slot is None:
            raise FactsError(f"record {record.ref}: unknown item {record.item!r}")
        position, halves, by_date = slot
        if not halves:
            if record.date.year != year or record.period:
                raise FactsError(f"record {record.ref}: an incentive item of {year} is dated in it and has no period")
            half = H1 if record.date.month <= 6 else H2
        elif record.period not in halves:
            raise FactsError(f"record {record.ref}: {record.period!r} is no period of {record.item} in {year}")
        else:
            half = period_half(record.period, record.date) if by_date else halves[record.period]
        (first if half == H1 else second)[position].append(record)
    return first, [early + late for early, late in zip(first, second, strict=True)]


def _make_sheet(plan: _Plan, facts: MemberFacts, records: _Sorted, through: date, half: str) -> ScoreSheet:
    rulebook = plan.rulebook
    count = len(rulebook.base)
    outside = _find_outside(plan, facts)
    approvals = {} if rulebook.settings.late_dues == "always" else _first_approvals(facts.approvals)
    base_lines = tuple(
        _make_base_line(item, found, approvals, outside) if found else empty
        for item, found, empty in zip(rulebook.base, records, plan.empty_base, strict=False)
    )
    within = rulebook.settings.lead_bonus == "within_item_cap"
    incentive_lines = tuple(
        _make_incentive_line(item, found, within, outside) if found else empty
        for item, found, empty in zip(rulebook.incentive, records[count:], plan.empty_incentive, strict=True)
    )
    deduction_lines = _make_deductions(plan, facts, half) if facts.deductions else ()
    vetoes = _make_vetoes(plan, facts, half) if facts.vetoes else ()
    elapsed = sum(1 for end in plan.month_ends if end <= through)
    counted = sum(1 for month in facts.months_in_scope if month <= elapsed)
    base_earned = sum([line.points for line in base_lines])
    prorated = rulebook.settings.part_year == "prorate_base" and 0 < counted < elapsed
    base = _prorate(base_earned, elapsed, counted, rulebook.caps.base) if prorated else base_earned
    incentive_before_cap = sum([line.score for line in incentive_lines])
    incentive = min(incentive_before_cap, rulebook.caps.incentive)
    deducted = sum([line.points for line in deduction_lines])
    earned = max(0, base + incentive - deducted)
    return ScoreSheet(
        year=facts.year,
        half=half,
        through=through,
        base_lines=base_lines,
        incentive_lines=incentive_lines,
        deduction_lines=deduction_lines,
        vetoes=vetoes,
        months_in_scope=facts.months_in_scope,
        months_elapsed=elapsed,
        months_counted=counted,
        prorated=prorated,
        base_earned=base_earned,
        base=base,
        incentive_before_cap=incentive_before_cap,
        incentive=incentive,
        deducted=deducted,
        earned_before_veto=earned,
        total=0 if vetoes else earned,
        in_scheme=facts.in_scheme,
    )


def _find_outside(plan: _Plan, facts: MemberFacts) -> Collection[int]:
    """The refs of the records that are out of scope (D16)."""
    spans = facts.in_scheme
    if _cover_year(spans, facts.year):
        return facts.left_out
    items: dict[str, BaseItem | IncentiveItem] = {item.code: item for item in plan.rulebook.base}
    items |= {item.code: item for item in plan.rulebook.incentive}
    return {
        record.ref
        for record in facts.points
        if record.ref in facts.left_out or not may_count(items[record.item], record.period, record.date, spans)
    }


def _cover_year(spans: Iterable[Span], year: int) -> bool:
    """Whether one span covers every day of a year, as of most members."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return any(span.covers(first) and span.covers(last) for span in spans)


def _make_base_line(
    item: BaseItem, records: Iterable[PointRecord], approvals: Mapping[str, date], outside: Collection[int]
) -> BaseLine:
    counted: dict[str, PointRecord] = {}
    uncounted = []
    for record in records:
        if record.ref in outside:
            uncounted.append(UncountedRecord(record, OUT_OF_SCOPE))
        elif item.is_dues and approvals and _is_late(record, approvals):
            uncounted.append(UncountedRecord(record, LATE_DUES))
        elif record.period in counted:
            uncounted.append(UncountedRecord(record, DUPLICATE))
        else:
            counted[record.period] = record
    earned = len(counted) * item.points
    return BaseLine(item.code, item.clause, earned, item.max, tuple(counted.values()), tuple(uncounted))


def _is_late(record: PointRecord, approvals: Mapping[str, date]) -> bool:
    approved = approvals.get(period_half(record.period, record.date))
    return approved is not None and (record.late or record.date > approved)


def _first_approvals(approvals: Iterable[tuple[str, date]]) -> dict[str, date]:
    first: dict[str, date] = {}
    for half, day in approvals:
        first[half] = min(day, first.get(half, day))
    return first


def _make_incentive_line(
    item: IncentiveItem, records: Iterable[PointRecord], within: bool, outside: Collection[int]
) -> IncentiveLine:
    awarded = led = 0
    counted = []
    uncounted = []
    for record in records:
        points = record.points
        if points is None or points <= 0:
            raise FactsError(f"record {record.ref}: an incentive item needs points of at least 1 tenth")
        if record.ref in outside:
            uncounted.append(UncountedRecord(record, OUT_OF_SCOPE))
            continue
        counted.append(record)
        awarded += points
        if record.led:
            led += points
    cap = item.cap
    if within:
        score = min(cap, awarded + led)
        bit = JOINT_CAP if awarded + led > cap else ""
    else:
        score = min(cap, awarded) + min(cap, led)
        # The bonus never exceeds what was awarded, so its cap never bites alone.
        bit = "" if awarded <= cap else AWARDED_CAP if led <= cap else BOTH_CAPS
    cut = awarded + led - score
    return IncentiveLine(item.code, item.clause, awarded, led, cut, score, cap, bit, tuple(counted), tuple(uncounted))


def _make_deductions(plan: _Plan, facts: MemberFacts, half: str) -> tuple[DeductionLine, ...]:
    lines = []
    for record in sorted(facts.deductions, key=_by_date_and_ref):
        item = plan.negative.get(record.item)
        if item is None:
            raise FactsError(f"deduction {record.ref}: unknown item {record.item!r}")
        if record.date.year != facts.year:
            raise FactsError(f"deduction {record.ref}: {record.date} is not in {facts.year}")
        if half == H2 or half_of(record.date) == H1:
            lines.append(DeductionLine(record.ref, item.code, item.clause, record.date, item.points))
    return tuple(lines)


def _by_date_and_ref(record: DeductionRecord) -> tuple[date, int, str]:
    return record.date, record.ref, record.item


def _make_vetoes(plan: _Plan, facts: MemberFacts, half: str) -> tuple[VetoLine, ...]:
    """The vetoes of this year; of a half-year score only those confirmed by its end (D7)."""
    last = half_end(facts.year, half)
    lines = []
    for veto in sorted(facts.vetoes, key=_by_confirmation_and_ref):
        ground = plan.grounds.get(veto.ground)
        if ground is None:
            raise FactsError(f"veto {veto.ref}: unknown ground {veto.ground!r}")
        if veto.year == facts.year and (half == H2 or veto.confirmed_on <= last):
            lines.append(VetoLine(veto.ref, ground.code, ground.clause, veto.confirmed_on))
    return tuple(lines)


def _by_confirmation_and_ref(veto: VetoFact) -> tuple[date, int, str]:
    return veto.confirmed_on, veto.ref, veto.ground


def _prorate(earned: int, elapsed: int, counted: int, cap: int) -> int:
    """Base points times months elapsed over months in scope among them, half a tenth up, at most the section (D16)."""
    return min(cap, (2 * earned * elapsed + counted) // (2 * counted))
