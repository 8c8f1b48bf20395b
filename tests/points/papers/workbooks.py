"""Reading back what a report wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl


def read_sheet(path: Path, title: str, *, header_row: int = 1) -> list[dict[str, Any]]:
    """The rows of a sheet below its header row, by header."""
    rows = list(openpyxl.load_workbook(path)[title].iter_rows(values_only=True))
    header = [str(cell) for cell in rows[header_row - 1]]
    return [dict(zip(header, row, strict=True)) for row in rows[header_row:]]


def read_scores(path: Path) -> dict[str, dict[str, Any]]:
    """The lines of 年度积分 by name; every name stands there once."""
    rows = read_sheet(path, "年度积分", header_row=3)
    by_name = {row["姓名"]: row for row in rows}
    assert len(by_name) == len(rows)
    return by_name
