"""Who is protected from a finding in answer to something they did by right (D18).

An app above this one knows of such things (an objection) and registers a check when the app starts; this app asks all
checks when a finding is proposed and never learns, nor says, which of them answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:  # apps register before there are models
    from members.models import Member

Protection = Callable[["Member", date], bool]
"""Whether a proposal against a member on a day goes to the town's staff first."""

_PATHS: list[str] = []


def register_protection(path: str) -> None:
    """Register the dotted path of a `Protection`; once, from an app's `ready`."""
    if path not in _PATHS:
        _PATHS.append(path)


def is_protected(member: Member, *, on: date) -> bool:
    """Whether any registered check asks for the town's staff to look first."""
    checks: list[Protection] = [import_string(path) for path in _PATHS]
    return any(check(member, on) for check in checks)
