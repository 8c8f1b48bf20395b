"""Point events: the ledger's lines, recorded by a form, voided with a reason, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.access import Action, branches_for, members_for, rows_for
from members.models import RecordBatch
from points.models import PointEvent
from points.scoring.wording import name_period, say_payment
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import (
    Column,
    HalfFilter,
    ItemFilter,
    YearFilter,
    column,
    find_by_member,
    state_with_void,
    void_facts,
    with_branch_name,
)
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import BranchFilter, LiveFilter
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.events.steps import RecordPoints, VoidEvent


class PointEventAdmin(ScopedModelAdmin[PointEvent]):
    """What was recorded for the members within reach, latest first."""

    card_columns = ("item", "points", "date", "state")
    list_filter = (YearFilter, HalfFilter, ItemFilter, BranchFilter, LiveFilter)
    list_select_related = ("member", "batch__actor")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-id",)
    row_template = "workbench/recording/events/event.html"
    subpages = (RecordPoints, VoidEvent)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PointEvent]:
        # What came from a meeting is changed at the meeting.
        voidable = members_for(actor_of(request), on=today_of(request), action=Action.VOID)
        is_own = Exists(voidable.filter(pk=OuterRef("member")))
        rows: QuerySet[PointEvent] = with_branch_name(super().get_queryset(request), today_of(request))
        return rows.annotate(may_void=Case(When(attendance__isnull=True, then=is_own), default=False))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PointEvent], search_term: str
    ) -> tuple[QuerySet[PointEvent], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)

        def show_item(event: PointEvent) -> str:
            return catalogue.name(event.member.town_id, event.year, event.item)

        def show_awarded(event: PointEvent) -> str:
            return _say_awarded(event, catalogue.points_of(event))

        return (
            column(
                gettext_lazy("member"), lambda event: event.member.listed_name, name="member", order="member__initials"
            ),
            column(gettext_lazy("branch"), lambda event: event.branch_name or "—", name="branch"),
            column(gettext_lazy("item"), show_item, name="item", order="item"),
            column(gettext_lazy("period"), _show_period, name="period", order="period"),
            column(gettext_lazy("points"), show_awarded, name="points", order="points"),
            column(gettext_lazy("date"), lambda event: event.date, name="date", order="date"),
            column(gettext_lazy("recorded by"), lambda event: str(event.batch.actor), name="actor"),
            column(gettext_lazy("validity"), state_with_void(self.url_by_row("void")), name="state", order="voided_at"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        user, today = actor_of(request), today_of(request)
        if branches_for(user, on=today, action=Action.DRAFT).exists():
            return [Button(_("Draft an activity"), page_url("activity"), "edit_note", main=True)]
        if not branches_for(user, on=today, action=Action.RECORD).exists():
            return []
        return [
            Button(_("Record an activity"), page_url("activity"), "groups", main=True),
            Button(_("Record points"), self.url("record"), "add"),
        ]

    def row_title(self, row: PointEvent) -> str:
        return f"{row.member.listed_name} {row.date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: PointEvent) -> Sequence[Fact]:
        catalogue = catalogue_for(request)
        facts = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("item"), catalogue.name(row.member.town_id, row.year, row.item)),
            Fact(_("assessment year"), str(row.year)),
            Fact(_("period"), _show_period(row)),
            Fact(_("date"), row.date),
            Fact(_("points"), _say_awarded(row, catalogue.points_of(row))),
            Fact(_("note"), row.note or "—"),
            Fact(_("recorded by"), row.batch.recorded_by),
            Fact(_("recorded at"), row.batch.at),
            Fact(_("source"), row.batch.get_source_display()),
            Fact(_("batch"), str(row.batch), self._batch_url(request, row)),
        ]
        if row.payment.is_said:
            facts.append(Fact(_("payment"), say_payment(row.payment)))
        if row.attendance is not None:
            facts.append(Fact(_("meeting"), str(row.attendance.meeting), row_url(row.attendance.meeting)))
        return [*facts, *void_facts(row)]

    def row_context(self, request: HttpRequest, row: PointEvent) -> dict[str, Any]:
        return {"evidence": show_evidence(request, row)}

    def _batch_url(self, request: HttpRequest, row: PointEvent) -> str:
        """The page of the event's batch, where it is the user's to see."""
        batches = RecordBatch.objects.filter(pk=row.batch_id)
        readable = rows_for(actor_of(request), batches, on=today_of(request)).exists()
        return row_url(row.batch) if readable else ""

    def row_buttons(self, request: HttpRequest, row: PointEvent) -> Sequence[Button]:
        if row.is_void or row.attendance_id or not self.may_change(request, row, Action.VOID):
            return []
        return [Button(_("Void"), self.url("void", row.pk), "block", grave=True)]


def _show_period(event: PointEvent) -> str:
    return name_period(event.period) if event.period else "—"


def _say_awarded(event: PointEvent, tenths: int | None) -> str:
    if tenths is None:
        return "—"
    return f"{show_points(tenths)} ×2" if event.led else show_points(tenths)
