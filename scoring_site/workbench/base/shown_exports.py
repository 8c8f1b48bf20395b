"""Taking out what a list shows: its columns, filters, search and order, of all pages, as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from django.contrib.admin.utils import label_for_field
from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from foundation.workbooks.writing import Column, TableSheet, stream_workbook
from members.access import Action, branches_for, towns_for
from members.people.naming import tell_apart_at_home
from scoring_site.downloads import name_paper, send_written
from scoring_site.workbench.base.columns import ROW_STEP
from scoring_site.workbench.base.list_exports import ListExport
from scoring_site.workbench.base.pages import require
from scoring_site.workbench.base.roles import may_take_out
from scoring_site.workbench.base.rows import show_cell
from scoring_site.workbench.base.scoped import ScopedModelAdmin

AT_ONCE = 500
"""Rows that are read, and whose members are told apart, at a time."""
WIDTH = 20


class ExportShown(ListExport[Any]):
    """What the list shows of the rows that the user may take out; that it was taken out stands in the access log."""

    name = "sheet"
    title = gettext_lazy("Export this list as it is shown")
    submit = gettext_lazy("Download the list")
    intro = (
        gettext_lazy(
            "The columns, filters, search and order of the list, with all its pages; numbers are masked as they are "
            "there. The export is logged."
        ),
    )
    count_label = gettext_lazy("rows in the list")
    asks_password = True

    def may_take_out(self) -> bool:
        return may_take_out(self.request)

    def prepare(self) -> HttpResponseBase | None:
        """Whoever does not see the list does not take it out either."""
        require(self.table.has_view_permission(self.request))
        return super().prepare()

    @property
    def rows(self) -> QuerySet[Any]:
        """What the list shows, as far as it is the user's to take out."""
        return self.table.scope_taken_out(self.request, self.listed.queryset)

    def send(self) -> HttpResponseBase:
        """A row for each of the list's, a column for each that is shown."""
        return send_written(self._write, f"{self._name_file()}.xlsx")

    def _write(self, file: IO[bytes]) -> int:
        entries = [self.listed.list_display[number] for number in self.listed.shown_columns]
        labels = [str(label_for_field(entry, self.table.model, model_admin=self.table)) for entry in entries]
        what = str(self.table.opts.verbose_name_plural)
        with stream_workbook(file, title=what, author="") as workbook:
            sheet = TableSheet(workbook, what, [Column(label, WIDTH) for label in labels], frozen_columns=1)
            for row in self._read_rows():
                sheet.append([_say_cell(self.table, entry, row) for entry in entries])
            sheet.finish()
        return sheet.row_count

    def _read_rows(self) -> Iterator[Model]:
        found = self.rows.iterator(chunk_size=AT_ONCE)
        while rows := list(islice(found, AT_ONCE)):
            members = (member for row in rows for member in self.table.members_of(row))
            tell_apart_at_home(members, on=self.today, lasting=self.table.is_of_frozen_lines)
            yield from rows

    def _name_file(self) -> str:
        """Whose, what and of which day; nobody's name (D21)."""
        branches = branches_for(self.actor, on=self.today, action=Action.TAKE_OUT)
        if (chosen := self.request.GET.get("branch", "")).isdecimal() and len(chosen) < len(str(2**63)):
            branches = branches.filter(pk=int(chosen))
        found = list(branches.values_list("name", flat=True)[:2])
        place = found[0] if len(found) == 1 else "、".join(str(town) for town in towns_for(self.actor, on=self.today))
        return name_paper(place, "", str(self.table.opts.verbose_name_plural), f"{self.today:%Y%m%d}")


def _say_cell(table: ScopedModelAdmin[Any], entry: Any, row: Model) -> str:
    """What the list shows, without the ways on."""
    shown = show_cell(table, entry, row)[0]
    if not isinstance(shown, SafeString):
        return str(shown)
    return strip_tags(shown.partition(ROW_STEP)[0]).strip()
