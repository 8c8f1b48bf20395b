"""What of a menu a page shows; in the workbench and the portal that entry is lit which the view of the page names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.module_loading import import_string

from scoring_site.desks import DESKS, TABS, Desk

ViewT = TypeVar("ViewT", bound=Callable[..., Any])

KEPT = 512
"""So many menus are kept: some desks, each with some forty pages to be lit."""

MENU_ENTRY = "menu_entry"
"""The attribute of a view that names its entry of the menu by the page the entry leads to."""


def set_menu_entry(view: Callable[..., Any], entry: str) -> None:
    """Say under which entry of the menu a view lies; what wraps the view carries it on."""
    setattr(view, MENU_ENTRY, entry)


def lies_under(entry: str) -> Callable[[ViewT], ViewT]:
    """The same as a decorator."""

    def mark(view: ViewT) -> ViewT:
        set_menu_entry(view, entry)
        return view

    return mark


def menu_entry_of(request: HttpRequest) -> str:
    """The entry of the menu that the requested page lies under; empty where it lies under none."""
    match = request.resolver_match
    return str(getattr(match.func, MENU_ENTRY, "")) if match else ""


def list_sections(request: HttpRequest, desk: Desk) -> list[dict[str, Any]]:
    """The workbench's menu for the requested page: the entries of a desk, then those of the user's own menu.

    Each question about the request is asked once.
    """
    questions = {tab.permission for tab in TABS.values() if tab.permission}
    allowed = frozenset(question for question in questions if import_string(question)(request))
    return draw_sections(desk, allowed, menu_entry_of(request))


@lru_cache(maxsize=KEPT)
def draw_sections(desk: Desk, allowed: frozenset[str], page: str) -> list[dict[str, Any]]:
    """The same from the answers; what is kept serves every page on which they are the same, and is never changed."""
    sections: list[dict[str, Any]] = [{"own": False, "items": []}, {"own": True, "items": []}]
    for entry in DESKS[desk]:
        tabs = [
            {"title": tab.title, "link": reverse_lazy(f"workbench:{name}"), "active": name == page}
            for name, tab in ((name, TABS[name]) for name in entry.pages)
            if tab.permission is None or tab.permission in allowed
        ]
        if tabs:
            active = any(tab["active"] for tab in tabs)
            item = {"title": entry.title, "icon": entry.icon, "link": tabs[0]["link"], "active": active, "tabs": tabs}
            sections[entry.own]["items"].append(item)
    return sections
