"""Clean input of an announcement: the kinds of a meeting's form, with the hour and what to bring."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from points.meetings.announcing import ComingMeeting
from scoring_site.forms.fields import TidyField
from scoring_site.workbench.recording.meetings.forms import KindsForm


class AnnounceForm(KindsForm):
    """A meeting to come."""

    held_on = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput)
    starts = forms.TimeField(label=gettext_lazy("begins at"), widget=forms.TimeInput(attrs={"type": "time"}))
    note = TidyField(label=gettext_lazy("what to bring or know"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["minutes"], self.fields["host"]
        self.fields["place"].required = True

    def clean(self) -> dict[str, Any]:
        """Gather `kinds` and `topics`."""
        data = super().clean() or self.cleaned_data
        if data.get("held_on"):
            data["kinds"], data["topics"] = self.read_kinds(data, data["held_on"])
        return data

    @property
    def coming(self) -> ComingMeeting:
        """What the sound form says."""
        data = self.cleaned_data
        return ComingMeeting(
            day=data["held_on"],
            starts=data["starts"],
            place=data["place"],
            kinds=data["kinds"],
            topics={item: topic for item, topic in data["topics"].items() if topic},
            topic=data["topic"],
            note=data["note"],
        )


def initial_of(coming: ComingMeeting) -> dict[str, Any]:
    """What a form about it begins with, an announcement's or a meeting's."""
    initial: dict[str, Any] = {
        "held_on": coming.day,
        "starts": f"{coming.starts:%H:%M}",
        "place": coming.place,
        "topic": coming.topic,
        "note": coming.note,
        "free": not coming.kinds,
    }
    for item, period in coming.kinds:
        initial |= {
            f"kind_{item}": True,
            f"period_{item}": period,
            f"topic_{item}": coming.topics.get(item, ""),
        }
    return initial
