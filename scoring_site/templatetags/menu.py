"""The workbench's menu and the tabs of its entries, drawn once for all pages on which they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

KEPT = 1024
"""So many drawings are kept: some desks, each with some forty pages to be lit, in three parts and two languages."""


@register.simple_tag
def draw_menu(sections: Sequence[dict[str, Any]]) -> SafeString:
    """The menu in the language of the page; `sections` are those of `scoring_site.menu.list_sections`."""
    return _draw("workbench/base/menu.html", _Kept(sections), get_language(), get_script_prefix())


@register.simple_tag
def draw_own_menu(sections: Sequence[dict[str, Any]]) -> SafeString:
    """The entries that stand in the user's own menu."""
    return _draw("workbench/base/own_menu.html", _Kept(sections), get_language(), get_script_prefix())


@register.simple_tag
def draw_tabs(sections: Sequence[dict[str, Any]]) -> SafeString:
    """The pages behind the entry that is lit, as tabs; nothing where there is but one."""
    return _draw("workbench/base/tabs.html", _Kept(sections), get_language(), get_script_prefix())


class _Kept:
    """Sections by their identity: the menu keeps each list and changes none, so the same list is the same menu."""

    def __init__(self, sections: Sequence[dict[str, Any]]) -> None:
        self.sections = sections

    def __hash__(self) -> int:
        return id(self.sections)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self.sections is other.sections


@lru_cache(maxsize=KEPT)
def _draw(name: str, kept: _Kept, _language: str, _prefix: str) -> SafeString:
    """Language and prefix decide what titles and addresses read."""
    lit = next((item for section in kept.sections for item in section["items"] if item["active"]), None)
    tabs = lit["tabs"] if lit else ()
    return render_to_string(name, {"sections": kept.sections, "lit": lit, "tabs": tabs if len(tabs) > 1 else ()})
