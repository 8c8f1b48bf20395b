"""Batches: what was recorded in one go, and the way to void it as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Aggregate, Count, Max, Min, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.ledger import live
from members.access import Action, findings_for, is_own_case, may
from members.models import RecordBatch, RosterChange
from points.models import Attendance, Meeting, PointEvent
from points.records.voiding import people_found
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import Column, column, show_state, void_facts
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import ChoiceFilter, LiveFilter, OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.batches.lines import SHOWN, read_lines
from scoring_site.workbench.recording.batches.void import VoidBatch
from veto.models import Deduction, VetoRecord


class SourceFilter(ChoiceFilter):
    """How the batch came about."""

    title = gettext_lazy("source")
    parameter_name = "source"
    offered = RecordBatch.Source


class RecordBatchAdmin(ScopedModelAdmin[RecordBatch]):
    """The batches within reach; those that carry a finding only for who may know of it (D21)."""

    card_columns = ("branch", "contents", "actor", "state")
    list_filter = (OwnBranchFilter, SourceFilter, LiveFilter)
    list_select_related = ("branch", "actor")
    search_fields = ("file_name", "actor__last_name")
    search_help_text = gettext_lazy("File or who recorded")
    row_template = "workbench/recording/batches/batch.html"
    subpages = (VoidBatch,)

    def scope(self, request: HttpRequest, rows: QuerySet[RecordBatch]) -> QuerySet[RecordBatch]:
        user, today = actor_of(request), today_of(request)
        for model in (Deduction, VetoRecord):
            known = findings_for(user, model._default_manager.all(), on=today).order_by().values("pk")
            unknown = model._default_manager.exclude(pk__in=known).order_by()
            rows = rows.exclude(pk__in=unknown.values("batch"))
        return _with_contents(super().scope(request, rows))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)

        def say_contents(batch: RecordBatch) -> str:
            """`党员活动日、党课 92条`: what it holds, the first two items by code and how many records there are."""
            if not batch.records:  # type: ignore[attr-defined] # annotations
                return _say_findings(batch)
            codes = dict.fromkeys((batch.first_item, batch.last_item))  # type: ignore[attr-defined]
            names = "、".join(catalogue.name(batch.town_id, batch.year_of_records, code) for code in codes)  # type: ignore[attr-defined]
            values = {"items": names, "count": batch.records, "kinds": batch.kinds}  # type: ignore[attr-defined]
            if batch.kinds > len(codes):  # type: ignore[attr-defined]
                return _("%(items)s and more, %(kinds)d items: %(count)d records") % values
            return _("%(items)s: %(count)d records") % values

        return (
            column(gettext_lazy("recorded at"), lambda row: row.at, name="at", order="at"),
            column(gettext_lazy("contents"), say_contents, name="contents"),
            column(gettext_lazy("branch"), _show_branch, name="branch", order="branch__position"),
            column(gettext_lazy("source"), lambda row: row.get_source_display(), name="source", order="source"),
            column(gettext_lazy("file name"), lambda row: row.file_name or "—", name="file_name"),
            column(gettext_lazy("recorded by"), lambda row: str(row.actor), name="actor"),
            column(gettext_lazy("validity"), show_state, name="state", order="voided_at"),
        )

    def may_change(self, request: HttpRequest, row: RecordBatch, action: Action) -> bool:
        """A batch with a finding is voided by who decides findings: voiding it takes the finding back."""
        needed = Action.DECIDE_FINDING if people_found(row).exists() else action
        return may(actor_of(request), needed, row.branch, on=today_of(request), town=row.town)

    def row_facts(self, request: HttpRequest, row: RecordBatch) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), _show_branch(row)),
            Fact(_("source"), row.get_source_display()),
            Fact(_("recorded by"), row.recorded_by),
            Fact(_("recorded at"), row.at),
        ]
        if row.file_name:
            facts.append(Fact(_("file name"), row.file_name))
        return [*facts, *_count_live(row), *void_facts(row)]

    def row_buttons(self, request: HttpRequest, row: RecordBatch) -> Sequence[Button]:
        if row.is_void or not self.may_change(request, row, Action.VOID):
            return []
        if any(is_own_case(actor_of(request), member) for member in people_found(row)):
            return []
        return [Button(_("Void the whole batch"), self.url("void", row.pk), "block", grave=True)]

    def row_context(self, request: HttpRequest, row: RecordBatch) -> dict[str, Any]:
        return {
            "lines": read_lines(request, row),
            "shown": SHOWN,
            "evidence": show_evidence(request, row),
        }


def _with_contents(rows: QuerySet[RecordBatch]) -> QuerySet[RecordBatch]:
    """Annotate what a batch holds: `records`, `kinds` of items, the first and last by code, their year; findings."""
    records = PointEvent.objects.filter(batch=OuterRef("pk")).order_by().values("batch")

    def ask(answer: Aggregate) -> Subquery:
        return Subquery(records.annotate(answer=answer).values("answer"))

    annotated: QuerySet[RecordBatch] = rows.annotate(
        records=ask(Count("pk")),
        kinds=ask(Count("item", distinct=True)),
        first_item=ask(Min("item")),
        last_item=ask(Max("item")),
        year_of_records=ask(Min("year")),
        held_deductions=_count_findings(Deduction),
        held_vetoes=_count_findings(VetoRecord),
    )
    return annotated


def _count_findings(model: type[Deduction | VetoRecord]) -> Subquery:
    found = model._default_manager.filter(batch=OuterRef("pk")).order_by().values("batch")
    return Subquery(found.annotate(answer=Count("pk")).values("answer"))


def _say_findings(batch: RecordBatch) -> str:
    """Of a batch without records: the findings that it holds."""
    counts = ((Deduction, batch.held_deductions), (VetoRecord, batch.held_vetoes))  # type: ignore[attr-defined] # annotations
    found = [(model._meta.verbose_name, count) for model, count in counts if count]
    said = [_("%(items)s: %(count)d records") % {"items": name, "count": count} for name, count in found]
    return "；".join(said) or "—"


def _show_branch(batch: RecordBatch) -> str:
    return batch.branch.name if batch.branch else _("several branches")


def _count_live(batch: RecordBatch) -> list[Fact]:
    """How many rows of each kind the batch still has that count."""
    models: tuple[type[Model], ...] = (PointEvent, Attendance, Deduction, VetoRecord)
    counts = [
        (model._meta.verbose_name_plural, model._default_manager.filter(live(), batch=batch).count())
        for model in models
    ]
    counts.append((Meeting._meta.verbose_name_plural, Meeting.objects.filter(batch=batch).count()))
    roster = RosterChange.objects.filter(batch=batch)
    counts += [
        (_("members put on the roster"), roster.filter(member__isnull=False, created=True).count()),
        (_("members whose details changed"), roster.filter(created=False).count()),
        (_("new branches"), roster.filter(branch__isnull=False).count()),
    ]
    return [Fact(str(name), count) for name, count in counts if count]
