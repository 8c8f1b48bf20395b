"""积分一览: the scores of a branch or of the town as they stand, on screen and as a workbook of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.models import Member
from members.selectors import search_members
from points.papers.scores.reading import ScoreLine, band_of, read_scores, sum_up
from points.papers.scores.workbook import export_scores, name_status, write_scores_workbook
from points.scoring.bands import BANDS, say_bands
from points.scoring.wording import show_half
from scoring_site.downloads import name_paper, send_written
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.paging import choose_page
from scoring_site.workbench.results.town_year import ExportLines, TownYearPage

ROWS = 50
"""So many lines stand on a page, as of any list: on a phone it is less than ten screens."""
SORTS: dict[str, Callable[[ScoreLine], Any]] = {
    "name": lambda line: line.member.pinyin or line.member.name,
    "first_half": lambda line: line.first_half,
    "second_half": lambda line: line.second_half,
    "base": lambda line: line.base,
    "incentive": lambda line: line.incentive,
    "deducted": lambda line: line.deducted,
    "total": lambda line: line.total,
    "gaps": lambda line: line.gap_count if line.total is not None else None,
}


class ScoresPart(TownYearPage):
    """The lines that the address asks for: town, branch, year, band, name, order."""

    menu = "scores"
    filters = ("town", "branch", "year", "q", "band", "sort")

    @cached_property
    def all_lines(self) -> tuple[ScoreLine, ...]:
        """Those of the chosen branches, before name and band narrow them."""
        rulebook = self.rulebooks[self.year]
        return read_scores(self.town, self.shown_branches, rulebook=rulebook, year=self.year, on=self.today)

    @cached_property
    def lines(self) -> list[ScoreLine]:
        """The lines that are shown, in their order; without a figure they stay last."""
        lines, rulebook = list(self.all_lines), self.rulebooks[self.year]
        if text := self.ask("q"):
            found = search_members(Member.objects.filter(town=self.town), text)
            ids = set(found.order_by().values_list("pk", flat=True))
            lines = [line for line in lines if line.member.pk in ids]
        if (band := self.ask("band")) in BANDS:
            lines = [line for line in lines if band_of(line, rulebook) == band]
        key, descending = self.ask("sort").removeprefix("-"), self.ask("sort").startswith("-")
        if key in SORTS:
            value = SORTS[key]
            known = [line for line in lines if value(line) is not None]
            known.sort(key=value, reverse=descending)
            lines = known + [line for line in lines if value(line) is None]
        return lines

    def find_wrong(self) -> list[str]:
        wrong = super().find_wrong()
        if self.ask("sort").removeprefix("-") not in ("", *SORTS):
            wrong.append(_("The list cannot be sorted by “%(value)s”.") % {"value": self.ask("sort")[:40]})
        return wrong


class ScoresPage(ScoresPart):
    """The list on screen."""

    route = "scores/"
    name = "scores"
    title = gettext_lazy("Scores at a glance")
    template = "workbench/results/scores.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The list, or that the town adopted no rulebook."""
        return self.render(**self.describe_choice(), **(self._describe() if self.year in self.rulebooks else {}))

    def _describe(self) -> dict[str, Any]:
        rulebook = self.rulebooks[self.year]
        listed = choose_page(self.request, self.lines, size=ROWS)
        return {
            "has_rulebook": True,
            "about": self.get_about(),
            "standing": sum_up(self.all_lines, rulebook),
            "bands": say_bands(rulebook).items(),
            "band": self.ask("band"),
            "query": self.ask("q"),
            "sort": self.ask("sort"),
            "wrong": [*self.find_wrong(), *([listed.wrong] if listed.wrong else [])],
            "headers": self._make_headers(),
            "rows": [_show(line) for line in listed.rows],
            "count": len(self.lines),
            "listed": listed,
            "plain": self.get_query(q="", band="", sort=""),
            "export_url": page_url(ExportScores.name) + self.get_query() if self.may_take_out() else "",
            "shows_branch": len(self.shown_branches) > 1,
        }

    def _make_headers(self) -> list[tuple[str, str, str, str]]:
        """Key, words, the address that sorts by it or turns it round, and how it is sorted."""
        labels = {
            "name": _("name"),
            "total": _("Annual score"),
            "first_half": _("score of the first half"),
            "second_half": _("score of the second half"),
            "base": _("base"),
            "incentive": _("incentive"),
            "deducted": _("deductions"),
            "gaps": _("gaps"),
        }
        headers = []
        for key, label in labels.items():
            direction = {key: "ascending", f"-{key}": "descending"}.get(self.ask("sort"), "none")
            first = key if key == "name" else f"-{key}"
            turned = {"ascending": f"-{key}", "descending": key}.get(direction, first)
            headers.append((key, label, self.get_query(sort=turned), direction))
        return headers


def _show(line: ScoreLine) -> dict[str, Any]:
    """A line for the template."""
    is_scored = line.total is not None
    return {
        "line": line,
        "url": row_url(line.member),
        "status": name_status(line),
        "total": show_points(line.total) if line.total is not None else "—",
        "first_half": show_half(line.first_half) if is_scored else "",
        "second_half": show_half(line.second_half) if is_scored else "",
        "base": show_points(line.base) if line.base is not None else "",
        "incentive": show_points(line.incentive) if line.incentive is not None else "",
        "deducted": show_points(-line.deducted) if line.deducted else ("0" if is_scored else ""),
    }


class ExportScores(ExportLines, ScoresPart):
    """The lines the list shows, as a workbook."""

    route = "scores/export/"
    name = "export_scores"
    list_page = ScoresPage

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        export_scores(actor=self.actor, now=self.now, town=self.town, year=self.year, lines=self.lines)
        name = name_paper(self.get_about().name, self.year, _("Scores at a glance"), f"{self.today:%Y%m%d}")
        return send_written(lambda file: write_scores_workbook(self.lines, file), f"{name}.xlsx")
