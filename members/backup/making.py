"""Writing a backup of the running site."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from foundation.database_copy import copy_database, file_name, server_version
from foundation.file_encryption import CHUNK, encrypt_file
from foundation.file_store import NotPlain, kept_names, open_kept
from members.backup.errors import BackupRefused
from members.backup.manifest import (
    EVIDENCE,
    FORMAT,
    CopiedFile,
    HashingReader,
    Manifest,
    fingerprints,
    not_plain,
    write_manifest,
)

NOT_INCLUDED = (
    "SECRET_KEY, PERSONAL_DATA_KEYS and PERSONAL_DATA_HASH_KEY (.env) are NOT in this backup; keep .env separately."
    " 本备份不含密钥：请另行妥善保存 .env，否则公民身份号码和电话无法读出，备份也无法还原。"
)


def make_backup(*, now: datetime, directory: Path, encrypt: bool = False) -> Manifest:
    """Write a backup of the running site into a new (or empty) directory, readable by this account alone.

    The database comes first, then the evidence: a file is stored before the row that names it. Only whole files are
    taken; one that is removed meanwhile is named by no row of the snapshot. The directory gets its name only when
    everything is in it. `encrypt`: database and evidence can be read with the keys in `.env` alone.

    Raises:
        BackupRefused: there is something in the directory, or a link among the evidence.
        foundation.database_copy.CopyFailed: the engine refused, or its client program is missing.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BackupRefused(_("%(path)s is not empty. Name a new directory.") % {"path": directory})
    unfinished = directory.with_name(directory.name + ".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True, mode=0o700)
    files = [_take_database(unfinished, encrypt=encrypt), *_take_evidence(unfinished, encrypt=encrypt)]
    manifest = Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        engine=connection.vendor,
        server=server_version(),
        django=django.get_version(),
        migrations=sorted([app, name] for app, name in MigrationLoader(connection).applied_migrations),
        keys=fingerprints(),
        not_included=NOT_INCLUDED,
        encrypted=encrypt,
        files=sorted(files, key=lambda file: file.path),
    )
    write_manifest(manifest, unfinished)
    for path in unfinished.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    if directory.exists():
        directory.rmdir()
    unfinished.rename(directory)
    return manifest


def _take_database(unfinished: Path, *, encrypt: bool) -> CopiedFile:
    name = file_name()
    with _place_for_plain(unfinished, encrypt=encrypt) as place:
        plain = place / name
        copy_database(plain)
        with plain.open("rb") as file:
            return _take(file, unfinished, name, encrypt=True) if encrypt else _describe(file, name)


@contextmanager
def _place_for_plain(unfinished: Path, *, encrypt: bool) -> Iterator[Path]:
    """Where the database is copied to: what is going to be encrypted never lies in the clear where the backup does."""
    if not encrypt:
        yield unfinished
        return
    evidence = Path(settings.EVIDENCE_DIR)
    with TemporaryDirectory(prefix="backup.", dir=evidence.parent) as place:
        yield Path(place)


def _take_evidence(unfinished: Path, *, encrypt: bool) -> Iterator[CopiedFile]:
    for name in sorted(kept_names()):
        path = f"{EVIDENCE}/{name[:2]}/{name}"
        try:
            file = open_kept(name)
        except NotPlain as error:
            raise not_plain(path) from error
        if file is not None:
            with file:
                yield _take(file, unfinished, path, encrypt=encrypt)


def _take(source: BinaryIO, unfinished: Path, path: str, *, encrypt: bool) -> CopiedFile:
    target = unfinished / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w+b") as file:
        if encrypt:
            encrypt_file(source, file, name=path)
        else:
            shutil.copyfileobj(source, file, CHUNK)
        file.seek(0)
        return _describe(file, path)


def _describe(file: BinaryIO, path: str) -> CopiedFile:
    reader = HashingReader(file)
    while reader.read(CHUNK):
        pass
    return reader.describe(path)
