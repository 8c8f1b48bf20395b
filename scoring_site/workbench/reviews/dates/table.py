"""The days by which a town wants its halves submitted, approved and posted; set by the town's staff."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, reach_of
from points.models import ReviewDates
from points.scoring.wording import name_half
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.base.settings import TownSettingAdmin
from scoring_site.workbench.reviews.dates.steps import ChangeDates, NewDates


class ReviewDatesAdmin(TownSettingAdmin[ReviewDates]):
    """One row per town and half; everybody reads them, the town's staff sets them."""

    list_filter = (TownFilter,)
    list_select_related = ("town",)
    ordering = ("-year", "-half", "town_id")
    subpages = (NewDates, ChangeDates)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("half"), name_half, name="half", order="year"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
            column(gettext_lazy("submit by"), lambda row: row.submit_by, name="submit_by", order="submit_by"),
            column(gettext_lazy("approve by"), lambda row: row.approve_by, name="approve_by", order="approve_by"),
            column(gettext_lazy("post by"), lambda row: row.post_by, name="post_by", order="post_by"),
        )

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
            *([Fact(_("counted at latest from"), row.latest_start)] if row.latest_start else []),
        ]

    def row_buttons(self, request: HttpRequest, row: ReviewDates) -> Sequence[Button]:
        if not self.may_change(request, row, Action.CONSENT):
            return []
        return [Button(_("Change"), self.url("edit", row.pk), "edit")]
