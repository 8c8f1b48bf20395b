"""What of the requests goes into the access log: log-ins, refusals, files taken out, numbers shown in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from foundation.clock import read_clock
from members.log.access import record_access
from members.models import AccessEntry, User

Kind = AccessEntry.Kind
PAGES = ("text/html", "application/json", "text/javascript", "application/javascript")
"""What is looked at; whatever else an answer holds is a paper or a file."""
SHOWN_IN_FULL = "shows_in_full"
SMALL = "is_small_picture"
PASSES = "is_no_refusal"


class AccessLogMiddleware:
    """Notes what an answer gave or refused to somebody who is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        kind = _kind_of(request, response)
        if kind is not None and isinstance(request.user, User):
            record_access(request=request, now=read_clock(), kind=kind, user=request.user)
        return response


def note_shown_in_full(request: HttpRequest) -> None:
    """Say that the answer shows somebody's personal numbers in full."""
    setattr(request, SHOWN_IN_FULL, True)


def mark_small(response: HttpResponseBase) -> HttpResponseBase:
    """Say that an answer is a small picture, which a page asks for by itself, many at a time, of what can be opened."""
    setattr(response, SMALL, True)
    return response


def pass_unlogged(response: HttpResponseBase) -> HttpResponseBase:
    """Say that an answer with the status of a refusal refuses nothing: it asks for the password."""
    setattr(response, PASSES, True)
    return response


def _kind_of(request: HttpRequest, response: HttpResponseBase) -> AccessEntry.Kind | None:
    """Under what an answer is noted; None for most."""
    if response.status_code in (403, 429):
        return None if getattr(response, PASSES, False) else Kind.REFUSED
    if response.status_code == 404:
        return Kind.NOT_THERE
    if response.status_code != 200:
        return None
    if getattr(request, SHOWN_IN_FULL, False):
        return Kind.SHOWN_IN_FULL
    is_page = response.get("Content-Type", "").partition(";")[0] in PAGES
    return None if is_page or getattr(response, SMALL, False) else Kind.TAKEN_OUT


def note_login(*, request: HttpRequest, user: User, **_more: Any) -> None:
    """Receive Django's signal of a log-in."""
    _note(request, Kind.LOGIN, user)


def note_logout(*, request: HttpRequest, user: User | None, **_more: Any) -> None:
    """Receive Django's signal of a log-out; its account is None where the session had ended before."""
    if user is not None:
        _note(request, Kind.LOGOUT, user)


def note_failed_login(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_more: Any) -> None:
    """Receive Django's signal of a log-in that failed: whose name it was, where there is such an account."""
    if request is None:
        return
    kind = Kind.LOGIN_SLOWED if hasattr(request, "login_pause") else Kind.LOGIN_FAILED
    _note(request, kind, User.objects.filter(username=credentials.get("username", "")).first())


def _note(request: HttpRequest, kind: AccessEntry.Kind, user: User | None) -> None:
    """Note what a browser did; a log-in that no browser asked for has no address."""
    if "REMOTE_ADDR" in request.META:
        record_access(request=request, now=read_clock(), kind=kind, user=user)
