"""One deed of many members, with its evidence, recorded in one go (2.3.2, D5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from members.evidence.documents import InspectedFile
from members.models import Branch, RecordBatch, User
from points.evidence.links import attach_evidence
from points.records.entries import EventEntry
from points.records.recording import record_events


def record_activity(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    entries: Sequence[EventEntry],
    files: Sequence[InspectedFile] = (),
    token: UUID | None = None,
) -> RecordBatch:
    """Record what members of a branch did together; the files prove the whole batch. All of it or nothing.

    Raises:
        What `points.records.recording.record_events` and `points.evidence.links.attach_evidence` raise.
    """
    with transaction.atomic():
        batch = record_events(actor=actor, now=now, town=branch.town, entries=entries, branch=branch, token=token)
        attach_evidence(actor=actor, now=now, files=files, subject=batch)
    return batch
