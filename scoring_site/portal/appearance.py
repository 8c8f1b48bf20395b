"""How the portal looks in this browser: large type (长辈版) and light or dark, each kept in a cookie."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

LARGE_TYPE_COOKIE = "large_type"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")
A_YEAR_OF_SECONDS = 365 * 24 * 60 * 60


@require_POST
@login_not_required
def switch_large_type(request: HttpRequest) -> HttpResponseRedirect:
    """Turn the large type (长辈版) on or off for this browser and return to the page."""
    return _keep(request, LARGE_TYPE_COOKIE, "" if request.COOKIES.get(LARGE_TYPE_COOKIE) else "1")


@require_POST
@login_not_required
def switch_theme(request: HttpRequest) -> HttpResponseRedirect:
    """Show the pages light, dark, or (anything else) as the device does, and return to the page."""
    theme = request.POST.get("theme", "")
    return _keep(request, THEME_COOKIE, theme if theme in THEMES else "")


def _keep(request: HttpRequest, cookie: str, value: str) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure()):
        target = reverse("home")
    response = HttpResponseRedirect(target)
    if value:
        response.set_cookie(
            cookie, value, max_age=A_YEAR_OF_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(cookie, samesite="Lax")
    return response
