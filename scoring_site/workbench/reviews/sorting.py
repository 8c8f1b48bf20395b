"""Sorting the half's table on the server: every column by its address, so that it works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from points.reviews.table_parts import ItemColumn, ReviewRow, ReviewTable
from points.rules.periods import H2

SortValue = int | str | None


@dataclass(frozen=True, slots=True)
class Header:
    """One heading: its address sorts by it, turning round what it is sorted by already."""

    key: str
    label: str
    url: str
    direction: str
    item: ItemColumn | None = None

    @property
    def first_sort(self) -> str:
        """The value of `sort` that a first choice of this column means: figures from the top, names from a."""
        return self.key if self.key == "name" else f"-{self.key}"

    @property
    def arrow(self) -> str:
        return {"ascending": "↑", "descending": "↓"}.get(self.direction, "")


def _figures(half: str) -> dict[str, tuple[str, Callable[[ReviewRow], SortValue]]]:
    """The columns besides the items, by key: heading and what they sort by; a second half shows both and the year."""
    parts = name_parts(half)
    if half == H2:
        shown_half, shown_year = _("score of the second half"), _("Annual score")
    else:
        shown_half, shown_year = _("score of the half"), _("annual score so far")
    return {
        "name": (_("name"), lambda row: row.member.pinyin or row.member.name),
        "base": (parts["base"], lambda row: row.base),
        "incentive": (parts["incentive"], lambda row: row.incentive),
        "deducted": (parts["deducted"], lambda row: row.deducted),
        "first_half": (_("score of the first half"), lambda row: row.first_half),
        "half": (shown_half, lambda row: row.half_score),
        "change": (_("change to the previous half"), lambda row: row.change),
        "cumulative": (shown_year, lambda row: row.cumulative),
        "flags": (_("to look at"), lambda row: len([flag for flag in row.flags if flag.kind != "not_held"])),
    }


def name_parts(half: str) -> dict[str, str]:
    """The parts of a score by key, as headings and as a phone's labels; of a second half they are the year's."""
    parts = {"base": _("base"), "incentive": _("incentive"), "deducted": _("deductions")}
    if half != H2:
        return parts
    return {key: _("%(part)s, the whole year so far") % {"part": part} for key, part in parts.items()}


def sort_rows(table: ReviewTable, wanted: str) -> list[ReviewRow]:
    """The rows by the column `wanted` (`-` in front: descending), ties in roster order; blanks stay last."""
    key, descending = wanted.removeprefix("-"), wanted.startswith("-")
    value = _values(table).get(key)
    if value is None:
        return list(table.rows)
    known = [row for row in table.rows if value(row) is not None]
    known.sort(key=lambda row: value(row), reverse=descending)  # type: ignore[arg-type, return-value] # one kind each
    return known + [row for row in table.rows if value(row) is None]


def _values(table: ReviewTable) -> dict[str, Callable[[ReviewRow], SortValue]]:
    values = {key: value for key, (_label, value) in _figures(table.review.half).items()}
    for index, column in enumerate(table.columns):
        values[column.code] = lambda row, index=index: row.cells[index].points  # type: ignore[misc]
    return values


def make_headers(table: ReviewTable, wanted: str) -> list[Header]:
    """The headings in the order of the table: name, scores, what to look at, then each section with its items."""
    figures = _figures(table.review.half)

    def header(key: str, label: str, item: ItemColumn | None = None) -> Header:
        direction = {key: "ascending", f"-{key}": "descending"}.get(wanted, "none")
        first = key if key == "name" else f"-{key}"
        turned = {"ascending": f"-{key}", "descending": key}.get(direction, first)
        return Header(key, label, f"?sort={turned}", direction, item)

    def figure(key: str) -> Header:
        return header(key, figures[key][0])

    base = [header(column.code, column.name, column) for column in table.columns if column.is_base]
    incentive = [header(column.code, column.name, column) for column in table.columns if not column.is_base]
    scores = (
        ("first_half", "half", "cumulative", "change") if table.review.half == H2 else ("half", "change", "cumulative")
    )
    first = [figure(key) for key in ("name", *scores, "deducted", "flags")]
    return [*first, figure("base"), *base, figure("incentive"), *incentive]
