"""回避声明: ticked by whoever enters, reviews or decides something about a member (D18, D19)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring_site.forms.fields import ReasonForm, WorkbenchForm


class RecusalField(forms.BooleanField):
    """The statement of the actor that they are neither the member nor their close kin; it must be ticked."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "label",
            _("Recusal statement: I am neither this member nor their spouse, parent, child or sibling."),
        )
        kwargs.setdefault(
            "help_text", _("If you are, leave this to another officer of the committee or to the town's staff.")
        )
        kwargs.setdefault("error_messages", {"required": _("Tick the statement, or leave this to another officer.")})
        super().__init__(**kwargs)
        # A browser that keeps what was entered does not keep a statement (`static/forms/unsaved.js`).
        self.widget.attrs["data-anew"] = True


class RecusalForm(WorkbenchForm):
    """Nothing but the statement."""

    is_unrelated = RecusalField()


class RecusalReasonForm(ReasonForm):
    """A reason that the other side reads, and the statement."""

    is_unrelated = RecusalField()
