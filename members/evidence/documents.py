"""What an uploaded file really is, told from its bytes alone: neither its name nor its header is believed.

Taken: JPEG, PNG and WebP pictures (written anew), PDF, Word (.docx) and Excel (.xlsx) without macros, embedded programs
or templates fetched from elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from foundation.pictures import EvidenceRefused, encode_upload
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.uploaded import BUSY, look_into_upload
from members.models import StoredFile

LIMIT_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 120
EXTENSIONS = {
    StoredFile.Kind.IMAGE: "jpg",
    StoredFile.Kind.PDF: "pdf",
    StoredFile.Kind.WORD: "docx",
    StoredFile.Kind.EXCEL: "xlsx",
}
CONTENT_TYPES = {
    StoredFile.Kind.IMAGE: "image/jpeg",
    StoredFile.Kind.PDF: "application/pdf",
    StoredFile.Kind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    StoredFile.Kind.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_PICTURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
_HEIC = re.compile(rb"....ftyp(heic|heix|mif1|msf1|hevc)", re.DOTALL)
_PDF = b"%PDF-"
_PDF_END = b"%%EOF"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSAFE_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\"<>:|?*]+")


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """A file that may be kept: its kind, a safe name that fits the kind, and the bytes to keep."""

    kind: StoredFile.Kind
    name: str
    data: bytes


def inspect_upload(upload: UploadedFile) -> InspectedFile:
    """Say what a file is, and clean it.

    Raises:
        EvidenceRefused: too large, empty, damaged, dangerous or of another kind; says which.
    """
    if upload.size is None or upload.size > LIMIT_BYTES:
        raise EvidenceRefused(_("The file is larger than 10 MB. Send a smaller one, or part of it."))
    data = upload.read(LIMIT_BYTES + 1)
    if not data:
        raise EvidenceRefused(_("The file is empty. Choose it again."))
    kind, clean = _tell(data)
    return InspectedFile(kind, clean_name(upload.name or "", kind), clean)


def tell_kept_scan(data: bytes) -> StoredFile.Kind:
    """What a kept scan is, of its cleaned bytes."""
    return StoredFile.Kind.PDF if data.startswith(_PDF) else StoredFile.Kind.IMAGE


def clean_name(name: str, kind: StoredFile.Kind) -> str:
    """A name for people: no folders, no characters that act on a screen or in a header, the extension of the kind."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = _UNSAFE_IN_NAME.sub("", last.rpartition(".")[0] or last).strip(" .")
    extension = f".{EXTENSIONS[kind]}"
    return f"{stem[: NAME_LENGTH - len(extension)] or kind.value}{extension}"


def _tell(data: bytes) -> tuple[StoredFile.Kind, bytes]:
    if _PICTURE.match(data):
        return StoredFile.Kind.IMAGE, encode_upload(data)
    if data.startswith(_PDF):
        if _PDF_END not in data[-2048:]:
            raise EvidenceRefused(_("The PDF is damaged or incomplete. Make it again and choose it anew."))
        return StoredFile.Kind.PDF, data
    if data.startswith(_ZIP):
        return _tell_office(data), data
    if data.startswith(_OLE):
        raise EvidenceRefused(
            _("This is an old Word or Excel file, or one with a password. Save it as .docx, .xlsx or PDF without one.")
        )
    if _HEIC.match(data):
        raise EvidenceRefused(
            _("This is a HEIC picture of an iPhone. Set the camera to “most compatible”, or send a screenshot of it.")
        )
    raise EvidenceRefused(_("Only pictures (JPEG, PNG, WebP), PDF, Word (.docx) and Excel (.xlsx) can be kept."))


def _tell_office(data: bytes) -> StoredFile.Kind:
    try:
        names, loads_from_outside = look_into_upload(data)
        parts = {name.lower() for name in names}
        main = {"word/document.xml": StoredFile.Kind.WORD, "xl/workbook.xml": StoredFile.Kind.EXCEL}
        kinds = [kind for part, kind in main.items() if part in parts]
        if len(kinds) != 1:
            raise EvidenceRefused(
                _("Only pictures (JPEG, PNG, WebP), PDF, Word (.docx) and Excel (.xlsx) can be kept.")
            )
        if any("/embeddings/" in part or "/activex/" in part for part in parts) or loads_from_outside:
            raise EvidenceRefused(
                _("The document has other files or programs inside, or loads some from elsewhere. Save it as PDF.")
            )
    except UnreadableWorkbook as error:
        if error.code == BUSY:
            raise EvidenceRefused(str(error)) from error
        raise EvidenceRefused(
            _("%(problem)s Save it anew as .docx, .xlsx or PDF.") % {"problem": error.problem}
        ) from error
    return kinds[0]
