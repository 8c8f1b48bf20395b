"""A dues sheet that holds amounts instead of ticks, as ledgers do: then every number in it is an amount (D25)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from foundation.workbooks.cells import clean_text, parse_fen
from foundation.workbooks.errors import CellError
from foundation.workbooks.reader import Cell, Row
from points.rules.payments import Payment

_SIGNS = "¥￥"
_UNIT = "元"


def holds_amounts(rows: Iterable[Row], columns: Collection[int]) -> bool:
    """Whether a cell of these columns (from 0) is an amount that cannot be a tick: 0.2, 10, 5元. Alone, 1 is a tick."""
    return any(
        read_amount(cells[at]) is not None and clean_text(cells[at]) not in ("0", "1")
        for _number, cells in rows
        for at in columns
        if at < len(cells)
    )


def read_amount(cell: Cell) -> int | None:
    """A cell's amount in fen: 0.2, 10, 5.00元, ¥5; None where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        return parse_fen(clean_text(cell).lstrip(_SIGNS).removesuffix(_UNIT))
    except CellError:
        return None


def pay_in_full(fen: int) -> Payment:
    """What a ledger's one amount for a month says: it was due, and it was paid."""
    return Payment(due_fen=fen, paid_fen=fen)
