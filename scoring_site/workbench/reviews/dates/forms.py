"""Clean input of the town's days for a half."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Town
from points.models.reviews import HALVES
from scoring_site.forms.fields import WorkbenchForm


class DatesForm(WorkbenchForm):
    """A half, its three days, and how long those of a second half wait."""

    town = forms.ModelChoiceField(label=_("town"), queryset=Town.objects.none(), empty_label=None)
    year = forms.IntegerField(label=_("assessment year"), min_value=1921, max_value=2999)
    half = forms.ChoiceField(label=_("half"), choices=HALVES)
    submit_by = forms.DateField(label=_("submit by"), widget=forms.DateInput)
    approve_by = forms.DateField(label=_("approve by"), widget=forms.DateInput)
    post_by = forms.DateField(label=_("post by"), widget=forms.DateInput)
    latest_start = forms.DateField(
        label=_("counted at latest from"),
        required=False,
        widget=forms.DateInput,
        help_text=_(
            "Of a second half only. It can be submitted once appraisal, the year-end meeting and pledge are recorded "
            "or declared not held. Where that is after 31 December, the days above move by as many days, at most as if "
            "it had been on this day. Empty: they never move."
        ),
    )

    def __init__(self, *args: Any, towns: QuerySet[Town], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("town", towns)
        self.fields["town"].initial = towns.first()

    def dates(self) -> dict[str, date]:
        """The days by name."""
        return {name: self.cleaned_data[name] for name in ("submit_by", "approve_by", "post_by", "latest_start")}
