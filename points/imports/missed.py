"""Rows for a period whose meeting the member missed are refused row by row: a file changes no attendance (D24)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from points.imports.records_file import EventRow
from points.records.missed import find_missed, say_missed


def refuse_missed_events(rows: Sequence[EventRow], report: ImportReport) -> list[EventRow]:
    """The rows that may be added; the others are reported with the meeting they speak against."""
    missed = find_missed([row.entry for row in rows])
    free = []
    for row in rows:
        found = missed.get((row.entry.member_id, row.entry.item, row.entry.period))
        if found is None:
            free.append(row)
            continue
        row.outcome = RowOutcome.UNCHANGED
        report.added -= 1
        remedy = _("Delete the row or clear the cell; or change the attendance of that meeting in the workbench first.")
        report.add_error(RowError(row.sheet, row.row, *row.day_cell, say_missed(found), remedy, row.person))
    return free
