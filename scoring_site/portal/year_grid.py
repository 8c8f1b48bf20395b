"""The base items of one's year on one screen: months down, items across, a square as tall as its period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext

from points.rules.periods import first_day, last_day
from points.scoring.explanation_parts import ItemExplanation, SectionExplanation, Tick
from points.scoring.squares import SIGNS, WORDS, Square


@dataclass(frozen=True, slots=True)
class Cell:
    """A square and how many months it is tall; without a tick, months in which the half shown owes nothing."""

    tick: Tick | None
    span: int

    @property
    def sign(self) -> str | Promise:
        return SIGNS[self.tick.state] if self.tick else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A month by its name, and the squares that begin in it, in the order of the items."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class YearGrid:
    """The rows, and of each sign that stands in them what it means."""

    rows: tuple[Row, ...]
    legend: tuple[tuple[Square, str | Promise, str | Promise], ...]


def lay_out_year(section: SectionExplanation, *, months: int) -> YearGrid:
    """The calendar of the base items through a month of the year: 6 for a first half, else 12."""
    columns = [dict(_lay_out_item(item, months)) for item in section.items]
    rows = tuple(
        Row(
            pgettext("month in a calendar", "%(number)s") % {"number": month},
            tuple(column[month] for column in columns if month in column),
        )
        for month in range(1, months + 1)
    )
    shown = {cell.tick.state for row in rows for cell in row.cells if cell.tick}
    return YearGrid(rows, tuple((state, SIGNS[state], WORDS[state]) for state in Square if state in shown))


def _lay_out_item(item: ItemExplanation, months: int) -> Iterator[tuple[int, Cell]]:
    """The squares of an item by the month they begin in; together they cover every month once."""
    month = 1
    for tick in item.ticks:
        start, end = first_day(tick.period).month, min(last_day(tick.period).month, months)
        if start > month:
            yield month, Cell(None, start - month)
        yield start, Cell(tick, end - start + 1)
        month = end + 1
    if month <= months:
        yield month, Cell(None, months - month + 1)
