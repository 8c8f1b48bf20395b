"""The roster as a workbook that `import_roster` reads again: the same resource, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from foundation.workbooks.writing import Column, Look, TableSheet
from members.access import Action, members_for, reach_of
from members.errors import NotAllowed
from members.log.audit import log_change
from members.models import Member, Membership, Town, User
from members.people.fields import SHEET_COLUMNS, SheetColumn
from members.roster_files.reading import RosterResource
from members.roster_files.templates import NOTES_SHEET
from members.selectors import branch_subquery, with_branch_on


@dataclass(frozen=True, slots=True)
class RosterExport:
    """The members to write, in roster order; without ID numbers their column is left out."""

    members: Sequence[Member]
    with_id_numbers: bool
    left_out: int
    """How many of those asked for were not on the roster any more, or not the reader's to export."""


def export_roster(*, actor: User, now: datetime, members: QuerySet[Member]) -> RosterExport:
    """Open the roster of `members` as far as the actor may export them; logged for each town.

    ID numbers are included for town staff alone. Who has left is left out: a roster names who is on it.

    Raises:
        NotAllowed: none of them is the actor's to export.
    """
    today = timezone.localdate(now)
    came = Membership.objects.filter(member=OuterRef("pk"), why=Membership.Why.TRANSFERRED_IN).until(today)
    allowed = members_for(actor, on=today, action=Action.EXPORT)
    found = list(
        with_branch_on(Member.objects.filter(pk__in=allowed.values("pk")).filter(pk__in=members.values("pk")), today)
        .filter(branch_id_on_day__isnull=False)  # type: ignore[misc] # an annotation
        .annotate(
            transferred_in=Subquery(came.values("from_date")[:1]),
            branch=branch_subquery(today, "branch__name"),
            branch_position=branch_subquery(today, "branch__position"),
        )
        .order_by(F("branch_position"), "branch_id_on_day", "position", "pk")
    )
    if not found:
        raise NotAllowed(_("There is no member in this list whom you may export."))
    asked = members.count()
    by_town = Counter(member.town_id for member in found)
    with_id_numbers = set(by_town) <= reach_of(actor, on=today).staff_towns
    for town in Town.objects.filter(pk__in=by_town):
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="export_roster",
            subject=town,
            new={"members": by_town[town.pk], "id_numbers": with_id_numbers},
        )
    return RosterExport(found, with_id_numbers, asked - len(found))


def write_roster_workbook(export: RosterExport, file: IO[bytes]) -> None:
    """Write the export into an open binary file."""
    resource = RosterResource()
    columns = {name: column for name, column in SHEET_COLUMNS.items() if export.with_id_numbers or not column.for_staff}
    workbook = Workbook(write_only=True)
    sheet = TableSheet(workbook, "党员名册", [_column(column) for column in columns.values()], frozen_columns=2)
    for member in export.members:
        sheet.append(resource.export_resource(member, selected_fields=columns))
    sheet.finish()
    notes = TableSheet(workbook, NOTES_SHEET, [Column("说明", 90, Look.WRAPPED_TEXT)])
    notes.append(("本表可以改好后再导入：留空的格保留原有内容；不在表中不等于离开。",))
    if export.left_out:
        notes.append((f"所选党员中有{export.left_out}人已不在册或不能由您导出，未列入本表。",))
    if not export.with_id_numbers:
        notes.append(("公民身份号码只有镇党建办导出时才有。",))
    workbook.save(file)


def _column(column: SheetColumn) -> Column:
    return Column(column.headings[0], column.width, Look.DATE if column.is_day else Look.TEXT)
