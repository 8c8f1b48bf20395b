"""The days by which a town wants its halves submitted, approved and posted; set by the town's staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, reach_of, towns_for
from members.models import Town
from points.models import ReviewDates
from points.reviews.dates import set_review_dates
from points.scoring.wording import name_half
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.reviews.dates.forms import DatesForm


class ReviewDatesAdmin(ScopedModelAdmin[ReviewDates]):
    """One row per town and half; everybody reads them, the town's staff sets them."""

    list_filter = (TownFilter,)
    list_select_related = ("town",)
    ordering = ("-year", "-half", "town_id")

    def scope(self, request: HttpRequest, rows: QuerySet[ReviewDates]) -> QuerySet[ReviewDates]:
        return rows.filter(town__in=towns_for(actor_of(request), on=today_of(request)).values("pk"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("half"), name_half, name="half", order="year"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
            column(gettext_lazy("submit by"), lambda row: row.submit_by, name="submit_by", order="submit_by"),
            column(gettext_lazy("approve by"), lambda row: row.approve_by, name="approve_by", order="approve_by"),
            column(gettext_lazy("post by"), lambda row: row.post_by, name="post_by", order="post_by"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("new/", self.new_view, "new"),
            self.page("<int:object_id>/edit/", self.edit_view, "edit"),
        ]

    def may_change(self, request: HttpRequest, row: ReviewDates, action: Action) -> bool:
        return row.town_id in reach_of(actor_of(request), on=today_of(request)).staff_towns

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("Set the dates of a half"), self.url("new"), "add", main=True)]

    def row_title(self, row: ReviewDates) -> str:
        return f"{row.town.name} {name_half(row)}"

    def row_facts(self, request: HttpRequest, row: ReviewDates) -> Sequence[Fact]:
        return [
            Fact(_("submit by"), row.submit_by),
            Fact(_("approve by"), row.approve_by),
            Fact(_("post by"), row.post_by),
        ]

    def row_buttons(self, request: HttpRequest, row: ReviewDates) -> Sequence[Button]:
        if not self.may_change(request, row, Action.CONSENT):
            return []
        return [Button(_("Change"), self.url("edit", row.pk), "edit")]

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Set the dates of a half that has none, or new ones for one that has."""
        towns = Town.objects.filter(pk__in=reach_of(actor_of(request), on=today_of(request)).staff_towns)
        self.require(towns.exists())
        form = DatesForm(request.POST or None, towns=towns)
        return self._run(request, form, title=_("Set the dates of a half"), back=self.url("changelist"))

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Change the dates of a half."""
        row = self.row_for(request, str(object_id), Action.CONSENT)
        fixed = {"town": row.town_id, "year": row.year, "half": row.half}
        days = {"submit_by": row.submit_by, "approve_by": row.approve_by, "post_by": row.post_by}
        form = DatesForm(request.POST or None, towns=Town.objects.filter(pk=row.town_id), initial={**fixed, **days})
        for name, value in fixed.items():
            # What the dates are about does not change; a disabled field takes its initial value alone.
            form.fields[name].initial = value
            form.fields[name].disabled = True
        return self._run(request, form, title=self.row_title(row), back=self.url_of(row))

    def _run(self, request: HttpRequest, form: DatesForm, *, title: str, back: str) -> HttpResponseBase:
        def carry_out() -> Outcome:
            data = form.cleaned_data
            dates = set_review_dates(
                actor=actor_of(request),
                now=now_of(request),
                town=data["town"],
                year=data["year"],
                half=data["half"],
                **form.dates(),
            )
            return Outcome(self.url_of(dates), _("Saved; branches see what is late by these days. Change it any time."))

        page = FormPage(
            title=title,
            back=back,
            submit=_("Save"),
            intro=[
                _("Nothing is blocked when a day has passed; what is late says so in the list and on the home page.")
            ],
        )
        return self.run_form(request, form, page, carry_out)
