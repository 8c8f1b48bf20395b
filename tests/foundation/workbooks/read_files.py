"""Run by itself: read the workbooks named, one after the other; print each, what became of it and the peak memory."""

from __future__ import annotations

from pathlib import Path

from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.reader import read_workbook
from tests.foundation.measured import report_peaks


def read(path: Path) -> str:
    """The code of the refusal, or how many rows were read."""
    try:
        return f"{sum(1 for sheet in read_workbook(path.read_bytes(), path.name).sheets for _row in sheet.rows())} rows"
    except UnreadableWorkbook as refusal:
        return refusal.code


if __name__ == "__main__":
    report_peaks(read)
