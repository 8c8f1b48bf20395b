"""The audit log, for town staff and supervisors, in words (`members.log.words`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import reach_of
from members.log.words import list_verbs, name_key, name_value, name_verb
from members.models import AuditEntry
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.meeting_words import name_kind
from scoring_site.workbench.base.scoped import Fact, ScopedModelAdmin


class VerbFilter(ChoiceFilter):
    """What was done."""

    title = gettext_lazy("action")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list_verbs()


class AuditEntryAdmin(ScopedModelAdmin[AuditEntry]):
    """Who did what, newest first."""

    for_town_roles = True
    list_filter = (TownFilter, VerbFilter)
    list_select_related = ("actor",)
    search_fields = ("actor__username", "actor__last_name")
    search_help_text = gettext_lazy("User name or name")

    def scope(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return rows.filter(town__in=reach_of(actor_of(request), on=today_of(request)).read_towns)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        @admin.display(description=gettext_lazy("after"))
        def detail(entry: AuditEntry) -> str:
            text = self.say_values(request, entry, entry.new)
            return text if len(text) <= 60 else f"{text[:60]}…"

        return ("at", "actor", "verb_label", "subject", detail)

    def say_values(self, request: HttpRequest, entry: AuditEntry, values: Mapping[str, Any]) -> str:
        """What an entry keeps, in words: `支部：一支部；自：2026-03-01`."""
        model = _model_of(entry)
        said = (
            f"{name_key(model, key)}：{self._name_item(request, entry, key, values) or name_value(model, key, value)}"
            for key, value in values.items()
        )
        return "；".join(said) or "—"

    def _name_item(self, request: HttpRequest, entry: AuditEntry, key: str, values: Mapping[str, Any]) -> str:
        """Items by the names of the rulebook that the town adopted for their year; "" for anything else."""
        if entry.town_id is None:
            return ""
        if key == "kinds":
            catalogue = catalogue_for(request)
            return "、".join(
                " ".join((name_kind(catalogue, entry.town_id, item, period), *topic))
                for item, period, *topic in values[key]
            )
        if key == "item" and "date" in values:
            name = catalogue_for(request).name(entry.town_id, int(values["date"][:4]), values[key])
            return "" if name == values[key] else name
        return ""

    @admin.display(description=gettext_lazy("action"))
    def verb_label(self, entry: AuditEntry) -> str:
        return name_verb(entry.verb)

    @admin.display(description=gettext_lazy("object"))
    def subject(self, entry: AuditEntry) -> str:
        return str(_model_of(entry)._meta.verbose_name)

    def row_title(self, row: AuditEntry) -> str:
        return self.verb_label(row)

    def row_facts(self, request: HttpRequest, row: AuditEntry) -> Sequence[Fact]:
        return [
            Fact(_("at"), row.at),
            Fact(_("actor"), str(row.actor)),
            Fact(_("action"), self.verb_label(row)),
            Fact(_("object"), f"{self.subject(row)} {row.object_id}"),
            Fact(_("before"), self.say_values(request, row, row.old)),
            Fact(_("after"), self.say_values(request, row, row.new)),
        ]


def _model_of(entry: AuditEntry) -> type[Model]:
    return apps.get_model(entry.object_type)
