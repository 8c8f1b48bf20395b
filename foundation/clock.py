"""The one place where the product reads the time.

Domain code is given `now` and never looks at a clock. Views take `request.now`; commands ask here. The clock is the
callable that the setting `CLOCK` names by its dotted path; a test puts another callable that returns an aware
`datetime` in its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.module_loading import import_string


def read_clock() -> datetime:
    """Return the moment that the configured clock shows, aware.

    Raises:
        ImproperlyConfigured: the clock returned a naive datetime.
    """
    clock = settings.CLOCK
    if isinstance(clock, str):
        clock = import_string(clock)
    now = cast(datetime, clock())
    if timezone.is_naive(now):
        raise ImproperlyConfigured("The setting CLOCK must name a callable that returns an aware datetime.")
    return now
