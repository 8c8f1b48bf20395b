"""The papers of a notice, and the photos that show it up."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from foundation.errors import DomainError
from foundation.file_store import NAME
from members.access import Action
from points.scoring.wording import name_period
from publicity.models import LinePosting, Notice
from publicity.notices.poster import PAPERS, write_poster
from publicity.notices.poster import TITLE as POSTER
from publicity.notices.publication import notice_link
from publicity.notices.summary import TITLE as SUMMARY
from publicity.notices.summary import write_summary
from scoring_site.downloads import send_file
from scoring_site.forms.fields import read_day
from scoring_site.forms.pictures import send_picture
from scoring_site.workbench.base.pages import RowPage, row_url

OUTSIDE, INSIDE = "outside", "inside"
FOR_MEETING = "-供支部大会使用"


def _name_file(notice: Notice, what: str) -> str:
    """Where, when and what; nobody's name (D21)."""
    return f"{notice.review.branch_name}-{name_period(notice.period)}-{what}"


class Poster(RowPage[Notice]):
    """The poster as PDF: `?paper=A4|A3&version=outside|inside&on=` the day it is to go up (else today)."""

    name = "poster"
    route = "poster.pdf"
    action = Action.TAKE_OUT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        paper, version = request.GET.get("paper", PAPERS[0]), request.GET.get("version", OUTSIDE)
        if paper not in PAPERS or version not in (OUTSIDE, INSIDE):
            raise Http404
        pdf = write_poster(
            notice=self.row,
            paper=paper,
            inside=version == INSIDE,
            address=request.build_absolute_uri(notice_link(self.row)),
            planned_on=read_day(request.GET.get("on", ""), self.today),
        )
        return send_file(pdf, f"{_name_file(self.row, POSTER)}-{paper}{FOR_MEETING if version == INSIDE else ''}.pdf")


class Summary(RowPage[Notice]):
    """What a closed notice came to, as PDF."""

    name = "summary"
    route = "summary.pdf"
    action = Action.TAKE_OUT

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file, or back to the notice with the reason why there is none."""
        try:
            return send_file(write_summary(notice=self.row), f"{_name_file(self.row, SUMMARY)}.pdf")
        except DomainError as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(row_url(self.row))


class NoticePhoto(RowPage[Notice]):
    """A photo of this notice, `?name=`; any other name does not exist here."""

    name = "photo"
    action = Action.READ

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        name = request.GET.get("name", "")
        if not NAME.fullmatch(name) or not any(
            rows.filter(photo=name).exists()
            for rows in (self.row.postings, self.row.closings, LinePosting.objects.filter(notice=self.row))
        ):
            raise Http404
        return send_picture(name)
