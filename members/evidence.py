"""Files that prove something: taken in as what they really are, kept privately under the hash of their bytes.

What is kept is told from the bytes and cleaned (`members.documents`), then written (`members.file_store`); a row says
to which town it belongs. Views authorise, and only then read.
"""

from __future__ import annotations

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from members.documents import CONTENT_TYPES, LIMIT_BYTES, InspectedFile, clean_name, inspect_upload
from members.file_store import keep_bytes, read_bytes
from members.models import StoredFile, Town, User
from members.pictures import PictureRefused, encode_picture

CONTENT_TYPE = CONTENT_TYPES[StoredFile.Kind.IMAGE]
"""Of the pictures `store_picture` keeps."""


def store_picture(upload: UploadedFile) -> str:
    """Keep an uploaded picture and return its name, the SHA-256 of the kept bytes; the same picture is kept once.

    Raises:
        PictureRefused, StoreFailed.
    """
    if upload.size is None or upload.size > LIMIT_BYTES:
        raise PictureRefused(_("The picture is larger than 10 MB. Take it again with a lower resolution."))
    return keep_bytes(encode_picture(upload.read(LIMIT_BYTES + 1)))


def read_picture(name: str) -> bytes | None:
    """The bytes of a kept picture; None where there is no such file."""
    return read_bytes(name)


def store_file(
    *, actor: User, now: datetime, town: Town, upload: UploadedFile | InspectedFile, keep_name: bool = True
) -> StoredFile:
    """Keep a file for a town; the same bytes are one row, under the name they came with first.

    The bytes are on the disk before the row is. `keep_name`: False where the name itself could tell a ground (D21).

    Raises:
        EvidenceRefused: the file is of no kind that is kept, or damaged.
        StoreFailed: the disk does not take it.
    """
    file = upload if isinstance(upload, InspectedFile) else inspect_upload(upload)
    sha256 = keep_bytes(file.data)
    with transaction.atomic():
        # Locked, so that it is not removed as an orphan between here and the link that will name it.
        stored, _created = StoredFile.objects.select_for_update().get_or_create(
            town=town,
            sha256=sha256,
            defaults={
                "kind": file.kind,
                "name": file.name if keep_name else clean_name("", file.kind),
                "size": len(file.data),
                "stored_at": now,
                "stored_by": actor,
            },
        )
    return stored


def read_file(file: StoredFile) -> bytes | None:
    """The bytes of a stored file; None where they were removed after its last link was voided."""
    return read_bytes(file.sha256)
