"""The heat map: branches × months, of what is due how much is recorded, and where a cell leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from points.rules.periods import first_day, last_day, period_kind, periods_of_year
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period, name_period_in_year
from scoring_site.overview.year import Due
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.overview.reading import BranchRow, Overview


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of a branch, or a period of one item: its width in months, what it says, in full and short, its look.

    The looks: `full`, `part` (somebody's is missing), `gap` (an item is not recorded at all), `bare` (nothing is),
    `shut` (the same in a half that is closed), `now` (the period runs), `none` (nobody is asked), `later`.
    """

    months: int
    look: str
    shown: str = ""
    short: str = ""
    said: str = ""
    """All of it in words, for whoever hears it or points at it."""
    url: str = ""


def list_columns(rulebook: Rulebook, year: int, item: str) -> list[tuple[str, int]]:
    """The head of the heat map: the words of each column and its width in months."""
    chosen = next((each for each in rulebook.base if each.code == item), None)
    if chosen is None:
        return [(_name_column(month), 1) for month in periods_of_year(year, "month")]
    return [(_name_column(period), _width(period)) for period in periods_of_year(year, chosen.per)]


def make_cells(row: BranchRow, overview: Overview, item: str) -> list[Cell]:
    """The cells of a branch: by months of all items, or by the periods of one."""
    chosen = next((each for each in overview.rulebook.base if each.code == item), None)
    if chosen is not None:
        own = {due.period: due for due in row.dues if due.item.code == item}
        periods = periods_of_year(overview.year, chosen.per)
        return [_make(row, overview, [own[each]] if each in own else [], each, single=True) for each in periods]
    cells = []
    for month in periods_of_year(overview.year, "month"):
        dues = [due for due in row.dues if last_day(due.period) == last_day(month)]
        cells.append(_make(row, overview, dues, month, single=False))
    return cells


def _make(row: BranchRow, overview: Overview, dues: Sequence[Due], period: str, *, single: bool) -> Cell:
    width = _width(period) if single else 1
    if last_day(period).replace(day=1) > overview.on:
        return Cell(width, "later", "—", "–", "")
    if not dues:
        return Cell(width, "none", "", "", "")
    untouched = [due for due in dues if due.is_untouched]
    missing = sum(due.missing for due in dues)
    asked = sum(due.due for due in dues)
    look = _find_look(row, overview, dues, untouched, missing=missing)
    if not missing:
        shown = short = "✓"
    elif len(untouched) == len(dues):
        shown, short = pgettext("heat map", "none"), pgettext("heat map, short", "none")
    elif untouched:
        values = {"count": len(untouched)}
        shown = pgettext("heat map", "%(count)d items") % values
        short = pgettext("heat map, short", "%(count)d items") % values
    elif single:
        shown, short = pgettext("heat map", "%(count)d short") % {"count": missing}, str(missing)
    else:
        shown = f"{(asked - missing) * 100 // asked}%"
        short = shown.removesuffix("%")
    return Cell(width, look, shown, short, _say(row, dues, period), _link(row, overview, dues, period))


def _find_look(
    row: BranchRow, overview: Overview, dues: Sequence[Due], untouched: Sequence[Due], *, missing: int
) -> str:
    if not missing:
        return "full"
    if not all(due.is_over(overview.on) for due in dues):
        return "now"
    if not untouched:
        return "part"
    half = row.halves.get((overview.year, untouched[0].half))
    if half is not None and half.is_closed:
        return "shut"
    return "bare" if len(untouched) == len(dues) else "gap"


def _say(row: BranchRow, dues: Iterable[Due], period: str) -> str:
    """`柳湾村党支部 2026年10月：交纳党费 未登记；党员活动日 22/23`."""
    items = [
        _("%(item)s none recorded") % {"item": due.item.name}
        if due.is_untouched
        else f"{due.item.name} {due.entered}/{due.due}"
        for due in dues
    ]
    return f"{row.branch.name} {name_period(period)}：{'；'.join(items)}"


def _link(row: BranchRow, overview: Overview, dues: Sequence[Due], period: str) -> str:
    """The branch's month for whoever may record it; else the tick sheet of the first item that lacks something."""
    if row.may_record:
        month = f"{last_day(period):%Y-%m}"
        return f"{page_url('month')}?{urlencode({'branch': row.branch.pk, 'month': month})}"
    first = next((due for due in dues if due.missing), dues[0])
    query = urlencode({"item": first.item.code, "year": overview.year})
    return f"{page_url('ticks', row.branch.pk)}?{query}"


def _name_column(period: str) -> str:
    """A month as short as its column is narrow; a longer period in words."""
    if period_kind(period) == "month":
        return pgettext("heat map", "%(month)d") % {"month": last_day(period).month}
    return name_period_in_year(period)


def _width(period: str) -> int:
    return last_day(period).month - first_day(period).month + 1
