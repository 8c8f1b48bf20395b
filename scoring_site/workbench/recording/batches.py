"""Batches: what was recorded in one go, and the way to void it as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.ledger import live
from foundation.tenths import say_points
from members.access import Action, findings_for, is_own_case, may
from members.models import Member, RecordBatch, RosterChange
from points.models import Attendance, Meeting, PointEvent
from points.records.voiding import people_found, void_batch
from points.scoring.wording import name_period
from scoring_site.forms.fields import ReasonForm
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import Column, column, show_state, void_facts
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import ChoiceFilter, LiveFilter, OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from veto.models import Deduction, VetoRecord

SHOWN = 200
"""How many of a batch's lines its page lists."""


class SourceFilter(ChoiceFilter):
    """How the batch came about."""

    title = gettext_lazy("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(RecordBatch.Source.choices)


class RecordBatchAdmin(ScopedModelAdmin[RecordBatch]):
    """The batches within reach; those that carry a finding only for who may know of it (D21)."""

    list_filter = (OwnBranchFilter, SourceFilter, LiveFilter)
    list_select_related = ("branch", "actor")
    search_fields = ("file_name", "actor__last_name")
    search_help_text = gettext_lazy("File or who recorded")
    row_template = "workbench/recording/batches/batch.html"

    def scope(self, request: HttpRequest, rows: QuerySet[RecordBatch]) -> QuerySet[RecordBatch]:
        user, today = actor_of(request), today_of(request)
        for model in (Deduction, VetoRecord):
            known = findings_for(user, model._default_manager.all(), on=today).order_by().values("pk")
            unknown = model._default_manager.exclude(pk__in=known).order_by()
            rows = rows.exclude(pk__in=unknown.values("batch"))
        return super().scope(request, rows)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("recorded at"), lambda row: row.at, name="at", order="at"),
            column(gettext_lazy("branch"), _show_branch, name="branch", order="branch__position"),
            column(gettext_lazy("source"), lambda row: row.get_source_display(), name="source", order="source"),
            column(gettext_lazy("file name"), lambda row: row.file_name or "—", name="file_name"),
            column(gettext_lazy("recorded by"), lambda row: str(row.actor), name="actor"),
            column(gettext_lazy("validity"), show_state, name="state", order="voided_at"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("<int:object_id>/void/", self.void_view, "void")]

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
            "lines": self._read_lines(request, row),
            "shown": SHOWN,
            "evidence": show_evidence(request, row),
        }

    def _read_lines(self, request: HttpRequest, batch: RecordBatch) -> list[dict[str, Any]]:
        """The first lines of a batch; findings without their ground (D21)."""
        catalogue = catalogue_for(request)
        lines: list[dict[str, Any]] = [
            {
                "member": event.member.name,
                "what": catalogue.name(event.member.town_id, event.year, event.item),
                "when": name_period(event.period) if event.period else event.date,
                "more": _say_points(event),
                "url": reverse("workbench:points_pointevent_change", args=[event.pk]),
                "is_void": event.is_void,
            }
            for event in batch.events.select_related("member").order_by("member__position", "pk")[:SHOWN]
        ]
        for attendance in batch.attendances.select_related("member", "meeting").order_by("member__position")[:SHOWN]:
            lines.append(
                {
                    "member": attendance.member.name,
                    "what": attendance.get_status_display(),
                    "when": attendance.meeting.held_on,
                    "url": reverse("workbench:points_meeting_change", args=[attendance.meeting_id]),
                    "is_void": attendance.is_void,
                }
            )
        for finding in (*batch.deductions.select_related("member"), *batch.vetorecords.select_related("member")):
            lines.append(
                {
                    "member": finding.member.name,
                    "what": finding._meta.verbose_name,
                    "when": finding.date,
                    "is_void": finding.is_void,
                }
            )
        changes = batch.roster_changes.select_related("member", "branch").order_by("pk")
        return lines + [_show_roster_change(change) for change in changes[:SHOWN]]

    def void_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Void a whole batch, after showing what is in it."""
        batch = self.row_for(request, str(object_id), Action.VOID)
        form = ReasonForm(request.POST or None)

        def carry_out() -> Outcome:
            counts = void_batch(
                actor=actor_of(request), now=now_of(request), batch=batch, reason=form.cleaned_data["reason"]
            )
            return Outcome(self.url_of(batch), _say_voided(batch, counts))

        warning = _("Everything below that still counts will no longer count; it stays readable.")
        if batch.source == RecordBatch.Source.ROSTER:
            warning = _(
                "Whom the import put on the roster is taken off it again, with the branches it made if they are empty; "
                "what it changed goes back to what it was, except for what has been changed since."
            )
        page = FormPage(
            title=_("Void a batch"),
            back=self.url_of(batch),
            submit=_("Void the whole batch"),
            warning=[warning],
            facts=self.row_facts(request, batch),
            grave=True,
            template="workbench/recording/batches/void_batch.html",
            extra={"lines": self._read_lines(request, batch), "shown": SHOWN},
        )
        return self.run_form(request, form, page, carry_out)


def _show_branch(batch: RecordBatch) -> str:
    return batch.branch.name if batch.branch else _("several branches")


def _say_points(event: PointEvent) -> str:
    """What was awarded for a deed and what it was: `1.5分×2 清理河岸`; nothing for a base record without a note."""
    if event.points is None:
        return event.note
    points = _("%(points)s points") % {"points": say_points(event.points)}
    return f"{points}{' ×2' if event.led else ''} {event.note}".strip()


def _show_roster_change(change: RosterChange) -> dict[str, Any]:
    """A line of a roster import: whom or what it made, or which details it changed (not what they say)."""
    if change.member is None:
        return {"member": str(change.branch), "what": _("new branch"), "when": "", "is_void": False}
    if change.created:
        what = _("put on the roster")
    else:
        columns = {column.name: str(column.verbose_name) for column in Member._meta.fields}
        names = "、".join(columns[name] for name in json.loads(change.values))
        what = _("changed: %(names)s") % {"names": names}
    return {"member": change.member.name, "what": what, "when": "", "is_void": False}


def _say_voided(batch: RecordBatch, counts: Mapping[str, int]) -> str:
    if batch.source != RecordBatch.Source.ROSTER:
        return _("Voided %(count)s rows. A void cannot be undone: if it was a mistake, record them again.") % {
            "count": sum(counts.values())
        }
    return (
        _(
            "The roster import is taken back: %(members_removed)d members taken off the roster, %(members_restored)d "
            "put back as they were, %(branches_removed)d branches removed; %(values_kept)d values stay because they "
            "have been changed since."
        )
        % counts
    )


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
