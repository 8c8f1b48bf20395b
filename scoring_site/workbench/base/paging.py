"""One page of a list that is no table: its rows, the ways to the pages around it, and what the address asks in vain.

A table pages itself (`listing.py`). What counts, sums or averages does so over the whole list, and so does its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _

PAGE = "page"
"""The page in an address; without it the first."""
LONGEST_SAID = 40
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """The rows of a page; `before` and `after` are addresses, empty where there is no such page."""

    rows: Sequence[T]
    number: int
    pages: int
    before: str
    after: str
    wrong: str
    """That there is no page such as the address asks for, in words; empty where there is."""


def choose_page(request: HttpRequest, rows: Sequence[T], *, size: int) -> ListPage[T]:
    """The page that the address asks for, of so many rows; all else that the address says is kept by its ways on."""
    paginator = Paginator(rows, size)
    asked = request.GET.get(PAGE, "1")
    page = paginator.get_page(asked if asked in map(str, paginator.page_range) else 1)
    wrong = ""
    if asked != str(page.number):
        shown = Truncator(asked).chars(LONGEST_SAID)
        wrong = _("There is no page “%(asked)s” of this list; this is the first.") % {"asked": shown}
    return ListPage(
        rows=list(page),
        number=page.number,
        pages=paginator.num_pages,
        before=_address(request, page.number - 1) if page.has_previous() else "",
        after=_address(request, page.number + 1) if page.has_next() else "",
        wrong=wrong,
    )


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query[PAGE] = str(number)
    return f"?{query.urlencode()}"
