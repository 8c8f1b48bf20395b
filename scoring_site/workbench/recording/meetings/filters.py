"""How the list of meetings is narrowed: by what they counted for, and by whether their attendance is kept."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.ledger import live
from points.models import Attendance, MeetingKind
from scoring_site.workbench.base.columns import ItemFilter
from scoring_site.workbench.base.filters import ChoiceFilter

FREE = "free"


class KindFilter(ItemFilter):
    """Meetings that counted for an item, or for none."""

    title = gettext_lazy("kind of meeting")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*super().lookups(request, model_admin), (FREE, _("free activity"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == FREE:
            return queryset.exclude(pk__in=MeetingKind.objects.values("meeting"))
        return queryset.filter(pk__in=MeetingKind.objects.filter(item=value).values("meeting"))


class AttendanceKeptFilter(ChoiceFilter):
    """Meetings with attendance, those that lack it, and those voided as a whole."""

    title = gettext_lazy("attendance")
    parameter_name = "attendance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("kept")), ("no", _("missing")), ("void", _("voided"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "void":
            return queryset.filter(~live("batch"))
        kept = Attendance.objects.live().values("meeting")
        standing = queryset.filter(live("batch"))
        return standing.filter(pk__in=kept) if value == "yes" else standing.exclude(pk__in=kept)
