"""How the workbench looks: the party's red, its language switch; nothing comes from another server.

The settings import this before any app is loaded: it names what needs models by their dotted path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

RED = {
    "50": "oklch(97.4% 0.012 22)",
    "100": "oklch(94% 0.03 22)",
    "200": "oklch(88.6% 0.06 22)",
    "300": "oklch(80.5% 0.11 22)",
    "400": "oklch(70% 0.17 23)",
    "500": "oklch(61% 0.21 24)",
    "600": "oklch(51.5% 0.2 25)",
    "700": "oklch(45% 0.18 25)",
    "800": "oklch(39% 0.15 25)",
    "900": "oklch(34% 0.12 25)",
    "950": "oklch(24% 0.08 25)",
}


def _file(path: str) -> Callable[[HttpRequest], str]:
    """Find the address of a static file when a page asks, not when the settings are read."""
    return lambda request: static(path)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Party-member points workbench"),
    "SITE_HEADER": _("Party-member points workbench"),
    "SITE_URL": None,
    "SITE_SYMBOL": "star",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("workbench/base/star.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": True,
    "SHOW_LANGUAGES": True,
    "THEME": "light",
    "COLORS": {"primary": RED},
    "STYLES": [
        _file("workbench/base/workbench.css"),
        _file("workbench/base/parts.css"),
        _file("workbench/base/lists.css"),
        _file("workbench/base/menu.css"),
        _file("demonstration/banner.css"),
        _file("forms/session_end.css"),
        _file("workbench/roster/score_sheet.css"),
        _file("points/gauge.css"),
        _file("workbench/reviews/review.css"),
        _file("workbench/results/ratings.css"),
        _file("workbench/base/evidence.css"),
    ],
    "SCRIPTS": [
        # First: what it brings back into a form is there before the other scripts look at the form.
        _file("forms/unsaved.js"),
        _file("forms/session_end.js"),
        _file("workbench/base/workbench.js"),
        _file("workbench/base/waiting.js"),
        _file("forms/evidence.js"),
        _file("forms/sent_once.js"),
    ],
    "SIDEBAR": {"show_search": False, "command_search": False},
}
