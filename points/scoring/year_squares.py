"""The squares of a member's whole year, every period of every base item (D24), from a score sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from points.rules.periods import periods_of_year
from points.rules.rulebook import Rulebook
from points.rules.scope import is_owed
from points.rules.score import ScoreSheet
from points.scoring.missed import Missed
from points.scoring.squares import Square, find_square

Pair = tuple[str, str]
"""Item and period."""


def find_squares(
    rulebook: Rulebook,
    sheet: ScoreSheet,
    *,
    on: date,
    held: Mapping[Pair, Collection[date]],
    missed: Mapping[Pair, Missed],
) -> Iterator[tuple[Pair, Square]]:
    """What each period shows on a day, item by item.

    `held` is what the member's branch held, `missed` what the member missed of it.
    """
    lines = {line.item: line for line in sheet.base_lines}
    for item in rulebook.base:
        counted = {record.period for record in lines[item.code].counted}
        uncounted = {entry.record.period: entry.reason for entry in lines[item.code].uncounted}
        for period in periods_of_year(sheet.year, item.per):
            pair = (item.code, period)
            yield (
                pair,
                find_square(
                    period,
                    on=on,
                    in_scope=is_owed(item, period, held.get(pair, ()), sheet.in_scheme, on=on),
                    earned=period in counted,
                    uncounted=uncounted.get(period, ""),
                    missed=missed[pair].status if pair in missed else "",
                    # Dues are the member's own to pay: nobody holds them.
                    is_held=item.is_dues or pair in held,
                ),
            )
