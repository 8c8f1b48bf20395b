"""What an import asks before it writes, as the screens do: unusual leading roles (D4), one deed at two levels (D5).

Only rows that would be added are asked about. Whole years are imported: asked is what is likely wrong, not everything
that is alike. The same item with other points on the same day; words alike under another item (a deed and the
commendation for it); of an item with grades also words alike, or days nearby, with other points. Equal rows count as
often as they stand in the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.tenths import say_points
from foundation.workbooks.report import ImportReport, RowError, show_value
from points.imports.records_file import EventRow
from points.models import Claim, PointEvent
from points.records.duplicates import WORDED_DAYS, Likeness, are_alike, find_likeness
from points.rules.rulebook import IncentiveItem, Rulebook

_are_alike = lru_cache(maxsize=50_000)(are_alike)
"""Of a town's year most wordings repeat."""
MOST_COMPARED = 40
"""Deeds of one member within `WORDED_DAYS` that are compared with others: nobody has more, but a file could."""


class _Deed(NamedTuple):
    """A deed that stands: in the ledger, claimed, or earlier in the file (`row` is None otherwise)."""

    item: str
    date: date
    points: int | None
    led: bool
    note: str
    row: EventRow | None
    claimed: bool = False


def ask_about(
    rows: Sequence[EventRow], report: ImportReport, *, rulebooks: Mapping[int, Rulebook], names: Mapping[int, str]
) -> None:
    """Name in `report.questions` which of the rows to be added are unusual; `names` are the members' by id."""
    deeds = [row for row in rows if not row.entry.period]
    standing = _standing_deeds(deeds)
    for row in deeds:
        entry = row.entry
        item = rulebooks[entry.year].item(entry.item)
        if not isinstance(item, IncentiveItem):
            continue
        if entry.led and item.confirm_lead:
            report.questions.append(_ask_lead(row, names[entry.member_id], item))
        has_grades = bool(item.scale)
        for deed in standing.around(entry.member_id, entry.date, item="" if entry.note else entry.item):
            if _may_be_one(row, deed, has_grades=has_grades):
                report.questions.append(_ask_twice(row, names[entry.member_id], item, deed, rulebooks))
                break
        standing.add(entry.member_id, _Deed(entry.item, entry.date, entry.points, entry.led, entry.note, row))


class _Deeds:
    """Deeds by member and stretch of `WORDED_DAYS`, so that none is compared with all others of its member."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, str], list[_Deed]] = defaultdict(list)

    def add(self, member_id: int, deed: _Deed) -> None:
        stretch = deed.date.toordinal() // WORDED_DAYS
        of_all = self._found[member_id, stretch, ""]
        if len(of_all) < MOST_COMPARED:
            of_all.append(deed)
            self._found[member_id, stretch, deed.item].append(deed)

    def around(self, member_id: int, day: date, *, item: str) -> Iterator[_Deed]:
        """The deeds of a member within `WORDED_DAYS` of a day, and some beyond; of one item, where it is not "".

        A deed without words is like no other by them: it is compared with those of its item alone.
        """
        stretch = day.toordinal() // WORDED_DAYS
        return chain.from_iterable(self._found.get((member_id, stretch + by, item), ()) for by in (-1, 0, 1))


def _standing_deeds(rows: Iterable[EventRow]) -> _Deeds:
    """The members' live incentive records and open claims about the days of these rows."""
    found = _Deeds()
    days = [row.entry.date for row in rows]
    if not days:
        return found
    around = (min(days) - timedelta(days=WORDED_DAYS), max(days) + timedelta(days=WORDED_DAYS))
    for chunk in split_into_chunks(sorted({row.entry.member_id for row in rows})):
        events = (
            PointEvent.objects.live().filter(member__in=chunk, period="", date__range=around).order_by("date", "pk")
        )
        columns = ("member_id", "item", "date", "points", "led")
        for member_id, item, day, points, led, note in events.values_list(*columns, "note"):
            found.add(member_id, _Deed(item, day, points, led, note, None))
        claims = Claim.objects.filter(member__in=chunk, state__in=Claim.OPEN, date__range=around).order_by("date", "pk")
        for member_id, item, day, points, led, deed in claims.values_list(*columns, "deed"):
            found.add(member_id, _Deed(item, day, points, led, deed, None, claimed=True))
    return found


def _may_be_one(row: EventRow, deed: _Deed, *, has_grades: bool) -> bool:
    entry = row.entry
    apart = abs((deed.date - entry.date).days)
    if apart > WORDED_DAYS:
        return False
    if deed.item == entry.item:
        if apart and not has_grades:
            return False
        is_other_level = (deed.points, deed.led) != (entry.points, entry.led)
        if not (apart and is_other_level):
            return is_other_level
    alike = _are_alike(deed.note, entry.note)
    likeness = find_likeness(same_item=deed.item == entry.item, apart=apart, alike=alike)
    return likeness in (Likeness.ALIKE_WORDS, Likeness.SAME_ITEM_NEARBY)


def _ask_lead(row: EventRow, name: str, item: IncentiveItem) -> RowError:
    return RowError(
        row.sheet,
        row.row,
        "带头作用",
        "是",
        _("A leading role in “%(item)s” is unusual.") % {"item": item.name},
        _("Confirm it, or write 否."),
        name,
    )


def _ask_twice(
    row: EventRow, name: str, item: IncentiveItem, other: _Deed, rulebooks: Mapping[int, Rulebook]
) -> RowError:
    named = {
        "item": rulebooks[other.date.year].item(other.item).name if other.item != item.code else item.name,
        "date": other.date,
        "points": _("unsaid")
        if other.points is None
        else _("%(points)s points") % {"points": say_points(other.points)},
        "note": show_value(other.note) or "—",
    }
    if other.row is not None:
        where = _("row %(row)d") % {"row": other.row.row}
    else:
        where = _("a claim that waits") if other.claimed else _("recorded already")
    return RowError(
        row.sheet,
        row.row,
        "项目",
        item.name,
        _("This may be the same deed as “%(item)s” of %(date)s (%(points)s, %(note)s; %(where)s).")
        % {**named, "where": where},
        _("One deed counts once, at its highest level: confirm that they are two, or delete one."),
        name,
    )
