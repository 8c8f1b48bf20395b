"""Ids and years that a request names: in its address, its query, a hidden field.

Anybody can write there what no page of the site does. A number that no row can have is nobody's, before it reaches the
database: columns hold 63 bits, and Python reads at most some thousand digits.
"""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter

from points.rules.periods import EARLIEST_YEAR, LATEST_YEAR

MOST_DIGITS = 18
"""Of a number that every column of ids can hold."""


def read_id(text: str) -> int:
    """The id of a row; 0, which no row has, for any other text."""
    return int(text) if len(text) <= MOST_DIGITS and text.isascii() and text.isdecimal() else 0


def read_year(text: str) -> int:
    """A year that can have a rulebook; 0 for any other text."""
    year = read_id(text)
    return year if EARLIEST_YEAR <= year <= LATEST_YEAR else 0


class IdConverter(IntConverter):
    """`<id:…>` in a route: the id of a row."""

    regex = f"[0-9]{{1,{MOST_DIGITS}}}"


class YearConverter(IntConverter):
    """`<year:…>` in a route: a year that can have a rulebook."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        """The year; the route is no address for any other."""
        year = read_year(value)
        if not year:
            raise ValueError(value)
        return year


def register_converters() -> None:
    """Make the two known to routes."""
    register_converter(IdConverter, "id")
    register_converter(YearConverter, "year")
