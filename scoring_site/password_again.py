"""Asking for the password again: after a pause, after a day, and before something grave.

The session goes on: what a form sent waits in the page that asks, and is carried out once the password was given. So
nothing typed is lost, except chosen files, which no page can hold. Whoever has a second factor gives its code, too.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from foundation.clock import read_clock
from members.access import reach_of
from members.accounts.second_factor import has_second_factor, take_code
from members.accounts.sessions import PROVEN, SEEN, STARTED, begin_session, read_time
from members.models import User
from scoring_site.access_log import pass_unlogged
from scoring_site.proofs import ProofMiddleware, refuse_proof
from scoring_site.requests import actor_of, today_of

FIELD, CODE = "password_again", "code_again"
CAME_BY, ASKED_WHY = "password_again_method", "password_again_why"
_OWN = frozenset({FIELD, CODE, CAME_BY, ASKED_WHY, "csrfmiddlewaretoken"})
SEEN_EVERY = timedelta(minutes=5)
"""How often at most a session notes that it was seen, so that reading a page seldom writes."""
PATIENCE = 4
"""A form that was opened while the password counted may be sent until this many times as long after it was given."""
OPENED = "grave_pages_opened"
MOST_OPENED = 20
"""So many pages a session remembers, the latest: none is opened in tens within an hour."""


class Why(Enum):
    """Why the password is asked for."""

    IDLE = _("You have done nothing here for a while. So that nobody else goes on in your name, type your password.")
    LONG = _("You logged in long ago. To go on, type your password.")
    GRAVE = _("What you are about to do weighs heavily. To be sure that it is you, type your password once more.")


class PasswordAgainMiddleware(ProofMiddleware):
    """Asks for the password where the session slept, takes it in, and notes now and then that the session was seen."""

    def demand(self, request: HttpRequest) -> HttpResponseBase | None:
        """The page that asks, or None where the view may go on."""
        if _sent_form(request) and FIELD in request.POST:
            return _take_in(request)
        now = timezone.now()
        if now - read_time(request.session, STARTED) > settings.SESSION_LENGTH:
            return ask_password(request, Why.LONG)
        unseen = now - read_time(request.session, SEEN)
        if unseen > settings.SESSION_IDLE and reach_of(request.user, on=today_of(request)).is_worker:
            return ask_password(request, Why.IDLE)
        if unseen > SEEN_EVERY:
            request.session[SEEN] = now.isoformat()
        return None


def ask_before_grave(request: HttpRequest) -> HttpResponseBase | None:
    """The page that asks for the password before a grave step, or None where it was given just now.

    A page that is opened asks early, so that its form, with its files, then goes through. A form that comes to an
    address nobody opened in that time has no such patience: a stolen session would send it straight.
    """
    now = timezone.now()
    counts_for, proven = settings.PASSWORD_COUNTS_FOR, now - read_time(request.session, PROVEN)
    opened = request.session.get(OPENED, {})
    if request.method == "POST" and now - read_time(opened, request.path) <= counts_for * PATIENCE:
        counts_for *= PATIENCE
    if proven > counts_for:
        return ask_password(request, Why.GRAVE)
    if request.method == "GET" and now - read_time(opened, request.path) > SEEN_EVERY:
        latest = sorted((opened | {request.path: now.isoformat()}).items(), key=lambda page: page[1])
        request.session[OPENED] = dict(latest[-MOST_OPENED:])
    return None


def ask_password(request: HttpRequest, why: Why, *, error: str = "") -> HttpResponseBase:
    """The page that asks; it holds what the form sent."""
    sent = request.POST if _sent_form(request) else QueryDict()
    context = {
        "why": why.value,
        "why_name": why.name,
        "kept": [(name, value) for name, values in sent.lists() if name not in _OWN for value in values],
        "came_by": sent.get(CAME_BY, "POST" if _sent_form(request) else "GET"),
        "loses_files": _sent_form(request) and bool(request.FILES),
        "wants_code": has_second_factor(actor_of(request)),
        "error": error,
        "action": request.get_full_path(),
    }
    return pass_unlogged(render(request, "portal/accounts/password_again.html", context, status=403))


def show_session(request: HttpRequest) -> dict[str, Any]:
    """Template context: `session_seconds`, until the password is asked for if nothing is done; 0 where nobody is in."""
    return {"session_seconds": SimpleLazyObject(lambda: _seconds_left(request))}


def _seconds_left(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return 0
    left: timedelta = settings.SESSION_LENGTH - (timezone.now() - read_time(request.session, STARTED))
    if reach_of(user, on=today_of(request)).is_worker:
        left = min(left, settings.SESSION_IDLE)
    return max(int(left.total_seconds()), 1)


def _sent_form(request: HttpRequest) -> bool:
    """Whether a form was sent; what a script sends no page can keep."""
    return request.method == "POST" and request.content_type != "application/json"


def _take_in(request: HttpRequest) -> HttpResponseBase | None:
    """Compare the password, and the code of whoever has a second factor, for whatever reason it was asked for: what was
    proven lets grave steps through. Then go on to the page that was opened, or carry out what the form had sent.
    """
    user = actor_of(request)
    wants_code = has_second_factor(user)

    def fits() -> bool:
        # A code serves once: none is spent on a wrong password.
        if not user.check_password(request.POST[FIELD]):
            return False
        return not wants_code or take_code(user=user, now=read_clock(), code=request.POST.get(CODE, ""))

    wrong = _("The password or the code is not right. Mind capitals, and wait for the next code.")
    if not wants_code:
        wrong = _("This is not the password of this account. Mind capitals.")
    error = refuse_proof(request, name=user.username, fits=fits, wrong=str(wrong))
    if error:
        return ask_password(request, Why.__members__.get(request.POST.get(ASKED_WHY, ""), Why.GRAVE), error=error)
    begin_session(request)
    if request.POST.get(CAME_BY) != "POST":
        return HttpResponseRedirect(request.get_full_path())
    sent = request.POST.copy()
    for name in (FIELD, CODE, CAME_BY, ASKED_WHY):
        sent.pop(name, None)
    request.POST = sent  # type: ignore[assignment] # a form reads from it as from what came
    return None
