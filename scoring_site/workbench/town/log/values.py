"""The audit log with the words of this room: items by the names of the rulebooks, periods as people say them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.models import AuditEntry
from points.meetings.attendance import NOT_EXPECTED
from points.models import Attendance
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.meeting_words import name_kind
from scoring_site.workbench.town.log.table import AuditEntryAdmin


class RecordLogAdmin(AuditEntryAdmin):
    """Who did what, newest first."""

    def say_value(self, request: HttpRequest, entry: AuditEntry, key: str, value: Any) -> str:
        if key == "kinds" and entry.town_id is not None:
            catalogue = catalogue_for(request)
            return "、".join(
                " ".join((name_kind(catalogue, entry.town_id, item, period), *topic)) for item, period, *topic in value
            )
        if key == "attendance_changes":
            # How many of each; the meeting's page says who.
            counted = Counter(status for _member, status in value)
            labels = {**dict(Attendance.Status.choices), NOT_EXPECTED: _("not expected")}
            return "、".join(f"{labels.get(status, status)} {number}" for status, number in sorted(counted.items()))
        return super().say_value(request, entry, key, value)
