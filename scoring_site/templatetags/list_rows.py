"""The table of a list in the workbench."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from unfold.templatetags.unfold_list import result_headers

from scoring_site.workbench.base.rows import draw_rows

register = template.Library()


@register.inclusion_tag("workbench/base/list_rows.html")
def list_rows(changelist: ChangeList) -> dict[str, Any]:
    """Unfold's headings and our rows."""
    headers = list(result_headers(changelist))
    return {
        "cl": changelist,
        "result_headers": headers,
        "num_sorted_fields": sum(bool(header["sortable"] and header["sorted"]) for header in headers),
        "rows": draw_rows(changelist, [header["text"] for header in headers]),
    }
