"""Whether the process is alive, and whether the site can serve: for whoever watches over it, without a log-in.

The answers say yes or no and nothing else: no versions, paths, names or numbers.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

MEGABYTE = 1024 * 1024


@login_not_required
@require_safe
def show_health(request: HttpRequest) -> JsonResponse:
    """The process answers; the database is not asked."""
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def show_readiness(request: HttpRequest) -> JsonResponse:
    """Whether database, evidence directory and disks are fit to serve; 503 where one is not."""
    found = {
        "database": _database_answers(),
        "evidence": os.access(_existing(Path(settings.EVIDENCE_DIR)), os.W_OK | os.X_OK),
        "space": read_free_space() >= settings.LEAST_FREE_MEGABYTES,
    }
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def read_free_space() -> int:
    """Megabytes free where there are fewest: for the evidence, and for the database where it is a file."""
    places = [Path(settings.EVIDENCE_DIR)]
    if connection.vendor == "sqlite":
        places.append(Path(connection.settings_dict["NAME"]).parent)
    return min(shutil.disk_usage(_existing(place)).free for place in places) // MEGABYTE


def say_low_space() -> str:
    """That the disk is nearly full, in words for the town's staff; empty while it is not."""
    free = read_free_space()
    if free >= settings.LEAST_FREE_MEGABYTES:
        return ""
    return _(
        "Only %(free)d MB are free on the server's disk. When it is full nothing can be saved: tell whoever runs the "
        "server today."
    ) % {"free": free}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _existing(place: Path) -> Path:
    """A directory, or the nearest one above it that is there: it is made with the first file."""
    return next((each for each in (place, *place.parents) if each.is_dir()), Path("/"))
