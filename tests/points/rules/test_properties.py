"""What holds for every member under every reading: bounds, sums, order, monotony, void and re-record."""

import random
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord
from points.rules.periods import month_end
from points.rules.rulebook import NegativeItem, Rulebook, change_settings
from points.rules.scope import ALWAYS, Span, subtract_spans
from points.rules.score import OUT_OF_SCOPE, ScoreSheet, score_member, score_year
from tests.points.rules.invented import (
    ANY_RULEBOOK,
    DAYS,
    FACTS,
    SHIPPED,
    base_records,
    incentive_records,
    number_records,
)


def assert_adds_up(rulebook: Rulebook, sheet: ScoreSheet, facts: MemberFacts) -> None:
    for base_item, base_line in zip(rulebook.base, sheet.base_lines, strict=True):
        assert base_line.points == len(base_line.counted) * base_item.points <= base_line.max
        assert len({record.period for record in base_line.counted}) == len(base_line.counted)
    for item, line in zip(rulebook.incentive, sheet.incentive_lines, strict=True):
        assert line.awarded == sum(record.points or 0 for record in line.records)
        assert line.led == sum(record.points or 0 for record in line.records if record.led)
        assert line.awarded + line.led - line.cut == line.score
        assert (line.cut > 0) == (line.cap != "")
        assert line.score <= (2 if rulebook.settings.lead_bonus == "beyond_item_cap" else 1) * item.cap
    assert sheet.base_earned == sum(line.points for line in sheet.base_lines)
    assert sheet.base == sheet.base_earned + sheet.base_added <= 600
    assert sheet.base_added >= 0
    assert sheet.incentive_before_cap == sum(line.score for line in sheet.incentive_lines)
    assert sheet.incentive == sheet.incentive_before_cap - sheet.incentive_cut <= 400
    assert sheet.deducted == sum(line.points for line in sheet.deduction_lines)
    assert sheet.base + sheet.incentive - sheet.deducted + sheet.forgiven == sheet.earned_before_veto
    assert sheet.forgiven == 0 or sheet.earned_before_veto == 0
    assert sheet.total == (0 if sheet.vetoes else sheet.earned_before_veto)
    shown = [record.ref for line in sheet.base_lines for record in line.counted]
    shown += [uncounted.record.ref for uncounted in sheet.uncounted]
    shown += [record.ref for line in sheet.incentive_lines for record in line.records]
    assert len(set(shown)) == len(shown)
    if sheet.half == "H2":
        assert sorted(shown) == [record.ref for record in facts.points]


@given(FACTS, ANY_RULEBOOK)
def test_every_shown_part_adds_up_to_the_total(facts: MemberFacts, rulebook: Rulebook) -> None:
    year = score_year(rulebook, facts)
    assert_adds_up(rulebook, year.first_half, facts)
    assert_adds_up(rulebook, year.annual, facts)


@given(FACTS, ANY_RULEBOOK)
def test_scores_stay_between_0_and_100_and_halves_add_up(facts: MemberFacts, rulebook: Rulebook) -> None:
    year = score_year(rulebook, facts)
    assert 0 <= year.first_half.total <= 1000
    assert 0 <= year.annual.total <= 1000
    assert year.first_half.total + year.second_half == year.annual.total
    assert year.first_half == score_member(rulebook, facts, date(2025, 6, 30))
    assert year.annual == score_member(rulebook, facts, date(2025, 12, 31))


@given(FACTS, ANY_RULEBOOK, st.integers())
def test_the_order_of_records_does_not_matter(facts: MemberFacts, rulebook: Rulebook, seed: int) -> None:
    shuffle = random.Random(seed)
    mixed = replace(
        facts,
        points=tuple(shuffle.sample(facts.points, len(facts.points))),
        deductions=tuple(shuffle.sample(facts.deductions, len(facts.deductions))),
        vetoes=tuple(shuffle.sample(facts.vetoes, len(facts.vetoes))),
        approvals=tuple(shuffle.sample(facts.approvals, len(facts.approvals))),
    )
    year, again = score_year(rulebook, facts), score_year(rulebook, mixed)
    assert year.first_half.base_lines == again.first_half.base_lines
    assert year.annual.incentive_lines == again.annual.incentive_lines
    assert figures(year.annual) == figures(again.annual)
    assert figures(year.first_half) == figures(again.first_half)


@given(FACTS, ANY_RULEBOOK, base_records() | incentive_records())
def test_one_more_record_never_lowers_a_score(facts: MemberFacts, rulebook: Rulebook, record: PointRecord) -> None:
    more = replace(facts, points=(*facts.points, record._replace(ref=1000)))
    before, after = score_year(rulebook, facts), score_year(rulebook, more)
    assert before.first_half.total <= after.first_half.total
    assert before.annual.total <= after.annual.total


@given(FACTS, ANY_RULEBOOK, st.integers(1, 40))
def test_more_points_for_a_deed_never_lower_a_score(facts: MemberFacts, rulebook: Rulebook, extra: int) -> None:
    raised = tuple(r if r.points is None else r._replace(points=r.points + extra) for r in facts.points)
    assert score_year(rulebook, facts).annual.total <= score_year(rulebook, replace(facts, points=raised)).annual.total
    led = tuple(r if r.points is None else r._replace(led=True) for r in facts.points)
    assert score_year(rulebook, facts).annual.total <= score_year(rulebook, replace(facts, points=led)).annual.total


@given(FACTS, ANY_RULEBOOK, st.data())
def test_a_record_voided_and_recorded_anew_changes_no_figure(
    facts: MemberFacts, rulebook: Rulebook, data: st.DataObject
) -> None:
    if not facts.points:
        return
    voided = data.draw(st.sampled_from(facts.points))
    kept = tuple(record for record in facts.points if record is not voided)
    anew = replace(facts, points=(*kept, voided._replace(ref=5000)))
    year, again = score_year(rulebook, facts), score_year(rulebook, anew)
    assert figures(year.first_half) == figures(again.first_half)
    assert figures(year.annual) == figures(again.annual)


@given(FACTS, ANY_RULEBOOK, st.sampled_from(SHIPPED.negative), DAYS)
def test_a_deduction_takes_its_points_or_what_is_left(
    facts: MemberFacts, rulebook: Rulebook, item: NegativeItem, day: date
) -> None:
    deduction = DeductionRecord(77, item.code, day)
    before = score_year(rulebook, facts).annual
    after = score_year(rulebook, replace(facts, deductions=(*facts.deductions, deduction))).annual
    assert after.earned_before_veto == max(0, before.base + before.incentive - before.deducted - item.points)


@given(FACTS)
def test_the_wider_reading_of_a_setting_never_scores_less(facts: MemberFacts) -> None:
    for narrow, wide in (
        ({"lead_bonus": "within_item_cap"}, {"lead_bonus": "beyond_item_cap"}),
        ({"late_dues": "until_approval"}, {"late_dues": "always"}),
        ({"part_year": "as_earned"}, {"part_year": "prorate_base"}),
    ):
        low = score_year(change_settings(SHIPPED, **narrow), facts)
        high = score_year(change_settings(SHIPPED, **wide), facts)
        assert low.annual.total <= high.annual.total
        assert low.first_half.total <= high.first_half.total


# Many records, and borders where a day decides: around the ends of months.
MANY_RECORDS = st.lists(base_records() | incentive_records(), min_size=20, max_size=60).map(number_records)
BORDERS = st.tuples(st.integers(1, 12), st.integers(-1, 40)).map(
    lambda border: month_end(2025, border[0]) + timedelta(border[1])
)
BORDERED = st.lists(st.builds(Span, BORDERS, st.none() | BORDERS), min_size=1, max_size=3)


@given(FACTS, MANY_RECORDS, BORDERED.map(lambda spans: subtract_spans(spans, ())), ANY_RULEBOOK)
def test_only_what_happened_in_scope_counts(
    facts: MemberFacts, points: tuple[PointRecord, ...], spans: tuple[Span, ...], rulebook: Rulebook
) -> None:
    """Read independently: day by day, and the score is that of the records that are left."""
    facts = replace(facts, points=points, in_scheme=spans)
    inside = {
        day for day in EVERY_DAY if any(span.start <= day and not (span.end and span.end <= day) for span in spans)
    }
    kept = tuple(record for record in facts.points if happened_inside(record, inside))
    left_out = {record.ref for record in facts.points} - {record.ref for record in kept}
    score = score_year(rulebook, facts)
    assert {entry.record.ref for entry in score.annual.uncounted if entry.reason == OUT_OF_SCOPE} == left_out
    alone = score_year(rulebook, replace(facts, points=kept, in_scheme=ALWAYS))
    assert figures(score.annual) == figures(alone.annual)
    assert figures(score.first_half) == figures(alone.first_half)
    again = score_year(rulebook, replace(facts, in_scheme=ALWAYS, left_out=frozenset(left_out)))
    assert figures(score.annual) == figures(again.annual)


EVERY_DAY = [date(2025, 1, 1) + timedelta(number) for number in range(365)]
QUARTER_ENDS = {"Q1": (3, 31), "Q2": (6, 30), "Q3": (9, 30), "Q4": (12, 31), "H1": (6, 30), "H2": (12, 31)}


def happened_inside(record: PointRecord, inside: set[date]) -> bool:
    ends = [day for day in EVERY_DAY if (day + timedelta(1)).day == 1]
    if record.item == "dues":
        return ends[int(record.period[5:]) - 1] in inside
    if record.item == "pledge":
        return any(day in inside for day in ends)
    if not record.period:
        return record.date in inside
    tail = record.period[4:]
    if tail in QUARTER_ENDS:
        end = date(2025, *QUARTER_ENDS[tail])
    else:
        end = ends[int(tail[1:]) - 1] if tail else ends[11]
    return min(record.date, end) in inside


def figures(sheet: ScoreSheet) -> tuple[object, ...]:
    return (
        [line.points for line in sheet.base_lines],
        [line[2:8] for line in sheet.incentive_lines],
        [line[1:] for line in sheet.deduction_lines],
        sheet.base,
        sheet.incentive,
        sheet.deducted,
        sheet.earned_before_veto,
        sheet.total,
    )
