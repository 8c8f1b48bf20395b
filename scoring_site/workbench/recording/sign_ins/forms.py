"""Clean input of the hours of a sign-in."""

from __future__ import annotations

from datetime import date, datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from scoring_site.forms.fields import TokenForm, WorkbenchForm


class SignInForm(TokenForm):
    """The hours of a sign-in, on one day."""

    day = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput)
    opens = forms.TimeField(label=gettext_lazy("opens at"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(label=gettext_lazy("closes at"), widget=forms.TimeInput(attrs={"type": "time"}))

    def hours(self) -> tuple[datetime, datetime]:
        """When it opens and closes, in Shanghai."""
        day: date = self.cleaned_data["day"]
        return hour_of(day, self.cleaned_data["opens"]), hour_of(day, self.cleaned_data["closes"])


class ExtensionForm(WorkbenchForm):
    """Until when a sign-in stays open."""

    closes = forms.TimeField(label=gettext_lazy("closes at"), widget=forms.TimeInput(attrs={"type": "time"}))


def hour_of(day: date, moment: time) -> datetime:
    """An hour of a day in Shanghai."""
    return datetime.combine(day, moment, tzinfo=timezone.get_default_timezone())
