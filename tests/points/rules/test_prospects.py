"""What is promised comes true: whoever follows the advice gains exactly what it says, and nobody could gain more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.records.entries import EventEntry, check_entry
from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import half_end, half_of, last_day, period_half, periods_of_year
from points.rules.prospects import CATCH_UP, DEED, LEAD, TAKE_PART, Openness, facts_behind, find_prospects
from points.rules.rulebook import Rulebook, change_settings
from points.rules.score import score_member, score_year
from tests.points.rules.invented import ANY_RULEBOOK, FACTS, SHIPPED

YEAR_END = date(2025, 12, 31)
DAYS = st.integers(0, 364).map(lambda n: date(2025, 1, 1) + timedelta(n))
HALVES = st.sets(st.sampled_from(["H1", "H2"])).map(frozenset)
PERIODS = [(item.code, period) for item in SHIPPED.base for period in periods_of_year(2025, item.per)]
OPENNESS = st.builds(
    Openness,
    on=st.integers(-20, 420).map(lambda n: date(2025, 1, 1) + timedelta(n)),
    locked=HALVES,
    closed=HALVES,
    held=st.none() | st.dictionaries(st.sampled_from(PERIODS), st.lists(DAYS, min_size=1, max_size=2)),
)


def total(rulebook: Rulebook, facts: MemberFacts) -> int:
    return score_member(rulebook, facts, YEAR_END).total


def follow(rulebook: Rulebook, facts: MemberFacts, records: list[PointRecord]) -> int:
    """The gain once these are in the ledger, numbered as the ledger would."""
    first = max((record.ref for record in facts.points), default=0) + 1
    written = [record._replace(ref=ref) for ref, record in enumerate(records, start=first)]
    return total(rulebook, replace(facts, points=(*facts.points, *written))) - total(rulebook, facts)


@given(FACTS, OPENNESS, ANY_RULEBOOK)
def test_following_each_piece_of_advice_gains_exactly_what_it_promises(
    facts: MemberFacts, openness: Openness, rulebook: Rulebook
) -> None:
    found = find_prospects(rulebook, facts, openness)
    best: dict[tuple[str, str], tuple[int, list[PointRecord]]] = {}
    for prospect in found.lines:
        assert prospect.gain > 0
        records = list(prospect.records)
        if prospect.periods:
            days = [record.date for record in records]
            records = [
                PointRecord(0, prospect.item, period, day, None, False, True)
                for period, day in zip(prospect.periods, days, strict=True)
            ]
        assert follow(rulebook, facts, records) == prospect.gain
        kind = prospect.way if prospect.periods else ""
        best[prospect.item, kind] = max(best.get((prospect.item, kind), (0, [])), (prospect.gain, records))
    everything = [record for _gain, records in best.values() for record in records]
    assert follow(rulebook, facts, everything) == found.together
    assert total(rulebook, facts) + found.together <= 1000
    # Nothing alone adds more than all of it, unless proration rounds.
    if rulebook.settings.part_year == "as_earned":
        assert all(prospect.gain <= found.together for prospect in found.lines)


@given(FACTS, OPENNESS, ANY_RULEBOOK)
def test_no_deed_could_add_more_than_is_said(facts: MemberFacts, openness: Openness, rulebook: Rulebook) -> None:
    said = {(line.item, line.way): line.gain for line in find_prospects(rulebook, facts, openness).lines}
    day = max(openness.on, date(2025, 1, 1))
    if day > YEAR_END or day.month not in facts.months_in_scope or half_of(day) in openness.locked:
        return
    for item in rulebook.incentive[:3]:
        most = {
            led: max(
                follow(rulebook, facts, [PointRecord(0, item.code, "", day, points, led)])
                for points in range(1, item.cap + 1)
            )
            for led in (False, True)
        }
        deed = said.get((item.code, DEED), 0)
        assert deed == most[False]
        if item.confirm_lead:
            assert (item.code, LEAD) not in said
        else:
            assert said.get((item.code, LEAD), deed) == most[True]


@given(FACTS, OPENNESS, ANY_RULEBOOK)
def test_advice_can_be_recorded_and_only_where_it_is_still_open(
    facts: MemberFacts, openness: Openness, rulebook: Rulebook
) -> None:
    recorded = {(record.item, record.period) for record in facts.points if record.period}
    for prospect in find_prospects(rulebook, facts, openness).lines:
        for record in prospect.records:
            entry = EventEntry(1, record.item, record.date, record.period, record.points, record.led)
            check_entry(entry, rulebooks={2025: rulebook}, today=record.date)
            assert record.date >= openness.on or openness.on > YEAR_END
            half = period_half(record.period, record.date) if record.period else half_of(record.date)
            assert half not in openness.locked
            if record.period:
                assert (record.item, record.period) not in recorded
                item = rulebook.item(record.item)
                is_held = (record.item, record.period) in (openness.held or ()) and item in rulebook.meeting_items
                is_past = last_day(record.period) < openness.on or is_held
                assert is_past == (prospect.way == CATCH_UP)
                if prospect.way == CATCH_UP and record.item != "dues":
                    assert half not in openness.closed
                    assert openness.held is not None
                    assert (record.item, record.period) in openness.held
            else:
                assert record.date.year == 2025
                assert record.date.month in facts.months_in_scope


@given(FACTS, ANY_RULEBOOK)
def test_the_facts_behind_a_sheet_score_it_again(facts: MemberFacts, rulebook: Rulebook) -> None:
    annual = score_year(rulebook, facts).annual
    assert score_member(rulebook, facts_behind(annual, facts.approvals), YEAR_END) == annual


def lines_of(facts: MemberFacts, openness: Openness, **readings: str) -> dict[tuple[str, str], int]:
    found = find_prospects(change_settings(SHIPPED, **readings), facts, openness)
    return {(line.item, line.way): line.gain for line in found.lines}


def deed(points: int, *, led: bool = False, item: str = "heritage", ref: int = 1) -> PointRecord:
    return PointRecord(ref, item, "", date(2025, 3, 1), points, led)


AUTUMN = Openness(on=date(2025, 10, 20))


def test_an_item_at_its_cap_offers_only_what_leading_still_adds() -> None:
    facts = MemberFacts(2025, points=(deed(40),))
    assert lines_of(facts, AUTUMN)["heritage", LEAD] == 40
    assert ("heritage", DEED) not in lines_of(facts, AUTUMN)
    within = lines_of(facts, AUTUMN, lead_bonus="within_item_cap")
    assert not {way for item, way in within if item == "heritage"}
    led = MemberFacts(2025, points=(deed(40, led=True),))
    assert not {way for item, way in lines_of(led, AUTUMN) if item == "heritage"}


def test_nobody_is_advised_to_lead_where_leading_is_unusual() -> None:
    """As it was seen: "in a leading role up to +8" stood beside a contest and a commendation (W6)."""
    found = lines_of(MemberFacts(2025), AUTUMN)
    assert {item for item, way in found if way == DEED} == {item.code for item in SHIPPED.incentive}
    usual = {item.code for item in SHIPPED.incentive} - {"essay", "contest", "commendation"}
    assert {item for item, way in found if way == LEAD} == usual


def test_who_missed_the_meeting_of_a_running_period_is_told_of_the_make_up_only() -> None:
    """As it was seen: "take part: November" to somebody absent at November's only meeting (W6)."""
    facts = MemberFacts(2025, months_in_scope=(11, 12))
    openness = Openness(on=date(2025, 11, 20), held={("party_day", "2025-11"): [date(2025, 11, 12)]})
    lines = {
        line.way: line.periods for line in find_prospects(SHIPPED, facts, openness).lines if line.item == "party_day"
    }
    assert lines == {CATCH_UP: ("2025-11",), TAKE_PART: ("2025-12",)}
    closed = Openness(on=openness.on, held=openness.held, closed=frozenset({"H2"}))
    assert ("party_day", CATCH_UP) not in lines_of(facts, closed)


def test_the_sections_cap_ends_all_deeds() -> None:
    full = tuple(deed(40, item=item.code, ref=ref) for ref, item in enumerate(SHIPPED.incentive, start=1))
    assert {way for _item, way in lines_of(MemberFacts(2025, points=full), AUTUMN)} == {TAKE_PART, CATCH_UP}
    almost = MemberFacts(2025, points=(*full[1:], deed(37, item="heritage", ref=99)))
    assert lines_of(almost, AUTUMN)["heritage", DEED] == 3
    assert lines_of(almost, AUTUMN)["council", LEAD] == 3


def test_a_deduction_beyond_the_score_takes_the_first_points() -> None:
    facts = MemberFacts(2025, deductions=(DeductionRecord(1, "gambling", date(2025, 3, 1)),))
    # Six dues paid would make 6 points, of which the deduction takes 5.
    assert lines_of(facts, Openness(on=date(2025, 7, 1)))["dues", TAKE_PART] == 10


def test_under_a_veto_nothing_is_promised() -> None:
    facts = MemberFacts(2025, vetoes=(VetoFact(1, "cult", 2025, date(2025, 3, 1)),))
    assert find_prospects(SHIPPED, facts, AUTUMN).lines == ()


@pytest.mark.parametrize(
    ("openness", "dues", "lectures"),
    [
        (Openness(on=date(2025, 8, 10), held={("lecture", "2025Q1"): [date(2025, 2, 12)]}), 70, 30),
        (
            Openness(on=date(2025, 8, 10), closed=frozenset({"H1"}), held={("lecture", "2025Q1"): [date(2025, 2, 12)]}),
            70,
            0,
        ),
        (Openness(on=date(2025, 8, 10), locked=frozenset({"H1"}), closed=frozenset({"H1"})), 10, 0),
    ],
)
def test_what_is_over_can_be_caught_up_with_while_its_half_is_open(
    openness: Openness, dues: int, lectures: int
) -> None:
    found = lines_of(MemberFacts(2025), openness)
    assert found["dues", CATCH_UP] == dues
    assert found.get(("lecture", CATCH_UP), 0) == lectures


def test_arrears_of_an_approved_half_promise_points_only_where_the_town_gives_them() -> None:
    facts = MemberFacts(2025, approvals=(("H1", date(2025, 7, 10)),))
    openness = Openness(on=date(2025, 8, 10), closed=frozenset({"H1"}))
    assert lines_of(facts, openness)["dues", CATCH_UP] == 10
    assert lines_of(facts, openness, late_dues="always")["dues", CATCH_UP] == 70


def test_once_the_year_is_over_no_deed_counts_any_more() -> None:
    found = lines_of(MemberFacts(2025), Openness(on=date(2026, 1, 5)))
    assert found == {("dues", CATCH_UP): 120}
    assert half_end(2025, "H2") == YEAR_END


def test_of_arrears_only_the_months_are_named_that_earn() -> None:
    """As it was seen: "pay the arrears for 1月、4月、11月: +1" where 11月 alone earns."""
    paid = [month for month in range(1, 13) if month not in (1, 4, 11)]
    records = tuple(
        PointRecord(month, "dues", f"2025-{month:02}", date(2025, month, 10), None, False) for month in paid
    )
    facts = MemberFacts(2025, points=records, approvals=(("H1", date(2025, 7, 5)),))
    openness = Openness(on=date(2025, 12, 5))

    def arrears(**readings: str) -> list[tuple[tuple[str, ...], int]]:
        found = find_prospects(change_settings(SHIPPED, **readings), facts, openness)
        return [(line.periods, line.gain) for line in found.lines if (line.item, line.way) == ("dues", CATCH_UP)]

    assert arrears() == [(("2025-11",), 10)]
    assert arrears(late_dues="always") == [(("2025-01", "2025-04", "2025-11"), 30)]
