"""The table of a list in the workbench."""

from __future__ import annotations

from typing import Any

from django import template
from unfold.templatetags.unfold_list import result_headers

from scoring_site.workbench.base.listing import PageFirst
from scoring_site.workbench.base.rows import draw_rows

register = template.Library()


@register.inclusion_tag("workbench/base/list_rows.html")
def list_rows(changelist: PageFirst) -> dict[str, Any]:
    """Unfold's headings and our rows, of the columns shown."""
    headers = [header for number, header in enumerate(result_headers(changelist)) if number in changelist.shown_columns]
    return {
        "cl": changelist,
        "result_headers": headers,
        "num_sorted_fields": sum(bool(header["sortable"] and header["sorted"]) for header in headers),
        "rows": draw_rows(changelist, [header["text"] for header in headers]),
    }
