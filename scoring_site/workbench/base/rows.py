"""The rows of a list as HTML: unfold's cells, whose heading, classes and addresses are worked out once for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import BooleanField, DateField, ForeignKey, Model, TimeField
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import LINK_CLASSES, ROW_CLASSES
from unfold.utils import display_for_field, display_for_value

from scoring_site.workbench.base.listing import PageFirst, name_column
from scoring_site.workbench.base.scoped import ScopedModelAdmin

LINK = " ".join(LINK_CLASSES)
CELL = " ".join(ROW_CLASSES)


ON_CARD = 3
"""How many columns a card shows beside its title, where the table names none."""
PLACES = frozenset({"branch", "branch_today", "town"})
"""Columns that say nothing where all rows of a page are of one place."""
LONGEST_FIGURE = 8
LONGEST_WORD = 8
"""What is no longer stays on one line at a desk: a name, a state, an item; a branch or a sentence may be broken."""

Cell = tuple[Any, bool]


def draw_rows(changelist: PageFirst, labels: Sequence[Any]) -> list[SafeString]:
    """The cells of each row of a page; `labels` are the headings. The first leads to the row's page.

    On a phone a row is a card, with the first column as its title and under it the cells marked for that.
    """
    table = changelist.table
    entries = [changelist.list_display[number] for number in changelist.shown_columns]
    names = [name_column(entry) for entry in entries]
    headings = [format_html('data-label="{}"', label) for label in labels]
    found = [(row, [show_cell(table, entry, row) for entry in entries]) for row in changelist.result_list]
    on_card = _choose_for_card(table, names, [cells for _row, cells in found])
    address = table.url_by_row("change")
    kept = f"?{changelist.preserved_filters}" if changelist.preserved_filters else ""
    rows = []
    for row, cells in found:
        drawn: list[str] = []
        for name, heading, (shown, whole) in zip(names, headings, cells, strict=True):
            classes = f"field-{name} {CELL}{' nowrap' if whole or len(str(shown)) <= LONGEST_WORD else ''}"
            if drawn:
                marks = _mark_for_card(shown) if name in on_card else ""
                drawn.append(f'<td class="{classes}{marks}" {heading}>{conditional_escape(shown)}</td>')
            else:
                link = format_html('<a href="{}" class="{}" >{}</a>', address(row.pk) + kept, LINK, shown)
                drawn.append(f'<th class="{classes}" {heading}>{link}</th>')
        rows.append(mark_safe("".join(drawn)))  # noqa: S308 (each part is escaped above)
    return rows


def _choose_for_card(table: ScopedModelAdmin[Any], names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> set[str]:
    """The columns that a card shows under its title."""
    told = [
        name
        for number, name in enumerate(names[1:], start=1)
        if name not in PLACES or len({str(cells[number][0]) for cells in rows}) > 1
    ]
    return {name for name in told if name in table.card_columns} or set(told[:ON_CARD])


def _mark_for_card(shown: Any) -> str:
    """The classes of a cell on a card: none where it is blank; a figure, yes and no say nothing without a heading."""
    text = str(shown).strip()
    if text in ("", "—"):
        return ""
    is_bare = text in (_("yes"), _("no")) or (text[0].isdigit() and len(text) <= LONGEST_FIGURE)
    return " wb-on-card wb-with-heading" if is_bare else " wb-on-card"


def show_cell(table: ScopedModelAdmin[Any], name: Any, row: Model) -> Cell:
    """What a cell shows, and whether it is kept on one line, as days and times are."""
    nothing = table.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(name, row, table)
    except ObjectDoesNotExist:
        return nothing, False
    nothing = getattr(attribute, "empty_value_display", nothing)
    if isinstance(field, BooleanField) or getattr(attribute, "boolean", False):
        return _("yes") if value else _("no"), True
    if field is None or field.auto_created:
        return display_for_value(value, nothing), isinstance(value, date | time)
    if isinstance(field, ForeignKey):
        related = getattr(row, field.name)
        return nothing if related is None else related, name not in PLACES
    return display_for_field(value, field, nothing), isinstance(field, DateField | TimeField)
