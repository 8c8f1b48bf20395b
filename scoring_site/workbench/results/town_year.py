"""A page about a year of a town, of its branches within reach, or of one of them: the address says which."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of
from members.models import Branch, Town
from points.rules.rulebook import Rulebook
from points.scoring.bands import BANDS
from points.scoring.year_choice import read_asked_year
from scoring_site.parameters import read_id
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require
from scoring_site.workbench.base.paging import LONGEST_SAID, PAGE


class TownYearPage(WorkbenchPage):
    """The town, branch, year and band the address asks for; 404 for a town or branch out of reach.

    What else the address asks for and the page does not have is left aside and told in a sentence.
    """

    filters: ClassVar[tuple[str, ...]] = ("town", "branch", "year")
    """What of the address is kept from page to page."""
    town: Town
    branch: Branch | None
    branches: list[Branch]
    towns: list[Town]
    rulebooks: dict[int, Rulebook]
    year: int
    unknown_year: str
    """What the address asks for as a year and is none, else empty."""

    def prepare(self) -> None:
        require(reach_of(self.actor, on=self.today).works_on_points)
        rows = branches_for(self.actor, on=self.today).select_related("town").order_by("town_id", "position", "pk")
        within = list(rows)
        self.towns = list(dict.fromkeys(branch.town for branch in within))
        wanted = self.ask("branch")
        self.branch = next((row for row in within if row.pk == read_id(wanted)), None)
        if not within or (wanted and self.branch is None):
            raise Http404
        asked = read_id(self.ask("town"))
        of_town = next((town for town in self.towns if town.pk == asked), None)
        if self.ask("town") and of_town is None:
            raise Http404
        self.town = self.branch.town if self.branch else of_town or self.towns[0]
        self.branches = [branch for branch in within if branch.town_id == self.town.pk]
        self.rulebooks = catalogue_for(self.request).of_town(self.town.pk)
        years, usual = list(self.rulebooks), self.get_usual_year()
        self.year, self.unknown_year = read_asked_year(self.request, years, current=usual)

    def ask(self, name: str) -> str:
        """What the address says of a filter."""
        return self.request.GET.get(name, "").strip()

    @cached_property
    def shown_branches(self) -> list[Branch]:
        return [self.branch] if self.branch else self.branches

    def get_query(self, **changed: str) -> str:
        """The address's filters with some of them changed."""
        kept = {name: self.ask(name) for name in self.filters}
        if self.unknown_year:
            kept["year"] = ""
        kept |= changed
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    def get_about(self) -> Branch | Town:
        """Whose scores they are: the branch's, the general branch's with those below it, or the town's."""
        shown = {branch.pk for branch in self.shown_branches}
        tops = [branch for branch in self.shown_branches if branch.parent_id not in shown]
        return tops[0] if len(tops) == 1 else self.town

    def may_take_out(self) -> bool:
        """Whether every branch shown is the user's to export."""
        allowed = branches_for(self.actor, on=self.today, action=Action.TAKE_OUT).values_list("pk", flat=True)
        return {branch.pk for branch in self.shown_branches} <= set(allowed)

    def find_wrong(self) -> list[str]:
        """What the address asks for and the page does not know, in words."""
        wrong = [say_unknown_year(self.unknown_year, self.year)] if self.unknown_year else []
        unknown = [name[:LONGEST_SAID] for name in self.request.GET if name not in (*self.filters, PAGE)]
        wrong += [_("The list has no filter “%(asked)s”; it is left aside.") % {"asked": name} for name in unknown]
        if self.ask("band") not in ("", *BANDS):
            wrong.append(_("There is no band “%(value)s”.") % {"value": self.ask("band")[:LONGEST_SAID]})
        return wrong

    def get_usual_year(self) -> int:
        """The year shown where the address names none."""
        return self.today.year

    def describe_choice(self) -> dict[str, Any]:
        """What `workbench/results/town_year.html` offers to choose from."""
        return {
            "branches": self.branches,
            "branch": self.branch,
            "towns": self.towns,
            "town": self.town,
            "year": self.year,
            "years": list(self.rulebooks),
        }


def say_unknown_year(asked: str, shown: int) -> str:
    """That a list shows another year than the address asks for."""
    said = _("The town has no rulebook for the year “%(asked)s”; the list shows %(shown)s.")
    return said % {"asked": asked[:LONGEST_SAID], "shown": shown}


class ExportLines(TownYearPage):
    """The lines a list shows, as a workbook: what the file will hold, asked for before it is sent."""

    asks_password = True
    title = gettext_lazy("Export this list")
    template = "workbench/base/export_page.html"
    list_page: ClassVar[type[TownYearPage]]
    """The list on screen."""
    lines: Any
    """Those it shows."""

    def prepare(self) -> None:
        super().prepare()
        require(self.may_take_out())
        if self.year not in self.rulebooks or self.unknown_year:
            raise Http404

    def get_way_back(self) -> tuple[Text, str]:
        return self.list_page.title, page_url(self.list_page.name) + self.get_query()

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """What the file will hold."""
        about = _("The workbook holds the %(count)s lines that the list shows, with names and scores, in its order.")
        return self.render(about=about % {"count": len(self.lines)}, back=self.get_way_back()[1])
