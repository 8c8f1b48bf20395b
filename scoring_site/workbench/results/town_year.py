"""A page about a year of a town, of its branches within reach, or of one of them: the address says which."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404

from members.access import Action, branches_for, reach_of
from members.models import Branch, Town
from points.rules.rulebook import Rulebook
from points.scoring.year_choice import choose_year
from scoring_site.parameters import read_id
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import WorkbenchPage, require


class TownYearPage(WorkbenchPage):
    """The town, branch and year the address asks for; 404 for what is out of reach."""

    filters: ClassVar[tuple[str, ...]] = ("town", "branch", "year")
    """What of the address is kept from page to page."""
    town: Town
    branch: Branch | None
    branches: list[Branch]
    towns: list[Town]
    rulebooks: dict[int, Rulebook]
    year: int

    def prepare(self) -> None:
        require(reach_of(self.actor, on=self.today).works_on_points)
        rows = branches_for(self.actor, on=self.today).select_related("town").order_by("town_id", "position", "pk")
        within = list(rows)
        self.towns = list(dict.fromkeys(branch.town for branch in within))
        wanted = self.request.GET.get("branch", "")
        self.branch = next((row for row in within if row.pk == read_id(wanted)), None)
        if not within or (wanted and self.branch is None):
            raise Http404
        asked = read_id(self.request.GET.get("town", ""))
        of_town = next((town for town in self.towns if town.pk == asked), self.towns[0])
        self.town = self.branch.town if self.branch else of_town
        self.branches = [branch for branch in within if branch.town_id == self.town.pk]
        self.rulebooks = catalogue_for(self.request).of_town(self.town.pk)
        self.year = choose_year(self.request, list(self.rulebooks), current=self.get_usual_year())

    def ask(self, name: str) -> str:
        """What the address says of a filter."""
        return self.request.GET.get(name, "").strip()

    @cached_property
    def shown_branches(self) -> list[Branch]:
        return [self.branch] if self.branch else self.branches

    def get_query(self, **changed: str) -> str:
        """The address's filters with some of them changed."""
        kept = {name: self.ask(name) for name in self.filters} | changed
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
