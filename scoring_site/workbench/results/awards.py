"""评先评优: whom a final year admits and recommends first, on screen, as a workbook, and on paper (4.3, 4.4)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.models import Rating
from points.papers.results.award_certificates import TITLE as CERTIFICATE
from points.papers.results.award_certificates import write_award_certificates
from points.papers.results.award_list import TITLE, export_award_list, write_award_workbook
from points.results.award_list import ELIGIBLE, AwardLine, AwardList, read_award_list
from points.scoring.bands import BANDS, EXCELLENT, say_bands
from scoring_site.downloads import name_paper, send_or_explain, send_written
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import page_url, require, row_url
from scoring_site.workbench.base.paging import choose_page
from scoring_site.workbench.results.town_year import ExportLines, TownYearPage

ROWS = 50
"""So many lines stand on a page, as of any list."""


class AwardsPart(TownYearPage):
    """The lines that the address asks for: town, branch, year, band."""

    menu = "awards"
    filters = ("town", "branch", "year", "band")

    def get_usual_year(self) -> int:
        return self.today.year - 1

    @cached_property
    def award_list(self) -> AwardList:
        return read_award_list(self.shown_branches, year=self.year, rulebook=self.rulebooks[self.year])

    @cached_property
    def lines(self) -> list[AwardLine]:
        """Those of the band asked for, else all who are admitted."""
        bands = (self.ask("band"),) if self.ask("band") in BANDS else ELIGIBLE
        return [line for line in self.award_list.lines if line.band in bands]


class AwardsPage(AwardsPart):
    """The list on screen."""

    route = "awards/"
    name = "awards"
    title = gettext_lazy("Award eligibility")
    template = "workbench/results/awards.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The list, or that the town adopted no rulebook."""
        return self.render(**self.describe_choice(), **(self._describe() if self.year in self.rulebooks else {}))

    def _describe(self) -> dict[str, Any]:
        rulebook = self.rulebooks[self.year]
        bands = say_bands(rulebook)
        listed = choose_page(self.request, self.lines, size=ROWS)
        may_take_out = self.may_take_out()
        return {
            "has_rulebook": True,
            "about": self.get_about(),
            "counts": [(bands[band], many, say_use(band)) for band, many in self.award_list.counts],
            "waiting": self.award_list.waiting,
            "bands": bands.items(),
            "band": self.ask("band"),
            "wrong": [*self.find_wrong(), *([listed.wrong] if listed.wrong else [])],
            "rows": [self._show(line, may_take_out=may_take_out) for line in listed.rows],
            "count": len(self.lines),
            "listed": listed,
            "plain": self.get_query(band=""),
            "export_url": page_url(ExportAwards.name) + self.get_query() if may_take_out else "",
            "certificates_url": self._find_certificates() if may_take_out and len(self.shown_branches) == 1 else "",
            "shows_branch": len(self.shown_branches) > 1,
        }

    def _find_certificates(self, branch_id: int | None = None, member_id: int | None = None) -> str:
        chosen = {"branch": str(branch_id), "member": str(member_id)} if member_id else {}
        return page_url(AwardCertificates.name) + self.get_query(year=str(self.year), band="", **chosen)

    def _show(self, line: AwardLine, *, may_take_out: bool) -> dict[str, Any]:
        """A line for the template."""
        has_paper = may_take_out and line.has_certificate
        return {
            "line": line,
            "url": row_url(line.member),
            "use": say_use(line.band),
            "rating": str(Rating.Decision(line.rating).label) if line.rating else _("not decided yet"),
            "certificate": self._find_certificates(line.review.branch_id, line.member.pk) if has_paper else "",
        }


def say_use(band: str) -> str:
    """What a band means for awards (4.3, 4.4)."""
    if band == EXCELLENT:
        return _("eligible, recommended first")
    return _("eligible") if band in ELIGIBLE else _("not eligible")


class AwardCertificates(AwardsPart):
    """The certificates of a branch, or of one of its members (`?member=`), as PDF."""

    route = "awards/certificates.pdf"
    name = "award_certificates"

    def prepare(self) -> None:
        super().prepare()
        require(self.may_take_out())
        if len(self.shown_branches) > 1 or self.year not in self.rulebooks or self.unknown_year:
            raise Http404

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        branch, lines = self.shown_branches[0], self.award_list.lines
        if wanted := self.ask("member"):
            lines = tuple(line for line in lines if line.member.pk == read_id(wanted))
            if not lines:
                raise Http404
        return send_or_explain(
            request,
            back=page_url(AwardsPage.name) + self.get_query(),
            name=name_paper(lines[0].review.branch_name if lines else branch.name, self.year, CERTIFICATE),
            write=lambda: write_award_certificates(
                branch=branch, lines=lines, rulebook=self.rulebooks[self.year], today=self.today
            ),
        )


class ExportAwards(ExportLines, AwardsPart):
    """The lines the list shows, as a workbook."""

    route = "awards/export/"
    name = "export_awards"
    list_page = AwardsPage

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        export_award_list(actor=self.actor, now=self.now, town=self.town, year=self.year, lines=self.lines)
        name = name_paper(self.get_about().name, self.year, TITLE, f"{self.today:%Y%m%d}")
        return send_written(lambda file: write_award_workbook(self.lines, file), f"{name}.xlsx")
