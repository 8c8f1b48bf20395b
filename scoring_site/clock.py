"""What gives every request one moment.

Views take `request.now`, which the middleware here sets once per request from the clock (`foundation.clock`), so that
everything one request does carries one moment.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.clock import read_clock


class TimedRequest(HttpRequest):
    """A request that has passed the middleware: `now` is an aware datetime, the same throughout the request."""

    now: datetime


class ClockMiddleware:
    """Sets `request.now`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.now = read_clock()  # type: ignore[attr-defined]
        return self.get_response(request)
