"""Setting the days of a half, and changing them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from members.access import Action
from members.models import Town
from points.models import ReviewDates
from points.reviews.dates import set_review_dates
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.editing import EditRow
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.steps import FormStep, Outcome, TableStep
from scoring_site.workbench.reviews.dates.forms import DatesForm


class SetDates(FormStep[DatesForm]):
    """What new days and changed ones share: the form, the verb and what is said."""

    form_class = DatesForm
    submit = gettext_lazy("Save")
    intro = (
        gettext_lazy(
            "Nothing is blocked when a day has passed; what is late says so in the list and on the home page."
        ),
    )
    done = gettext_lazy("Saved; branches see what is late by these days. Change it any time.")

    def carry_out(self, form: DatesForm) -> Outcome:
        data = form.cleaned_data
        dates = set_review_dates(
            actor=self.actor,
            now=self.now,
            town=data["town"],
            year=data["year"],
            half=data["half"],
            **form.dates(),
        )
        return Outcome(row_url(dates), self.done)


class NewDates(SetDates, TableStep[DatesForm]):
    """Set the dates of a half that has none, or new ones for one that has."""

    name = "new"
    title = gettext_lazy("Set the dates of a half")

    towns: QuerySet[Town]

    def prepare(self) -> None:
        self.towns = kept_towns(self.request)
        require(self.towns.exists())

    def get_form_arguments(self) -> dict[str, Any]:
        return {"towns": self.towns}


class ChangeDates(SetDates, EditRow[DatesForm, ReviewDates]):
    """Change the dates of a half."""

    name = "edit"
    verb = "set_review_dates"
    action = Action.CONSENT

    def get_title(self) -> Text:
        return self.table.row_title(self.row)

    def make_form(self) -> DatesForm:
        """The form with the days as they stand; what they are about does not change."""
        row, form = self.row, super().make_form()
        for name, value in {"town": row.town_id, "year": row.year, "half": row.half}.items():
            # A disabled field takes its initial value alone.
            form.fields[name].initial = value
            form.fields[name].disabled = True
        return form

    def get_form_arguments(self) -> dict[str, Any]:
        row = self.row
        names = ("year", "half", "submit_by", "approve_by", "post_by", "latest_start")
        return {
            "towns": Town.objects.filter(pk=row.town_id),
            "initial": {"town": row.town_id, **{name: getattr(row, name) for name in names}},
        }
