"""Files that prove something: taken in as what they really are, kept privately under the hash of their bytes.

What is kept is told from the bytes and cleaned (`members.evidence.documents`), then written (`foundation.file_store`);
a row says to which town it belongs. Views authorise, and only then read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.file_store import keep_bytes, read_bytes
from foundation.pictures import EvidenceRefused, PictureRefused, encode_upload
from members.evidence.documents import CONTENT_TYPES, LIMIT_BYTES, InspectedFile, clean_name, inspect_upload
from members.models import StoredFile, Town, User

CONTENT_TYPE = CONTENT_TYPES[StoredFile.Kind.IMAGE]
"""Of the pictures `store_picture` keeps."""


def store_picture(upload: UploadedFile) -> str:
    """Keep an uploaded picture and return its name, the SHA-256 of the kept bytes; the same picture is kept once.

    Raises:
        PictureRefused, StoreFailed.
    """
    if upload.size is None or upload.size > LIMIT_BYTES:
        raise PictureRefused(_("The picture is larger than 10 MB. Take it again with a lower resolution."))
    return keep_bytes(encode_upload(upload.read(LIMIT_BYTES + 1)))


def store_scan(upload: UploadedFile) -> str:
    """Keep an uploaded scan, a picture or a PDF of any number of pages; returns its name, the SHA-256 of the bytes.

    Raises:
        EvidenceRefused, StoreFailed.
    """
    file = inspect_upload(upload)
    if file.kind not in (StoredFile.Kind.IMAGE, StoredFile.Kind.PDF):
        raise EvidenceRefused(_("A scan is a picture (JPEG, PNG, WebP) or a PDF. Save the document as PDF."))
    return keep_bytes(file.data)


def read_picture(name: str) -> bytes | None:
    """The bytes of a kept picture or scan; None where there is no such file."""
    return read_bytes(name)


def store_files(
    *,
    actor: User,
    now: datetime,
    town: Town,
    uploads: Sequence[UploadedFile | InspectedFile],
    keep_names: bool = True,
) -> list[StoredFile]:
    """Keep files for a town, in their order; the same bytes are one row, under the name they came with first.

    The bytes are on the disk before the rows are. `keep_names`: False where a name itself could tell a ground (D21).
    Call inside the transaction that links them.

    Raises:
        EvidenceRefused: a file is of no kind that is kept, or damaged.
        StoreFailed: the disk does not take it.
    """
    files = [each if isinstance(each, InspectedFile) else inspect_upload(each) for each in uploads]
    names = [keep_bytes(file.data) for file in files]
    rows = [
        StoredFile(
            town=town,
            sha256=sha256,
            kind=file.kind,
            name=file.name if keep_names else clean_name("", file.kind),
            size=len(file.data),
            stored_at=now,
            stored_by=actor,
        )
        for sha256, file in zip(names, files, strict=True)
    ]
    with transaction.atomic():
        stored: dict[str, StoredFile] = {}
        while not stored.keys() >= set(names):
            # Again where a row was there and is removed as an orphan meanwhile; once locked here it no longer can be.
            StoredFile.objects.bulk_create([row for row in rows if row.sha256 not in stored], ignore_conflicts=True)
            locked = StoredFile.objects.select_for_update().filter(town=town, sha256__in=names).order_by("pk")
            stored = {row.sha256: row for row in locked}
    return [stored[sha256] for sha256 in names]


def read_file(file: StoredFile) -> bytes | None:
    """The bytes of a stored file; None where they were removed after its last link was voided."""
    return read_bytes(file.sha256)
