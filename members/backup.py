"""Backing up the running site into a directory, and putting such a directory back.

A backup holds one snapshot of the database, the evidence files and a manifest with the hash of each. It never holds
the keys: `.env` with `SECRET_KEY`, `PERSONAL_DATA_KEYS` and `PERSONAL_DATA_HASH_KEY` is kept somewhere else, and
without it the ID numbers and telephone numbers in the backup cannot be read. The manifest carries fingerprints of the
keys, so that a restore without them is refused before anything is touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from foundation.database_copy import copy_database, file_name, restore_database, server_version
from foundation.encryption import keyed_hash
from foundation.errors import DomainError
from members.log.audit import log_change
from members.models import Town, User

MANIFEST = "manifest.json"
EVIDENCE = "evidence"
FORMAT = 1
NOT_INCLUDED = (
    "SECRET_KEY, PERSONAL_DATA_KEYS and PERSONAL_DATA_HASH_KEY (.env) are NOT in this backup; keep .env separately."
    " 本备份不含密钥：请另行妥善保存 .env，否则公民身份号码和电话无法读出。"
)


class BackupRefused(DomainError):
    """A backup cannot be written here, or what is here is not a whole backup of this product."""


class RestoreRefused(DomainError):
    """The backup does not fit this installation, or there is something here that it would overwrite."""


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """One file of a backup: its path inside, size in bytes and SHA-256."""

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
    files: list[CopiedFile]


def make_backup(*, now: datetime, directory: Path) -> Manifest:
    """Write a backup of the running site into a new (or empty) directory, readable by this account alone.

    The database comes first, then the evidence: a file is stored before the row that names it. The directory gets its
    name only when everything is in it.

    Raises:
        BackupRefused: there is something in the directory.
        foundation.database_copy.CopyFailed: the engine refused, or its client program is missing.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BackupRefused(_("%(path)s is not empty. Name a new directory.") % {"path": directory})
    unfinished = directory.with_name(directory.name + ".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True, mode=0o700)
    copy_database(unfinished / file_name())
    evidence = Path(settings.EVIDENCE_DIR)
    if evidence.is_dir():
        shutil.copytree(evidence, unfinished / EVIDENCE)
    manifest = Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        engine=connection.vendor,
        server=server_version(),
        django=django.get_version(),
        migrations=sorted([app, name] for app, name in MigrationLoader(connection).applied_migrations),
        keys=_fingerprints(),
        not_included=NOT_INCLUDED,
        files=_list_files(unfinished),
    )
    (unfinished / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    for path in unfinished.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    if directory.exists():
        directory.rmdir()
    unfinished.rename(directory)
    return manifest


def read_backup(directory: Path) -> Manifest:
    """The manifest of a backup whose every file is there, unchanged, and no other.

    Raises:
        BackupRefused: it is no backup, of an unknown format, incomplete, changed, or has more files than it says.
    """
    _("%(path)s is not a backup: it has no readable manifest.") % {"path": directory}
    try:
        data = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupRefused(
            _("%(path)s is not a backup: it has no readable manifest.") % {"path": directory}
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BackupRefused(_("%(path)s is a backup of another format.") % {"path": directory})
    try:
        manifest = Manifest(**{**data, "files": [CopiedFile(**file) for file in data["files"]]})
    except (TypeError, KeyError) as error:
        raise BackupRefused(
            _("%(path)s is not a backup: it has no readable manifest.") % {"path": directory}
        ) from error
    for file in manifest.files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts:
            raise BackupRefused(_("%(file)s leads out of the backup.") % {"file": file.path})
    found = {file.path: file for file in _list_files(directory)}
    for file in manifest.files:
        if file.path not in found:
            raise BackupRefused(_("%(file)s is missing from the backup.") % {"file": file.path})
        if found.pop(file.path) != file:
            raise BackupRefused(_("%(file)s was changed after the backup was made.") % {"file": file.path})
    if found:
        raise BackupRefused(_("%(file)s does not belong to the backup.") % {"file": min(found)})
    return manifest


def restore_backup(*, now: datetime, directory: Path, overwrite: bool = False) -> Manifest:
    """Put a backup in the place of what is here, bring it to this version's tables, and note it in each town's log.

    Evidence that was here is kept beside its directory under a name with the date. Stop the site before.

    Raises:
        BackupRefused: see `read_backup`.
        RestoreRefused: another engine, a newer version, other keys, or (without `overwrite`) data here already.
        foundation.database_copy.CopyFailed: the engine refused; the database is as it was.
    """
    manifest = read_backup(directory)
    _refuse_unfit(manifest)
    evidence = Path(settings.EVIDENCE_DIR)
    occupied = evidence.is_dir() and any(evidence.iterdir())
    if not overwrite and (_has_data() or occupied):
        raise RestoreRefused(
            _("There are data here already. Back them up, then repeat with --overwrite to replace them.")
        )
    incoming = evidence.with_name(f"{evidence.name}.incoming")
    if incoming.exists():
        shutil.rmtree(incoming)
    incoming.mkdir(parents=True, mode=0o700)
    if (directory / EVIDENCE).is_dir():
        shutil.copytree(directory / EVIDENCE, incoming, dirs_exist_ok=True)
    restore_database(directory / file_name())
    if occupied:
        evidence.rename(evidence.with_name(f"{evidence.name}-until-{now:%Y%m%dT%H%M%S}"))
    elif evidence.is_dir():
        evidence.rmdir()
    incoming.rename(evidence)
    call_command("migrate", verbosity=0, interactive=False)  # also installs the ledger's triggers
    for town in Town.objects.all():
        actor = User.objects.filter(town=town, is_system=True).first()
        if actor is not None:
            log_change(
                actor=actor, now=now, town=town, verb="restore", subject=town, new={"backup_of": manifest.made_at}
            )
    return manifest


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise RestoreRefused(
            _("The backup is of %(backup)s and this installation uses %(here)s. Set DATABASE_URL to the same engine.")
            % {"backup": manifest.engine, "here": connection.vendor}
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.keys()
    newer = [name for name in manifest.migrations if tuple(name) not in known]
    if newer:
        raise RestoreRefused(
            _("The backup is from a newer version (%(migration)s). Install that version first.")
            % {"migration": ".".join(newer[0])}
        )
    if manifest.keys["matching"] != _fingerprints()["matching"] or not _has_key(manifest.keys["encryption"]):
        raise RestoreRefused(
            _("The keys in .env are not those of this backup: its ID numbers could not be read. Put back its .env.")
        )


def _fingerprints() -> dict[str, str]:
    """Short hashes that tell whether keys are the same and say nothing else of them."""
    return {"encryption": _fingerprint(settings.PERSONAL_DATA_KEYS[0]), "matching": keyed_hash("fingerprint")[:16]}


def _fingerprint(key: str) -> str:
    return hashlib.sha256(f"fingerprint of {key}".encode()).hexdigest()[:16]


def _has_key(fingerprint: str) -> bool:
    return any(_fingerprint(key) == fingerprint for key in settings.PERSONAL_DATA_KEYS)


def _has_data() -> bool:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    models: tuple[Any, ...] = (Town, User)
    return any(model._meta.db_table in tables and model.objects.exists() for model in models)


def _list_files(directory: Path) -> list[CopiedFile]:
    """Every file below a directory but the manifest, by path. Raises BackupRefused for a link."""
    files = []
    for folder, _folders, names in os.walk(directory):
        for name in sorted(names):
            path = Path(folder, name)
            inside = path.relative_to(directory).as_posix()
            if path.is_symlink():
                raise BackupRefused(_("%(file)s is a link; a backup holds files only.") % {"file": inside})
            if inside != MANIFEST:
                files.append(CopiedFile(inside, path.stat().st_size, _hash_file(path)))
    return sorted(files, key=lambda file: file.path)


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
