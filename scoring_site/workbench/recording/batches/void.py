"""Voiding a batch as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.models import RecordBatch
from points.records.voiding import void_batch
from scoring_site.forms.fields import ReasonForm
from scoring_site.workbench.base.pages import Text
from scoring_site.workbench.base.steps import Outcome, ReasonStep
from scoring_site.workbench.recording.batches.lines import SHOWN, read_lines


class VoidBatch(ReasonStep[RecordBatch]):
    """Void a whole batch, after showing what is in it."""

    name = "void"
    action = Action.VOID
    template = "workbench/recording/batches/void_batch.html"
    title = gettext_lazy("Void a batch")
    submit = gettext_lazy("Void the whole batch")

    def get_warning(self) -> Sequence[Text]:
        if self.row.source != RecordBatch.Source.ROSTER:
            return [_("Everything below that still counts will no longer count; it stays readable.")]
        return [
            _(
                "Whom the import put on the roster is taken off it again, with the branches it made if they are empty; "
                "what it changed goes back to what it was, except for what has been changed since."
            )
        ]

    def get_context(self) -> dict[str, Any]:
        return {"lines": read_lines(self.request, self.row), "shown": SHOWN}

    def carry_out(self, form: ReasonForm) -> Outcome:
        counts = void_batch(actor=self.actor, now=self.now, batch=self.row, reason=form.cleaned_data["reason"])
        return Outcome(self.get_back(), _say_voided(self.row, counts))


def _say_voided(batch: RecordBatch, counts: Mapping[str, int]) -> str:
    if batch.source != RecordBatch.Source.ROSTER:
        return _("Voided %(count)s rows. A void cannot be undone: if it was a mistake, record them again.") % {
            "count": sum(counts.values())
        }
    return (
        _(
            "The roster import is taken back: %(members_removed)d members taken off the roster, %(members_restored)d "
            "put back as they were, %(branches_removed)d branches removed; %(values_kept)d values stay because they "
            "have been changed since."
        )
        % counts
    )
