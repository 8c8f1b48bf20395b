"""Which entry of the menu is lit: the one that the view of the page names. No model is needed to ask."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

MENU_ENTRY = "menu_entry"
"""The attribute of a view that names its entry of the menu by the page the entry leads to."""


def set_menu_entry(view: Callable[..., HttpResponseBase], entry: str) -> None:
    """Say under which entry of the menu a view lies; what wraps the view carries it on."""
    setattr(view, MENU_ENTRY, entry)


def menu_entry_of(request: HttpRequest) -> str:
    """The entry of the menu that the requested page lies under; empty where it lies under none."""
    match = request.resolver_match
    return str(getattr(match.func, MENU_ENTRY, "")) if match else ""


def lights(entry: str) -> Callable[[HttpRequest], bool]:
    """Whether an entry of the menu is lit, as the menu asks of each."""
    return lambda request: menu_entry_of(request) == entry
