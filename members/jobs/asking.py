"""Asking for what takes long, seeing how far it is, cancelling it: a job is its owner's alone, as long as they may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.access import rows_for
from members.errors import JobRefused, NotAllowed
from members.jobs.kinds import list_kinds
from members.jobs.results import drop_result
from members.jobs.running import KEPT_FOR, require_job
from members.models import Branch, Job, Town, User

MOST_WAITING = 5
"""Jobs one person may have waiting at a time: the worker is everybody's."""


def ask_for_job(
    *,
    actor: User,
    now: datetime,
    kind: str,
    town: Town,
    branch: Branch | None,
    parameters: Mapping[str, Any],
    file_name: str,
) -> Job:
    """Put a job into the queue; the same one that still waits, where the actor asked for it before.

    It is not logged: what is taken out is, once it lies ready.

    Raises:
        NotAllowed: it is not the actor's to have.
        JobRefused: too many of theirs wait already.
    """
    job = Job(
        town=town,
        branch=branch,
        owner=actor,
        kind=kind,
        parameters=dict(parameters),
        file_name=file_name,
        language=get_language() or "",
        created_at=now,
    )
    require_job(job, now=now)
    with transaction.atomic():
        # Two clicks at once are one job.
        User.objects.select_for_update().get(pk=actor.pk)
        own = Job.objects.waiting().filter(owner=actor)
        same = own.filter(kind=kind, town=town, branch=branch, parameters=job.parameters).first()
        if same is not None:
            return same
        if own.count() >= MOST_WAITING:
            raise JobRefused(
                _("%(count)d files you asked for still wait. Let them be made first, or cancel one under “My jobs”.")
                % {"count": MOST_WAITING}
            )
        job.save(force_insert=True)
    return job


def cancel_job(*, actor: User, now: datetime, job: Job) -> None:
    """End a job of the actor's that is not over; what was made of it is removed, the worker turns to the next.

    Raises:
        NotAllowed: it is somebody else's.
        JobRefused: it is over.
    """
    if job.owner_id != actor.pk:
        raise NotAllowed(_("Only who asked for it can cancel it."))
    ended = Job.objects.waiting().filter(pk=job.pk).update(state=Job.State.CANCELLED, lease=None, ended_at=now)
    if not ended:
        raise JobRefused(_("It is over already; there is nothing to cancel."))
    drop_result(job.uuid)


def jobs_of(*, actor: User, now: datetime) -> list[Job]:
    """The actor's jobs of the last day, latest first, without those that are no longer theirs to have."""
    today, allowed = timezone.localdate(now), set()
    own = Job.objects.filter(owner=actor)
    for action, codes in _codes_by_action().items():
        rows = rows_for(actor, own.filter(kind__in=codes), on=today, action=action)
        allowed |= {job.pk for job in rows if job.ended_at is None or now - job.ended_at < KEPT_FOR}
    return list(own.filter(pk__in=allowed).order_by("-created_at", "-pk"))


def find_job(*, actor: User, now: datetime, uuid: UUID) -> Job:
    """One of those. Raises Http404."""
    for job in jobs_of(actor=actor, now=now):
        if job.uuid == uuid:
            return job
    raise Http404


def count_before(jobs: list[Job]) -> dict[int, int]:
    """How many jobs, whosever, are made before each of these that wait, by its id."""
    line = list(Job.objects.waiting().order_by("-state", "created_at", "pk").values_list("pk", flat=True))
    places = {pk: place for place, pk in enumerate(line)}
    return {job.pk: places[job.pk] for job in jobs if job.pk in places}


def _codes_by_action() -> dict[Any, list[str]]:
    codes: dict[Any, list[str]] = {}
    for code, kind in list_kinds().items():
        codes.setdefault(kind.action, []).append(code)
    return codes
