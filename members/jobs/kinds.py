"""What the worker can make. Each app registers its own kinds when it starts (`AppConfig.ready`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Protocol

from django.utils.functional import Promise
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    # Apps register before their models are loaded.
    from members.access import Action
    from members.models import Job

Report = Callable[[int, int], None]
"""Says how far the work is: how many are done, of how many. It raises where nobody waits for the job any more."""


class Make(Protocol):
    """Writes the file. It only reads: nothing may stay of a job that is cancelled or begun a second time."""

    def __call__(self, *, job: Job, now: datetime, file: IO[bytes], report: Report) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """One kind: who may have it made and take it, how it is made, and what the log says once it lies ready.

    `asks_password`: whether the password is asked for again before the file is sent.
    """

    title: str | Promise
    action: Action
    make: Make
    log: Callable[[Job, datetime], None]
    asks_password: bool


_PATHS: dict[str, str] = {}


def register_job_kind(code: str, path: str) -> None:
    """Register a kind by the dotted path of its `JobKind`, read when it is needed: it may import much.

    Raises:
        ValueError: the code is another kind's already.
    """
    if _PATHS.setdefault(code, path) != path:
        raise ValueError(f"There is a job kind “{code}” already: {_PATHS[code]}.")


def find_kind(code: str) -> JobKind:
    """The kind of a code. Raises LookupError where none is registered."""
    kind = import_string(_PATHS[code])
    assert isinstance(kind, JobKind)
    return kind


def list_kinds() -> dict[str, JobKind]:
    """Every kind by its code."""
    return {code: find_kind(code) for code in _PATHS}
