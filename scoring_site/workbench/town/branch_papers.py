"""The record forms of a branch in one PDF."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from members.access import Action
from members.models import Branch
from points.papers.exports import export_record_forms
from points.papers.record_form.pdf import TITLE
from scoring_site.downloads import send_or_explain
from scoring_site.workbench.base.pages import RowPage, row_url


class BranchRecordForms(RowPage[Branch]):
    """The record forms of a branch's members; without grounds, which are read one by one (D21)."""

    name = "record_forms"
    route = "record-forms/<year:year>/"
    action = Action.EXPORT

    def get(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """The file."""
        return send_or_explain(
            request,
            back=row_url(self.row),
            name=f"{self.row.name}-{year}-{TITLE}",
            write=lambda: export_record_forms(actor=self.actor, now=self.now, branch=self.row, year=year),
        )
