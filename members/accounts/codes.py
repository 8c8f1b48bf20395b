"""Codes on paper: as they are drawn, printed in groups of four, and read again as somebody typed them."""

from __future__ import annotations

from django.utils.crypto import get_random_string

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Capitals and digits nobody confuses on paper."""
CODE_LENGTH = 12


def draw_code() -> str:
    """A new code: 59 bits."""
    return get_random_string(CODE_LENGTH, CODE_LETTERS)


def group_letters(code: str, *, between: str = "-") -> str:
    """The code in groups of four, as people read it."""
    return between.join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str:
    """The code somebody typed, in any case, with or without what stands between its groups."""
    return "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
