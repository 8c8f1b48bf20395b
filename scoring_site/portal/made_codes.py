"""Who made slips for one's account or reset its password: shown above one's points until the owner says they know."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members.accounts.branch_resets import acknowledge_login_codes, codes_to_acknowledge
from members.models import LoginCode, User
from scoring_site.requests import actor_of, now_of


def say_made_codes(user: User) -> Sequence[str]:
    """Each slip and reset that the owner has not acknowledged, in words; one query."""
    return [_say(code) for code in codes_to_acknowledge(user)]


def _say(code: LoginCode) -> str:
    day = timezone.localdate(code.made_at)
    reset = getattr(code, "reset", None)
    if reset is None:
        return _("%(day)s: %(by)s made a code with which a password of this account can be chosen") % {
            "day": day,
            "by": code.made_by,
        }
    said = _("%(day)s: your branch reset the password; %(asked)s asked for it, %(given)s gave the code") % {
        "day": day,
        "asked": reset.asked_by,
        "given": reset.given_by,
    }
    if reset.settled_by is None:
        return said + _("; the town has not confirmed it yet")
    if reset.state == reset.State.CONFIRMED:
        return said + _("; %(settled)s confirmed it for the town") % {"settled": reset.settled_by}
    return said + _("; %(settled)s refused it for the town") % {"settled": reset.settled_by}


@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """The owner knows of all that the page showed."""
    acknowledge_login_codes(actor=actor_of(request), now=now_of(request))
    messages.success(request, _("Noted. “My log-ins”, under “More”, lists where you are logged in."))
    return redirect("home")
