"""What a town's own headings mean: columns no list knows, named by hand on a preview and remembered for the town."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from foundation.workbooks.headers import normalise_header
from foundation.workbooks.resource import SheetResource
from members.access import require_roster_keeper
from members.log.audit import log_change
from members.models import Town, User

LONGEST_HEADING = 60
"""Characters; a longer one explains the table and names no column."""


def name_columns(
    *, actor: User, now: datetime, town: Town, resource: type[SheetResource], names: Mapping[str, str]
) -> None:
    """Remember by which field of a workbook the town means its own headings; "" forgets one. Logged where it changes.

    What is not a heading (none, too long, one that every town means) or no field of the workbook is passed over: the
    page offers none.

    Raises:
        PermissionDenied: the actor does not keep the town's roster.
    """
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    known = {normalise_header(name) for field in resource.fields.values() for name in field.names}
    told = {normalise_header(heading): field for heading, field in names.items()}
    with transaction.atomic():
        town = Town.objects.select_for_update(no_key=True).get(pk=town.pk)
        before = town.column_names.get(resource.code, {})
        after = {
            heading: field
            for heading, field in {**before, **told}.items()
            if heading and len(heading) <= LONGEST_HEADING and heading not in known and field in resource.fields
        }
        if after != before:
            town.column_names = {**town.column_names, resource.code: after}
            town.save(update_fields=["column_names"])
            log_change(
                actor=actor,
                now=now,
                town=town,
                verb="name_columns",
                subject=town,
                old={"columns": _in_words(resource, before)},
                new={"columns": _in_words(resource, after)},
            )


def names_of(town: Town, resource: type[SheetResource]) -> dict[str, str]:
    """The town's own headings of a workbook and the fields they mean."""
    names: dict[str, str] = town.column_names.get(resource.code, {})
    return names


def _in_words(resource: type[SheetResource], names: Mapping[str, str]) -> list[str]:
    return [f"{heading} → {resource.fields[field].names[0]}" for heading, field in sorted(names.items())]
