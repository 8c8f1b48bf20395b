"""What a score sheet carries besides its figures, and the facts it refuses (D2, D7, D8)."""

from datetime import date

import pytest

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.rulebook import change_settings, load_shipped_rulebook
from points.rules.score import FactsError, UncountedRecord, score_member, score_year

RULEBOOK = load_shipped_rulebook()
NEW_YEARS_EVE = date(2025, 12, 31)

MARCH = PointRecord(5, "dues", "2025-03", date(2025, 3, 5), None, False)
MARCH_AGAIN = PointRecord(2, "dues", "2025-03", date(2025, 8, 1), None, False)
TALK = PointRecord(7, "council", "", date(2025, 4, 1), 30, True)


def test_every_line_names_its_records_and_clause() -> None:
    sheet = score_member(RULEBOOK, MemberFacts(2025, points=(TALK, MARCH, MARCH_AGAIN)), NEW_YEARS_EVE)
    dues = sheet.base_lines[0]
    assert (dues.item, dues.clause, dues.points, dues.max) == ("dues", "2.3.1.1", 10, 120)
    assert dues.counted == (MARCH_AGAIN,)
    assert dues.uncounted == (UncountedRecord(MARCH, "duplicate"),)
    council = sheet.incentive_lines[2]
    assert (council.item, council.clause, council.awarded, council.led, council.cut, council.score) == (
        "council", "2.3.2.3", 30, 30, 0, 60,
    )  # fmt: skip
    assert council.records == (TALK,)
    assert council.item_cap == 40


def test_lines_stand_in_the_rulebooks_order_even_when_empty() -> None:
    sheet = score_member(RULEBOOK, MemberFacts(2025), NEW_YEARS_EVE)
    assert [line.item for line in sheet.base_lines + sheet.incentive_lines] == list(RULEBOOK.item_names())
    assert {line.max for line in sheet.base_lines} == {120, 60, 30}


def test_late_dues_are_shown_with_their_reason_and_a_timely_record_of_the_month_counts() -> None:
    facts = MemberFacts(2025, points=(MARCH, MARCH_AGAIN), approvals=(("H1", date(2025, 7, 10)),))
    dues = score_year(RULEBOOK, facts).first_half.base_lines[0]
    assert dues.counted == (MARCH,)
    assert dues.uncounted == (UncountedRecord(MARCH_AGAIN, "late_dues"),)


def test_a_half_approved_twice_counts_from_the_first_time() -> None:
    approvals = (("H1", date(2025, 9, 1)), ("H1", date(2025, 7, 10)), ("H2", date(2026, 1, 10)))
    facts = MemberFacts(2025, points=(MARCH_AGAIN,), approvals=approvals)
    assert score_year(RULEBOOK, facts).annual.total == 0


def test_deductions_and_vetoes_stand_in_order_of_their_days() -> None:
    facts = MemberFacts(
        2025,
        deductions=(
            DeductionRecord(1, "rumour", date(2025, 9, 1)),
            DeductionRecord(2, "gambling", date(2025, 2, 1)),
        ),
        vetoes=(VetoFact(9, "cult", 2025, date(2025, 8, 1)), VetoFact(8, "absence", 2025, date(2025, 7, 2))),
    )
    sheet = score_member(RULEBOOK, facts, NEW_YEARS_EVE)
    assert [(line.ref, line.item, line.clause, line.points) for line in sheet.deduction_lines] == [
        (2, "gambling", "2.3.3.1", 50),
        (1, "rumour", "2.3.3.3", 50),
    ]
    assert [(line.ref, line.ground, line.clause) for line in sheet.vetoes] == [
        (8, "absence", "2.3.4.1"),
        (9, "cult", "2.3.4.4"),
    ]
    assert sheet.is_vetoed
    assert sheet.forgiven == 100


@pytest.mark.parametrize(
    ("through", "half", "elapsed", "total"),
    [
        (date(2024, 12, 31), "H1", 0, 10),
        (date(2025, 1, 30), "H1", 0, 10),
        (date(2025, 1, 31), "H1", 1, 10),
        (date(2025, 6, 30), "H1", 6, 10),
        (date(2025, 7, 1), "H2", 6, 30),
        (date(2025, 12, 31), "H2", 12, 30),
        (date(2026, 5, 1), "H2", 12, 30),
    ],
)
def test_a_score_goes_through_the_half_of_its_day(through: date, half: str, elapsed: int, total: int) -> None:
    later = PointRecord(8, "essay", "", date(2025, 7, 1), 20, False)
    sheet = score_member(RULEBOOK, MemberFacts(2025, points=(MARCH, later)), through)
    assert (sheet.half, sheet.months_elapsed, sheet.total) == (half, elapsed, total)
    assert sheet.through <= NEW_YEARS_EVE


def test_proration_says_what_it_added() -> None:
    rulebook = change_settings(RULEBOOK, part_year="prorate_base")
    sheet = score_member(rulebook, MemberFacts(2025, (10, 11, 12), points=(MARCH,)), NEW_YEARS_EVE)
    assert sheet.prorated
    assert (sheet.base_earned, sheet.base_added, sheet.base) == (10, 30, 40)
    assert (sheet.months_elapsed, sheet.months_counted, sheet.months_in_scope) == (12, 3, (10, 11, 12))
    as_earned = score_member(RULEBOOK, MemberFacts(2025, (10, 11, 12), points=(MARCH,)), NEW_YEARS_EVE)
    assert not as_earned.prorated
    assert (as_earned.base_added, as_earned.base) == (0, 10)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (MARCH._replace(item="singing"), "record 5: unknown item 'singing'"),
        (MARCH._replace(item="gambling"), "record 5: unknown item 'gambling'"),
        (MARCH._replace(period="2024-03"), "record 5: '2024-03' is no period of dues in 2025"),
        (MARCH._replace(period="2025Q1"), "record 5: '2025Q1' is no period of dues in 2025"),
        (MARCH._replace(period=""), "record 5: '' is no period of dues in 2025"),
        (
            TALK._replace(date=date(2024, 12, 31)),
            "record 7: an incentive item of 2025 is dated in it and has no period",
        ),
        (TALK._replace(period="2025"), "record 7: an incentive item of 2025 is dated in it and has no period"),
        (TALK._replace(points=None), "record 7: an incentive item needs points of at least 1 tenth"),
        (TALK._replace(points=0), "record 7: an incentive item needs points of at least 1 tenth"),
    ],
)
def test_records_that_cannot_be_scored_are_refused(record: PointRecord, problem: str) -> None:
    with pytest.raises(FactsError) as refused:
        score_member(RULEBOOK, MemberFacts(2025, points=(record,)), NEW_YEARS_EVE)
    assert str(refused.value) == problem


def test_findings_that_cannot_be_scored_are_refused() -> None:
    for facts, problem in (
        (MemberFacts(2025, deductions=(DeductionRecord(1, "dues", date(2025, 1, 1)),)), "unknown item 'dues'"),
        (MemberFacts(2025, deductions=(DeductionRecord(1, "rumour", date(2024, 1, 1)),)), "2024-01-01 is not in 2025"),
        (MemberFacts(2025, vetoes=(VetoFact(1, "rumour", 2025, date(2025, 1, 1)),)), "unknown ground 'rumour'"),
    ):
        with pytest.raises(FactsError, match=problem):
            score_year(RULEBOOK, facts)
