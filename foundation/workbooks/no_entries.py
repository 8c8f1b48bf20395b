"""Rows of a table that are no entry: sums, and lines that say who filled the sheet in or explain it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from foundation.normal_forms import normalise
from foundation.workbooks.cells import is_blank
from foundation.workbooks.reader import Cell

SUMS = frozenset({"小计", "合计", "总计", "共计", "累计", "总数", "总人数", "合计人数", "本页小计", "本页合计"})
LABELS = frozenset(
    (
        *("填表人", "填报人", "制表人", "审核人", "复核人", "负责人", "经办人", "记录人", "联系人"),
        *("党支部书记", "支部书记", "填表单位", "填报单位", "填表说明", "说明", "备注", "注"),
        *("填表时间", "填表日期", "填报时间", "填报日期", "制表时间", "制表日期"),
    )
)
"""What such a line begins with, before a colon."""
COUNTED = frozenset({"人", "名", "人次", "条", "项", "次", "分", "元"})


def is_no_entry(cells: Sequence[Cell], required: Sequence[int]) -> bool:
    """Whether a row with a sum or such a line in it lacks what an entry must have.

    `required` are the columns, from 0, that every entry fills. A row that has them all is one, whatever else it says.
    """
    said = [cells[position] if position < len(cells) else None for position in required]
    if any(map(_tells, said)):
        entered = sum(not (_tells(cell) or is_blank(cell) or _counts(cell)) for cell in said)
        return entered < max(1, len(required) - 1)
    return all(is_blank(cell) or _counts(cell) for cell in said) and any(map(_tells, cells))


def is_entered(cell: Cell) -> bool:
    """Whether a cell is what only an entry says: a text or a day, no sum, label or number of things counted."""
    return isinstance(cell, str | date) and not (is_blank(cell) or _tells(cell) or _counts(cell))


def _tells(cell: Cell) -> bool:
    """Whether a cell is a sum's name or begins as an explaining line does."""
    return isinstance(cell, str) and _is_told(cell[:40])


@lru_cache(maxsize=8192)
def _is_told(text: str) -> bool:
    """Asked of each cell of hundreds of thousands of rows, which say a few thousand things."""
    text = "".join(normalise("NFKC", text).split())
    return text.rstrip(":") in SUMS or (text.partition(":")[0] in LABELS and ":" in text)


def _counts(cell: Cell) -> bool:
    """Whether a cell is a number, or one with what it counts: `2人`, `共4人`."""
    if isinstance(cell, int | float):
        return True
    text = "".join(normalise("NFKC", cell[:20]).split()).removeprefix("共") if isinstance(cell, str) else ""
    return text.lstrip("0123456789.") in COUNTED and text[:1].isdigit()
