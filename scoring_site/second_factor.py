"""Asking for the code of the second factor after the password, and leading whoever must set one up to doing so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from foundation.client_address import address_of
from foundation.clock import read_clock
from members.accounts.second_factor import STAGE, Stage, take_code
from members.accounts.slowing import count_attempt, forget_attempts, say_pause
from members.log.access import record_access
from members.models import AccessEntry
from scoring_site.access_log import pass_unlogged
from scoring_site.requests import actor_of

FIELD = "second_factor_code"
SET_UP = "second_factor"
"""The name of the page where one sets it up."""


class SecondFactorMiddleware:
    """Lets a session whose password was right, but not yet its code, see nothing but the page that asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """The page that asks, the way to setting one up, or None where the view may go on."""
        if not request.user.is_authenticated or not getattr(view_func, "login_required", True):
            return None
        stage = request.session.get(STAGE)
        if stage == Stage.WANTED:
            return _take_in(request) if request.method == "POST" and FIELD in request.POST else _ask(request)
        if stage == Stage.MUST_SET_UP and (request.resolver_match is None or request.resolver_match.url_name != SET_UP):
            return redirect(SET_UP)
        return None


def _ask(request: HttpRequest, *, error: str = "") -> HttpResponseBase:
    context = {"error": error, "action": request.get_full_path() if request.method == "GET" else "/"}
    return pass_unlogged(render(request, "portal/accounts/second_factor_code.html", context, status=403))


def _take_in(request: HttpRequest) -> HttpResponseBase:
    """Compare the code; then on to the page that was asked for."""
    user, address, now = actor_of(request), address_of(request), read_clock()
    name = f"{user.username}|{FIELD}"
    if pause := count_attempt(now=now, name=name, address=address):
        return _ask(request, error=say_pause(pause))
    if not take_code(user=user, now=now, code=request.POST[FIELD]):
        record_access(request=request, now=now, kind=AccessEntry.Kind.LOGIN_FAILED, user=user)
        return _ask(request, error=_("This is not the code the app shows now. Mind the clock of your phone."))
    forget_attempts(name=name, address=address)
    request.session.cycle_key()
    request.session[STAGE] = Stage.GIVEN
    return HttpResponseRedirect(request.get_full_path())
