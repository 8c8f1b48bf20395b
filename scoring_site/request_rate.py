"""How fast one account may ask: far beyond what a person clicks, far below what a program copying a town wants.

Counted in the memory of each server process and forgotten with the minute: looking writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

from scoring_site.access_log import pass_unlogged
from scoring_site.requests import actor_of, now_of

WINDOW = 60
"""Seconds in which requests are counted together, and after which to come back."""


class RequestRateMiddleware:
    """Answers 429 where an account asks more than `REQUESTS_PER_MINUTE` times in a minute; 0 counts nothing.

    The first such answer of a minute is noted in the access log as a refusal, the others are not. After
    `LoginFirstMiddleware`, which lets nobody without an account come to a view that needs one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.requests = _MinuteCount()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Whose session it is, is not looked up for a view that everybody may open: the database may be away."""
        most: int = settings.REQUESTS_PER_MINUTE
        if not most or not getattr(view_func, "login_required", True):
            return None
        count = self.requests.add(actor_of(request).pk, now_of(request))
        if count <= most:
            return None
        response = _ask_to_wait(request)
        return response if count == most + 1 else pass_unlogged(response)


class _MinuteCount:
    """How often each account asked in the minute that runs; holds no more than the accounts of one minute."""

    def __init__(self) -> None:
        self.minute = 0
        self.counts: Counter[int] = Counter()
        self.lock = Lock()

    def add(self, account: int, now: datetime) -> int:
        """Count one request; how many it makes in this minute."""
        minute = int(now.timestamp()) // WINDOW
        with self.lock:
            if minute != self.minute:
                self.minute = minute
                self.counts.clear()
            self.counts[account] += 1
            return self.counts[account]


def _ask_to_wait(request: HttpRequest) -> HttpResponse:
    was_sent = request.method not in ("GET", "HEAD")
    page = loader.get_template("429.html").render({"was_sent": was_sent})
    return HttpResponse(page, status=429, headers={"Retry-After": str(WINDOW)})
