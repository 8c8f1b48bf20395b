"""Who else knows of something open about a score: registered from above, as an app starts (D14)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from django.utils.module_loading import import_string

OpenReader = Callable[[Collection[int], int], Mapping[int, str]]
"""What is open about some members (ids) in a year, in words that name no ground (D21), by member."""

_PATHS: list[str] = []


def register_open_reader(path: str) -> None:
    """Register the dotted path of an `OpenReader`; once, from an app's `ready`."""
    if path not in _PATHS:
        _PATHS.append(path)


def registered_readers() -> list[OpenReader]:
    """What was registered."""
    return [import_string(path) for path in _PATHS]
