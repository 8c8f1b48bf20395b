"""Assessment years: which rulebook a town adopted for a year, with its readings; adopted by town staff (D1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import say_points
from members.access import reach_of, towns_for
from members.models import Town
from points.models import AssessmentYear
from points.papers.words import SETTING_NAMES, name_setting_value
from points.rules.rulebook import (
    SETTING_RULES,
    Rulebook,
    SettingRule,
    change_settings,
    load_shipped_rulebook,
    parse_rulebook,
)
from points.scoring.adoption import adopt_rulebook
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


def _setting_field(rulebook: Rulebook, rule: SettingRule) -> forms.Field:
    value = getattr(rulebook.settings, rule.name)
    label = f"{SETTING_NAMES[rule.name]}（{rule.decision}）"
    if rule.minimum is not None:
        return forms.IntegerField(label=label, min_value=rule.minimum, max_value=rule.maximum, initial=value)
    allowed: tuple[str | bool, ...] = rule.choices or (True, False)
    choices = [(str(choice), name_setting_value(rulebook, rule.name, choice)) for choice in allowed]
    return forms.ChoiceField(label=label, choices=choices, initial=str(value), widget=forms.RadioSelect)


class AdoptionForm(WorkbenchForm):
    """A town, a year, and a reading for every setting the regulation leaves open."""

    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none())
    year = forms.IntegerField(label=gettext_lazy("assessment year"), min_value=1921, max_value=2999)

    def __init__(self, *args: Any, towns: QuerySet[Town], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["town"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = towns
        field.initial = towns.first()
        shipped = load_shipped_rulebook()
        for rule in SETTING_RULES.values():
            self.fields[rule.name] = _setting_field(shipped, rule)
            widget = self.fields[rule.name].widget
            if not isinstance(widget, forms.RadioSelect):
                widget.attrs["class"] = "workbench-input"

    def settings(self) -> dict[str, str | int | bool]:
        """The chosen readings as the rulebook holds them."""
        chosen: dict[str, str | int | bool] = {}
        for rule in SETTING_RULES.values():
            value = self.cleaned_data[rule.name]
            chosen[rule.name] = value == "True" if rule.kind == "yes_no" else value
        return chosen


class AssessmentYearAdmin(ScopedModelAdmin[AssessmentYear]):
    """The adopted rulebooks of the towns within reach."""

    list_filter = (TownFilter,)
    list_select_related = ("town", "rulebook", "adopted_by")
    row_template = "workbench/town/assessment_year.html"
    ordering = ("-year", "town_id")

    def scope(self, request: HttpRequest, rows: QuerySet[AssessmentYear]) -> QuerySet[AssessmentYear]:
        return rows.filter(town__in=towns_for(actor_of(request), on=today_of(request)).values("pk"))

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

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("adopt/", self.adopt_view, "adopt")]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("Adopt a rulebook"), self.url("adopt"), "gavel", main=True)]

    def row_title(self, row: AssessmentYear) -> str:
        return f"{row.town.name} {row.year}"

    def row_facts(self, request: HttpRequest, row: AssessmentYear) -> Sequence[Fact]:
        rulebook = parse_rulebook(row.rulebook.text)
        settings = [
            Fact(
                f"{SETTING_NAMES[name]}（{rule.decision}）",
                name_setting_value(rulebook, name, getattr(rulebook.settings, name)),
            )
            for name, rule in SETTING_RULES.items()
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
        sections = [
            (
                _("Base points"),
                [
                    (item.clause, item.name, _PER[item.per], say_points(item.points), say_points(item.max))
                    for item in rulebook.base
                ],
            ),
            (
                _("Incentive points"),
                [(item.clause, item.name, _("each deed"), "—", say_points(item.cap)) for item in rulebook.incentive],
            ),
            (
                _("Negative list"),
                [
                    (item.clause, item.name, _("each finding"), f"-{say_points(item.points)}", "—")
                    for item in rulebook.negative
                ],
            ),
            (
                _("One-vote veto"),
                [(ground.clause, ground.name, _("each finding"), "—", "—") for ground in rulebook.veto],
            ),
        ]
        return {"sections": sections}

    def adopt_view(self, request: HttpRequest) -> HttpResponseBase:
        """Adopt the shipped rulebook for a year, with the town's readings."""
        user = actor_of(request)
        reach = reach_of(user, on=today_of(request))
        self.require(bool(reach.staff_towns))
        form = AdoptionForm(
            request.POST or None,
            towns=Town.objects.filter(pk__in=reach.staff_towns),
            initial={"year": today_of(request).year},
        )

        def carry_out() -> Outcome:
            adopted = adopt_rulebook(
                actor=user,
                now=now_of(request),
                town=form.cleaned_data["town"],
                year=form.cleaned_data["year"],
                rulebook=change_settings(load_shipped_rulebook(), **form.settings()),
            )
            return Outcome(
                self.url_of(adopted),
                _("Adopted. Until the year's first submission another choice can be adopted in its place."),
            )

        page = FormPage(
            title=_("Adopt a rulebook"),
            back=self.url("changelist"),
            submit=_("Adopt"),
            intro=[_("The choice decides every score of the year and is printed on the town's tables.")],
        )
        return self.run_form(request, form, page, carry_out)


_PER = {
    "month": gettext_lazy("each month"),
    "quarter": gettext_lazy("each quarter"),
    "half": gettext_lazy("each half"),
    "year": gettext_lazy("each year"),
}
