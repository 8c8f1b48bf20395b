"""One function decides the seven states, one place has their words (D24)."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from points.rules.score import LATE_DUES, OUT_OF_SCOPE
from points.scoring.squares import MARKS, SIGNS, WORDS, Square, find_square

AFTER, DURING = date(2026, 4, 1), date(2026, 3, 15)


@pytest.mark.parametrize(
    ("on", "known", "square"),
    [
        (AFTER, {"earned": True, "missed": "absent", "in_scope": False}, Square.EARNED),
        (AFTER, {"uncounted": LATE_DUES}, Square.NOT_COUNTED),
        (AFTER, {"uncounted": LATE_DUES, "in_scope": False}, Square.NOT_COUNTED),
        (AFTER, {"uncounted": OUT_OF_SCOPE, "missed": "absent"}, Square.OUT_OF_SCOPE),
        (AFTER, {"in_scope": False, "missed": "absent"}, Square.OUT_OF_SCOPE),
        (AFTER, {"missed": "absent"}, Square.ABSENT),
        (AFTER, {"missed": "excused", "is_held": False}, Square.EXCUSED),
        (DURING, {"missed": "absent"}, Square.ABSENT),
        (DURING, {}, Square.NOT_OVER),
        (date(2026, 3, 31), {}, Square.NOT_OVER),
        (AFTER, {}, Square.NO_RECORD),
        (AFTER, {"is_held": False}, Square.NOT_HELD),
    ],
)
def test_which_state(on: date, known: dict[str, bool | str], square: Square) -> None:
    assert find_square("2026-03", on=on, **({"in_scope": True} | known)) is square  # type: ignore[arg-type]


def test_the_words_and_marks_of_the_seven() -> None:
    with translation.override("zh-hans"):
        said = {square: (str(WORDS[square]), str(MARKS[square])) for square in Square}
    assert said.keys() == set(Square)
    assert [said[square] for square in list(Square)[:7]] == [
        ("得分", "√"),
        ("请假", "假"),
        ("缺席", "缺"),
        ("支部未组织", "无"),
        ("未登记", ""),
        ("未到期", ""),
        ("不计分期间", "·"),
    ]


def test_each_sign_of_a_calendar_is_seen_and_means_one_state() -> None:
    with translation.override("zh-hans"):
        signs = [str(SIGNS[square]) for square in Square]
    assert signs == ["√", "假", "缺", "无", "○", "–", "·", "0"]
