"""The files that jobs made: encrypted, each under its job's uuid, readable by the server's account only, for a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from foundation.file_encryption import Altered, decrypt_file, encrypt_file
from members.errors import JobRefused
from members.models import Job


def keep_result(job: Job, source: IO[bytes]) -> None:
    """Keep what was made, in place of what an earlier try left. It is whole before it bears its name.

    Raises:
        JobRefused: the disk does not take it.
    """
    place = _place_of(job.uuid)
    part = place.with_name(f"{place.name}.{(job.lease or job.uuid).hex}.part")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.touch(mode=0o600)
        with part.open("wb") as target:
            encrypt_file(source, target, name=job.uuid.hex)
        part.replace(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise JobRefused(
            _("The file could not be kept: the server's disk is full or does not answer. Tell whoever runs the server.")
        ) from error


def open_result(job: Job) -> IO[bytes]:
    """The file of a job that is ready, from its beginning.

    Raises:
        JobRefused: it is not there any more, or is not what was kept.
    """
    target = TemporaryFile()  # noqa: SIM115 (closed by who sends it)
    try:
        with _place_of(job.uuid).open("rb") as source:
            decrypt_file(source, target, name=job.uuid.hex)
    except (OSError, Altered) as error:
        target.close()
        raise JobRefused(_("This file is no longer there. Ask for it again.")) from error
    target.seek(0)
    return target


def drop_result(uuid: UUID) -> None:
    """Remove a job's file, and what was half written of it."""
    place = _place_of(uuid)
    for path in (place, *place.parent.glob(f"{place.name}.*.part")):
        path.unlink(missing_ok=True)


def list_results() -> Iterator[UUID]:
    """The uuids of the jobs of which something lies on the disk."""
    for path in Path(settings.JOBS_DIR).glob("?" * 32 + "*"):
        yield UUID(hex=path.name[:32])


def _place_of(uuid: UUID) -> Path:
    return Path(settings.JOBS_DIR) / uuid.hex
