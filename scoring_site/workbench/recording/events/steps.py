"""Recording one item for one or many members of a branch, and voiding one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.models import Branch, Member, Town
from members.selectors import branch_on
from points.models import PointEvent
from points.records.recording import record_events
from points.records.void_preview import preview_events
from points.records.voiding import void_event
from points.rules.rulebook import Rulebook
from scoring_site.forms.fields import ReasonForm
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.choices import pickable_members
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.steps import Outcome, ReasonStep, TableStep
from scoring_site.workbench.base.void_words import say_what_goes
from scoring_site.workbench.recording.events.forms import RecordForm


class RecordPoints(TableStep[RecordForm]):
    """Record one item for one or many members of a branch."""

    name = "record"
    form_class = RecordForm
    records = True
    template = "workbench/recording/events/record.html"
    title = gettext_lazy("Record points")
    submit = gettext_lazy("Record")

    members: QuerySet[Member]
    first: Member | None
    branch: Branch | None
    """None where the page is about one member."""
    branches: Sequence[Branch]
    town: Town | None
    rulebooks: dict[int, Rulebook]

    def prepare(self) -> None:
        self.members, self.branch, self.branches = pickable_members(self.request, Action.RECORD)
        require(bool(self.branches) or self.members.exists())
        self.first = self.members.select_related("town").first()
        self.town = self.branch.town if self.branch else self.first.town if self.first else None
        self.rulebooks = catalogue_for(self.request).of_town(self.town.pk) if self.town else {}

    def is_ready(self) -> bool:
        return bool(self.rulebooks)

    def get_back(self) -> str:
        return row_url(self.first) if self.first is not None and self.branch is None else super().get_back()

    def get_form_arguments(self) -> dict[str, Any]:
        chosen = [self.first.pk] if self.first and self.branch is None else []
        return {
            "members": self.members,
            "rulebooks": self.rulebooks,
            "today": self.today,
            "initial": {"members": chosen},
        }

    def get_context(self) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "branches": self.branches,
            "chosen": self.town is not None,
            "rulebooks": bool(self.rulebooks),
        }

    def carry_out(self, form: RecordForm) -> Outcome:
        assert self.town is not None
        record_events(
            actor=self.actor,
            now=self.now,
            town=self.town,
            entries=form.entries,
            branch=self.branch or (branch_on(self.first, self.today) if self.first else None),
            token=form.cleaned_data["token"],
        )
        said = _("Recorded for %(count)s members. To undo it, open the record or its batch and void it.")
        return Outcome(self.get_back(), said % {"count": len(form.entries)})


class VoidEvent(ReasonStep[PointEvent]):
    """Void one event, after showing it."""

    name = "void"
    action = Action.VOID
    title = gettext_lazy("Void a record")
    submit = gettext_lazy("Void")
    done = gettext_lazy("Voided. A void cannot be undone: if it was a mistake, record the event again.")

    def get_warning(self) -> Sequence[Text]:
        goes = say_what_goes(preview_events(self.row), catalogue_for(self.request), self.row.member.town_id)
        return [*goes, _("This record will no longer count. It stays readable with your name and the reason.")]

    def carry_out(self, form: ReasonForm) -> None:
        void_event(actor=self.actor, now=self.now, event=self.row, reason=form.cleaned_data["reason"])
