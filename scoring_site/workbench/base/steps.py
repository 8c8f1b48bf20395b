"""A step: a page with one form that calls one verb. What it says is declared, what it does is one method.

A refusal of the domain appears on the form with everything typed still there; a form sent again leads to what it made
(`scoring_site/sent_once.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from foundation.errors import DomainError
from members.errors import DuplicateBatch
from members.models import Branch
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.sent_once import SAVED_BEFORE, carry_out_once, find_sent, say_saved, was_changed
from scoring_site.workbench.base.choices import choose_branch
from scoring_site.workbench.base.pages import RowPage, RowT, TablePage, Text, WorkbenchPage, require, row_url
from scoring_site.workbench.base.scoped import Fact

FormT = TypeVar("FormT", bound=Form)

ALL_FACTS = None
"""For `shown_facts`: every line that the row's page has."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a form that was carried out leads, and what the reader is told: what was done and how to undo it."""

    url: str
    message: Text


class FormStep(WorkbenchPage, Generic[FormT]):
    """Title, form, what to know first, the verb, and what is said when it is done."""

    form_class: ClassVar[type[Form]] = WorkbenchForm
    """The form; without one there is nothing to fill in, only to confirm."""
    template: ClassVar[str] = "workbench/base/form.html"
    submit: Text = ""
    intro: Sequence[Text] = ()
    warning: Sequence[Text] = ()
    grave: ClassVar[bool] = False
    """Whether it cannot be taken back."""
    done: Text = ""
    """What is said afterwards, where `carry_out` does not say something of its own."""

    # Declared, or overridden where the words depend on what the page is about

    def get_back(self) -> str:
        """Where "back without saving" leads, and the way on when it is done."""
        raise NotImplementedError

    def get_submit(self) -> Text:
        return self.submit

    def get_intro(self) -> Sequence[Text]:
        """What to know first."""
        return self.intro

    def get_warning(self) -> Sequence[Text]:
        """What it will change, or why it is not open."""
        return self.warning

    def get_facts(self) -> Sequence[Fact]:
        """What it is about."""
        return ()

    # The form

    def is_ready(self) -> bool:
        """Whether what the form is about was chosen; before that the page asks for it and has no form."""
        return True

    def get_form_arguments(self) -> dict[str, Any]:
        """Further arguments of the form, `initial` among them."""
        return {}

    def make_form(self) -> FormT:
        """The form: filled with what was sent, where it was sent."""
        sent = (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()
        form: Any = self.form_class(*sent, **self.get_form_arguments())
        return form  # type: ignore[no-any-return] # the subclass names its form as `form_class` and as FormT

    def carry_out(self, form: FormT) -> Outcome | HttpResponseBase | None:
        """Call the verb with what the sound form says; None leads back with `done`, a file is sent as it is.

        A refusal shows the page again, with the facts as `self.row` has them then.
        """
        raise NotImplementedError

    def get_draft(self) -> str:
        """Under which name the browser keeps what is entered until it is saved; empty: it is not kept.

        For long forms, none of which asks for a ground, a statement or somebody's health.
        """
        return ""

    def get_shown(self, form: FormT | None) -> str:
        """What the page showed, where it is an editing one (`editing.py`)."""
        return ""

    # The page

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What was sent before is not looked at again: what it was about may be done, or not open any more."""
        return find_sent(request) or super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(self.make_form() if self.is_ready() else None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Carry the form out where it is sound; else show it again."""
        if not self.is_ready():
            return self.show(None)
        form = self.make_form()
        if not form.is_valid():
            return self.show(form)
        if was_changed(request):
            form.add_error(None, str(SAVED_BEFORE))
            return self.show(form)
        try:
            return carry_out_once(request, lambda: self._carry_out(form))
        except DuplicateBatch as error:
            messages.warning(request, str(error))
            return say_saved(request, HttpResponseRedirect(self.get_back()))
        except DomainError as error:
            form.add_error(None, str(error))
            return self.show(form)

    def _carry_out(self, form: FormT) -> HttpResponseBase:
        outcome = self.carry_out(form) or Outcome(self.get_back(), self.done)
        if isinstance(outcome, HttpResponseBase):
            return outcome
        messages.success(self.request, str(outcome.message))
        return HttpResponseRedirect(outcome.url)

    def show(self, form: FormT | None, **context: Any) -> HttpResponseBase:
        """The page with the form, or without one where there is none to fill in yet."""
        page = {
            "title": self.get_title(),
            "back": self.get_back(),
            "submit": self.get_submit(),
            "intro": self.get_intro(),
            "warning": self.get_warning(),
            "facts": self.get_facts(),
            "grave": self.grave,
            "shown": self.get_shown(form),
            "draft": f"{self.actor.pk}:{draft}" if (draft := self.get_draft()) else "",
        }
        return self.render(form=form, page=page, **context)


class BranchStep(FormStep[FormT]):
    """A step in one of the branches it is offered in: the one of the address, or the only one there is."""

    branches: Sequence[Branch]
    branch: Branch | None

    def find_branches(self) -> QuerySet[Branch]:
        """Where it may be done, in order; nowhere refuses the page."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Authorise, and choose."""
        self.branches = list(self.find_branches().select_related("town"))
        require(bool(self.branches))
        self.branch = choose_branch(self.request, self.branches)

    def is_ready(self) -> bool:
        """Once a branch is chosen."""
        return self.branch is not None

    def get_context(self) -> dict[str, Any]:
        """What there is to choose from, and what was chosen."""
        return {"branches": self.branches, "branch": self.branch}


class TableStep(FormStep[FormT], TablePage):
    """A step under a table's address; it leads back to the list."""

    def get_back(self) -> str:
        return self.table.url("changelist")


class RowStep(FormStep[FormT], RowPage[RowT], Generic[RowT, FormT]):
    """A step about one row, at `<row>/<name>/`; it leads back to the row's page."""

    shown_facts: ClassVar[int | None] = 0
    """How many of the row's facts stand above the form."""

    def get_back(self) -> str:
        return row_url(self.row)

    def get_facts(self) -> Sequence[Fact]:
        """The first of the row's facts; none are read where none are shown."""
        if self.shown_facts == 0:
            return ()
        return self.table.row_facts(self.request, self.row)[: self.shown_facts]


class ReasonStep(RowStep[RowT, ReasonForm], Generic[RowT]):
    """A step that cannot be taken back and stands with its reason: voiding, revoking; the whole row is shown first."""

    form_class = ReasonForm
    grave = True
    shown_facts = ALL_FACTS
