"""How much one request may bring: little from whom nobody knows, no more than the largest upload from anybody.

Said by the length that the request declares, before a byte of it is read: Django writes files to the disk as soon as
anything asks for a form's fields, the check against forged forms included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader

OPEN_BYTES = 64 * 1024
"""Enough for every form of the pages that everybody may open: log-in, first log-in, language."""


class RequestSizeMiddleware:
    """Answers 413 to what is larger than `REQUEST_LIMIT_BYTES`, or than 64 KB where nobody is logged in.

    After the sessions, before the check against forged forms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Whose session it is, is not looked up for what is small: the database may be away."""
        length = _declared_length(request)
        if length <= OPEN_BYTES:
            return None
        is_open = not getattr(view_func, "login_required", True)
        if length <= settings.REQUEST_LIMIT_BYTES and not is_open and SESSION_KEY in request.session:
            return None
        page = loader.get_template("413.html").render({"megabytes": settings.REQUEST_LIMIT_BYTES // (1024 * 1024)})
        return HttpResponse(page, status=413)


def _declared_length(request: HttpRequest) -> int:
    """Bytes of the body, understood as Django does. What declares none brings none: no more than that is read."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
