"""What a person can do something about: the base of every refusal, and those of this package."""

from __future__ import annotations

from django.utils.functional import Promise


class DomainError(Exception):
    """Base of every refusal a person can do something about; `str()` is the message to show."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))


class FileChanged(DomainError):
    """The file to be imported is not the one whose preview was confirmed."""
