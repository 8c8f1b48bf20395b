"""Handling objections in the workbench: investigating, answering, handing to the town and its reply (3.3, D11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.people.naming import tell_rows_apart_at_home
from publicity.models import Objection
from publicity.objections.objections import (
    answer_objection,
    corrections_for,
    hand_to_town,
    note_dissatisfaction,
    note_investigation,
    reply_for_town,
)
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.forms.objections import DissatisfactionForm
from scoring_site.workbench.base.pages import require
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import FormT, Outcome, RowStep
from scoring_site.workbench.publicity.objections.forms import ExplanationForm, NoteForm, TownReplyForm
from scoring_site.workbench.publicity.objections.handled import HandledPage, is_staff, registers


class ObjectionStep(RowStep[Objection, FormT], Generic[FormT]):
    """A step with what was objected above its form."""

    action = Action.READ

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("objection"), self.row.text)]


class HandlingStep(HandledPage, ObjectionStep[FormT], Generic[FormT]):
    """A step for who handles the objection."""


class AddNote(HandlingStep[NoteForm]):
    """Add an investigation note."""

    name = "note"
    form_class = NoteForm
    title = gettext_lazy("Add an investigation note")
    submit = gettext_lazy("Add")
    intro = (gettext_lazy("Only those who handle the objection read it."),)
    done = gettext_lazy("Added. Notes are not changed; add another one to put something right.")

    def carry_out(self, form: NoteForm) -> None:
        note_investigation(actor=self.actor, now=self.now, objection=self.row, text=form.cleaned_data["text"])


class AnswerObjection(HandlingStep[ExplanationForm]):
    """Answer in writing: explain, or name the correction that was made."""

    name = "answer"
    form_class = ExplanationForm
    title = gettext_lazy("Answer with an explanation")
    submit = gettext_lazy("Answer")
    intro = (gettext_lazy("If the figure was wrong, go back and choose “Correct and answer”."),)
    done = gettext_lazy("Answered; an answer is not changed. Print it for an objector without an account.")

    def get_form_arguments(self) -> dict[str, Any]:
        return {
            "names_member": self.row.about_id is not None,
            "corrections": tell_rows_apart_at_home(
                corrections_for(self.row).select_related("member").order_by("at"),
                lambda row: row.member,
                on=self.today,
                lasting=True,
            ),
        }

    def carry_out(self, form: ExplanationForm) -> None:
        answer_objection(
            actor=self.actor,
            now=self.now,
            objection=self.row,
            answer=form.cleaned_data["answer"],
            correction=form.chosen_correction(),
            is_unrelated=form.is_declared(),
        )


class HandToTown(HandlingStep[WorkbenchForm]):
    """Hand it to the town because it is about the secretary or the recorder."""

    name = "to_town"
    title = gettext_lazy("Hand to the town")
    submit = gettext_lazy("Hand to the town")
    warning = (
        gettext_lazy("When an objection is about the secretary or the recorder, the town's staff handle it."),
        gettext_lazy("From then on neither the secretary nor the recorder of the branch sees it."),
    )
    grave = True

    def carry_out(self, form: WorkbenchForm) -> Outcome:
        hand_to_town(actor=self.actor, now=self.now, objection=self.row)
        said = _("Handed to the town, whose staff were told. It cannot be taken back.")
        return Outcome(self.table.url("changelist"), said)


class NoteDissatisfaction(ObjectionStep[DissatisfactionForm]):
    """Enter that the answer does not satisfy an objector who said so on paper or by phone."""

    name = "dissatisfied"
    form_class = DissatisfactionForm
    title = gettext_lazy("The objector is not satisfied")
    submit = gettext_lazy("Pass it to the town")
    intro = (gettext_lazy("The town's party office looks at it and replies; the notice goes on meanwhile."),)
    done = gettext_lazy("Passed to the town's staff. The notice is not held up by it.")

    def prepare(self) -> None:
        super().prepare()
        if not registers(self.request, self.row):
            raise PermissionDenied(
                _("Objections are registered by the branch's recorder or secretary, or by the town.")
            )

    def get_facts(self) -> Sequence[Fact]:
        return [*super().get_facts(), Fact(_("written answer"), self.row.answer or "—")]

    def make_form(self) -> DissatisfactionForm:
        """The form of the portal with the looks of the workbench."""
        form = super().make_form()
        form.fields["text"].widget.attrs["class"] = "workbench-input"
        return form

    def carry_out(self, form: DissatisfactionForm) -> None:
        note_dissatisfaction(actor=self.actor, now=self.now, objection=self.row, text=form.cleaned_data["text"])


class ReplyForTown(HandlingStep[TownReplyForm]):
    """Reply for the town."""

    name = "reply"
    form_class = TownReplyForm
    title = gettext_lazy("Reply for the town")
    submit = gettext_lazy("Reply")
    done = gettext_lazy("Replied; a reply is not changed. The objector was told.")

    def prepare(self) -> None:
        super().prepare()
        require(is_staff(self.request, self.row))

    def get_facts(self) -> Sequence[Fact]:
        return [
            *super().get_facts(),
            Fact(_("written answer"), self.row.answer or "—"),
            Fact(_("why the answer does not satisfy the objector"), self.row.dissatisfaction or "—"),
        ]

    def get_form_arguments(self) -> dict[str, Any]:
        return {"names_member": self.row.about_id is not None}

    def carry_out(self, form: TownReplyForm) -> None:
        reply_for_town(
            actor=self.actor,
            now=self.now,
            objection=self.row,
            reply=form.cleaned_data["reply"],
            is_unrelated=form.is_declared(),
        )
