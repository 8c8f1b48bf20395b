"""How much waits behind each entry of the menu: what the home lists as late or for this week, counted by entry.

A page asks for it once it is shown (`static/workbench/base/waiting.js`): the home's questions are many, and no page is
to wait for them.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from django.http import HttpRequest, JsonResponse
from django.urls import Resolver404, resolve

from scoring_site.menu import MENU_ENTRY, list_sections
from scoring_site.workbench.base.pages import WorkbenchPage, page_url
from scoring_site.workbench.base.roles import desk_of
from scoring_site.workbench.tasks import is_soon, read_tasks


class WaitingPage(WorkbenchPage):
    """The counts as JSON: the address of an entry to how much waits behind it; an entry without any is left out."""

    route = "waiting/"
    name = "waiting"
    menu = "index"

    def get(self, request: HttpRequest) -> JsonResponse:
        """What the user's own home says, no more and no less."""
        entries = _entries_by_page(request)
        counts: Counter[str] = Counter()
        for task in read_tasks(self.actor, on=self.today):
            entry = entries.get(_page_behind(task.url))
            if entry and is_soon(task):
                counts[entry] += task.count
        return JsonResponse(counts)


def _entries_by_page(request: HttpRequest) -> dict[str, str]:
    """The address of each page of the menu to that of the first entry it stands behind, the user's own menu aside."""
    found: dict[str, str] = {}
    for section in list_sections(request, desk_of(request)):
        for item in section["items"] if not section["own"] else ():
            for tab in item["tabs"]:
                found.setdefault(str(tab["link"]), str(item["link"]))
    return found


def _page_behind(url: str) -> str:
    """The page of the menu that an address lies under; empty where it lies under none, as the portal's do."""
    try:
        view = resolve(urlsplit(url).path).func
    except Resolver404:
        return ""
    page = getattr(view, MENU_ENTRY, "")
    return page_url(page) if page else ""
