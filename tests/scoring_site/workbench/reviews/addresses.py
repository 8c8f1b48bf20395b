"""Where the pages of a review are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def url(page: str, *args: Any) -> str:
    return reverse(f"workbench:points_review_{page}", args=args)
