"""A form sent again does nothing again: its token is a row written in the transaction of what it does.

A double click, a page resent after a lost answer, Back and send: all of them carry the token of the form that was
shown (for Back, which fetches the page anew, `static/forms/sent_once.js` keeps it). The first leads where it leads;
each further one leads there too and says that it was saved already. Whoever goes back and changes something means a
further one: what they typed is asked about, under a new token. A form whose answer is a page or a file (figures
before a correction, a slip) is not used up by that. What is sent without a token is carried out as often as it is
sent: no page of ours sends that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import SentForm
from scoring_site.requests import actor_of, now_of

FIELD = "token"
"""The hidden field; a form that writes a batch has it as a field of its own (`TokenForm`)."""
SHOWN = "shown"
"""The hidden field of an editing form that says what its page showed (`workbench/base/editing.py`)."""
SAVED_BEFORE = gettext_lazy(
    "This form was already saved, and something in it was changed since. What stands here now is not saved: to enter "
    "it as something more, press the button again; to put right what was saved, leave this page and change it there."
)
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", FIELD, SHOWN})
_CHANGED = "points.changed_since_sent"
SAVED_COOKIE = "saved_form"
"""The token of the form saved last; a script reads it."""
SAVED_SAID_FOR = timedelta(days=7)
"""As long as a browser keeps a draft."""
KEPT_FOR = timedelta(days=90)
"""How long a form left open, or gone back to, is known again."""


def read_token(request: HttpRequest) -> UUID | None:
    """The token of the form that was sent; None where there is none."""
    if request.method != "POST":
        return None
    try:
        return UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def find_sent(request: HttpRequest) -> HttpResponseRedirect | None:
    """Where the form led when its user sent it before, with a word that it is saved; None for a new one.

    One that was sent before and changed since is a new one, with a token of its own from here on.
    """
    token = read_token(request)
    if token is None:
        return None
    sent = SentForm.objects.filter(token=token, user_id=actor_of(request).pk).first()
    if sent is None:
        return None
    if sent.digest == _digest(request):
        return _lead_on(request, sent.url)
    renewed = request.POST.copy()
    renewed[FIELD] = str(uuid4())
    request.POST = renewed  # type: ignore[assignment] # a form reads from it as from what came
    request.META[_CHANGED] = True
    return None


def was_changed(request: HttpRequest) -> bool:
    """Whether the form was saved before, and something in it was changed since."""
    return _CHANGED in request.META


def say_saved(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponseRedirect:
    """Tell the browser which form is saved, so that it lets go of the draft it kept (`static/forms/unsaved.js`)."""
    token = read_token(request)
    if token is not None:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(SAVED_COOKIE, str(token), max_age=SAVED_SAID_FOR, secure=secure, samesite="Lax")
    return response


def _digest(request: HttpRequest) -> str:
    """A hash of what was typed and chosen; of files by name and size."""
    typed = [(name, values) for name, values in sorted(request.POST.lists()) if name not in _NOT_TYPED]
    files = [(name, [(file.name, file.size) for file in found]) for name, found in sorted(request.FILES.lists())]
    return hashlib.sha256(json.dumps([typed, files]).encode()).hexdigest()


def carry_out_once(request: HttpRequest, carry_out: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Carry a form out, in one transaction with the row that says so; a refusal leaves neither.

    Of two at once the second waits for the first at the row's unique token, on either engine.
    """
    token = read_token(request)
    if token is None:
        return carry_out()
    user, now = actor_of(request), now_of(request)
    with transaction.atomic():
        sent = _take(token, user_id=user.pk, now=now)
        if sent is not None:
            response = carry_out()
            if isinstance(response, HttpResponseRedirect):
                SentForm.objects.filter(pk=sent.pk).update(url=response.url, digest=_digest(request))
                SentForm.objects.filter(user_id=user.pk, at__lt=now - KEPT_FOR).delete()
                say_saved(request, response)
            else:
                sent.delete()
            return response
    return find_sent(request) or _lead_on(request, request.get_full_path())


def sent_once(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose form is carried out once: it redirects when it was, and shows itself again when it was not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return find_sent(request) or carry_out_once(request, lambda: view(request, *args, **kwargs))

    return guarded


def _take(token: UUID, *, user_id: int, now: datetime) -> SentForm | None:
    """Write the row; None where another has the token."""
    try:
        with transaction.atomic():
            return SentForm.objects.create(token=token, user_id=user_id, at=now)
    except IntegrityError:
        return None


def _lead_on(request: HttpRequest, url: str) -> HttpResponseRedirect:
    said = _("This form was already saved; nothing was written a second time. To enter something more, open it anew.")
    messages.warning(request, said)
    return say_saved(request, HttpResponseRedirect(url))
