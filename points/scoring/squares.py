"""The seven states of a square (D24): what one period of a base item is to one member, with its words and its mark.

One function decides the state, one place has words and marks: tick sheets, the month, the member's page, the review's
table and its paper, the portal and the tick workbook all ask here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from points.models import Attendance
from points.rules.periods import last_day
from points.rules.score import OUT_OF_SCOPE


class Square(StrEnum):
    """What a period of a base item shows; `NOT_COUNTED` is a record that earns nothing, such as late dues (D25)."""

    EARNED = "earned"
    EXCUSED = "excused"
    ABSENT = "absent"
    NOT_HELD = "not_held"
    NO_RECORD = "no_record"
    NOT_OVER = "not_over"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_COUNTED = "not_counted"


WORDS: dict[Square, str | Promise] = {
    Square.EARNED: gettext_lazy("earned"),
    Square.EXCUSED: gettext_lazy("excused"),
    Square.ABSENT: gettext_lazy("absent"),
    Square.NOT_HELD: gettext_lazy("the branch held none"),
    Square.NO_RECORD: pgettext_lazy("period", "no record"),
    Square.NOT_OVER: gettext_lazy("not over yet"),
    Square.OUT_OF_SCOPE: gettext_lazy("not in scope"),
    Square.NOT_COUNTED: gettext_lazy("no point"),
}
MARKS: dict[Square, str | Promise] = {
    Square.EARNED: "√",
    Square.EXCUSED: pgettext_lazy("mark in a tick sheet", "E"),
    Square.ABSENT: pgettext_lazy("mark in a tick sheet", "A"),
    Square.NOT_HELD: pgettext_lazy("mark in a tick sheet", "none"),
    Square.NO_RECORD: "",
    Square.NOT_OVER: "",
    Square.OUT_OF_SCOPE: "·",
    Square.NOT_COUNTED: "√",
}
"""What stands in a cell too small for the words; nothing where nothing is recorded."""
SIGNS: dict[Square, str | Promise] = MARKS | {
    Square.NO_RECORD: "○",
    Square.NOT_OVER: "–",
    Square.NOT_COUNTED: "0",
}
"""The marks of a calendar that says below what each means: none is empty, no two are the same."""

OF_STATUS = {Attendance.Status.EXCUSED: Square.EXCUSED, Attendance.Status.ABSENT: Square.ABSENT}
"""The square of a member who was expected and took no part, by the attendance that says so."""


def find_square(
    period: str,
    *,
    on: date,
    in_scope: bool,
    earned: bool = False,
    uncounted: str = "",
    missed: str = "",
    is_held: bool = True,
) -> Square:
    """The state of a period on a day.

    `uncounted` is why its record earns nothing, as the engine says it; out of scope shows as 不计分期间, though other
    days of the period may count (D16). `missed` is the attendance (excused or absent) that stands where nothing is
    earned: of several meetings in a period 得分 wins, then 请假. A period that runs is not due until it is over, unless
    its meeting was missed already.
    """
    if earned:
        return Square.EARNED
    if uncounted and uncounted != OUT_OF_SCOPE:
        return Square.NOT_COUNTED
    if uncounted or not in_scope:
        return Square.OUT_OF_SCOPE
    if missed:
        return OF_STATUS[Attendance.Status(missed)]
    if last_day(period) >= on:
        return Square.NOT_OVER
    return Square.NO_RECORD if is_held else Square.NOT_HELD
