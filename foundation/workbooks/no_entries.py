"""Rows of a table that are no entry: sums, and lines that say who filled the sheet in or explain it."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.normal_forms import normalise
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
    entered = [cell for cell in said if not (_is_blank(cell) or _tells(cell) or _counts(cell))]
    if any(_tells(cell) for cell in said):
        return len(entered) < max(1, len(required) - 1)
    return not entered and any(_tells(cell) for cell in cells)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _tells(cell: Cell) -> bool:
    """Whether a cell is a sum's name or begins as an explaining line does."""
    if not isinstance(cell, str):
        return False
    text = "".join(normalise("NFKC", cell[:40]).split())
    return text.rstrip(":") in SUMS or (text.partition(":")[0] in LABELS and ":" in text)


def _counts(cell: Cell) -> bool:
    """Whether a cell is a number, or one with what it counts: `2人`, `共4人`."""
    if isinstance(cell, int | float):
        return True
    text = "".join(normalise("NFKC", cell[:20]).split()).removeprefix("共") if isinstance(cell, str) else ""
    return text.lstrip("0123456789.") in COUNTED and text[:1].isdigit()
