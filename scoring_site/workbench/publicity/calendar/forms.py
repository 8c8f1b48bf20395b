"""Clean input of the required channels and of a year's days off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Town
from publicity.models import Channel
from scoring_site.forms.fields import WorkbenchForm


class ChannelsForm(WorkbenchForm):
    """The channels a town requires."""

    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=None)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("required channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, towns: QuerySet[Town], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("town", towns)


DAY = r"(?:(?P<{0}m>\d{{1,2}})[-月./])?(?P<{0}d>\d{{1,2}})日?"


# What was taken stays taken (`*+`): the same blanks could stand between day and name or belong to the name.
LINE = re.compile(rf"{DAY.format('a')}(?:\s*+(?:至|到|~|—++)\s*+{DAY.format('b')})?[\s：:，,]*+(?P<name>[^\d]*+)")


NOTES = re.compile(r"（[^（）]*）|\([^()]*\)")


LONGEST_HOLIDAY = 15
LONGEST_LIST = 10_000
"""Characters; a year's days off are a page at most."""


def read_days(text: str, year: int) -> dict[date, str]:
    """The days of a year that lines name, with their names: `10-01 至 10-07 国庆节`, `10月1日（周五）至7日`, `2-20`.

    Raises:
        ValueError: names the line that cannot be read.
    """
    days: dict[date, str] = {}
    for line in text.splitlines():
        if line.strip():
            days.update(dict(_read_line(line, year)))
    return days


def _read_line(line: str, year: int) -> Iterator[tuple[date, str]]:
    found = LINE.fullmatch(NOTES.sub("", line).strip())
    try:
        if found is None or found["am"] is None:
            raise ValueError
        first = date(year, int(found["am"]), int(found["ad"]))
        last = date(year, int(found["bm"] or found["am"]), int(found["bd"])) if found["bd"] else first
        if not timedelta(0) <= last - first <= timedelta(days=LONGEST_HOLIDAY):
            raise ValueError
    except ValueError as error:
        raise ValueError(
            _("“%(line)s” cannot be read. Write one day or span a line, e.g. 10-01 至 10-07 国庆节.")
            % {"line": line[:60]}
        ) from error
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number), found["name"].strip()


class DaysField(forms.CharField):
    """Lines of days; `WorkYearForm` reads them once the year is known."""

    widget = forms.Textarea(attrs={"rows": 8})


class WorkYearForm(WorkbenchForm):
    """The days off and make-up workdays of a year; the days come out as dictionaries of day to name."""

    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=None)
    year = forms.IntegerField(label=gettext_lazy("year"), min_value=2000, max_value=2100)
    off = DaysField(
        label=gettext_lazy("days off"),
        required=False,
        max_length=LONGEST_LIST,
        help_text=gettext_lazy(
            "One day or span a line, e.g. 10-01 至 10-07 国庆节. Ordinary weekends need not be entered."
        ),
    )
    worked = DaysField(
        label=gettext_lazy("make-up workdays"),
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Saturdays and Sundays that are worked, e.g. 10-09 补班."),
    )

    def __init__(self, *args: Any, towns: QuerySet[Town], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("town", towns)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "year" in data:
            for name in ("off", "worked"):
                try:
                    data[name] = read_days(data.get(name) or "", data["year"])
                except ValueError as error:
                    self.add_error(name, str(error))
        return data
