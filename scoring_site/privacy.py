"""What is asked of every request before any view: one has to be logged in, and nothing shown is kept on the way.

A view everybody may open says so itself (`login_not_required`). Static files are answered before both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse


class LoginFirstMiddleware(LoginRequiredMiddleware):
    """Django's; what a form sent is not repeated by logging in, so that leads home."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Whose session it is, is not looked up for a view that everybody may open: the database may be away."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def get_login_url(self, view_func: Callable[..., HttpResponseBase]) -> str:
        """The one place to log in, for members and workers alike."""
        return reverse("login")

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """To log in, and from there back to the page that was asked for."""
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(reverse("home"), self.get_login_url(view_func))


class NothingKeptMiddleware:
    """No browser and no proxy keeps what a view answered: pages and files are about people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Cache-Control"] = "private, no-store"
        return response
