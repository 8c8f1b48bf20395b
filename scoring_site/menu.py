"""What of a menu a page shows; in the workbench and the portal that entry is lit which the view of the page names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.module_loading import import_string

ViewT = TypeVar("ViewT", bound=Callable[..., Any])

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


def lights(entry: str) -> Callable[[HttpRequest], bool]:
    """Whether an entry of the menu is lit, as the menu asks of each."""
    return lambda request: menu_entry_of(request) == entry


def list_sections(sections: Sequence[dict[str, Any]], request: HttpRequest) -> list[dict[str, Any]]:
    """The workbench's sections for the requested page: each entry with `has_permission` and `active` answered.

    An entry's permission is the dotted path of a question about the request, asked once; None is everybody's.
    """
    answers: dict[str | None, bool] = {None: True}

    def answer(item: dict[str, Any]) -> dict[str, Any]:
        question = item["permission"]
        if question not in answers:
            answers[question] = bool(import_string(question)(request))
        return item | {"has_permission": answers[question], "active": item["active"](request)}

    return [section | {"items": [answer(item) for item in section["items"]]} for section in sections]
