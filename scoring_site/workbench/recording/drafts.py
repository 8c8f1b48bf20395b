"""Drafts of assistants: read in words, confirmed by the recorder in one click, returned with a remark, or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.access import Action
from members.models import Member
from points.drafts.drafts import confirm_draft, return_draft, withdraw_draft
from points.drafts.payloads import Drafted, DraftedMonth, read_drafted
from points.errors import NotOnRoster
from points.meetings.holding import HeldMeeting
from points.models import Attendance, Draft
from points.rules.periods import period_year
from points.scoring.wording import name_period, show_points
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, catalogue_for, now_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


class RemarkForm(WorkbenchForm):
    """What is to be put right."""

    remark = TidyField(
        label=gettext_lazy("remark"),
        max_length=500,
        help_text=gettext_lazy("The assistant reads it and makes another."),
    )


class StateFilter(ChoiceFilter):
    """Where a draft stands."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Draft.State.choices)


class DraftAdmin(ScopedModelAdmin[Draft]):
    """What assistants prepared, latest first."""

    list_filter = (StateFilter, OwnBranchFilter)
    list_select_related = ("branch", "made_by", "decided_by")
    ordering = ("-made_at", "-id")
    row_template = "workbench/recording/draft.html"

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("drafted at"), lambda row: row.made_at, name="made_at", order="made_at"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("kind"), lambda row: row.get_kind_display(), name="kind", order="kind"),
            column(gettext_lazy("drafted by"), lambda row: str(row.made_by), name="made_by"),
            column(gettext_lazy("state"), lambda row: row.get_state_display(), name="state", order="state"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("<int:object_id>/confirm/", self.confirm_view, "confirm"),
            self.page("<int:object_id>/return/", self.return_view, "return"),
            self.page("<int:object_id>/withdraw/", self.withdraw_view, "withdraw"),
        ]

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
            facts.append(Fact(_("batch"), str(row.batch), self.url_of(row.batch)))
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
        return f"{reverse(f'workbench:{page}')}?branch={row.branch_id}"

    def row_buttons(self, request: HttpRequest, row: Draft) -> Sequence[Button]:
        if row.state != Draft.State.WAITING:
            return []
        buttons = []
        if self.may_change(request, row, Action.RECORD):
            buttons.append(Button(_("Return with a remark"), self.url("return", row.pk), "undo"))
        if row.made_by_id == actor_of(request).pk:
            buttons.append(Button(_("Withdraw"), self.url("withdraw", row.pk), "delete"))
        return buttons

    def confirm_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Record the draft: the one click."""
        draft = self.row_for(request, str(object_id), Action.RECORD)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            batch = confirm_draft(actor=actor_of(request), now=now_of(request), draft=draft)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.url_of(draft))
        messages.success(request, _("Recorded. To undo it, void single records or the whole batch here."))
        return HttpResponseRedirect(self.url_of(batch))

    def return_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Give it back."""
        draft = self.row_for(request, str(object_id), Action.RECORD)
        form = RemarkForm(request.POST or None)

        def carry_out() -> Outcome:
            return_draft(actor=actor_of(request), now=now_of(request), draft=draft, remark=form.cleaned_data["remark"])
            return Outcome(self.url("changelist"), _("Returned; the assistant has been told."))

        page = FormPage(
            title=_("Return a draft"),
            back=self.url_of(draft),
            submit=_("Return"),
            facts=self.row_facts(request, draft),
        )
        return self.run_form(request, form, page, carry_out)

    def withdraw_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Take one's own draft back."""
        draft = self.row_for(request, str(object_id), Action.READ)
        self.require(draft.made_by_id == actor_of(request).pk)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            withdraw_draft(actor=actor_of(request), now=now_of(request), draft=draft)
            return Outcome(self.url("changelist"), _("Withdrawn. Nothing of it was recorded."))

        page = FormPage(
            title=_("Withdraw a draft"),
            back=self.url_of(draft),
            submit=_("Withdraw"),
            facts=self.row_facts(request, draft),
        )
        return self.run_form(request, form, page, carry_out)


def say_draft(request: HttpRequest, draft: Draft) -> list[tuple[str, str]]:
    """What a draft would record, line by line: who, and what. Raises NotOnRoster."""
    drafted = read_drafted(draft)
    names = dict(Member.objects.filter(pk__in=_people(drafted)).values_list("pk", "name"))
    catalogue, town_id = catalogue_for(request), draft.branch.town_id

    def item(code: str, year: int) -> str:
        return catalogue.name(town_id, year, code)

    def say_meeting(held: HeldMeeting) -> list[tuple[str, str]]:
        kinds = "、".join(f"{item(code, period_year(period))}（{name_period(period)}）" for code, period in held.kinds)
        labels = dict(Attendance.Status.choices)
        head = "　".join(str(part) for part in (held.held_on, kinds, held.topic, held.place, held.host) if part)
        lines = [(_("meeting"), head)]
        for status in Attendance.Status.values:
            people = [names[pk] for pk, held_status in held.statuses.items() if held_status == status]
            if people:
                lines.append((f"{labels[status]}（{len(people)}）", "、".join(people)))
        return [*lines, (_("minutes"), held.minutes)] if held.minutes else lines

    if isinstance(drafted, HeldMeeting):
        return say_meeting(drafted)
    if isinstance(drafted, DraftedMonth):
        dues = (
            _("dues of %(month)s") % {"month": name_period(drafted.month)},
            "、".join(names[pk] for pk in drafted.dues),
        )
        return [*([dues] if drafted.dues else []), *(say_meeting(drafted.meeting) if drafted.meeting else [])]
    return [
        (
            names[entry.member_id],
            "　".join(
                part
                for part in (
                    item(entry.item, entry.year),
                    name_period(entry.period) if entry.period else str(entry.date),
                    "" if entry.points is None else show_points(entry.points) + (" ×2" if entry.led else ""),
                    entry.note,
                )
                if part
            ),
        )
        for entry in drafted.entries
    ]


def _people(drafted: Drafted) -> set[int]:
    if isinstance(drafted, HeldMeeting):
        return set(drafted.statuses)
    if isinstance(drafted, DraftedMonth):
        return {*drafted.dues, *(drafted.meeting.statuses if drafted.meeting else ())}
    return {entry.member_id for entry in drafted.entries}
