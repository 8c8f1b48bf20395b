"""What every page of the portal shows around its content: the places one can go to, and how the page looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.access import reach_of
from members.models import User
from members.notifications import count_unread
from scoring_site.limited_accounts import READ
from scoring_site.menu import menu_entry_of
from scoring_site.portal.appearance import LARGE_TYPE_COOKIE, THEME_COOKIE, THEMES
from scoring_site.requests import TimedRequest


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation. `here` is what aria-current says: `page`, `true` (a page below it) or empty."""

    name: str
    label: str
    url: str
    here: str


def list_places(request: HttpRequest) -> list[Place]:
    """The navigation as seen from the requested page."""
    kinds: tuple[tuple[str, str], ...] = (
        ("home", pgettext("navigation", "Points")),
        ("notices", pgettext("navigation", "Notices")),
        ("claims", pgettext("navigation", "Claims")),
        ("notifications", pgettext("navigation", "Messages")),
        ("more", pgettext("navigation", "More")),
    )
    if isinstance(request.user, User) and request.user.is_limited:
        kinds = tuple(kind for kind in kinds if kind[0] in READ)
    entry = menu_entry_of(request)
    places = []
    for name, label in kinds:
        url = reverse(name)
        here = "page" if request.path == url else "true" if name == entry else ""
        places.append(Place(name, label, url, here))
    return places


def _is_worker(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return False
    return reach_of(user, on=timezone.localdate(cast(TimedRequest, request).now)).is_worker


def show_portal(request: HttpRequest) -> dict[str, Any]:
    """Template context: `places`, `is_worker` (asked of the database only where shown), `large_type`, `theme`."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "places": SimpleLazyObject(lambda: list_places(request)),
        "is_worker": SimpleLazyObject(lambda: _is_worker(request)),
        "large_type": bool(request.COOKIES.get(LARGE_TYPE_COOKIE)),
        "theme": theme if theme in THEMES else "",
        "theme_names": (("", _("as the device")), ("light", _("light")), ("dark", _("dark"))),
    }


def unread_notifications(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`: how many notifications the user has not opened; asked of the database only where it is shown."""
    user = getattr(request, "user", None)
    return {"unread_count": SimpleLazyObject(lambda: count_unread(user) if isinstance(user, User) else 0)}
