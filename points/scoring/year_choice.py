"""Which assessment year a page shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest


def choose_year(request: HttpRequest, years: Sequence[int], *, current: int) -> int:
    """`?year=`, else the current year, else the latest of `years` (the adopted ones, latest first; there may be none).

    Raises:
        Http404: the year asked for is not adopted.
    """
    asked = request.GET.get("year")
    if asked is None:
        return current if current in years or not years else years[0]
    if asked not in {str(year) for year in years}:
        raise Http404
    return int(asked)
