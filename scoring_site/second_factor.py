"""Asking for the code of the second factor after the password, and leading whoever must set one up to doing so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.accounts.second_factor import STAGE, Stage, take_code
from scoring_site.access_log import pass_unlogged
from scoring_site.proofs import ProofMiddleware, refuse_proof
from scoring_site.requests import actor_of

FIELD = "second_factor_code"
SET_UP = "second_factor"
"""The name of the page where one sets it up."""


class SecondFactorMiddleware(ProofMiddleware):
    """Lets a session whose password was right, but not yet its code, see nothing but the page that asks for it."""

    def demand(self, request: HttpRequest) -> HttpResponseBase | None:
        """The page that asks, the way to setting one up, or None where the view may go on."""
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
    user = actor_of(request)
    error = refuse_proof(
        request,
        name=f"{user.username}|{FIELD}",
        fits=lambda: take_code(user=user, now=read_clock(), code=request.POST[FIELD]),
        wrong=_("This is not the code the app shows now. Mind the clock of your phone."),
    )
    if error:
        return _ask(request, error=error)
    request.session[STAGE] = Stage.GIVEN
    return HttpResponseRedirect(request.get_full_path())
