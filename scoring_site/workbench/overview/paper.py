"""全镇总览 on one A4 page: figures, late branches, the heat map of all that is due, halves, the spread of scores."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from members.models import User
from points.papers.pdf import write_pdf
from scoring_site.downloads import name_paper, send_or_explain
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.overview.chart import draw_chart
from scoring_site.workbench.overview.grid import list_columns, make_cells
from scoring_site.workbench.overview.page import OverviewPage, OverviewPart, name_half_short
from scoring_site.workbench.overview.reading import Overview
from scoring_site.workbench.overview.tiles import make_tiles

STYLESHEET = "workbench/overview/paper.css"
TITLE = "支部积分工作总览"
MOST_LINES = {"wide": 12, "roomy": 8, "close": 6, "packed": 5}
"""So many late branches, and as many lines of what waits, have room below the heat map."""
DENSITIES = ((12, "wide"), (18, "roomy"), (40, "close"))
"""Up to so many branches the lines of the heat map have this height; more are packed as close as can be read."""


def write_overview(user: User, overview: Overview) -> bytes:
    """The paper as PDF, Chinese, A4; it names no member."""
    with translation.override("zh-hans"):
        paper = render_to_string("workbench/overview/paper.html", describe_paper(user, overview))
        return write_pdf(papers=[paper], stylesheet=STYLESHEET, title=f"{TITLE} {overview.place} {overview.year}")


def describe_paper(user: User, overview: Overview) -> dict[str, Any]:
    """What the paper shows."""
    late = overview.late
    density = next((name for most, name in DENSITIES if len(overview.rows) <= most), "packed")
    most = MOST_LINES[density]
    return {
        "title": TITLE,
        "overview": overview,
        "density": density,
        "tiles": make_tiles(user, overview, query=""),
        "columns": list_columns(overview.rulebook, overview.year, ""),
        "halves": [name_half_short(key, overview.year) for key in overview.halves],
        "rows": [
            (row, make_cells(row, overview, ""), [row.halves.get(key) for key in overview.halves])
            for row in overview.rows
        ],
        "late": late[:most],
        "late_more": max(0, len(late) - most),
        "waiting": overview.waiting[:most],
        "concerned": sum(row.concern.people for row in overview.rows),
        "chart": draw_chart(overview.spread, overview.before),
    }


class OverviewPaper(OverviewPart):
    """The paper."""

    route = "overview/paper/"
    name = "overview_paper"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The PDF, or back with why there is none."""
        if self.year not in self.rulebooks or self.unknown_year:
            raise Http404
        name = name_paper(self.overview.place, self.year, _("Overview"), f"{self.today:%Y%m%d}")
        back = page_url(OverviewPage.name) + self.get_query()
        return send_or_explain(request, back=back, name=name, write=lambda: write_overview(self.actor, self.overview))
