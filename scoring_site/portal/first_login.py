"""Logging in, for the first time with a printed slip: its code opens nothing but the choice of a password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members.access import reach_of
from members.accounts.login_codes import choose_first_password, find_login_code, open_login_codes
from members.accounts.slowing import say_pause
from members.errors import LoginCodeRefused
from members.models import LoginCode, User
from scoring_site.requests import TimedRequest

SESSION_KEY = "first_login"
TIME_TO_CHOOSE = timedelta(minutes=20)


class LoginForm(AuthenticationForm):
    """Name or phone, and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "User name (or phone number) and password do not fit together. Mind capitals. If you have lost the "
            "password, two officers of your branch, or the town's staff, reset it."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name or phone number")

    def get_invalid_login_error(self) -> ValidationError:
        """Why the log-in was refused: how long to wait, or that name and password do not fit."""
        pause = getattr(self.request, "login_pause", None)
        return super().get_invalid_login_error() if pause is None else ValidationError(say_pause(pause))


class SiteLoginView(LoginView):
    """One place to log in, for members and workers alike."""

    authentication_form = LoginForm
    template_name = "portal/accounts/login.html"

    def get_default_redirect_url(self) -> str:
        """To where one's work is: the workbench for whoever has an appointment, else one's points."""
        reach = reach_of(self.request.user, on=timezone.localdate(_now(self.request)))
        return reverse("workbench:index") if reach.is_worker else super().get_default_redirect_url()


class CodeForm(forms.Form):
    """The code of a slip."""

    code = forms.CharField(
        label=_("Code on the slip"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("Twelve letters and digits; capitals, spaces and hyphens do not matter."),
    )


def _now(request: HttpRequest) -> datetime:
    return cast(TimedRequest, request).now


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show_first_login(request: HttpRequest) -> HttpResponse:
    """Take the code of a slip, typed or from its QR code (after the `#`); a good one leads to choosing a password."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = find_login_code(now=_now(request), code=form.cleaned_data["code"])
        except LoginCodeRefused as error:
            form.add_error("code", str(error))
        else:
            request.session[SESSION_KEY] = {"code": found.pk, "at": _now(request).isoformat()}
            return redirect("first_password")
    return render(request, "portal/accounts/first_login.html", {"form": form})


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    """Choose the password of the account whose code was given; then one is logged in."""
    login_code = _remembered_code(request)
    if login_code is None:
        return redirect("first_login")
    user: User = login_code.user
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = choose_first_password(
                now=_now(request), login_code=login_code, password=form.cleaned_data["new_password1"]
            )
        except LoginCodeRefused as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend="members.accounts.authentication.NameOrPhoneBackend")
            return redirect("home")
    return render(request, "portal/accounts/first_password.html", {"form": form, "account": user})


def _remembered_code(request: HttpRequest) -> LoginCode | None:
    """The code this browser gave a moment ago, if it is still open."""
    kept = request.session.get(SESSION_KEY)
    if not kept or _now(request) - datetime.fromisoformat(kept["at"]) > TIME_TO_CHOOSE:
        return None
    open_codes = open_login_codes(now=_now(request))
    return open_codes.filter(pk=kept["code"]).select_related("user__member").first()
