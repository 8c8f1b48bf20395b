"""What a town sets once: the channels it requires, and the days off and make-up workdays of a year (D9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import reach_of, towns_for
from members.models import Town, WorkDay
from members.places.workdays import find_year_to_enter, is_shipped, set_work_year
from publicity.models import RequiredChannel
from publicity.notices.channels import name_channels, required_channels, set_required_channels
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.publicity.calendar.forms import ChannelsForm, WorkYearForm


def kept_towns(request: HttpRequest) -> QuerySet[Town]:
    """The towns whose staff the user is."""
    return Town.objects.filter(pk__in=reach_of(actor_of(request), on=today_of(request)).staff_towns).order_by("pk")


def chosen_town(request: HttpRequest, towns: QuerySet[Town]) -> Town | None:
    """`?town=`, else the first."""
    wanted = request.GET.get("town", "")
    return next((town for town in towns if str(town.pk) == wanted), towns.first())


class WorkYearFilter(ChoiceFilter):
    """The year of a day."""

    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(day.year), str(day.year)) for day in WorkDay.objects.dates("day", "year", order="DESC")]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(day__year=int(value))


class OfTown:
    """Rows of the towns one works for."""

    def scope(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(town__in=towns_for(actor_of(request), on=today_of(request)).values("pk"))


class WorkDayAdmin(OfTown, ScopedModelAdmin[WorkDay]):
    """The days a town entered against the built-in calendar; set a year at a time."""

    list_filter = (TownFilter, WorkYearFilter)
    list_select_related = ("town",)
    ordering = ("-day", "pk")

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("day"), lambda row: row.day, name="day", order="day"),
            column(gettext_lazy("weekday"), lambda row: date_format(row.day, "l"), name="weekday"),
            column(gettext_lazy("worked or off"), name_work, name="work", order="is_worked"),
            column(gettext_lazy("name of the day"), lambda row: row.name or "—", name="name", order="name"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("year/", self.year_view, "year")]

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

    def year_view(self, request: HttpRequest) -> HttpResponseBase:
        """Enter or change the days of a year; what was entered before stands in the form."""
        towns = kept_towns(request)
        self.require(towns.exists())
        town = chosen_town(request, towns)
        asked = request.GET.get("year", "")
        year = int(asked) if asked.isdecimal() and len(asked) == 4 else find_year_to_enter(town, on=today_of(request))
        entered = WorkDay.objects.filter(town=town, day__year=year).order_by("day")
        lines = {
            is_worked: "\n".join(f"{row.day:%m-%d} {row.name}".strip() for row in entered if row.is_worked is is_worked)
            for is_worked in (False, True)
        }
        initial = {"town": town, "year": year, "off": lines[False], "worked": lines[True]}
        form = WorkYearForm(request.POST or None, towns=towns, initial=initial)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            set_work_year(
                actor=actor_of(request),
                now=now_of(request),
                town=data["town"],
                year=data["year"],
                off=data["off"],
                worked=data["worked"],
            )
            return Outcome(
                f"{self.url('changelist')}?year={data['year']}",
                _("Saved for %(year)s. Notices that are up count by it from now on; to undo it, enter the year again.")
                % {"year": data["year"]},
            )

        if is_shipped(year):
            intro = _("The built-in calendar has %(year)s: enter only what differs from it.") % {"year": year}
        else:
            intro = _(
                "The built-in calendar does not have %(year)s: enter all days off and make-up workdays of the State "
                "Council's notice."
            ) % {"year": year}
        page = FormPage(
            title=_("Days off and make-up workdays"),
            back=self.url("changelist"),
            submit=_("Save"),
            intro=[intro, _("What was entered for the year before is replaced.")],
        )
        return self.run_form(request, form, page, carry_out)


def name_work(row: WorkDay) -> str:
    """`off` or `make-up workday`."""
    return _("make-up workday") if row.is_worked else _("day off")


class RequiredChannelAdmin(OfTown, ScopedModelAdmin[RequiredChannel]):
    """The channels every notice of a town must go up on."""

    list_filter = (TownFilter,)
    list_select_related = ("town",)
    ordering = ("town_id", "pk")

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("channel"), lambda row: row.get_channel_display(), name="channel", order="channel"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("choose/", self.choose_view, "choose")]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not kept_towns(request).exists():
            return []
        return [Button(_("Choose the channels"), self.url("choose"), "campaign", main=True)]

    def row_facts(self, request: HttpRequest, row: RequiredChannel) -> Sequence[Fact]:
        return [
            Fact(_("town"), row.town.name),
            Fact(_("required channels"), name_channels(required_channels(row.town))),
        ]

    def choose_view(self, request: HttpRequest) -> HttpResponseBase:
        """Choose the required channels of a town."""
        towns = kept_towns(request)
        self.require(towns.exists())
        town = chosen_town(request, towns)
        assert town is not None
        form = ChannelsForm(
            request.POST or None, towns=towns, initial={"town": town, "channels": required_channels(town)}
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            set_required_channels(
                actor=actor_of(request), now=now_of(request), town=data["town"], channels=data["channels"]
            )
            return Outcome(self.url("changelist"), _("Saved. Notices prepared before keep their channels."))

        page = FormPage(
            title=_("Choose the channels"),
            back=self.url("changelist"),
            submit=_("Save"),
            intro=[_("The days of a notice run from the last of these to go up. None chosen: the notice board.")],
        )
        return self.run_form(request, form, page, carry_out)
