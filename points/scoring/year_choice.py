"""Which assessment year a page shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest


def read_asked_year(request: HttpRequest, years: Sequence[int], *, current: int) -> tuple[int, str]:
    """The year a list shows, and what of `?year=` is no adopted one: a list says so in a sentence and shows the usual.

    Usual is the current year, else the latest of `years` (the adopted ones, latest first; there may be none).
    """
    usual = current if current in years or not years else years[0]
    asked = request.GET.get("year", "")
    if asked in {str(year) for year in years}:
        return int(asked), ""
    return usual, asked


def choose_year(request: HttpRequest, years: Sequence[int], *, current: int) -> int:
    """`?year=`, else the usual one, for a page that is about that year.

    Raises:
        Http404: the year asked for is not adopted.
    """
    year, unknown = read_asked_year(request, years, current=current)
    if unknown or request.GET.get("year") == "":
        raise Http404
    return year
