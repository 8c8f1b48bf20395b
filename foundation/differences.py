"""What a verification finds, whichever of its checks found it, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int], None]
"""Told the name of a check and how many rows it has read so far."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: the kind of row, its uuid (or what names it), and what is wrong."""

    kind: str
    identity: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}: {self.message}"


def say_failure(error: Exception) -> str:
    """Why something could not be read or checked; by its kind where the error has no words."""
    return str(error) or type(error).__name__
