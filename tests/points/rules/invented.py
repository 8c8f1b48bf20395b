"""Facts of any member, under any reading of the rulebook, invented by hypothesis."""

from datetime import date, timedelta
from itertools import product

from hypothesis import strategies as st

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import last_day, periods_of_year
from points.rules.rulebook import SETTING_RULES, change_settings, load_shipped_rulebook
from points.rules.scope import ALWAYS, Span, subtract_spans
from tests.points.rules.case_files import SCORING_SETTINGS

SHIPPED = load_shipped_rulebook()
RULEBOOKS = [
    change_settings(SHIPPED, **dict(zip(SCORING_SETTINGS, values, strict=True)))
    for values in product(*(SETTING_RULES[name].choices for name in SCORING_SETTINGS))
]
DAYS = st.integers(0, 364).map(lambda n: date(2025, 1, 1) + timedelta(n))


@st.composite
def base_records(draw: st.DrawFn) -> PointRecord:
    item = draw(st.sampled_from(SHIPPED.base))
    period = draw(st.sampled_from(periods_of_year(2025, item.per)))
    day = draw(st.sampled_from([last_day(period), last_day(period) + timedelta(60), date(2025, 5, 1)]))
    return PointRecord(0, item.code, period, day, None, False, draw(st.booleans()))


@st.composite
def incentive_records(draw: st.DrawFn) -> PointRecord:
    item = draw(st.sampled_from(SHIPPED.incentive))
    return PointRecord(0, item.code, "", draw(DAYS), draw(st.integers(1, item.cap)), draw(st.booleans()))


def number_records(records: list[PointRecord]) -> tuple[PointRecord, ...]:
    return tuple(record._replace(ref=ref) for ref, record in enumerate(records, start=1))


POINTS = st.lists(base_records() | incentive_records(), max_size=60).map(number_records)
DEDUCTIONS = st.lists(
    st.builds(DeductionRecord, st.just(1), st.sampled_from([item.code for item in SHIPPED.negative]), DAYS), max_size=3
).map(tuple)
VETOES = st.lists(
    st.builds(
        VetoFact, st.just(1), st.sampled_from([ground.code for ground in SHIPPED.veto]), st.integers(2024, 2026), DAYS
    ),
    max_size=2,
).map(tuple)
SPANS = st.lists(st.builds(Span, DAYS, st.none() | DAYS), max_size=3).map(lambda spans: subtract_spans(spans, ()))
"""Days in the scheme, in order; they may overlap."""
MONTHS = st.sets(st.integers(1, 12)).map(lambda months: tuple(sorted(months)))
APPROVALS = st.lists(st.tuples(st.sampled_from(["H1", "H2"]), DAYS), max_size=2).map(tuple)
FACTS = st.builds(
    MemberFacts,
    year=st.just(2025),
    months_in_scope=MONTHS,
    points=POINTS,
    deductions=DEDUCTIONS,
    vetoes=VETOES,
    approvals=APPROVALS,
    in_scheme=st.just(ALWAYS) | SPANS,
)
ANY_RULEBOOK = st.sampled_from(RULEBOOKS)
