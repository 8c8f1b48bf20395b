"""Clean input of a member's own answer in the portal (D18)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.admin.forms import TidyField
from points.hearings import STATEMENT_LIMIT
from veto.models import Finding


class OwnAnswerForm(forms.Form):
    """A statement in one's own words, or that one makes none; what was typed stays when it cannot be taken."""

    statement = TidyField(
        label=gettext_lazy("My statement"),
        required=False,
        max_length=STATEMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy("What happened, from your side; what should be looked at; who can tell more."),
    )
    waives = forms.BooleanField(label=gettext_lazy("I make no statement."), required=False)

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["waives"] and data["statement"]:
            self.add_error("waives", _("You wrote a statement: untick this, or take the text away."))
        elif not data["waives"] and not data["statement"]:
            self.add_error("statement", _("Write your statement, or tick that you make none."))
        return data

    @property
    def answer(self) -> Finding.Answer:
        """What the form says."""
        return Finding.Answer.WAIVED if self.cleaned_data["waives"] else Finding.Answer.STATEMENT
