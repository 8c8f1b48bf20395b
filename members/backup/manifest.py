"""What a backup says of itself, under a seal that only whoever has the site's keys can make.

`manifest.json` names every file with its size and hash; `manifest.seal` holds a fingerprint of the key and the HMAC of
the manifest's bytes. The key is derived from `PERSONAL_DATA_HASH_KEY`, the one key that never changes, so that there is
no further one to keep and old backups stay good when the others are rotated.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash, sign_bytes
from foundation.file_store import NotPlain, open_plain
from members.backup.errors import BackupRefused, RestoreRefused

MANIFEST = "manifest.json"
SEAL = "manifest.seal"
EVIDENCE = "evidence"
FORMAT = 2
LONGEST_MANIFEST = 512 * 1024 * 1024
"""Bytes; a town's has a few hundred thousand."""


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """One file of a backup as it lies there: its path inside, size in bytes and SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `keys` are fingerprints, from which no key can be derived."""

    format: int
    made_at: str
    engine: str
    server: str
    django: str
    migrations: list[list[str]]
    keys: dict[str, str]
    not_included: str
    encrypted: bool
    files: list[CopiedFile]


def write_manifest(manifest: Manifest, directory: Path) -> None:
    """Write the manifest and its seal into a backup whose files are all there."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    (directory / MANIFEST).write_bytes(text)
    (directory / SEAL).write_text(f"{fingerprints()['matching']} {seal_of(text)}\n", encoding="ascii")


def seal_of(manifest: bytes) -> str:
    """The HMAC-SHA256 of a manifest's bytes under the key of this site's seals."""
    return sign_bytes(manifest, purpose="backup seal")


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a backup, once its seal is found good, and the directory to hold what it names and nothing else.

    Raises:
        BackupRefused: it is no backup, its seal is missing or broken, of an unknown format, it has fewer or more files
            than it says, or anything in it is a link or otherwise no ordinary file.
        RestoreRefused: it was sealed under other keys.
    """
    found = set(_list_names(directory))
    no_backup = BackupRefused(_("%(path)s is not a backup: it has no readable manifest.") % {"path": directory})
    try:
        text = _read_small(directory / MANIFEST)
    except OSError as error:
        raise no_backup from error
    _check_seal(directory, text)
    try:
        data = json.loads(text)
        if data.get("format") != FORMAT:
            raise BackupRefused(_("%(path)s is a backup of another format.") % {"path": directory})
        manifest = Manifest(**{**data, "files": [CopiedFile(**file) for file in data["files"]]})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise no_backup from error
    for file in manifest.files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or file.path != path.as_posix():
            raise BackupRefused(_("%(file)s leads out of the backup.") % {"file": file.path})
        if file.path not in found:
            raise BackupRefused(_("%(file)s is missing from the backup.") % {"file": file.path})
    if more := found - {file.path for file in manifest.files} - {MANIFEST, SEAL}:
        raise BackupRefused(_("%(file)s does not belong to the backup.") % {"file": min(more)})
    return manifest


def _check_seal(directory: Path, text: bytes) -> None:
    try:
        fingerprint, seal = _read_small(directory / SEAL).decode("ascii").split()
    except (OSError, ValueError) as error:
        raise BackupRefused(
            _(
                "%(path)s has no seal, so nobody can tell whether it was changed. Take another backup: one that this "
                "version made, and that lies in its directory as it was made."
            )
            % {"path": directory}
        ) from error
    if not hmac.compare_digest(fingerprint, fingerprints()["matching"]):
        raise other_keys()
    if not hmac.compare_digest(seal, seal_of(text)):
        raise BackupRefused(
            _(
                "The manifest of %(path)s was changed after the backup was made. Do not restore it: take another "
                "backup, and find out who could write there."
            )
            % {"path": directory}
        )


def _read_small(path: Path) -> bytes:
    with open_plain(path) as file:
        return file.read(LONGEST_MANIFEST)


def _list_names(directory: Path, inside: str = "") -> Iterator[str]:
    """The paths of all files below a directory. Raises BackupRefused for whatever is neither file nor directory."""
    try:
        entries = sorted(os.scandir(directory / inside), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        path = f"{inside}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _list_names(directory, f"{path}/")
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            raise not_plain(path)


def not_plain(path: str) -> BackupRefused:
    """The refusal of a link or of what is otherwise no file."""
    return BackupRefused(_("%(file)s is a link or no ordinary file; a backup holds files only.") % {"file": path})


def changed(path: str) -> BackupRefused:
    """The refusal of a file that is not what the manifest says."""
    return BackupRefused(
        _("%(file)s was changed after the backup was made. Do not restore it: take another backup.") % {"file": path}
    )


def other_keys() -> RestoreRefused:
    """The refusal of a backup made under keys that are not here."""
    return RestoreRefused(
        _("The keys in .env are not those of this backup: its ID numbers could not be read. Put back its .env.")
    )


def fingerprints() -> dict[str, str]:
    """Short hashes that tell whether keys are the same and say nothing else of them."""
    return {"encryption": _fingerprint(settings.PERSONAL_DATA_KEYS[0]), "matching": keyed_hash("fingerprint")[:16]}


def has_encryption_key(fingerprint: str) -> bool:
    """Whether one of the keys here is that of a fingerprint."""
    return any(_fingerprint(key) == fingerprint for key in settings.PERSONAL_DATA_KEYS)


def _fingerprint(key: str) -> str:
    return hashlib.sha256(f"fingerprint of {key}".encode()).hexdigest()[:16]


class HashingReader:
    """Reads a file and keeps count and hash of what was read."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; fewer than asked for only at the end."""
        data: bytes = self._file.read(size)
        self._hash.update(data)
        self.bytes += len(data)
        return data

    def describe(self, path: str) -> CopiedFile:
        """What was read, as a file of a backup."""
        return CopiedFile(path, self.bytes, self._hash.hexdigest())


def open_inside(directory: Path, path: str) -> Any:
    """Open a file of a backup. Raises BackupRefused where it is a link, no ordinary file, or gone."""
    try:
        return open_plain(directory / path)
    except NotPlain as error:
        raise not_plain(path) from error
    except OSError as error:
        raise BackupRefused(_("%(file)s is missing from the backup.") % {"file": path}) from error
