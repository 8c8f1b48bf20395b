"""Rows for halves that are submitted or years that are final (D20), or out of scope (D16), are refused row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from points.halves.locks import HalfKey, finding_half_keys, locked_halves
from points.imports.records_file import EventRow, FindingRow
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook
from points.scoring.scope import ScopeOfMembers

RowT = TypeVar("RowT", EventRow, FindingRow)


def refuse_locked_events(rows: Sequence[EventRow], report: ImportReport, *, now: datetime) -> list[EventRow]:
    """The rows that may be added; the others are reported with the branch and the half that are locked."""
    return _refuse(rows, lambda row: [row.entry.half_key], report, now)


def refuse_events_out_of_scope(
    rows: Sequence[EventRow], report: ImportReport, rulebooks: Mapping[int, Rulebook]
) -> list[EventRow]:
    """The rows that may count for their members; the others are reported with the reason (D16)."""
    scope = ScopeOfMembers({row.entry.member_id for row in rows})
    free = []
    for row in rows:
        entry = row.entry
        if scope.has_stayed_since(entry.member_id, period=entry.period, day=entry.date):
            free.append(row)
            continue
        item = rulebooks[entry.year].item(entry.item)
        assert isinstance(item, BaseItem | IncentiveItem)
        why = scope.say_outside(entry.member_id, item, period=entry.period, day=entry.date)
        if not why:
            free.append(row)
            continue
        cell = ("期次", entry.period) if row.dated and entry.period else row.day_cell
        _report(row, cell, why, _("Clear the cell or delete the row."), report)
    return free


def refuse_locked_findings(rows: Sequence[FindingRow], report: ImportReport, *, now: datetime) -> list[FindingRow]:
    """The same for deductions and vetoes."""
    return _refuse(rows, _keys_of, report, now)


def _keys_of(row: FindingRow) -> list[HalfKey]:
    year = row.year if row.kind == "veto" else None
    return finding_half_keys(row.member_id, day=row.day, veto_year=year, decided_on=row.decided_on)


def _refuse(
    rows: Sequence[RowT], keys_of: Callable[[RowT], list[HalfKey]], report: ImportReport, now: datetime
) -> list[RowT]:
    locked = locked_halves({key for row in rows for key in keys_of(row)}, now=now)
    if not locked:
        return list(rows)
    free = []
    for row in rows:
        message = next((locked[key] for key in keys_of(row) if key in locked), None)
        if message is None:
            free.append(row)
            continue
        _report(row, row.day_cell, message, _("Delete the row, or ask the branch's secretary."), report)
    return free


def _report(row: EventRow | FindingRow, cell: tuple[str, str], problem: str, remedy: str, report: ImportReport) -> None:
    row.outcome = RowOutcome.UNCHANGED
    report.added -= 1
    report.add_error(RowError(row.sheet, row.row, *cell, problem, remedy, row.person))
