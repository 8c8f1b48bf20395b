"""The audit log, for who audits the town, in words (`members.log.words`), and taken out as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.writing import Column, TableSheet, stream_workbook
from members.access import Action, reach_of
from members.log.words import list_verbs, name_key, name_value, name_verb
from members.models import AuditEntry
from scoring_site.downloads import send_written
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.verification_report import ask_for_verification
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.meeting_words import name_kind
from scoring_site.workbench.base.pages import page_url, require
from scoring_site.workbench.base.roles import may_read_logs, may_verify
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.town.log_exports import LogExport


class VerbFilter(ChoiceFilter):
    """What was done."""

    title = gettext_lazy("action")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list_verbs()


COLUMNS = (
    Column("时间", 20),
    Column("账号", 20),
    Column("姓名", 14),
    Column("操作", 28),
    Column("对象", 20),
    Column("编号", 38),
    Column("变更前", 60),
    Column("变更后", 60),
)


class ExportLog(LogExport[AuditEntry]):
    """The audit log."""

    title = gettext_lazy("Export the audit log")

    def send(self) -> HttpResponseBase:
        """When, who, what, from what to what."""
        return send_written(self._write, f"{_('audit log')}-{self.today:%Y%m%d}.xlsx")

    def _write(self, file: IO[bytes]) -> int:
        table = self.table
        assert isinstance(table, AuditEntryAdmin)
        with stream_workbook(file, title="操作日志", author="") as workbook:
            sheet = TableSheet(workbook, "操作日志", COLUMNS, frozen_columns=1)
            for row in self.rows.select_related("actor").iterator(chunk_size=2000):
                at = f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"
                before, after = (table.say_values(self.request, row, values) for values in (row.old, row.new))
                what = (table.verb_label(row), table.subject(row), row.object_id)
                sheet.append([at, row.actor.username, str(row.actor), *what, before, after])
            sheet.finish()
        return sheet.row_count


class VerifyStored(TableStep[WorkbenchForm]):
    """Have what is stored verified; the result is a file under “My jobs”."""

    name = "verify"
    title = gettext_lazy("Verify what is stored")
    submit = gettext_lazy("Begin the verification")
    intro = (
        gettext_lazy(
            "Every row, kept file and frozen line is held against its seal, the rulebooks and the log. It takes "
            "minutes and changes nothing; the result is a file under “My jobs”."
        ),
    )
    done = gettext_lazy("Asked for. A message says when the result is ready.")

    def prepare(self) -> None:
        self.towns = kept_towns(self.request, Action.VERIFY)
        require(self.towns.exists())

    def carry_out(self, form: WorkbenchForm) -> Outcome:
        for town in self.towns:
            ask_for_verification(actor=self.actor, now=self.now, town=town)
        return Outcome(page_url("jobs"), self.done)


class AuditEntryAdmin(ScopedModelAdmin[AuditEntry]):
    """Who did what, newest first."""

    list_filter = (TownFilter, VerbFilter)
    list_select_related = ("actor",)
    search_fields = ("actor__username", "actor__last_name")
    search_help_text = gettext_lazy("User name or name")
    subpages = (ExportLog, VerifyStored)

    def has_view_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return may_read_logs(request)

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = [ExportLog.offer(self, request)]
        if may_verify(request):
            buttons.append(Button(_("Verify what is stored"), self.url("verify"), "verified_user"))
        return buttons

    def scope(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return rows.filter(town__in=reach_of(actor_of(request), on=today_of(request)).log_towns)

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        @admin.display(description=gettext_lazy("after"))
        def detail(entry: AuditEntry) -> str:
            text = self.say_values(request, entry, entry.new)
            return text if len(text) <= 60 else f"{text[:60]}…"

        return ("at", "actor", "verb_label", "subject", detail)

    def say_values(self, request: HttpRequest, entry: AuditEntry, values: Mapping[str, Any]) -> str:
        """What an entry keeps, in words: `支部：一支部；自：2026-03-01`."""
        model = _model_of(entry)
        said = (
            f"{name_key(model, key)}：{self._name_item(request, entry, key, values) or name_value(model, key, value)}"
            for key, value in values.items()
        )
        return "；".join(said) or "—"

    def _name_item(self, request: HttpRequest, entry: AuditEntry, key: str, values: Mapping[str, Any]) -> str:
        """Items by the names of the rulebook that the town adopted for their year; "" for anything else."""
        if entry.town_id is None:
            return ""
        if key == "kinds":
            catalogue = catalogue_for(request)
            return "、".join(
                " ".join((name_kind(catalogue, entry.town_id, item, period), *topic))
                for item, period, *topic in values[key]
            )
        if key == "item" and "date" in values:
            name = catalogue_for(request).name(entry.town_id, int(values["date"][:4]), values[key])
            return "" if name == values[key] else name
        return ""

    @admin.display(description=gettext_lazy("action"))
    def verb_label(self, entry: AuditEntry) -> str:
        return name_verb(entry.verb)

    @admin.display(description=gettext_lazy("object"))
    def subject(self, entry: AuditEntry) -> str:
        return str(_model_of(entry)._meta.verbose_name)

    def row_title(self, row: AuditEntry) -> str:
        return self.verb_label(row)

    def row_facts(self, request: HttpRequest, row: AuditEntry) -> Sequence[Fact]:
        return [
            Fact(_("at"), row.at),
            Fact(_("actor"), str(row.actor)),
            Fact(_("action"), self.verb_label(row)),
            Fact(_("object"), f"{self.subject(row)} {row.object_id}"),
            Fact(_("before"), self.say_values(request, row, row.old)),
            Fact(_("after"), self.say_values(request, row, row.new)),
        ]


def _model_of(entry: AuditEntry) -> type[Model]:
    return apps.get_model(entry.object_type)
