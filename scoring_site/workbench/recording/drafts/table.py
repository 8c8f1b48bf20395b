"""Drafts of assistants: read in words, confirmed by the recorder in one click, returned with a remark, or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from points.errors import NotOnRoster
from points.models import Draft
from scoring_site.requests import actor_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.drafts.steps import ConfirmDraft, ReturnDraft, WithdrawDraft
from scoring_site.workbench.recording.drafts.words import say_draft


class StateFilter(ChoiceFilter):
    """Where a draft stands."""

    title = gettext_lazy("state")
    parameter_name = "state"
    offered = Draft.State


class DraftAdmin(ScopedModelAdmin[Draft]):
    """What assistants prepared, latest first."""

    list_filter = (StateFilter, OwnBranchFilter)
    list_select_related = ("branch", "made_by", "decided_by")
    ordering = ("-made_at", "-id")
    row_template = "workbench/recording/draft.html"
    subpages = (ConfirmDraft, ReturnDraft, WithdrawDraft)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("drafted at"), lambda row: row.made_at, name="made_at", order="made_at"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("kind"), lambda row: row.get_kind_display(), name="kind", order="kind"),
            column(gettext_lazy("drafted by"), lambda row: str(row.made_by), name="made_by"),
            column(gettext_lazy("state"), lambda row: row.get_state_display(), name="state", order="state"),
        )

    def row_title(self, row: Draft) -> str:
        return f"{row.branch.name} {row.get_kind_display()} {timezone.localdate(row.made_at)}"

    def row_facts(self, request: HttpRequest, row: Draft) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch.name),
            Fact(_("drafted by"), str(row.made_by)),
            Fact(_("drafted at"), row.made_at),
            Fact(_("state"), row.get_state_display()),
        ]
        if row.decided_at is not None:
            facts += [Fact(_("decided by"), str(row.decided_by)), Fact(_("decided at"), row.decided_at)]
        if row.remark:
            facts.append(Fact(_("remark"), row.remark))
        if row.batch is not None:
            facts.append(Fact(_("batch"), str(row.batch), row_url(row.batch)))
        return facts

    def row_context(self, request: HttpRequest, row: Draft) -> dict[str, Any]:
        waits = row.state == Draft.State.WAITING
        try:
            lines = say_draft(request, row)
        except NotOnRoster as error:
            return {"problem": str(error), "lines": []}
        return {
            "lines": lines,
            "again_url": self._form_again(row)
            if row.state == Draft.State.RETURNED and row.made_by_id == actor_of(request).pk
            else "",
            "confirm_url": self.url("confirm", row.pk)
            if waits and self.may_change(request, row, Action.RECORD)
            else "",
        }

    def _form_again(self, row: Draft) -> str:
        """The form on which a draft of this kind is made."""
        page = {
            Draft.Kind.EVENTS: "activity",
            Draft.Kind.MEETING: "points_meeting_record",
            Draft.Kind.MONTH: "month",
        }[Draft.Kind(row.kind)]
        return f"{page_url(page)}?branch={row.branch_id}"

    def row_buttons(self, request: HttpRequest, row: Draft) -> Sequence[Button]:
        if row.state != Draft.State.WAITING:
            return []
        buttons = []
        if self.may_change(request, row, Action.RECORD):
            buttons.append(Button(_("Return with a remark"), self.url("return", row.pk), "undo"))
        if row.made_by_id == actor_of(request).pk:
            buttons.append(Button(_("Withdraw"), self.url("withdraw", row.pk), "delete"))
        return buttons
