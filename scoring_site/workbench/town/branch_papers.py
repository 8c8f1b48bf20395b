"""The record forms of a branch, and the way to its tick sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.access import Action
from members.models import Branch
from points.papers.exports import export_record_forms
from scoring_site.downloads import send_or_explain
from scoring_site.requests import actor_of, catalogue_for, now_of
from scoring_site.workbench.base.scoped import Button, ScopedModelAdmin


class BranchPapers(ScopedModelAdmin[Branch]):
    """The record forms of a branch in one PDF, and the way to its tick sheet, under its address."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/record-forms/<int:year>/", self.record_forms_view, "record_forms"),
        ]

    def row_buttons(self, request: HttpRequest, row: Branch) -> Sequence[Button]:
        buttons = [*super().row_buttons(request, row), Button(_("Tick sheet"), self.url("ticks", row.pk), "grid_on")]
        if self.may_change(request, row, Action.EXPORT):
            buttons += [
                Button(
                    _("Record forms %(year)s (PDF)") % {"year": year}, self.url("record_forms", row.pk, year), "print"
                )
                for year in catalogue_for(request).of_town(row.town_id)
            ]
        return buttons

    def record_forms_view(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """The record forms of a branch's members as one PDF; without grounds, which are read one by one (D21)."""
        branch = self.row_for(request, str(object_id), Action.EXPORT)
        return send_or_explain(
            request,
            back=self.url_of(branch),
            name=f"record-forms-{branch.pk}-{year}",
            write=lambda: export_record_forms(actor=actor_of(request), now=now_of(request), branch=branch, year=year),
        )
