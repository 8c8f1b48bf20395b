"""Columns, filters and helpers the ledger's tables share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.ledger import VoidableModel
from members.models import Member
from members.selectors import branch_subquery, search_members
from points.rules.periods import H1, H2, first_day, half_start, period_half, periods_of_year
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.filters import ChoiceFilter
from scoring_site.workbench.base.scoped import Fact

Column = Callable[[Any], Any]

ROW_STEP = mark_safe('<a class="wb-row-step"')
"""How the way to a step begins that a cell offers beside what it says; cards and workbooks leave it out."""


def column(label: str | Promise, show: Callable[[Any], Any], *, name: str, order: str = "") -> Column:
    """A list column that knows the request through what `show` closes over; admin instances are shared by threads."""

    def shown(row: Any) -> Any:
        return show(row)

    shown.__name__ = name
    shown.short_description = label  # type: ignore[attr-defined]
    if order:
        shown.admin_order_field = order  # type: ignore[attr-defined]
    return shown


def with_branch_name(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    """Annotate `branch_name`: the branch that the row's member belongs to on a day."""
    named: QuerySet[Any] = rows.annotate(branch_name=branch_subquery(day, "branch__name", member="member"))
    return named


def find_by_member(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows whose member is found by `text` (characters or pinyin initials)."""
    if not text.strip():
        return rows
    return rows.filter(member__in=search_members(Member.objects.all(), text).order_by().values("pk"))


def void_facts(row: VoidableModel) -> list[Fact]:
    """Who voided a row, when and why; empty while it stands."""
    if not row.is_void:
        return []
    return [
        Fact(_("voided at"), row.voided_at),
        Fact(_("voided by"), str(row.voided_by)),
        Fact(_("reason for voiding"), row.void_reason),
    ]


class YearFilter(ChoiceFilter):
    """The assessment year."""

    title = gettext_lazy("assessment year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(year), str(year)) for year in catalogue_for(request).years()]


class DateYearFilter(YearFilter):
    """The year of a row's date."""

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(date__year=int(value))


class MeetingYearFilter(YearFilter):
    """The year in which a meeting was held."""

    date_path = "held_on"

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.date_path}__year": int(value)})


class HalfFilter(ChoiceFilter):
    """The half an event belongs to (D3)."""

    title = gettext_lazy("half")
    parameter_name = "half"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(H1, _("first half")), (H2, _("second half"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        rows = Q(pk__in=())
        for year in catalogue_for(request).years():
            rows |= _in_half(year, value)
        return queryset.filter(rows)


def _in_half(year: int, half: str) -> Q:
    """The events of a year that belong to a half, in comparisons without a function: see `period_half`."""
    parts = [part for kind in ("month", "quarter", "half") for part in periods_of_year(year, kind)]
    second = half_start(year, H2)
    day = Q(date__lt=second) if half == H1 else Q(date__gte=second)
    of_half = [part for part in parts if period_half(part, first_day(part)) == half]
    return Q(year=year) & (Q(period__in=of_half) | day & Q(period__in=("", str(year))))


class ItemFilter(ChoiceFilter):
    """The item; also for rows that reach it through another table."""

    title = gettext_lazy("item")
    parameter_name = "item"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(catalogue_for(request).item_names().items())


def show_state(row: VoidableModel) -> str:
    """Counting or voided, in a word."""
    return _("voided") if row.is_void else _("counting")


def state_with_void(url_of_void: Callable[[int], str]) -> Callable[[Any], str]:
    """The state of a row annotated with `may_void`, with the way to void it where the user may."""

    def show(row: Any) -> str:
        if row.is_void or not row.may_void:
            return show_state(row)
        way = format_html('{} href="{}">{}</a>', ROW_STEP, url_of_void(row.pk), _("Void"))
        return format_html("{} {}", show_state(row), way)

    return show
