"""Voiding a batch as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.models import RecordBatch
from points.records.void_preview import preview_batch
from points.records.voiding import void_batch
from scoring_site.forms.fields import ReasonForm
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import Text
from scoring_site.workbench.base.steps import Outcome, ReasonStep
from scoring_site.workbench.base.void_words import say_done, say_what_goes
from scoring_site.workbench.recording.batches.lines import SHOWN, read_lines


class VoidBatch(ReasonStep[RecordBatch]):
    """Void a whole batch, after showing what is in it."""

    name = "void"
    action = Action.VOID
    template = "workbench/recording/batches/void_batch.html"
    title = gettext_lazy("Void a batch")
    submit = gettext_lazy("Void the whole batch")

    @cached_property
    def taken(self) -> list[str]:
        """What it takes, read before it is done."""
        return say_what_goes(preview_batch(self.row), catalogue_for(self.request), self.row.town_id)

    def get_warning(self) -> Sequence[Text]:
        if self.row.source != RecordBatch.Source.ROSTER:
            return [*self.taken, _("It will no longer count; it stays readable.")]
        return [
            *self.taken,
            _(
                "Whom the import put on the roster is taken off it again, with the branches it made if they are empty; "
                "what it changed goes back to what it was, except for what has been changed since."
            ),
        ]

    def get_context(self) -> dict[str, Any]:
        return {"lines": read_lines(self.request, self.row), "shown": SHOWN}

    def carry_out(self, form: ReasonForm) -> Outcome:
        taken = self.taken
        counts = void_batch(actor=self.actor, now=self.now, batch=self.row, reason=form.cleaned_data["reason"])
        if self.row.source == RecordBatch.Source.ROSTER:
            return Outcome(self.get_back(), _say_taken_back(counts))
        return Outcome(self.get_back(), say_done(taken))


def _say_taken_back(counts: Mapping[str, int]) -> str:
    return (
        _(
            "The roster import is taken back: %(members_removed)d members taken off the roster, %(members_restored)d "
            "put back as they were, %(branches_removed)d branches removed; %(values_kept)d values stay because they "
            "have been changed since."
        )
        % counts
    )
