"""Money is kept as integer fen; how it is written for people and in cells (D23)."""

from __future__ import annotations

from decimal import Decimal


def show_yuan(fen: int) -> str:
    """Fen as yuan with two decimals: `5.00`, `0.20`."""
    return f"{fen // 100}.{fen % 100:02}"


def in_yuan(fen: int) -> Decimal:
    """Fen as the number of yuan a cell shows."""
    return Decimal(fen).scaleb(-2)
