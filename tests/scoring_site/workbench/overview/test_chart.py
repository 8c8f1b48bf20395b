"""The drawing of the spread: both years on one scale, the marks where they belong, the same numbers as the table."""

from __future__ import annotations

from points.rules.rulebook import load_shipped_rulebook
from scoring_site.overview.year import Spread
from scoring_site.workbench.overview.chart import BOTTOM, LEFT, TOP, draw_chart

RULEBOOK = load_shipped_rulebook()


def spread(year: int, *totals: int) -> Spread:
    return Spread(year, totals, RULEBOOK, is_final=False)


def test_bars_are_shares_of_a_years_members_and_numbers_are_people() -> None:
    chart = draw_chart(spread(2026, 590, 600, 610, 1000), spread(2025, 950, 960))
    assert [bar.count for bar in chart.bars] == [0, 0, 0, 0, 0, 1, 2, 0, 0, 1]
    assert [bar.count for bar in chart.before] == [0] * 9 + [2]
    # All of last year's two stand in the last step, half of this year's four in the seventh.
    assert (chart.before[9].height, chart.bars[6].height) == (BOTTOM - TOP, (BOTTOM - TOP) // 2)
    assert [bar.is_below for bar in chart.bars] == [True] * 6 + [False] * 4
    assert [bar.y + bar.height for bar in chart.bars] == [BOTTOM] * 10
    assert chart.steps[9] == ("90分至100分", 1, 2)
    assert [row[1:] for row in chart.bands] == [(1, 0), (2, 0), (0, 0), (1, 2)]


def test_the_three_marks_stand_where_their_step_begins() -> None:
    chart = draw_chart(spread(2026, 650), None)
    ticks = {words: x for x, words in chart.ticks}
    assert [(mark.words, mark.x) for mark in chart.marks] == [(words, ticks[words]) for words in ("60", "80", "90")]
    assert ticks["0"] == LEFT
    assert chart.before == ()
    assert {row[2] for row in chart.steps} == {None}


def test_one_of_very_many_is_still_to_be_seen_and_of_nobody_there_is_nothing() -> None:
    many = draw_chart(spread(2026, 50, *[650] * 2999), None)
    assert (many.bars[0].height, many.bars[6].height) == (1, BOTTOM - TOP)
    assert {bar.height for bar in draw_chart(spread(2026), None).bars} == {0}
