"""What a void takes, in words: shown before it is done and said again afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from points.models import Attendance
from points.records.void_preview import VoidedItem, VoidPreview
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period

MOST_ITEMS = 30
"""So many items and periods are named; of a year's import the others are counted."""


def say_what_goes(preview: VoidPreview, catalogue: Catalogue, town_id: int) -> list[str]:
    """One sentence for each kind of row: records by item and count, attendance by status, findings, the roster."""
    said = list(_say_rows(preview, catalogue, town_id))
    if not said:
        return [_("Nothing in it counts any more.")]
    if preview.earned_elsewhere:
        said.append(
            _("%(count)d of the records are earned by another meeting of the same period instead.")
            % {"count": preview.earned_elsewhere}
        )
    return said


def say_done(taken: list[str]) -> str:
    """What was taken, once it is, and how to go on."""
    said = (_("Voided now."), *taken, _("A void cannot be undone: if it was a mistake, record it again."))
    return " ".join(said)


def _say_rows(preview: VoidPreview, catalogue: Catalogue, town_id: int) -> Iterator[str]:
    if preview.meetings:
        yield _("Voided: %(count)d meetings.") % {"count": preview.meetings}
    if preview.items:
        items = [_say_item(item, catalogue, town_id) for item in preview.items[:MOST_ITEMS]]
        more = len(preview.items) - MOST_ITEMS
        yield _("Voided: %(count)d records (%(items)s%(more)s).") % {
            "count": preview.records,
            "items": "、".join(items),
            "more": _(" and %(count)d more") % {"count": more} if more > 0 else "",
        }
    if preview.attendances:
        labels = dict(Attendance.Status.choices)
        yield _("Voided: %(count)d attendances (%(statuses)s).") % {
            "count": sum(count for _status, count in preview.attendances),
            "statuses": "、".join(
                f"{labels[Attendance.Status(status)]}{count}" for status, count in preview.attendances
            ),
        }
    if preview.deductions:
        yield _("Voided: %(count)d deductions.") % {"count": preview.deductions}
    if preview.vetoes:
        yield _("Voided: %(count)d vetoes.") % {"count": preview.vetoes}
    if preview.members_added:
        yield _("Taken off the roster again: %(count)d members.") % {"count": preview.members_added}
    if preview.members_changed:
        yield _("Put back as they were: details of %(count)d members.") % {"count": preview.members_changed}
    if preview.branches_added:
        yield _("Taken away again, if empty: %(count)d branches.") % {"count": preview.branches_added}


def _say_item(item: VoidedItem, catalogue: Catalogue, town_id: int) -> str:
    values = {
        "item": catalogue.name(town_id, item.year, item.item),
        "period": name_period(item.period) if item.period else name_period(str(item.year)),
        "count": item.count,
    }
    return _("%(item)s of %(period)s: %(count)d") % values
