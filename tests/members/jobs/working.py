"""Working off the queue in the test's own process."""

from __future__ import annotations

from typing import Any

import pytest

from members.jobs import kinds
from members.jobs.asking import ask_for_job
from members.jobs.running import claim_job, finish_job, make_result
from members.models import Job, User
from tests.cast import Cast
from tests.factories import NOW
from tests.members.jobs.apps import PATHS


@pytest.fixture
def trial_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds of `trial.py`."""
    for code, path in PATHS.items():
        monkeypatch.setitem(kinds._PATHS, code, path)


def ask(actor: User, cast: Cast, kind: str = "write", **values: Any) -> Job:
    """Ask for a trial job about branch A."""
    about: dict[str, Any] = {"branch": cast.branch_a, "parameters": {}, "file_name": "试.pdf", "now": NOW} | values
    return ask_for_job(actor=actor, kind=kind, town=cast.town, **about)


def work_off(*, steps: list[tuple[int, int]] | None = None) -> Job:
    """Make the job that waits longest, as the worker's child does; `steps` takes how far it said it was."""
    job = claim_job(now=NOW)
    assert job is not None
    found = kinds.find_kind(job.kind)
    make_result(now=NOW, job=job)
    if steps is not None:
        job.refresh_from_db()
        steps += [(done, job.of) for done in range(1, job.done + 1)]
    assert finish_job(now=NOW, job=job), found
    job.refresh_from_db()
    return job
