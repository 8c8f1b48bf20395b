"""Putting a backup in the place of what is here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from foundation.database_copy import FILE_NAMES, restore_database
from foundation.file_encryption import CHUNK, Altered, decrypt_file
from members.backup.errors import RestoreRefused
from members.backup.manifest import (
    EVIDENCE,
    HashingReader,
    Manifest,
    changed,
    has_encryption_key,
    open_inside,
    other_keys,
    read_manifest,
)
from members.backup.other_engine import move_database
from members.log.audit import log_in_every_town
from members.models import Town, User


class _Nowhere:
    """Takes what is read only to be checked."""

    def write(self, data: bytes, /) -> None:
        """Forget it."""


def read_backup(directory: Path) -> Manifest:
    """The manifest of a backup whose seal is good and whose every file is there, unchanged, and no other.

    Raises:
        BackupRefused: see `read_manifest`; or a file was changed.
        RestoreRefused: it was sealed under other keys.
    """
    manifest = read_manifest(directory)
    _copy_checked(manifest, directory, None)
    return manifest


def restore_backup(*, now: datetime, directory: Path, overwrite: bool = False) -> Manifest:
    """Put a backup in the place of what is here, bring it to this version's tables, and note it in each town's log.

    Everything is copied beside the evidence, checked on the way and decrypted, before anything here is touched: what is
    put back is what was checked. A backup of SQLite may go into a PostgreSQL that holds nothing. Evidence that was here
    is kept beside its directory under a name with the date. Stop the site before.

    Raises:
        BackupRefused: see `read_backup`.
        RestoreRefused: another engine, a newer version, other keys, or (without `overwrite`) data here already.
        foundation.database_copy.CopyFailed: the engine refused; the database is as it was.
    """
    manifest = read_manifest(directory)
    _refuse_unfit(manifest)
    evidence = Path(settings.EVIDENCE_DIR)
    occupied = evidence.is_dir() and any(evidence.iterdir())
    if manifest.engine != connection.vendor and _has_data():
        raise RestoreRefused(
            _("A backup of SQLite goes into a PostgreSQL database that holds nothing. Make a new one and name it.")
        )
    if not overwrite and (_has_data() or occupied):
        raise RestoreRefused(
            _("There are data here already. Back them up, then repeat with --overwrite to replace them.")
        )
    with _incoming(evidence) as incoming:
        _copy_checked(manifest, directory, incoming)
        (incoming / EVIDENCE).mkdir(exist_ok=True)
        database = incoming / FILE_NAMES[manifest.engine]
        if manifest.engine == connection.vendor:
            restore_database(database)
        else:
            move_database(database)
        if occupied:
            evidence.rename(evidence.with_name(f"{evidence.name}-until-{now:%Y%m%dT%H%M%S}"))
        elif evidence.is_dir():
            evidence.rmdir()
        (incoming / EVIDENCE).rename(evidence)
    call_command("migrate", verbosity=0, interactive=False)  # also installs the ledger's triggers
    log_in_every_town(now=now, verb="restore", new={"backup_of": manifest.made_at})
    return manifest


@contextmanager
def _incoming(evidence: Path) -> Iterator[Path]:
    """A new directory of this account alone on the disk of the evidence; gone afterwards, with the plain database."""
    incoming = evidence.with_name(f"{evidence.name}.incoming")
    if incoming.exists():
        shutil.rmtree(incoming)
    incoming.mkdir(parents=True, mode=0o700)
    try:
        yield incoming
    finally:
        shutil.rmtree(incoming)


def _copy_checked(manifest: Manifest, directory: Path, target: Path | None) -> None:
    """Read every file against the manifest, and leave it in the clear below `target`. Raises BackupRefused."""
    for file in manifest.files:
        with open_inside(directory, file.path) as source, _open_target(target, file.path) as plain:
            reader = HashingReader(source)
            try:
                if manifest.encrypted:
                    decrypt_file(reader, plain, name=file.path)
                else:
                    shutil.copyfileobj(reader, plain, CHUNK)
            except Altered as error:
                raise changed(file.path) from error
            if reader.describe(file.path) != file:
                raise changed(file.path)


@contextmanager
def _open_target(target: Path | None, path: str) -> Iterator[Any]:
    if target is None:
        yield _Nowhere()
        return
    place = target / path
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.open("xb") as file:
        place.chmod(0o600)
        yield file


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor and (manifest.engine, connection.vendor) != ("sqlite", "postgresql"):
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
    if not has_encryption_key(manifest.keys["encryption"]):
        raise other_keys()


def _has_data() -> bool:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    models: tuple[Any, ...] = (Town, User)
    return any(model._meta.db_table in tables and model.objects.exists() for model in models)
