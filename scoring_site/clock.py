"""The one place where the site reads the time.

Domain code is given `now` and never looks at a clock. Views take `request.now`, which the middleware here sets once per
request, so that everything one request does carries one moment. The clock is the callable that the setting `CLOCK`
names by its dotted path; a test puts another callable that returns an aware `datetime` in its place.
"""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.module_loading import import_string


class TimedRequest(HttpRequest):
    """A request that has passed the middleware: `now` is an aware datetime, the same throughout the request."""

    now: datetime


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


class ClockMiddleware:
    """Sets `request.now`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.now = read_clock()  # type: ignore[attr-defined]
        return self.get_response(request)
