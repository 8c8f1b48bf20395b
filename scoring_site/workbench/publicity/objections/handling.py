"""Handling objections in the workbench: investigating, answering, handing to the town and its reply (3.3, D11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

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
from scoring_site.requests import actor_of, now_of
from scoring_site.workbench.base.scoped import Fact, FormPage, Outcome
from scoring_site.workbench.publicity.objections.forms import ExplanationForm, NoteForm, TownReplyForm
from scoring_site.workbench.publicity.objections.intake import ObjectionIntakeAdmin


class ObjectionAdmin(ObjectionIntakeAdmin):
    """The objections with every step of handling them."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/note/", self.note_view, "note"),
            self.page("<int:object_id>/answer/", self.answer_view, "answer"),
            self.page("<int:object_id>/to-town/", self.to_town_view, "to_town"),
            self.page("<int:object_id>/dissatisfied/", self.dissatisfied_view, "dissatisfied"),
            self.page("<int:object_id>/reply/", self.reply_view, "reply"),
        ]

    def step_page(
        self, row: Objection, *, title: str, submit: str, facts: Sequence[Fact] = (), **more: Any
    ) -> FormPage:
        """The form page of one step, with what was objected on it."""
        about = [Fact(_("objection"), row.text), *facts]
        return FormPage(title=title, back=self.url_of(row), submit=submit, facts=about, **more)

    def note_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Add an investigation note."""
        row = self.handled_row(request, object_id)
        form = NoteForm(request.POST or None)

        def carry_out() -> Outcome:
            note_investigation(
                actor=actor_of(request), now=now_of(request), objection=row, text=form.cleaned_data["text"]
            )
            return Outcome(self.url_of(row), _("Added. Notes are not changed; add another one to put something right."))

        page = self.step_page(
            row,
            title=_("Add an investigation note"),
            submit=_("Add"),
            intro=[_("Only those who handle the objection read it.")],
        )
        return self.run_form(request, form, page, carry_out)

    def answer_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Answer in writing: explain, or name the correction that was made."""
        row = self.handled_row(request, object_id)
        form = ExplanationForm(
            request.POST or None, corrections=list(corrections_for(row).select_related("member").order_by("at"))
        )

        def carry_out() -> Outcome:
            answer_objection(
                actor=actor_of(request),
                now=now_of(request),
                objection=row,
                answer=form.cleaned_data["answer"],
                correction=form.chosen_correction(),
            )
            return Outcome(
                self.url_of(row),
                _("Answered; an answer is not changed. Print it for an objector without an account."),
            )

        page = self.step_page(
            row,
            title=_("Answer with an explanation"),
            submit=_("Answer"),
            intro=[_("If the figure was wrong, go back and choose “Correct and answer”.")],
        )
        return self.run_form(request, form, page, carry_out)

    def to_town_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand it to the town because it is about the secretary or the recorder."""
        row = self.handled_row(request, object_id)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            hand_to_town(actor=actor_of(request), now=now_of(request), objection=row)
            return Outcome(
                self.url("changelist"), _("Handed to the town, whose staff were told. It cannot be taken back.")
            )

        page = self.step_page(
            row,
            title=_("Hand to the town"),
            submit=_("Hand to the town"),
            warning=[
                _("When an objection is about the secretary or the recorder, the town's staff handle it."),
                _("From then on neither the secretary nor the recorder of the branch sees it."),
            ],
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def dissatisfied_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the answer does not satisfy an objector who said so on paper or by phone."""
        row = self.get_object(request, str(object_id))
        if not self.takes_down(request, row):
            raise PermissionDenied(
                _("Objections are taken down by the branch's recorder or secretary, or by the town.")
            )
        form = DissatisfactionForm(request.POST if request.method == "POST" else None)
        form.fields["text"].widget.attrs["class"] = "workbench-input"

        def carry_out() -> Outcome:
            note_dissatisfaction(
                actor=actor_of(request), now=now_of(request), objection=row, text=form.cleaned_data["text"]
            )
            return Outcome(self.url_of(row), _("Passed to the town's staff. The notice is not held up by it."))

        page = self.step_page(
            row,
            title=_("The objector is not satisfied"),
            submit=_("Pass it to the town"),
            intro=[_("The town's party office looks at it and replies; the notice goes on meanwhile (D11).")],
            facts=[Fact(_("written answer"), row.answer or "—")],
        )
        return self.run_form(request, form, page, carry_out)

    def reply_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Reply for the town."""
        row = self.handled_row(request, object_id)
        self.require(self._is_staff(request, row))
        form = TownReplyForm(request.POST or None)

        def carry_out() -> Outcome:
            reply_for_town(
                actor=actor_of(request), now=now_of(request), objection=row, reply=form.cleaned_data["reply"]
            )
            return Outcome(self.url_of(row), _("Replied; a reply is not changed. The objector was told."))

        page = self.step_page(
            row,
            title=_("Reply for the town"),
            submit=_("Reply"),
            facts=[
                Fact(_("written answer"), row.answer or "—"),
                Fact(_("why the answer does not satisfy the objector"), row.dissatisfaction or "—"),
            ],
        )
        return self.run_form(request, form, page, carry_out)
