"""Rows for halves that are submitted, or of years that are final, are refused row by row (D20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from points.halves.locks import HalfKey, finding_half_keys, locked_halves
from points.imports.records_file import EventRow, FindingRow

RowT = TypeVar("RowT", EventRow, FindingRow)


def refuse_locked_events(rows: Sequence[EventRow], report: ImportReport, *, now: datetime) -> list[EventRow]:
    """The rows that may be added; the others are reported with the branch and the half that are locked."""
    return _refuse([(row, row.entry.date, [row.entry.half_key]) for row in rows], report, now)


def refuse_locked_findings(rows: Sequence[FindingRow], report: ImportReport, *, now: datetime) -> list[FindingRow]:
    """The same for deductions and vetoes."""
    return _refuse([(row, row.day, _keys_of(row)) for row in rows], report, now)


def _keys_of(row: FindingRow) -> list[HalfKey]:
    year = row.year if row.kind == "veto" else None
    return finding_half_keys(row.member_id, day=row.day, veto_year=year, decided_on=row.decided_on)


def _refuse(rows: Sequence[tuple[RowT, object, list[HalfKey]]], report: ImportReport, now: datetime) -> list[RowT]:
    locked = locked_halves((key for _row, _day, keys in rows for key in keys), now=now)
    free = []
    for row, day, keys in rows:
        message = next((locked[key] for key in keys if key in locked), None)
        if message is None:
            free.append(row)
            continue
        row.outcome = RowOutcome.UNCHANGED
        report.added -= 1
        report.add_error(
            RowError(row.sheet, row.row, "日期", str(day), message, _("Delete the row, or ask the branch's secretary."))
        )
    return free
