"""A job's way from the queue to its end. Whoever takes one has a lease on it: without it nothing of the job is theirs.

A worker that dies leaves its lease to run out; then the job is begun once more, and the second time given up in words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from members.access import may
from members.errors import NotAllowed
from members.jobs.kinds import find_kind
from members.jobs.results import drop_result, keep_result, list_results
from members.models import Job, Notification
from members.notifications import notify_users

LEASE = timedelta(minutes=1)
"""How long after its last sign a worker counts as dead."""
MOST_TRIES = 2
KEPT_FOR = timedelta(days=1)

State, Kind = Job.State, Notification.Kind
WITH_FILE = (State.QUEUED, State.RUNNING, State.READY)
"""States in which something of a job may lie on the disk."""


class LeaseLost(Exception):
    """The job is cancelled, or another worker's: nobody waits for what is being made here."""


def claim_job(*, now: datetime) -> Job | None:
    """Take the job that waits longest; None where none does. Of two workers each takes another."""
    waiting = Job.objects.filter(state=State.QUEUED)
    if not waiting.exists():
        # Looking does not write: on SQLite it would wait for whoever is writing.
        return None
    with transaction.atomic():
        job = waiting.select_for_update(skip_locked=True).order_by("created_at", "pk").first()
        if job is None:
            return None
        job.state, job.lease, job.tries = State.RUNNING, uuid4(), job.tries + 1
        job.started_at = job.heartbeat_at = now
        job.done = job.of = 0
        job.save(update_fields=("state", "lease", "tries", "started_at", "heartbeat_at", "done", "of"))
    return job


def beat(*, now: datetime, job: Job) -> bool:
    """Give a sign of life; whether the job is still this worker's."""
    return Job.objects.held(job).update(heartbeat_at=now) == 1


def report_progress(job: Job, done: int, of: int) -> None:
    """Say how far it is.

    Raises:
        LeaseLost.
    """
    if not Job.objects.held(job).update(done=done, of=of):
        raise LeaseLost


def require_job(job: Job, *, now: datetime) -> None:
    """Check that the job is still its owner's to have: asked when it is asked for and when it is made.

    Raises:
        NotAllowed: it is not.
    """
    action = find_kind(job.kind).action
    if not may(job.owner, action, job.branch, on=timezone.localdate(now), town=job.town):
        raise NotAllowed(_("You may not export this. Ask the branch's recorder or secretary, or the town's staff."))


def make_result(*, now: datetime, job: Job) -> None:
    """Make the file and keep it, in the language of who asked.

    Raises:
        NotAllowed: the owner may not have it any more.
        DomainError: whatever the kind refuses.
        LeaseLost.
        JobRefused: the disk does not take it.
    """
    require_job(job, now=now)
    with TemporaryFile() as file:
        find_kind(job.kind).make(job=job, now=now, file=file, report=partial(report_progress, job))
        file.seek(0)
        keep_result(job, file)


def finish_job(*, now: datetime, job: Job) -> bool:
    """Say that the file lies ready, to the log and to the owner; whether it was still this worker's to say."""
    with transaction.atomic():
        if not Job.objects.held(job).update(state=State.READY, lease=None, ended_at=now):
            return False
        _tell(job, Kind.JOB_READY, now)
        find_kind(job.kind).log(job, now)
    return True


def fail_job(*, now: datetime, job: Job, why: str) -> bool:
    """Say in words why it was not made; whether it was still this worker's to say."""
    with transaction.atomic():
        failed = Job.objects.held(job).update(state=State.FAILED, lease=None, ended_at=now, failure=why)
        if failed:
            _tell(job, Kind.JOB_FAILED, now)
    if failed:
        drop_result(job.uuid)
    return bool(failed)


def release_job(*, job: Job) -> None:
    """Put it back into the queue, as if it had not been begun: the worker is being stopped."""
    Job.objects.held(job).update(state=State.QUEUED, lease=None, tries=job.tries - 1, done=0, of=0)


def recover_jobs(*, now: datetime) -> int:
    """Take the jobs of dead workers back into the queue, or give them up the second time; returns how many."""
    dead = Job.objects.filter(state=State.RUNNING, heartbeat_at__lt=now - LEASE)
    for job in dead:
        if job.tries < MOST_TRIES:
            Job.objects.held(job).update(state=State.QUEUED, lease=None, done=0, of=0)
        else:
            with translation.override(job.language or None):
                why = _("The server stopped twice while this was made. Ask for it again, and tell whoever runs it.")
            fail_job(now=now, job=job, why=why)
    return len(dead)


def clear_old(*, now: datetime) -> None:
    """Remove what has been over for a day, and the files that no job names."""
    Job.objects.filter(ended_at__lte=now - KEPT_FOR).delete()
    # In this order: what another worker begins meanwhile is among neither.
    found = set(list_results())
    for uuid in found - set(Job.objects.filter(state__in=WITH_FILE).values_list("uuid", flat=True)):
        drop_result(uuid)


def jobs_link() -> str:
    """Where whoever is told of a job finds it."""
    return reverse("workbench:jobs")


def _tell(job: Job, kind: Notification.Kind, now: datetime) -> None:
    notify_users(users=[job.owner], now=now, kind=kind, branch=job.branch, link=jobs_link(), about=job.file_name)
