"""Members' requests about the data held of them, answered by the town's staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, members_for
from members.log.reasons import REASON_LENGTH
from members.models import DataRequest
from members.people.data_requests import answer_data_request
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


class AnswerRequestForm(WorkbenchForm):
    """What the member is told."""

    answer = TidyField(
        label=gettext_lazy("answer"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )


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

    @staticmethod
    def is_answered(row: DataRequest) -> str:
        return _("answered") if row.answered_at else _("waiting for the answer")

    is_answered.short_description = gettext_lazy("state")  # type: ignore[attr-defined]

    def scope(self, request: HttpRequest, rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        keeping = members_for(actor_of(request), on=today_of(request), action=Action.KEEP_ROSTER)
        return rows.filter(member__in=keeping.values("pk"))

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("<int:object_id>/answer/", self.answer_view, "answer")]

    def row_title(self, row: DataRequest) -> str:
        return f"{row.member.name} {row.at:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: DataRequest) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
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

    def answer_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Answer, after the roster was put right."""
        row = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        form = AnswerRequestForm(request.POST or None)

        def carry_out() -> Outcome:
            answer_data_request(
                actor=actor_of(request), now=now_of(request), request=row, answer=form.cleaned_data["answer"]
            )
            return Outcome(self.url_of(row), _("Answered; the member has been told."))

        page = FormPage(
            title=_("Answer %(name)s") % {"name": row.member.name},
            back=self.url_of(row),
            submit=_("Answer"),
            intro=[_("Put the roster right first, on the member's page; then say what was done.")],
            facts=self.row_facts(request, row),
        )
        return self.run_form(request, form, page, carry_out)
