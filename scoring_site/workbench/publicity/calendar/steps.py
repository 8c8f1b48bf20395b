"""Entering a year's days off, and choosing the channels every notice of a town must go up on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Town, WorkDay
from members.places.workdays import find_year_to_enter, is_shipped, set_work_year
from publicity.notices.channels import required_channels, set_required_channels
from scoring_site.parameters import read_year
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.editing import EditStep
from scoring_site.workbench.base.pages import Text, require
from scoring_site.workbench.base.steps import FormT, Outcome, TableStep
from scoring_site.workbench.publicity.calendar.forms import ChannelsForm, WorkYearForm


class TownStep(EditStep[FormT], TableStep[FormT]):
    """A step of one of the towns whose staff the user is: `?town=`, else the first."""

    submit = gettext_lazy("Save")

    towns: QuerySet[Town]
    town: Town

    def prepare(self) -> None:
        self.towns = kept_towns(self.request)
        wanted = self.request.GET.get("town", "")
        town = next((town for town in self.towns if str(town.pk) == wanted), self.towns.first())
        require(town is not None)
        assert town is not None
        self.town = town

    def get_subject(self) -> Town:
        return self.town

    def lock(self) -> None:
        """Whoever changes these holds the town."""
        Town.objects.select_for_update().get(pk=self.town.pk)


class EnterWorkYear(TownStep[WorkYearForm]):
    """Enter or change the days of a year; what was entered before stands in the form."""

    name = "year"
    verb = "set_work_year"
    form_class = WorkYearForm
    title = gettext_lazy("Days off and make-up workdays")

    year: int

    def prepare(self) -> None:
        super().prepare()
        asked = read_year(self.request.GET.get("year", ""))
        self.year = asked or find_year_to_enter(self.town, on=self.today)

    def get_intro(self) -> Sequence[Text]:
        if is_shipped(self.year):
            intro = _("The built-in calendar has %(year)s: enter only what differs from it.") % {"year": self.year}
        else:
            intro = _(
                "The built-in calendar does not have %(year)s: enter all days off and make-up workdays of the State "
                "Council's notice."
            ) % {"year": self.year}
        return [intro, _("What was entered for the year before is replaced.")]

    def get_form_arguments(self) -> dict[str, Any]:
        entered = WorkDay.objects.filter(town=self.town, day__year=self.year).order_by("day")
        lines = {
            is_worked: "\n".join(f"{row.day:%m-%d} {row.name}".strip() for row in entered if row.is_worked is is_worked)
            for is_worked in (False, True)
        }
        initial = {"town": self.town, "year": self.year, "off": lines[False], "worked": lines[True]}
        return {"towns": self.towns, "initial": initial}

    def carry_out(self, form: WorkYearForm) -> Outcome:
        data = form.cleaned_data
        values = {name: data[name] for name in ("town", "year", "off", "worked")}
        set_work_year(actor=self.actor, now=self.now, **values)
        said = _("Saved for %(year)s. Notices that are up count by it from now on; to undo it, enter the year again.")
        return Outcome(f"{self.get_back()}?year={data['year']}", said % {"year": data["year"]})


class ChooseChannels(TownStep[ChannelsForm]):
    """Choose the required channels of a town."""

    name = "choose"
    verb = "set_required_channels"
    form_class = ChannelsForm
    title = gettext_lazy("Choose the channels")
    intro = (gettext_lazy("The days of a notice run from the last of these to go up. None chosen: the notice board."),)
    done = gettext_lazy("Saved. Notices prepared before keep their channels.")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"towns": self.towns, "initial": {"town": self.town, "channels": required_channels(self.town)}}

    def carry_out(self, form: ChannelsForm) -> None:
        data = form.cleaned_data
        set_required_channels(actor=self.actor, now=self.now, town=data["town"], channels=data["channels"])
