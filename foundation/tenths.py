"""Points are kept as integer tenths; how they are written for people and in cells, and taken from forms (D23)."""

from __future__ import annotations

from decimal import Decimal


def show_points(tenths: int) -> str:
    """Tenths as points with one decimal, for figures in tables: `32.0`, `-5.0`."""
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def say_points(tenths: int) -> str:
    """Tenths as points for a sentence: `32`, `32.5`."""
    return show_points(tenths).removesuffix(".0")


def in_points(tenths: int) -> Decimal:
    """Tenths as the number of points a cell shows."""
    return Decimal(tenths).scaleb(-1)


def to_tenths(points: Decimal | None) -> int | None:
    """Points in steps of 0.1 as tenths; none stay none."""
    return None if points is None else int(points * 10)
