"""The record form of one member on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from members.access import Action, readable_grounds_for
from members.models import Member
from points.papers.record_form.pdf import TITLE, write_record_form
from scoring_site.downloads import name_paper, send_or_explain
from scoring_site.workbench.base.pages import RowPage, row_url
from veto.grounds import log_look
from veto.models import Deduction, VetoRecord


class MemberRecordForm(RowPage[Member]):
    """One member's record form of a year as PDF."""

    name = "record_form"
    route = "record-form/<year:year>/"
    action = Action.EXPORT

    def get(self, request: HttpRequest, object_id: int, year: int) -> HttpResponseBase:
        """The file."""
        return send_or_explain(
            request,
            back=row_url(self.row),
            name=name_paper("", year, TITLE, self.row.pk),
            write=lambda: write_record_form(
                member=self.row, year=year, now=self.now, with_grounds=self._read_grounds(year)
            ),
        )

    def _read_grounds(self, year: int) -> bool:
        """Whether the form names the grounds: when all of the year's are the user's to read; each is logged (D21)."""
        standing: list[Any] = [
            Deduction.objects.confirmed().filter(member=self.row, date__year=year),
            VetoRecord.objects.confirmed().filter(member=self.row, year=year),
        ]
        found = [finding for rows in standing for finding in rows.select_related("member__town")]
        readable = sum(readable_grounds_for(self.actor, rows, on=self.today).count() for rows in standing)
        if readable < len(found):
            return False
        for finding in found:
            log_look(actor=self.actor, now=self.now, finding=finding)
        return True
