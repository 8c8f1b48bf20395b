"""Members' requests about the data held of them, answered by the town's staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, members_for
from members.log.reasons import REASON_LENGTH
from members.models import DataRequest
from members.people.data_requests import answer_data_request
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import ALL_FACTS, RowStep


class AnswerRequestForm(WorkbenchForm):
    """What the member is told."""

    answer = TidyField(
        label=gettext_lazy("answer"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )


class AnswerRequest(RowStep[DataRequest, AnswerRequestForm]):
    """Answer, after the roster was put right."""

    name = "answer"
    action = Action.KEEP_ROSTER
    form_class = AnswerRequestForm
    submit = gettext_lazy("Answer")
    intro = (gettext_lazy("Put the roster right first, on the member's page; then say what was done."),)
    shown_facts = ALL_FACTS
    done = gettext_lazy("Answered; the member has been told.")

    def get_title(self) -> str:
        return _("Answer %(name)s") % {"name": self.row.member.listed_name}

    def carry_out(self, form: AnswerRequestForm) -> None:
        answer_data_request(actor=self.actor, now=self.now, request=self.row, answer=form.cleaned_data["answer"])


class AnsweredFilter(ChoiceFilter):
    """Requests that wait, and those answered."""

    title = gettext_lazy("state")
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("waiting for the answer")), ("yes", gettext_lazy("answered"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(answered_at__isnull=value == "no")


class DataRequestAdmin(ScopedModelAdmin[DataRequest]):
    """What members say is wrong in their data."""

    for_town_roles = True
    list_display = ("member", "at", "is_answered")
    list_filter = (AnsweredFilter,)
    list_select_related = ("member",)
    ordering = ("-at", "-id")
    subpages = (AnswerRequest,)

    @admin.display(description=gettext_lazy("state"))
    def is_answered(self, row: DataRequest) -> str:
        return _("answered") if row.answered_at else _("waiting for the answer")

    def scope(self, request: HttpRequest, rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        keeping = members_for(actor_of(request), on=today_of(request), action=Action.KEEP_ROSTER)
        return rows.filter(member__in=keeping.values("pk"))

    def row_title(self, row: DataRequest) -> str:
        return f"{row.member.listed_name} {timezone.localdate(row.at)}"

    def row_facts(self, request: HttpRequest, row: DataRequest) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("what is wrong"), row.text),
            Fact(_("at"), row.at),
        ]
        if row.answered_at is not None:
            facts += [
                Fact(_("answer"), row.answer),
                Fact(_("answered at"), row.answered_at),
                Fact(_("answered by"), str(row.answered_by)),
            ]
        return facts

    def row_buttons(self, request: HttpRequest, row: DataRequest) -> Sequence[Button]:
        if row.answered_at is not None:
            return []
        return [Button(_("Answer"), self.url("answer", row.pk), "reply", main=True)]

    def may_change(self, request: HttpRequest, row: DataRequest, action: Action) -> bool:
        return True  # whoever sees one may answer it
