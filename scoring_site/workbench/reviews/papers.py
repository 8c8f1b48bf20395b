"""The papers of a half, and the pictures kept with it."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from foundation.file_store import NAME
from members.access import Action
from members.models import Member
from points.models import Confirmation, Review, ReviewLine
from points.papers.reviews.result_slips import TITLE as SLIPS
from points.papers.reviews.result_slips import write_result_slips
from points.papers.reviews.table import TITLE as TABLE
from points.papers.reviews.table import write_review_table
from points.scoring.wording import name_half
from scoring_site.downloads import send_file, send_or_explain
from scoring_site.forms.pictures import send_scan
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import RowPage, row_url


def _name_file(review: Review, what: str) -> str:
    """Where, when and what; nobody's name (D21)."""
    return f"{review.branch_name}-{name_half(review)}-{what}"


class TablePaper(RowPage[Review]):
    """The table to print for signatures."""

    name = "table_pdf"
    route = "table.pdf"
    action = Action.TAKE_OUT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        review = self.row
        pdf = write_review_table(review=review, actor=self.actor, now=self.now)
        return send_file(pdf, f"{_name_file(review, TABLE)}.pdf")


class ResultSlips(RowPage[Review]):
    """The result slips of the half, or with `?member=` that of one member."""

    name = "slips"
    route = "slips.pdf"
    action = Action.EXPORT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        review, member = self.row, self._find_member()
        return send_or_explain(
            request,
            back=row_url(review),
            name=_name_file(review, SLIPS),
            write=lambda: write_result_slips(review=review, member=member),
        )

    def _find_member(self) -> Member | None:
        """The member asked for, who has a line in this half; None where nobody is. Raises Http404."""
        asked = self.request.GET.get("member", "")
        if not asked:
            return None
        lines = ReviewLine.objects.filter(review=self.row, revision=1).select_related("member")
        line = lines.filter(member=read_id(asked)).first()
        if line is None:
            raise Http404
        return line.member


class MeetingPhoto(RowPage[Review]):
    """The photo of the meeting that approved, or the scan of its minutes."""

    name = "photo"
    action = Action.READ

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_scan(request, self.row.photo)


class ConfirmationScan(RowPage[Review]):
    """A scan of this half's confirmations, `?name=`; any other name does not exist here."""

    name = "scan"
    action = Action.READ

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        name = request.GET.get("name", "")
        if not NAME.fullmatch(name) or not Confirmation.objects.filter(line__review=self.row, scan=name).exists():
            raise Http404
        return send_scan(request, name)
