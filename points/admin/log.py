"""The audit log with the words of this room: items by the names of the rulebooks, periods as people say them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from members.admin.log import AuditEntryAdmin
from members.models import AuditEntry
from points.admin.meetings import name_kind
from points.catalogue import catalogue_for


class RecordLogAdmin(AuditEntryAdmin):
    """Who did what, newest first."""

    def say_value(self, request: HttpRequest, entry: AuditEntry, key: str, value: Any) -> str:
        if key == "kinds" and entry.town_id is not None:
            catalogue = catalogue_for(request)
            return "、".join(name_kind(catalogue, entry.town_id, item, period) for item, period in value)
        return super().say_value(request, entry, key, value)
