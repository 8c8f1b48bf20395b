"""Clean input for notices; the verbs decide what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from points.models import Review
from points.scoring.wording import name_period
from publicity.models import Channel
from publicity.notices.publication import CONTACT_LENGTH, MOST_DAYS
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.forms.pictures import PictureField


class ReviewField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic for the type checker alone
    """An approved half to choose."""

    def label_from_instance(self, obj: Any) -> str:
        assert isinstance(obj, Review)
        return f"{obj.branch_name} {name_period(f'{obj.year}{obj.half}')}"


class PrepareForm(WorkbenchForm):
    """A notice to prepare."""

    review = ReviewField(label=gettext_lazy("half-year review"), queryset=Review.objects.none(), empty_label=None)
    days = forms.IntegerField(
        label=gettext_lazy("days up"),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy(
            "The day of posting does not count; a day off at the end moves to the next working day."
        ),
    )
    contact = forms.CharField(
        label=gettext_lazy("how and to whom to object"),
        max_length=CONTACT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Name, telephone, where to hand something in; it is printed on the poster."),
    )

    def __init__(self, *args: Any, reviews: QuerySet[Review], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["review"]
        assert isinstance(field, ReviewField)
        field.queryset = reviews


class PhotoForm(WorkbenchForm):
    """A picture that shows something; it may be left out."""

    photo = PictureField(label=gettext_lazy("photo"))


class PostForm(PhotoForm):
    """When something went up."""

    posted_on = forms.DateField(label=gettext_lazy("posted on"), widget=forms.DateInput)
    field_order: Iterable[str] | None = ("posted_on", "photo")


class ChannelsForm(PostForm):
    """Where something went up, and when."""

    channels = forms.MultipleChoiceField(
        label=gettext_lazy("up on"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A photo is kept with the first channel ticked."),
    )
    field_order = ("channels", "posted_on", "photo")

    def __init__(self, *args: Any, channels: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channels"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(value, label) for value, label in Channel.choices if value in channels]
