"""Where one is logged in, and logging out everywhere else."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from members.accounts.sessions import end_sessions, read_sessions
from members.models import Notification, User
from members.notifications import mark_read, tell_owners
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of, now_of

_BROWSERS = (
    # What calls itself several things is named by the first that fits: each later one is a part of the earlier ones.
    ("MicroMessenger", gettext_lazy("WeChat")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def say_device(device: str) -> str:
    """A browser by what it calls itself, as its owner would know it; by nothing else, for it may say anything."""
    kind = _("phone or tablet") if any(word in device for word in ("Mobile", "Android", "iPad")) else _("computer")
    browser = next((str(name) for word, name in _BROWSERS if word in device), "")
    return f"{kind} · {browser}" if browser else kind


@lies_under("more")
@require_safe
def show_logins(request: HttpRequest) -> HttpResponse:
    """The browsers in which the account is logged in."""
    mark_read(user=actor_of(request), now=now_of(request), link=reverse("logins"))
    here = request.session.session_key
    rows = [
        {"device": say_device(row.device), "session": row, "is_here": row.key == here}
        for row in read_sessions(actor_of(request))
    ]
    context = {"rows": rows, "has_others": any(not row["is_here"] for row in rows)}
    return render(request, "portal/accounts/logins.html", context)


@lies_under("more")
@require_POST
def end_other_logins(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here."""
    ended = end_sessions(actor_of(request), but=request.session.session_key)
    text = ngettext("Logged out in %(ended)d other browser.", "Logged out in %(ended)d other browsers.", ended)
    messages.success(request, text % {"ended": ended})
    return redirect("logins")


class PasswordChangeView(auth_views.PasswordChangeView):
    """Change one's password with the present one; elsewhere one is logged out, and one is told."""

    template_name = "portal/accounts/password_change.html"

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        user = actor_of(self.request)
        with transaction.atomic():
            response = super().form_valid(form)
            kind = Notification.Kind.PASSWORD_CHANGED
            tell_owners(users=[user], now=now_of(self.request), kind=kind, by=user)
        end_sessions(actor_of(self.request), but=self.request.session.session_key)
        return response
