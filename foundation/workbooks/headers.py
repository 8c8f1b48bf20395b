"""Finding the table in a sheet: the header row below titles and blank rows, its columns by name in any order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from django.utils.translation import gettext as _

from foundation.normal_forms import normalise
from foundation.workbooks.reader import Cell, Row, Sheet
from foundation.workbooks.report import RowError

LONGEST_HEADER = 500
"""Characters; what is longer, an explanation above the table, names no column."""

_SEARCHED_ROWS = 50
_DROPPED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff*＊※★☆:：]+|[(（][^()（）]*[)）]$")


@dataclass(frozen=True)
class Column:
    """A column of a table: the key our code uses and the names people write, the first being the one we show.

    `may_lack`: what it says may be known otherwise, so a table without it is one; its cells are required all the same.
    """

    key: str
    names: tuple[str, ...]
    required: bool = False
    may_lack: bool = False


@dataclass(frozen=True)
class Table:
    """A table found in a sheet. `rows` runs once, over the rows below the header that hold anything.

    `ignored` are the headers nobody knows; `unnamed` the columns (from 0) within its `width` that have none; `above`
    the texts that stand over the header, such as a title.
    """

    sheet: str
    header_row: int
    positions: dict[str, int]
    titles: dict[str, str]
    ignored: tuple[str, ...]
    unnamed: tuple[int, ...]
    width: int
    rows: Iterator[Row]
    above: tuple[str, ...] = ()

    def cell(self, cells: tuple[Cell, ...], key: str) -> Cell:
        """The cell of a row in the column of that key; None where the column or the cell is missing."""
        position = self.positions.get(key)
        return cells[position] if position is not None and position < len(cells) else None

    def title(self, key: str) -> str:
        """The column's name as the file writes it, else ours."""
        return self.titles.get(key, key)


def normalise_header(value: Cell) -> str:
    """A header without spaces, line breaks, asterisks, colons, a trailing remark in brackets; full-width folded.

    No text, or one longer than `LONGEST_HEADER`, is none: "".
    """
    if not isinstance(value, str) or len(value) > LONGEST_HEADER:
        return ""
    return _DROPPED.sub("", normalise("NFKC", value))


def column_letters(position: int) -> str:
    """Excel's name of a column counted from 0: 0 → A, 27 → AB."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_table(sheet: Sheet, columns: Sequence[Column]) -> tuple[Table | None, list[RowError]]:
    """The table with these columns, or None when no row of the sheet looks like its header.

    A header is the row (among the first 50 filled ones) that names most columns, at least two required ones. Errors
    name a missing required column and a column that stands twice; with errors the positions are not to be used.
    """
    names = {normalise_header(name): column for column in columns for name in column.names}
    rows = sheet.rows()
    head = list(islice(rows, _SEARCHED_ROWS))
    best, best_score = -1, (1, 1)
    for index, (_number, cells) in enumerate(head):
        found = {column.key: column for cell in cells if (column := names.get(normalise_header(cell)))}
        score = (sum(column.required for column in found.values()), len(found))
        if score[0] >= 2 and score > best_score:
            best, best_score = index, score
    if best < 0:
        return None, []
    number, header = head[best]
    above = tuple(cell for _number, cells in head[:best] for cell in cells if isinstance(cell, str))
    if best + 1 < len(head) and (both := _join_header(header, head[best + 1][1], names)):
        best += 1
        number, header = head[best][0], both
    positions: dict[str, int] = {}
    titles = {column.key: column.names[0] for column in columns}
    ignored: list[str] = []
    unnamed: list[int] = []
    errors: list[RowError] = []
    for position, cell in enumerate(header):
        found_column = names.get(normalise_header(cell))
        text = str(cell).strip() if cell is not None else ""
        if found_column is None:
            if text:
                ignored.append(text)
            else:
                unnamed.append(position)
        elif found_column.key in positions:
            errors.append(
                RowError(
                    sheet.name,
                    number,
                    text,
                    f"{column_letters(positions[found_column.key])}、{column_letters(position)}",
                    _("The column stands twice."),
                    _("Delete or rename one of them."),
                )
            )
        else:
            positions[found_column.key] = position
            titles[found_column.key] = text
    errors += [
        RowError(
            sheet.name,
            number,
            column.names[0],
            "",
            _("The required column “%(column)s” is missing.") % {"column": column.names[0]},
            _("Add the column, or download the template."),
        )
        for column in columns
        if column.required and not column.may_lack and column.key not in positions
    ]
    # The header may stand again, as on every printed page.
    below = (row for row in chain(head[best + 1 :], rows) if row[1] != header)
    table = Table(sheet.name, number, positions, titles, tuple(ignored), tuple(unnamed), len(header), below, above)
    return table, errors


def _join_header(
    header: tuple[Cell, ...], second: tuple[Cell, ...], names: Mapping[str, Column]
) -> tuple[Cell, ...] | None:
    """A header in two rows, below which groups have their columns: every filled cell of the second names one of them.

    It stands under no column that the first row names itself. None where the second row is none of the header.
    """
    filled = [position for position, cell in enumerate(second) if normalise_header(cell)]
    named = {names[word].key for cell in header if (word := normalise_header(cell)) in names}
    if not filled or any(cell is not None and at not in filled for at, cell in enumerate(second)):
        return None
    for position in filled:
        above = normalise_header(header[position]) if position < len(header) else ""
        column = names.get(normalise_header(second[position]))
        if above in names or column is None or column.key in named:
            return None
    both = [*header, *[None] * (len(second) - len(header))]
    for position in filled:
        both[position] = second[position]
    return tuple(both)
