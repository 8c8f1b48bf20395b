"""Towns and branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of, towns_for
from members.models import Branch, Town
from members.selectors import members_in
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.town.branch_year import read_branch_year
from scoring_site.workbench.town.place_steps import ChangeBranch, NewBranch, RenameTown
from scoring_site.workbench.town.stand_ins import AppointStandIn, name_recorders


class TownAdmin(ScopedModelAdmin[Town]):
    """The towns one works for."""

    list_display = ("name", "branch_count")
    search_fields = ("name",)
    subpages = (RenameTown,)

    def scope(self, request: HttpRequest, rows: QuerySet[Town]) -> QuerySet[Town]:
        towns = towns_for(actor_of(request), on=today_of(request))
        return rows.filter(pk__in=towns.values("pk")).annotate(branch_count=Count("branches"))

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[Town]) -> QuerySet[Town]:
        towns = towns_for(actor_of(request), on=today_of(request), action=Action.TAKE_OUT)
        return rows.filter(pk__in=towns.values("pk"))

    @admin.display(description=gettext_lazy("branches"), ordering="branch_count")
    def branch_count(self, town: Town) -> int:
        count: int = town.branch_count  # type: ignore[attr-defined]
        return count

    def may_change(self, request: HttpRequest, row: Town, action: Action) -> bool:
        return row.pk in reach_of(actor_of(request), on=today_of(request)).staff_towns

    def row_facts(self, request: HttpRequest, row: Town) -> Sequence[Fact]:
        return [Fact(_("town name"), row.name), Fact(_("branches"), self.branch_count(row))]

    def row_buttons(self, request: HttpRequest, row: Town) -> Sequence[Button]:
        if not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        return [Button(_("Rename"), self.url("edit", row.pk), "edit")]


class BranchAdmin(ScopedModelAdmin[Branch]):
    """The branches within reach; town staff make and change them."""

    list_display = ("name", "parent_name", "has_committee", "opened_on", "closed_on")
    list_filter = (TownFilter,)
    list_select_related = ("parent",)
    search_fields = ("name",)
    ordering = ("town_id", "position", "id")
    row_template = "workbench/town/branch.html"
    subpages = (NewBranch, ChangeBranch, AppointStandIn)

    @admin.display(description=gettext_lazy("general branch"))
    def parent_name(self, branch: Branch) -> str:
        return branch.parent.name if branch.parent else "—"

    def may_change(self, request: HttpRequest, row: Branch, action: Action) -> bool:
        return branches_for(actor_of(request), on=today_of(request), action=action).filter(pk=row.pk).exists()

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("New branch"), self.url("new"), "add", main=True)]

    def row_facts(self, request: HttpRequest, row: Branch) -> Sequence[Fact]:
        members = page_url("members_member_changelist")
        count = members_in([row.pk], today_of(request)).count()
        return [
            Fact(_("town"), row.town.name),
            Fact(_("general branch"), row.parent.name if row.parent else "—"),
            Fact(_("has a branch committee"), _("yes") if row.has_committee else _("no")),
            Fact(_("recorders"), name_recorders(row, on=today_of(request)) or "—"),
            Fact(_("opened on"), row.opened_on or "—"),
            Fact(_("closed on"), row.closed_on or "—"),
            Fact(_("successor"), row.successor.name if row.successor else "—"),
            Fact(_("members today"), count, f"{members}?branch={row.pk}"),
        ]

    def row_buttons(self, request: HttpRequest, row: Branch) -> Sequence[Button]:
        buttons = []
        if self.may_change(request, row, Action.KEEP_ROSTER):
            buttons.append(Button(_("Edit"), self.url("edit", row.pk), "edit"))
        if self.may_change(request, row, Action.APPOINT_STAND_IN):
            buttons.append(Button(_("Appoint a stand-in recorder"), self.url("stand_in", row.pk), "badge"))
        buttons.append(Button(_("Tick sheet"), page_url("ticks", row.pk), "grid_on"))
        if self.may_change(request, row, Action.EXPORT):
            for year in catalogue_for(request).of_town(row.town_id):
                label = _("Record forms %(year)s (PDF)") % {"year": year}
                query = urlencode({"branch": row.pk, "year": year})
                buttons.append(Button(label, f"{page_url('export')}?{query}#record_forms", "print"))
        return buttons

    def row_context(self, request: HttpRequest, row: Branch) -> dict[str, Any]:
        return read_branch_year(request, row)
