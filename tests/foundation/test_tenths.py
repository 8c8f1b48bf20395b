"""Points are tenths: how they are written, and read from forms."""

from __future__ import annotations

from decimal import Decimal

import pytest

from foundation.tenths import in_points, say_points, show_points, to_tenths


@pytest.mark.parametrize(
    ("tenths", "shown", "said"),
    [
        (35, "3.5", "3.5"),
        (400, "40.0", "40"),
        (0, "0.0", "0"),
        (-50, "-5.0", "-5"),
        (-5, "-0.5", "-0.5"),
        (1, "0.1", "0.1"),
    ],
)
def test_tenths_are_written_as_points(tenths: int, shown: str, said: str) -> None:
    assert (show_points(tenths), say_points(tenths), in_points(tenths)) == (shown, said, Decimal(shown))
    assert to_tenths(Decimal(shown)) == tenths


def test_nothing_stays_nothing() -> None:
    assert to_tenths(None) is None
