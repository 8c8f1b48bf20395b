"""Clean input of the recorder's answers to claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.log.reasons import REASON_LENGTH
from points.claims.claims import filing_of
from points.models import Claim
from scoring_site.forms.fields import PointsField, TidyField, TokenForm, WorkbenchForm
from scoring_site.workbench.recording.claims.alike import choice_of


class AcceptForm(TokenForm):
    """The points a claim earns."""

    points = PointsField(label=gettext_lazy("points"), help_text=gettext_lazy("Before doubling, in steps of 0.1."))
    led = forms.BooleanField(
        label=gettext_lazy("leading role"),
        required=False,
        help_text=gettext_lazy("Led, organised or took the lead: doubles."),
    )
    remark = TidyField(
        label=gettext_lazy("reason or remark"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed where points or leading role differ from the claim; the member reads it."),
    )
    others = forms.MultipleChoiceField(
        label=gettext_lazy("others of the same deed"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "One of these claims was changed or answered while the page was open. Look at them again."
            )
        },
    )
    filed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    sure = forms.BooleanField(label=gettext_lazy("Yes, this is another deed than those above."), required=False)

    def __init__(self, *args: Any, has_duplicates: bool, alike: Sequence[Claim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._alike = {choice_of(claim): claim for claim in alike}
        others = self.fields["others"]
        assert isinstance(others, forms.MultipleChoiceField)
        others.choices = [(choice, "") for choice in self._alike]
        if has_duplicates:
            self.fields["sure"].required = True
            self.fields["sure"].error_messages["required"] = _(
                "One deed counts once. Tick if this is another deed than the records above; else reject it."
            )
        else:
            del self.fields["sure"]

    def clean_others(self) -> list[tuple[Claim, str]]:
        """The claims picked, each with the filing it was read with."""
        return [
            (claim, filing_of(claim)) for choice, claim in self._alike.items() if choice in self.cleaned_data["others"]
        ]


class RemarkForm(WorkbenchForm):
    """What the member is told with an answer."""

    remark = TidyField(
        label=gettext_lazy("To the member"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads these words; say what is missing, or why."),
    )
