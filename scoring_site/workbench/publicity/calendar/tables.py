"""What a town sets once: the channels it requires, and the days off and make-up workdays of a year (D9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import WorkDay
from publicity.models import RequiredChannel
from publicity.notices.channels import name_channels, required_channels
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.base.settings import TownSettingAdmin
from scoring_site.workbench.publicity.calendar.steps import ChooseChannels, EnterWorkYear


class WorkYearFilter(ChoiceFilter):
    """The year of a day."""

    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(day.year), str(day.year)) for day in WorkDay.objects.dates("day", "year", order="DESC")]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(day__year=int(value))


class WorkDayAdmin(TownSettingAdmin[WorkDay]):
    """The days a town entered against the built-in calendar; set a year at a time."""

    list_filter = (TownFilter, WorkYearFilter)
    list_select_related = ("town",)
    ordering = ("-day", "pk")
    subpages = (EnterWorkYear,)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("day"), lambda row: row.day, name="day", order="day"),
            column(gettext_lazy("weekday"), lambda row: date_format(row.day, "l"), name="weekday"),
            column(gettext_lazy("worked or off"), name_work, name="work", order="is_worked"),
            column(gettext_lazy("name of the day"), lambda row: row.name or "—", name="name", order="name"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not kept_towns(request).exists():
            return []
        return [Button(_("Enter a year"), self.url("year"), "event", main=True)]

    def row_facts(self, request: HttpRequest, row: WorkDay) -> Sequence[Fact]:
        return [Fact(_("town"), row.town.name), Fact(_("day"), row.day), Fact(name_work(row), row.name or "—")]

    def row_buttons(self, request: HttpRequest, row: WorkDay) -> Sequence[Button]:
        if not kept_towns(request).filter(pk=row.town_id).exists():
            return []
        url = f"{self.url('year')}?town={row.town_id}&year={row.day.year}"
        return [Button(_("Change this year"), url, "edit")]


def name_work(row: WorkDay) -> str:
    """`off` or `make-up workday`."""
    return _("make-up workday") if row.is_worked else _("day off")


class RequiredChannelAdmin(TownSettingAdmin[RequiredChannel]):
    """The channels every notice of a town must go up on."""

    list_filter = (TownFilter,)
    list_select_related = ("town",)
    ordering = ("town_id", "pk")
    subpages = (ChooseChannels,)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("channel"), lambda row: row.get_channel_display(), name="channel", order="channel"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not kept_towns(request).exists():
            return []
        return [Button(_("Choose the channels"), self.url("choose"), "campaign", main=True)]

    def row_facts(self, request: HttpRequest, row: RequiredChannel) -> Sequence[Fact]:
        return [
            Fact(_("town"), row.town.name),
            Fact(_("required channels"), name_channels(required_channels(row.town))),
        ]
