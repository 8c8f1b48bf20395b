"""Assessment years: which rulebook a town adopted for a year, with its readings; adopted by town staff (D1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import say_points
from members.access import reach_of
from points.models import AssessmentYear
from points.papers.words import SETTING_NAMES, name_setting_value
from points.rules.clauses import number_clause
from points.rules.rulebook import SETTING_RULES, parse_rulebook
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.base.settings import TownSettingAdmin
from scoring_site.workbench.town.adoption import AdoptRulebook


class AssessmentYearAdmin(TownSettingAdmin[AssessmentYear]):
    """The adopted rulebooks of the towns within reach."""

    list_filter = (TownFilter,)
    list_select_related = ("town", "rulebook", "adopted_by")
    row_template = "workbench/town/assessment_year.html"
    ordering = ("-year", "town_id")
    subpages = (AdoptRulebook,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssessmentYear]:
        return super().get_queryset(request).select_related("town", "rulebook", "adopted_by")

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("assessment year"), lambda row: str(row.year), name="year", order="year"),
            column(gettext_lazy("town"), lambda row: row.town.name, name="town", order="town__name"),
            column(gettext_lazy("rulebook"), lambda row: parse_rulebook(row.rulebook.text).title, name="title"),
            column(gettext_lazy("adopted at"), lambda row: row.adopted_at, name="adopted_at", order="adopted_at"),
            column(gettext_lazy("adopted by"), lambda row: str(row.adopted_by), name="adopted_by"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("Adopt a rulebook"), self.url("adopt"), "gavel", main=True)]

    def row_title(self, row: AssessmentYear) -> str:
        return f"{row.town.name} {row.year}"

    def row_facts(self, request: HttpRequest, row: AssessmentYear) -> Sequence[Fact]:
        rulebook = parse_rulebook(row.rulebook.text)
        settings = [
            Fact(SETTING_NAMES[name], name_setting_value(rulebook, name, getattr(rulebook.settings, name)))
            for name in SETTING_RULES
        ]
        return [
            Fact(_("town"), row.town.name),
            Fact(_("assessment year"), str(row.year)),
            Fact(_("rulebook"), f"{rulebook.title}（{rulebook.version}）"),
            Fact(_("adopted at"), row.adopted_at),
            Fact(_("adopted by"), str(row.adopted_by)),
            Fact(_("hash"), row.rulebook.hash),
            *settings,
        ]

    def row_context(self, request: HttpRequest, row: AssessmentYear) -> dict[str, Any]:
        rulebook = parse_rulebook(row.rulebook.text)
        each, finding = _("each deed"), _("each finding")
        base: list[tuple[Any, ...]] = [
            (item, _PER[item.per], say_points(item.points), say_points(item.max)) for item in rulebook.base
        ]
        incentive: list[tuple[Any, ...]] = [(item, each, "—", say_points(item.cap)) for item in rulebook.incentive]
        negative: list[tuple[Any, ...]] = [
            (item, finding, f"-{say_points(item.points)}", "—") for item in rulebook.negative
        ]
        veto: list[tuple[Any, ...]] = [(ground, finding, "—", "—") for ground in rulebook.veto]
        titles = (_("Base points"), _("Incentive points"), _("Negative list"), _("One-vote veto"))
        sections = [
            (title, [(number_clause(item.clause), item.name, *figures) for item, *figures in rows])
            for title, rows in zip(titles, (base, incentive, negative, veto), strict=True)
        ]
        return {"sections": sections}


_PER = {
    "month": gettext_lazy("each month"),
    "quarter": gettext_lazy("each quarter"),
    "half": gettext_lazy("each half"),
    "year": gettext_lazy("each year"),
}
