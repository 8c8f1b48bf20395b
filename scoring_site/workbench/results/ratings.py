"""Ratings in the workbench: a branch's year as one sheet to decide on, and every decision ever entered (4, D14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import branches_for
from members.selectors import members_in
from points.models import Rating, Review
from points.rules.periods import H2, half_end
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import Column, YearFilter, column, find_by_member
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.results.rating_sheet import DecideRatings, RatingSummary

FEW = 30
"""Up to so many branches stand unfolded above the list."""


@dataclass(frozen=True, slots=True)
class BranchYear:
    """A branch's year in the overview."""

    name: str
    url: str
    standing: str


class RatingAdmin(ScopedModelAdmin[Rating]):
    """Every decision, the replaced ones too; above them the sheets of the branches within reach."""

    card_columns = ("branch", "year", "decision", "state")
    list_filter = (YearFilter, OwnBranchFilter)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    list_select_related = ("member", "branch", "by")
    change_list_template = "workbench/results/rating_list.html"
    is_of_frozen_lines = True
    ordering = ("-pk",)
    subpages = (DecideRatings, RatingSummary)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        later = Rating.objects.filter(member=OuterRef("member"), year=OuterRef("year"), pk__gt=OuterRef("pk"))
        rows = super().get_queryset(request).select_related("member", "branch", "by")
        return rows.prefetch_related("branch__former_names").annotate(replaced=Exists(later))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Rating], search_term: str
    ) -> tuple[QuerySet[Rating], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name, name="branch", order="branch__position"),
            column(gettext_lazy("assessment year"), lambda row: str(row.year), name="year", order="year"),
            column(gettext_lazy("rating"), lambda row: row.get_decision_display(), name="decision", order="decision"),
            column(gettext_lazy("branch meeting that decided"), lambda row: row.met_on, name="met_on", order="met_on"),
            column(
                gettext_lazy("deferred until"), lambda row: row.settle_by or "—", name="settle_by", order="settle_by"
            ),
            column(gettext_lazy("entered by"), lambda row: str(row.by), name="by"),
            column(gettext_lazy("state"), _name_state, name="state"),
        )

    # The list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        year = self._shown_year(request)
        branches = self._read_branches(request, year) if year else []
        context = {"year": year, "branches": branches, "unfold": len(branches) <= FEW}
        return super().changelist_view(request, context | (extra_context or {}))

    def _shown_year(self, request: HttpRequest) -> int | None:
        """The year asked for, else the latest one that is over."""
        years = catalogue_for(request).years()
        asked = request.GET.get("year", "")
        over = [year for year in years if year < today_of(request).year]
        return next((year for year in years if str(year) == asked), max(over, default=max(years, default=None)))

    def _read_branches(self, request: HttpRequest, year: int) -> list[BranchYear]:
        """The branches within reach that had members at the year's end, with where their year stands; five queries.

        A branch is called as it was when it approved the year's second half; until then as today.
        """
        reach = branches_for(actor_of(request), on=today_of(request))
        peopled = set(
            members_in(reach, half_end(year, H2))
            .order_by()
            .values_list("branch_id_on_day", flat=True)  # type: ignore[misc] # an annotation
            .distinct()
        )
        branches = list(reach.filter(pk__in=peopled).order_by("town_id", "position", "pk"))
        halves = Review.objects.filter(year=year, half=H2, branch__in=branches).select_related("branch")
        reviews = {review.branch_id: review for review in halves.prefetch_related("branch__former_names")}
        rated = dict(
            Rating.objects.filter(year=year, branch__in=branches)
            .order_by()
            .values_list("branch")
            .annotate(Count("member", distinct=True))
        )
        return [
            BranchYear(
                reviews[branch.pk].branch_name if branch.pk in reviews else branch.name,
                self.url("sheet", branch.pk, year),
                _name_standing(reviews.get(branch.pk), rated.get(branch.pk, 0)),
            )
            for branch in branches
        ]

    # One decision

    def row_title(self, row: Rating) -> str:
        return _("Rating of %(name)s, %(year)s") % {"name": row.member.listed_name, "year": row.year}

    def row_facts(self, request: HttpRequest, row: Rating) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.listed_name),
            Fact(_("branch"), row.branch_name),
            Fact(_("rating"), row.get_decision_display()),
            Fact(_("branch meeting that decided"), row.met_on),
            *([Fact(_("deferred until"), row.settle_by)] if row.settle_by else []),
            *([Fact(_("votes of the appraisal"), row.votes)] if row.votes else []),
            Fact(_("state"), _name_state(row)),
            Fact(_("entered by"), str(row.by)),
            Fact(_("entered at"), row.at),
        ]

    def row_buttons(self, request: HttpRequest, row: Rating) -> Sequence[Button]:
        return [Button(_("All ratings of the branch"), self.url("sheet", row.branch_id, row.year), "workspace_premium")]


def _name_state(row: Rating) -> str:
    return _("replaced by a later one") if getattr(row, "replaced", False) else _("counting")


def _name_standing(review: Review | None, rated: int) -> str:
    if review is None or review.state != Review.State.FINAL:
        return _("not final yet")
    return _("final, %(count)d members rated") % {"count": rated}
