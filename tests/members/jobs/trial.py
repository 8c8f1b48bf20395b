"""Kinds of jobs that stand for what can go right and wrong, in this process and in a worker's."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.access import Action
from members.jobs.kinds import JobKind, Report
from members.log.audit import log_change
from members.models import Job


def _log(job: Job, now: datetime) -> None:
    new = {"year": 2026}
    log_change(actor=job.owner, now=now, town=job.town, verb="export_roster", subject=job.town, new=new)


def _write(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    for step in range(3):
        report(step + 1, 3)
    file.write(b"made for " + job.owner.username.encode())


def _refuse(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    raise DomainError(_("Nothing was exported. What you chose is kept."))


def _break(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    raise ZeroDivisionError


def _hoard(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    # One block alone, which a limit refuses at once, whatever the machine has.
    file.write(bytearray(1024**4))


def _sleep(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    """Goes on until nobody waits for it."""
    (Path(os.environ["JOBS_DIR"]) / "child").write_text(str(os.getpid()))
    while True:
        report(1, 2)
        time.sleep(0.05)


def _spin(*, job: Job, now: datetime, file: IO[bytes], report: Report) -> None:
    while True:
        pass


def _kind(title: str, make: object) -> JobKind:
    return JobKind(title=title, action=Action.EXPORT, make=make, log=_log, asks_password=False)  # type: ignore[arg-type]


WRITE, REFUSE, BREAK = _kind("写", _write), _kind("拒", _refuse), _kind("错", _break)
HOARD, SLEEP, SPIN = _kind("多", _hoard), _kind("睡", _sleep), _kind("转", _spin)
