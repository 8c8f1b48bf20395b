"""全镇总览: the page, and the click that reminds a late branch's officers."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.access import Action, object_for, reach_of
from members.models import Branch, Town
from points.reviews.reminding import remind_officers
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period, name_period_in_year
from points.scoring.year_choice import read_asked_year
from scoring_site.overview.halves import HalfKey
from scoring_site.parameters import read_id
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.sent_once import sent_once
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require, row_url
from scoring_site.workbench.base.paging import LONGEST_SAID
from scoring_site.workbench.findings.candidates import may_see_candidates
from scoring_site.workbench.overview.chart import draw_chart
from scoring_site.workbench.overview.grid import list_columns, make_cells
from scoring_site.workbench.overview.reading import BranchRow, Overview, list_watched, read_overview
from scoring_site.workbench.overview.tiles import make_tiles
from scoring_site.workbench.results.town_year import say_unknown_year

FIRST = 5
"""So many late branches are named at once; of more, the rest unfolds."""


def may_see_overview(request: HttpRequest) -> bool:
    """Whether the user looks after branches without an office in them; the menu asks too."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.read_towns or reach.readable_branches - set(reach.branch_roles))


class OverviewPart(WorkbenchPage):
    """What the address asks for: whose branches, of which year."""

    menu = "overview"
    town: Town
    towns: list[Town]
    branches: list[Branch]
    rulebooks: dict[int, Rulebook]
    year: int
    unknown_year: str
    """What the address asks for as a year and is none, else empty."""

    def prepare(self) -> HttpResponseBase | None:
        require(may_see_overview(self.request))
        watched = list_watched(self.actor, on=self.today)
        if not watched:
            raise Http404
        self.towns = list(dict.fromkeys(branch.town for branch in watched))
        asked = self.request.GET.get("town", "")
        found = next((town for town in self.towns if town.pk == read_id(asked)), None)
        if asked and found is None:
            raise Http404
        self.town = found or self.towns[0]
        self.branches = [branch for branch in watched if branch.town_id == self.town.pk]
        self.rulebooks = catalogue_for(self.request).of_town(self.town.pk)
        self.year, self.unknown_year = read_asked_year(self.request, list(self.rulebooks), current=self.today.year)
        return None

    @cached_property
    def overview(self) -> Overview:
        """How they stand."""
        return read_overview(
            self.actor, self.town, self.branches, rulebooks=self.rulebooks, year=self.year, on=self.today
        )

    def get_query(self, **changed: str) -> str:
        """The address's town and year, with what is changed."""
        chosen = {"town": str(self.town.pk) if len(self.towns) > 1 else "", "year": str(self.year)} | changed
        return "?" + urlencode({name: value for name, value in chosen.items() if value})


class OverviewPage(OverviewPart):
    """The page."""

    route = "overview/"
    name = "overview"
    title = gettext_lazy("Overview")
    template = "workbench/overview/overview.html"

    def get_title(self) -> Text:
        """The town's, or that of the branches one looks after."""
        is_town = self.town.pk in reach_of(self.actor, on=self.today).read_towns
        return _("Overview of the town") if is_town else _("Overview of the branches")

    @cached_property
    def item(self) -> str:
        """The item whose periods the heat map shows; all of a month's where it is empty."""
        asked = self.request.GET.get("item", "")
        return asked if any(item.code == asked for item in self.overview.rulebook.base) else ""

    def find_wrong(self) -> list[str]:
        """What the address asks for and the page does not have, in words."""
        wrong = [say_unknown_year(self.unknown_year, self.year)] if self.unknown_year else []
        asked = self.request.GET.get("item", "")
        if asked != self.item:
            wrong.append(
                _("The measure of %(year)s has no item “%(asked)s”; all that is due is shown.")
                % {"year": self.year, "asked": asked[:LONGEST_SAID]}
            )
        return wrong

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The page, or that the town adopted no rulebook."""
        context = {"towns": self.towns, "town": self.town, "year": self.year, "years": list(self.rulebooks)}
        return self.render(**context, **(self._describe() if self.year in self.rulebooks else {}))

    def _describe(self) -> dict[str, Any]:
        overview = self.overview
        late = [self._describe_late(row) for row in overview.late]
        columns = list_columns(overview.rulebook, self.year, self.item)
        return {
            "overview": overview,
            "wrong": self.find_wrong(),
            "tiles": make_tiles(self.actor, overview, query=self.get_query()),
            "late": late[:FIRST],
            "late_rest": late[FIRST:],
            "in_time": len(overview.rows) - len(late),
            "concerns": [(row, self._concern_url(row)) for row in overview.concerns],
            "columns": columns,
            "item": self.item,
            "items": [("", _("All that is due"))] + [(each.code, each.name) for each in overview.rulebook.base],
            "halves": [name_half_short(key, self.year) for key in overview.halves],
            "rows": [self._describe_row(row) for row in overview.rows],
            "chart": draw_chart(overview.spread, overview.before),
            "print_url": page_url("overview_paper") + self.get_query(),
            "export_url": page_url("export_overview") + self.get_query(),
            "query": self.get_query(),
        }

    def _describe_late(self, row: BranchRow) -> dict[str, Any]:
        assert row.lateness is not None
        reminded_today = row.reminder is not None and row.reminder.on == self.today
        return {
            "row": row,
            "url": row_url(row.branch),
            "texts": row.lateness.texts,
            "reminder": row.reminder,
            "remind_url": page_url("overview_remind", row.branch.pk) + self.get_query()
            if row.may_remind and not reminded_today
            else "",
        }

    def _concern_url(self, row: BranchRow) -> str:
        if not row.concern.people or not may_see_candidates(self.request):
            return ""
        return f"{page_url('candidates')}?branch={row.branch.pk}"

    def _describe_row(self, row: BranchRow) -> dict[str, Any]:
        halves = [row.halves.get(key) for key in self.overview.halves]
        return {
            "branch": row.branch,
            "url": row_url(row.branch) + f"?year={self.year}",
            "cells": make_cells(row, self.overview, self.item),
            "halves": [
                (half, page_url("points_review_change", half.review_id) if half and half.review_id else "")
                for half in halves
            ],
            "is_late": row.lateness is not None,
            "average": row.spread.average,
            "count": row.spread.count,
        }


class RemindOfficers(WorkbenchPage):
    """Tells a late branch's recorder and secretary what it is late with, and says who was told."""

    http_method_names = ["post", "options"]
    route = "overview/remind/<id:branch_id>/"
    name = "overview_remind"
    menu = OverviewPage.name
    branch: Branch

    def prepare(self) -> None:
        branches = Branch.objects.select_related("town")
        pk = self.kwargs["branch_id"]
        self.branch = object_for(self.actor, branches, on=self.today, action=Action.GUIDE, pk=pk)

    def post(self, request: HttpRequest, branch_id: int) -> HttpResponseBase:
        """Back to the overview; a click sent twice reminds once."""
        return sent_once(self._remind)(request)

    def _remind(self, request: HttpRequest) -> HttpResponseRedirect:
        try:
            reminder = remind_officers(actor=self.actor, now=self.now, branch=self.branch)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = _("%(names)s of %(branch)s were reminded; they find it in their messages and on their home.")
            messages.success(request, said % {"names": reminder.names, "branch": self.branch.name})
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponseRedirect(page_url(OverviewPage.name) + query)


def name_half_short(key: HalfKey, year: int) -> str:
    """`上半年`; of another year with it."""
    period = f"{key[0]}{key[1]}"
    return name_period_in_year(period) if key[0] == year else name_period(period)
