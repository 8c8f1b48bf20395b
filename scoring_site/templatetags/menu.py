"""The workbench's menu, drawn once for all pages on which it is the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from scoring_site.unfold import NAVIGATION

register = template.Library()

KEPT = 256
"""So many menus are kept: some roles, each with some forty entries to be lit, in two languages."""


@register.simple_tag
def draw_menu(sections: Sequence[dict[str, Any]]) -> SafeString:
    """The menu in the language of the page; `sections` are those of `scoring_site.menu.list_sections`."""
    answers = tuple((item["has_permission"], item["active"]) for section in sections for item in section["items"])
    return _draw(answers, get_language(), get_script_prefix())


@lru_cache(maxsize=KEPT)
def _draw(answers: tuple[tuple[bool, bool], ...], _language: str, _prefix: str) -> SafeString:
    """Language and prefix decide what titles and addresses read."""
    left = iter(answers)
    sections = []
    for section in NAVIGATION:
        answered = [(item, *next(left)) for item in section["items"]]
        items = [item | {"active": active} for item, shown, active in answered if shown]
        sections.append({"title": section.get("title", ""), "items": items})
    return render_to_string("workbench/base/menu.html", {"sections": sections})
