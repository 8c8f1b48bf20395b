"""The portal's page of everything that is not needed every day: how it looks, one's papers, one's account."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scoring_site.limited_accounts import READ
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the page: where it leads and what is there."""

    url: str
    label: str
    about: str


def list_entries(*, is_member: bool, is_limited: bool) -> list[Entry]:
    """The pages a user can go to from here; whoever is no member has only the account's, a limited one what is open."""
    entries: list[tuple[str, str, str]] = []
    if is_member:
        entries += [
            ("home", _("My points, year by year"), _("earlier years and halves, and the record form as PDF")),
            ("results", _("My half-year results"), _("see, confirm or object")),
            ("hearings", _("My statements"), _("what the branch asks about, and what you said")),
            ("objections", _("My objections"), _("follow them to their answer")),
            ("exemption", _("Exemption from the point system"), _("apply, or see the decision")),
            ("my_data", _("My data"), _("what is held about you")),
        ]
    entries += [
        ("password_change", _("Change password"), _("choose a new one yourself")),
        ("second_factor", _("Second factor"), _("a code from your phone beside the password")),
        ("logins", _("My log-ins"), _("on which devices you are logged in, and how to end it")),
    ]
    return [Entry(reverse(name), label, about) for name, label, about in entries if not is_limited or name in READ]


@lies_under("more")
@require_safe
def show_more(request: HttpRequest) -> HttpResponse:
    """How the pages look, and the way to everything else."""
    user = actor_of(request)
    entries = list_entries(is_member=user.member_id is not None, is_limited=user.is_limited)
    return render(request, "portal/more.html", {"entries": entries})
