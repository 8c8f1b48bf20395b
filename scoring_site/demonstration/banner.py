"""What every page of a demonstration says at its top, so that nobody takes it for the real site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from members.models import Town


def show_demonstration(request: HttpRequest) -> dict[str, Any]:
    """`is_demonstration` for templates; asked of the database by the page that shows it, and by nothing else."""
    return {"is_demonstration": Town.objects.are_demonstration}
