"""Adopting the shipped rulebook for a year, with the town's readings (D1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from members.models import Town
from points.papers.words import SETTING_NAMES, name_setting_value
from points.rules.rulebook import SETTING_RULES, Rulebook, SettingRule, change_settings, load_shipped_rulebook
from points.scoring.adoption import adopt_rulebook
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.steps import Outcome, TableStep


def _setting_field(rulebook: Rulebook, rule: SettingRule) -> forms.Field:
    value = getattr(rulebook.settings, rule.name)
    label = SETTING_NAMES[rule.name]
    if rule.minimum is not None:
        return forms.IntegerField(label=label, min_value=rule.minimum, max_value=rule.maximum, initial=value)
    allowed: tuple[str | bool, ...] = rule.choices or (True, False)
    choices = [(str(choice), name_setting_value(rulebook, rule.name, choice)) for choice in allowed]
    return forms.ChoiceField(label=label, choices=choices, initial=str(value), widget=forms.RadioSelect)


class AdoptionForm(WorkbenchForm):
    """A town, a year, and a reading for every setting the regulation leaves open."""

    town = forms.ModelChoiceField(
        label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=gettext_lazy("choose …")
    )
    year = forms.IntegerField(label=gettext_lazy("assessment year"), min_value=1921, max_value=2999)

    def __init__(self, *args: Any, towns: QuerySet[Town], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("town", towns)
        self.fields["town"].initial = towns.first()
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


class AdoptRulebook(TableStep[AdoptionForm]):
    """Adopt the shipped rulebook for a year."""

    name = "adopt"
    form_class = AdoptionForm
    title = gettext_lazy("Adopt a rulebook")
    submit = gettext_lazy("Adopt")
    intro = (gettext_lazy("The choice decides every score of the year and is printed on the town's tables."),)
    done = gettext_lazy("Adopted. Until the year's first submission another choice can be adopted in its place.")

    towns: QuerySet[Town]

    def prepare(self) -> None:
        self.towns = kept_towns(self.request)
        require(self.towns.exists())

    def get_form_arguments(self) -> dict[str, Any]:
        return {"towns": self.towns, "initial": {"year": self.today.year}}

    def carry_out(self, form: AdoptionForm) -> Outcome:
        adopted = adopt_rulebook(
            actor=self.actor,
            now=self.now,
            town=form.cleaned_data["town"],
            year=form.cleaned_data["year"],
            rulebook=change_settings(load_shipped_rulebook(), **form.settings()),
        )
        return Outcome(row_url(adopted), self.done)
