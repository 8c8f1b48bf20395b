"""The access log, for who audits the town: who came in, who was turned away, what was taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.writing import Column, TableSheet, stream_workbook
from members.access import reach_of
from members.models import AccessEntry
from scoring_site.downloads import send_written
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter, TownFilter
from scoring_site.workbench.base.roles import may_read_logs
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.town.log_exports import LogExport


class AccessKindFilter(ChoiceFilter):
    """What happened."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AccessEntry.Kind.choices)


COLUMNS = (
    Column("时间", 20),
    Column("账号", 20),
    Column("姓名", 14),
    Column("类别", 34),
    Column("设备地址", 24),
    Column("页面", 60),
)


def write_access_workbook(rows: Iterable[AccessEntry], file: IO[bytes]) -> int:
    """Write entries into an open binary file; returns how many."""
    with stream_workbook(file, title="访问日志", author="") as workbook:
        sheet = TableSheet(workbook, "访问日志", COLUMNS, frozen_columns=1)
        for row in rows:
            at = f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"
            username, name = (row.user.username, str(row.user)) if row.user else ("", "")
            sheet.append([at, username, name, row.get_kind_display(), row.address, row.path])
        sheet.finish()
    return sheet.row_count


class ExportAccess(LogExport[AccessEntry]):
    """The access log."""

    title = gettext_lazy("Export the access log")

    def send(self) -> HttpResponseBase:
        """When, who, what, from where."""
        rows = self.rows.select_related("user").iterator(chunk_size=2000)
        return send_written(
            lambda file: write_access_workbook(rows, file), f"{_('access log')}-{self.today:%Y%m%d}.xlsx"
        )


class AccessEntryAdmin(ScopedModelAdmin[AccessEntry]):
    """Who came in and what they were given or refused, newest first."""

    list_display = ("at", "account", "kind", "address", "path")
    list_filter = (TownFilter, AccessKindFilter)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__last_name", "address")
    search_help_text = gettext_lazy("User name, name or address of the device")
    subpages = (ExportAccess,)

    def has_view_permission(self, request: HttpRequest, obj: AccessEntry | None = None) -> bool:
        return may_read_logs(request)

    def scope(self, request: HttpRequest, rows: QuerySet[AccessEntry]) -> QuerySet[AccessEntry]:
        """The town's, and attempts under names that no account has: they belong to no town."""
        towns = reach_of(actor_of(request), on=today_of(request)).log_towns
        return rows.filter(Q(town__in=towns) | Q(user__isnull=True)) if towns else rows.none()

    @admin.display(description=gettext_lazy("account"), ordering="user__username")
    def account(self, entry: AccessEntry) -> str:
        if entry.user is None:
            return _("no account of that name")
        return f"{entry.user}（{entry.user.username}）"

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        return [ExportAccess.offer(self, request)]

    def row_title(self, row: AccessEntry) -> str:
        return row.get_kind_display()

    def row_facts(self, request: HttpRequest, row: AccessEntry) -> Sequence[Fact]:
        return [
            Fact(_("at"), row.at),
            Fact(_("account"), self.account(row)),
            Fact(_("kind"), row.get_kind_display()),
            Fact(_("address of the device"), row.address or "—"),
            Fact(_("page"), row.path or "—"),
        ]
