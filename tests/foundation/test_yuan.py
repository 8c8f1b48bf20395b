"""Money is fen: how it is written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from foundation.yuan import in_yuan, show_yuan


@pytest.mark.parametrize(("fen", "shown"), [(500, "5.00"), (20, "0.20"), (5, "0.05"), (0, "0.00"), (123456, "1234.56")])
def test_fen_are_written_as_yuan(fen: int, shown: str) -> None:
    assert (show_yuan(fen), in_yuan(fen)) == (shown, Decimal(shown))
