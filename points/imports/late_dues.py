"""Dues of a half that was approved clear the arrears and earn no point: a preview says so first (D25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from foundation.workbooks.report import ImportReport
from points.halves.locks import halves_past_draft
from points.imports.records_file import EventRow
from points.rules.rulebook import Rulebook


def note_late_dues(rows: Sequence[EventRow], report: ImportReport, rulebooks: Mapping[int, Rulebook]) -> None:
    """Note how many of the rows that are added come too late to earn; a locked half's were refused before."""
    late_items = {
        (year, item.code)
        for year, rulebook in rulebooks.items()
        for item in rulebook.base
        if item.is_dues and rulebook.settings.late_dues == "until_approval"
    }
    dues = [row.entry for row in rows if row.entry.period and (row.entry.year, row.entry.item) in late_items]
    approved = halves_past_draft(entry.half_key for entry in dues)
    late = sum(entry.half_key in approved for entry in dues)
    if late:
        report.notes.append(
            _(
                "%(count)d rows or cells are dues of a half that was approved: they clear the arrears and earn no "
                "point. What was paid before earns by a correction with the receipt."
            )
            % {"count": late}
        )
