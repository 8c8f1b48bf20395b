"""The rows of a list as HTML: unfold's cells, whose heading, classes and addresses are worked out once for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import DateField, ForeignKey, Model, TimeField
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.templatetags.unfold_list import LINK_CLASSES, ROW_CLASSES
from unfold.utils import display_for_field, display_for_value

from scoring_site.workbench.base.scoped import ScopedModelAdmin

LINK = " ".join(LINK_CLASSES)
CELL = " ".join(ROW_CLASSES)


def draw_rows(changelist: ChangeList, labels: Sequence[Any]) -> list[SafeString]:
    """The cells of each row of a page; `labels` are the columns' headings. The first column leads to the row's page."""
    columns = [
        (name, f'class="field-{getattr(name, "__name__", name)} {CELL}', format_html('data-label="{}"', label))
        for name, label in zip(changelist.list_display, labels, strict=True)
    ]
    table = changelist.model_admin
    assert isinstance(table, ScopedModelAdmin)
    address = table.url_by_row("change")
    kept = f"?{changelist.preserved_filters}" if changelist.preserved_filters else ""
    rows = []
    for row in changelist.result_list:
        cells: list[str] = []
        for name, classes, label in columns:
            shown, whole = _show(changelist, name, row)
            attributes = f'{classes}{" nowrap" if whole else ""}" {label}'
            if cells:
                cells.append(f"<td {attributes}>{conditional_escape(shown)}</td>")
            else:
                link = format_html('<a href="{}" class="{}" >{}</a>', address(row.pk) + kept, LINK, shown)
                cells.append(f"<th {attributes}>{link}</th>")
        rows.append(mark_safe("".join(cells)))  # noqa: S308 (each part is escaped above)
    return rows


def _show(changelist: ChangeList, name: Any, row: Model) -> tuple[Any, bool]:
    """What a cell shows, and whether it is kept on one line, as days and times are."""
    table = changelist.model_admin
    nothing = table.get_empty_value_display()
    try:
        field, attribute, value = lookup_field(name, row, table)
    except ObjectDoesNotExist:
        return nothing, False
    nothing = getattr(attribute, "empty_value_display", nothing)
    if field is None or field.auto_created:
        shown = display_for_value(value, nothing, getattr(attribute, "boolean", False))
        return shown, isinstance(value, date | time)
    if isinstance(field, ForeignKey):
        related = getattr(row, field.name)
        return nothing if related is None else related, True
    return display_for_field(value, field, nothing), isinstance(field, DateField | TimeField)
