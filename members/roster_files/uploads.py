"""Uploaded files between their preview and its confirmation, with the preview itself.

Each lies encrypted in the uploader's own folder under a random token, for some hours at most. A token says nothing
about another user's folder: to anybody else the file does not exist.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from foundation.encryption import decrypt_bytes, encrypt_bytes
from foundation.errors import DomainError
from members.models import User

KEPT_FOR = timedelta(hours=4)
KEPT_PER_USER = 5
PAGE_ROWS = 100
_ABOUT = "about"
_FILE = "file"

Line = Sequence[str]
"""One row of a preview: the texts of its cells."""


class UploadGone(DomainError):
    """There is no such file for this user: imported, cancelled, expired, or never theirs."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one outcome: how many, and where each page of them lies in the file of pages."""

    rows: int
    pages: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview found, in one language; `parts` by outcome, `facts` as the screen that wrote them means them."""

    language: str
    file: str
    facts: Mapping[str, Any]
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept file: what kind of import it is for, its name and SHA-256, and what was chosen beside it."""

    folder: Path
    token: UUID
    kind: str
    name: str
    file_hash: str
    kept_at: datetime
    choices: Mapping[str, Any]
    preview: Preview | None = None

    def read(self) -> bytes:
        """The file's content.

        Raises:
            UploadGone.
        """
        return _read_sealed(self.folder / _FILE)

    def read_page(self, outcome: str, page: int) -> list[list[str]]:
        """The rows of a page (from 1) of one outcome; none beyond the last.

        Raises:
            UploadGone.
        """
        part = self.preview.parts.get(outcome) if self.preview else None
        if self.preview is None or part is None or not 1 <= page <= len(part.pages):
            return []
        offset, length = part.pages[page - 1]
        try:
            with (self.folder / self.preview.file).open("rb") as pages:
                pages.seek(offset)
                sealed = pages.read(length)
        except FileNotFoundError as error:
            raise _gone() from error
        rows: list[list[str]] = json.loads(zlib.decompress(decrypt_bytes(sealed)))
        return rows


def keep_upload(
    *, actor: User, now: datetime, kind: str, name: str, data: bytes, file_hash: str, choices: Mapping[str, Any]
) -> Upload:
    """Keep a file for its preview; clears away what has expired, and the user's oldest beyond the few one may keep."""
    clear_expired(now=now)
    home = _home_of(actor)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = sorted(_uploads_in(home), key=lambda upload: upload.kept_at, reverse=True)
    for upload in kept[KEPT_PER_USER - 1 :]:
        drop_upload(upload)
    token = uuid4()
    upload = Upload(home / token.hex, token, kind, name, file_hash, now, dict(choices))
    upload.folder.mkdir(mode=0o700)
    _write_sealed(upload.folder / _FILE, data)
    _write_about(upload)
    return upload


def find_upload(*, actor: User, now: datetime, kind: str, token: UUID) -> Upload:
    """The user's own file of this token and kind.

    Raises:
        UploadGone: imported, cancelled, expired, for another kind of import, or somebody else's.
    """
    upload = _read_about(_home_of(actor) / token.hex)
    if upload is None or upload.kind != kind or now - upload.kept_at > KEPT_FOR:
        raise _gone()
    return upload


def drop_upload(upload: Upload) -> None:
    """Delete a file and its preview."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def clear_expired(*, now: datetime) -> None:
    """Delete every user's expired files, and what an interrupted request left unreadable."""
    for home in Path(settings.UPLOADS_DIR).glob("*"):
        for folder in home.glob("*"):
            upload = _read_about(folder)
            if upload is None or now - upload.kept_at > KEPT_FOR:
                shutil.rmtree(folder, ignore_errors=True)


def write_preview(
    upload: Upload, *, language: str, facts: Mapping[str, Any], lines: Iterator[tuple[str, Line]]
) -> Upload:
    """Store a preview, replacing the one before; `lines` are (outcome, row), paged by outcome in their order."""
    name = f"pages-{uuid4().hex}"
    pages: dict[str, list[tuple[int, int]]] = {}
    counts: dict[str, int] = {}
    waiting: dict[str, list[Line]] = {}
    with (upload.folder / name).open("xb") as file:
        (upload.folder / name).chmod(0o600)

        def flush(outcome: str) -> None:
            sealed = encrypt_bytes(zlib.compress(json.dumps(waiting[outcome]).encode(), 1))
            pages.setdefault(outcome, []).append((file.tell(), len(sealed)))
            file.write(sealed)
            waiting[outcome] = []

        for outcome, line in lines:
            counts[outcome] = counts.get(outcome, 0) + 1
            rows = waiting.setdefault(outcome, [])
            rows.append(line)
            if len(rows) == PAGE_ROWS:
                flush(outcome)
        for outcome, rows in waiting.items():
            if rows:
                flush(outcome)
    old = upload.preview
    parts = {outcome: Part(count, pages[outcome]) for outcome, count in counts.items()}
    upload = replace(upload, preview=Preview(language, name, dict(facts), parts))
    _write_about(upload)
    if old is not None:
        (upload.folder / old.file).unlink(missing_ok=True)
    return upload


def _gone() -> UploadGone:
    return UploadGone(
        _("This preview is no longer there: it was imported, cancelled, or has expired. Upload the file again.")
    )


def _home_of(actor: User) -> Path:
    return Path(settings.UPLOADS_DIR) / actor.uuid.hex


def _uploads_in(home: Path) -> list[Upload]:
    return [upload for folder in home.glob("*") if (upload := _read_about(folder)) is not None]


def _write_about(upload: Upload) -> None:
    about = asdict(upload) | {"token": upload.token.hex, "kept_at": upload.kept_at.isoformat()}
    del about["folder"]
    _write_sealed(upload.folder / _ABOUT, json.dumps(about).encode())


def _read_about(folder: Path) -> Upload | None:
    try:
        about = json.loads(_read_sealed(folder / _ABOUT))
    except UploadGone:
        return None
    preview = about.pop("preview")
    if preview is not None:
        preview["parts"] = {outcome: Part(**part) for outcome, part in preview["parts"].items()}
        preview = Preview(**preview)
    about |= {"token": UUID(hex=about["token"]), "kept_at": datetime.fromisoformat(about["kept_at"])}
    return Upload(folder=folder, preview=preview, **about)


def _write_sealed(path: Path, content: bytes) -> None:
    """Write encrypted, readable by the server's account only, in place of what stood there."""
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    part.write_bytes(encrypt_bytes(content))
    part.replace(path)


def _read_sealed(path: Path) -> bytes:
    try:
        return decrypt_bytes(path.read_bytes())
    except (OSError, InvalidToken) as error:
        raise _gone() from error
