"""Scans and photos of what was signed on paper: kept as evidence of the finding, and named by the step they prove."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile

from members.evidence.documents import InspectedFile
from members.evidence.store import store_files
from members.models import StoredFile, User
from points.models import EvidenceLink
from veto.models import Deduction, Finding

Upload = InspectedFile | UploadedFile


def keep_papers(*, actor: User, now: datetime, finding: Finding, files: Sequence[Upload]) -> StoredFile | None:
    """Keep a signed paper's pages beside the finding's evidence; returns the first page, or None without files.

    Call inside the step's transaction, by whom the step is: they need not be who may add evidence.

    Raises:
        EvidenceRefused, StoreFailed: a file cannot be kept; none is.
    """
    if not files:
        return None
    # No names: a file's name could tell the ground (D21).
    stored = store_files(actor=actor, now=now, town=finding.member.town, uploads=files, keep_names=False)
    name = "deduction" if isinstance(finding, Deduction) else "veto"
    live = set(EvidenceLink.objects.live().filter(**{name: finding.pk}).values_list("file_id", flat=True))
    for file in dict.fromkeys(stored):
        if file.pk not in live:
            EvidenceLink.objects.create(file=file, added_by=actor, added_at=now, **{name: finding})
    return stored[0]
