"""Declaring on a second half's page that an item of the year's end is not held this year any more (D3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.log.reasons import REASON_LENGTH
from points.models import Review
from points.reviews.year_end import YearEndItem, declare_not_held, read_year_end
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.workbench.base.pages import Text
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import RowStep


class NotHeldForm(WorkbenchForm):
    """Which items, and why."""

    items = forms.MultipleChoiceField(
        label=gettext_lazy("not held this year any more"), widget=forms.CheckboxSelectMultiple
    )
    reason = TidyField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays readable with your name and the day."),
    )

    def __init__(self, *args: Any, open_items: Sequence[YearEndItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(entry.item.code, entry.shown) for entry in open_items]  # type: ignore[attr-defined]


class DeclareNotHeld(RowStep[Review, NotHeldForm]):
    """Declare what is not held this year any more, so that the second half need not wait for it."""

    name = "not_held"
    action = Action.SUBMIT_REVIEW
    form_class = NotHeldForm
    title = gettext_lazy("Declare: not held this year any more")
    submit = gettext_lazy("Declare")
    grave = True
    intro = (
        gettext_lazy("The second half is submitted once each of these is recorded, or declared here."),
        gettext_lazy("Nobody loses or earns a point by it; the period shows as “the branch held none”."),
        gettext_lazy("If it is held after all, record it: then the record counts and the declaration is history."),
    )
    done = gettext_lazy("Declared, with your name and the day.")

    @cached_property
    def year_end(self) -> list[YearEndItem]:
        """How everything the half waits for stands."""
        return read_year_end(self.row)

    @property
    def open_items(self) -> list[YearEndItem]:
        """What is neither recorded nor declared."""
        return [entry for entry in self.year_end if entry.settled_on is None]

    def is_ready(self) -> bool:
        return bool(self.open_items)

    def get_warning(self) -> Sequence[Text]:
        return [] if self.open_items else [_("Everything is recorded or declared already.")]

    def get_facts(self) -> Sequence[Fact]:
        return show_year_end(self.year_end)

    def get_form_arguments(self) -> dict[str, Any]:
        return {"open_items": self.open_items}

    def carry_out(self, form: NotHeldForm) -> None:
        data = form.cleaned_data
        declare_not_held(actor=self.actor, now=self.now, review=self.row, items=data["items"], reason=data["reason"])


def show_year_end(items: Sequence[YearEndItem]) -> list[Fact]:
    """Each item with how it stands."""
    return [Fact(entry.shown, entry.shown_state) for entry in items]
