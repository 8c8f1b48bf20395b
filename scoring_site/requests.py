"""What every request carries for its view: the moment, the day, who asks, and the item names of their towns.

The middleware here sets `request.now` once per request from the clock (`foundation.clock`), so that everything one
request does carries one moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from foundation.clock import read_clock
from members.models import User
from points.scoring.catalogue import Catalogue, read_catalogue


def now_of(request: HttpRequest) -> datetime:
    """The moment of the request (`ClockMiddleware`)."""
    now = request.now  # type: ignore[attr-defined]
    assert isinstance(now, datetime)
    return now


def today_of(request: HttpRequest) -> date:
    """The day of the request in Shanghai."""
    return timezone.localdate(now_of(request))


def actor_of(request: HttpRequest) -> User:
    """Who asks; the workbench lets nobody in without an account."""
    assert isinstance(request.user, User)
    return request.user


def catalogue_for(request: HttpRequest) -> Catalogue:
    """The catalogue of the towns within the user's reach, read once per request."""
    cached = getattr(request, CACHE, None)
    if isinstance(cached, Catalogue):
        return cached
    catalogue = read_catalogue(actor_of(request), on=today_of(request))
    setattr(request, CACHE, catalogue)
    return catalogue


CACHE = "catalogue"
"""The attribute of the request that keeps its catalogue."""


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
