"""What ends when a member leaves or dies: each verb registered from above, as its app starts (D18)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.utils.module_loading import import_string

if TYPE_CHECKING:  # apps register before there are models
    from members.models import Membership, User


class Ending(Protocol):
    """Ends what an app knows to be open about who left, in the transaction of the leaving, under its locks."""

    def __call__(self, *, actor: User, now: datetime, leaving: Membership) -> None: ...


_PATHS: list[str] = []


def register_ending(path: str) -> None:
    """Register the dotted path of an `Ending`; once, from an app's `ready`."""
    if path not in _PATHS:
        _PATHS.append(path)


def end_what_is_open(*, actor: User, now: datetime, leaving: Membership) -> None:
    """End what is open about the member of a row that leads out of every branch."""
    endings: list[Ending] = [import_string(path) for path in _PATHS]
    for end in endings:
        end(actor=actor, now=now, leaving=leaving)
