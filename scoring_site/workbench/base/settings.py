"""Tables of what a town sets for itself: nothing in them is about anybody."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from members.access import Action, towns_for
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.scoped import ModelT, ScopedModelAdmin


class TownSettingAdmin(ScopedModelAdmin[ModelT]):
    """Rows with a town, read by all who work there and taken out by who takes out anything of it."""

    def scope(self, request: HttpRequest, rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
        return rows.filter(town__in=towns_for(actor_of(request), on=today_of(request)).values("pk"))

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
        towns = towns_for(actor_of(request), on=today_of(request), action=Action.TAKE_OUT)
        return rows.filter(town__in=towns.values("pk"))
