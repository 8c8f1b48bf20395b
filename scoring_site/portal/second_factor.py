"""One's second factor: setting it up with an app on the phone, and ending it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from foundation.qr_codes import draw_qr_code
from members.accounts.codes import group_letters
from members.accounts.second_factor import (
    STAGE,
    Stage,
    begin_second_factor,
    confirm_second_factor,
    count_recovery_codes,
    has_second_factor,
    must_set_up,
    provisioning_uri,
    remove_own_second_factor,
)
from members.accounts.sessions import end_sessions
from members.errors import AccountRefused
from scoring_site.menu import lies_under
from scoring_site.password_again import ask_before_grave
from scoring_site.requests import actor_of, now_of


@lies_under("more")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show_second_factor(request: HttpRequest) -> HttpResponseBase:
    """Set it up with the QR code and the app's first code; or see that it stands and end it with a code."""
    if asked := ask_before_grave(request):
        return asked
    user = actor_of(request)
    if has_second_factor(user):
        return _end(request) if request.method == "POST" else _show_standing(request)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            codes = confirm_second_factor(user=user, now=now_of(request), code=request.POST.get("code", ""))
        except AccountRefused as refusal:
            context["error"] = str(refusal)
        else:
            request.session[STAGE] = Stage.GIVEN
            end_sessions(user, but=request.session.session_key)
            return render(request, "portal/accounts/recovery_codes.html", {"codes": codes})
    factor = begin_second_factor(user=user)
    context |= {
        "drawing": draw_qr_code(provisioning_uri(factor)),
        "secret": group_letters(factor.secret, between=" "),
        "is_required": must_set_up(user, now=now_of(request)),
    }
    return render(request, "portal/accounts/second_factor.html", context)


def _end(request: HttpRequest) -> HttpResponse:
    try:
        remove_own_second_factor(user=actor_of(request), now=now_of(request), code=request.POST.get("code", ""))
    except AccountRefused as refusal:
        return _show_standing(request, error=str(refusal))
    request.session[STAGE] = Stage.NONE
    messages.success(request, _("The second factor is removed; the password alone logs you in."))
    return redirect("second_factor")


def _show_standing(request: HttpRequest, *, error: str = "") -> HttpResponse:
    context = {"left": count_recovery_codes(actor_of(request)), "error": error}
    return render(request, "portal/accounts/second_factor_standing.html", context)
