"""The worker: one job at a time, each in a child process that may take only so much time and memory.

The child makes the file and says so itself; the worker looks after it, gives the signs of life, ends it when it is
cancelled or takes too long, and puts into words what the child could not say any more.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.jobs.running import beat, claim_job, clear_old, fail_job, recover_jobs, release_job
from members.models import Job

PAUSE = 1.0
"""Seconds between two looks at the queue, and at the child."""
BEATS_EVERY = 10.0
"""Seconds between two signs of life in the database; a lease lasts six times as long."""
CLEARS_EVERY = 60.0
"""Seconds between two looks at what is over for a day."""
QUIET_FOR = timedelta(seconds=30)
"""A worker that gave no sign for so long is not there."""
OUT_OF_MEMORY = 3
"""The exit status of a child that was refused memory."""
_TIME_UP = (-signal.SIGXCPU,)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take."""

    seconds: int
    megabytes: int


def read_limits() -> Limits:
    """As the settings say."""
    return Limits(settings.JOB_MINUTES * 60, settings.JOB_MEGABYTES)


def is_worker_there(*, now: datetime) -> bool:
    """Whether a worker gave a sign of life just now."""
    try:
        last = _sign().stat().st_mtime
    except OSError:
        return False
    return now.timestamp() - last < QUIET_FOR.total_seconds()


def give_sign(*, now: datetime) -> None:
    """Say that a worker is there: a file's time, so that nothing is written into the database for it."""
    sign = _sign()
    sign.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sign.touch(mode=0o600)
    os.utime(sign, (now.timestamp(), now.timestamp()))


def serve(*, stop: Event, limits: Limits) -> None:
    """Work off the queue until `stop` is set. A database that is away is waited for."""
    next_clearing = 0.0
    while not stop.is_set():
        try:
            give_sign(now=read_clock())
            recover_jobs(now=read_clock())
            if monotonic() >= next_clearing:
                clear_old(now=read_clock())
                next_clearing = monotonic() + CLEARS_EVERY
            while not stop.is_set() and work_off_one(stop=stop, limits=limits):
                pass
        except (Error, OSError) as error:
            logger.warning("The worker waits: %s", error)
        close_old_connections()
        stop.wait(PAUSE)


def work_off_one(*, stop: Event, limits: Limits) -> bool:
    """Take a job and see it to its end; whether there was one."""
    job = claim_job(now=read_clock())
    if job is None:
        return False
    child = _start(job, limits)
    try:
        timed_out = _watch(child, job, stop=stop, seconds=limits.seconds)
    finally:
        # Whatever happens here: nobody goes on with a job that nobody looks after.
        child.kill()
        status = child.wait()
    if stop.is_set():
        release_job(job=job)
    elif timed_out or status:
        with translation.override(job.language or None):
            fail_job(now=read_clock(), job=job, why=_explain(status, limits, timed_out=timed_out))
    return True


def _start(job: Job, limits: Limits) -> subprocess.Popen[bytes]:
    assert job.lease is not None
    command = [sys.executable, "manage.py", "run_job", str(job.uuid), str(job.lease)]
    command += ["--seconds", str(limits.seconds), "--megabytes", str(limits.megabytes)]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 (our own program)


def _watch(child: subprocess.Popen[bytes], job: Job, *, stop: Event, seconds: int) -> bool:
    """Wait until the child has ended, is not wanted any more or has had its time; whether it is that."""
    last, next_beat = monotonic() + seconds, monotonic() + BEATS_EVERY
    while not stop.is_set():
        try:
            child.wait(PAUSE)
        except subprocess.TimeoutExpired:
            pass
        else:
            return False
        now = read_clock()
        give_sign(now=now)
        if monotonic() < next_beat:
            # Looking does not write.
            is_ours = Job.objects.held(job).exists()
        else:
            is_ours, next_beat = beat(now=now, job=job), monotonic() + BEATS_EVERY
        if not is_ours:
            return False
        if monotonic() > last:
            return True
    return False


def _explain(status: int, limits: Limits, *, timed_out: bool) -> str:
    if timed_out or status in _TIME_UP:
        return _(
            "This took longer than the %(minutes)d minutes that one job may take. Ask for less at a time: one branch, "
            "one year."
        ) % {"minutes": -(-limits.seconds // 60)}
    if status == OUT_OF_MEMORY or status < 0:
        return _(
            "This took more memory than the %(megabytes)d MB that one job may take, or was ended from outside. Ask for "
            "less at a time: one branch, one year."
        ) % {"megabytes": limits.megabytes}
    return _("A fault of the site stopped this. Tell whoever runs the server: it is written in its journal.")


def _sign() -> Path:
    return Path(settings.JOBS_DIR) / "worker"
