"""Bytes on the disk under their SHA-256, in `settings.EVIDENCE_DIR`, which no web server serves.

A file is whole before it has its name: a crash leaves a file without a row, never a row without its file. What nobody
names any more is removed after a while (`remove_orphans`); taking something in again makes its file young again, so
that it is never removed while it is being linked.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from foundation.errors import DomainError

NAME = re.compile(r"[0-9a-f]{64}")
LEAVING = ".leaving"


class StoreFailed(DomainError):
    """The disk does not take the file: full, or not writable."""


class NotPlain(OSError):
    """What should be an ordinary file is a link, a directory, a pipe or a device."""


def keep_bytes(data: bytes) -> str:
    """Keep bytes and return their name, their SHA-256; the same bytes are kept once.

    Raises:
        StoreFailed.
    """
    name = hashlib.sha256(data).hexdigest()
    path = _path_of(name)
    try:
        if not _make_young(path):
            _write(path, data)
    except OSError as error:
        raise StoreFailed(
            _(
                "The file could not be kept: the server's disk is full or does not answer. Nothing was saved. "
                "What you typed is still here: try again later, and tell the town's staff if it goes on."
            )
        ) from error
    return name


def read_bytes(name: str) -> bytes | None:
    """The bytes kept under a name; None where there are none."""
    if not NAME.fullmatch(name):
        return None
    try:
        return _path_of(name).read_bytes()
    except FileNotFoundError:
        return None


def kept_names() -> set[str]:
    """The names of the files that are whole; not what is being written or what a crash left half written."""
    found = (path.name.removesuffix(LEAVING) for path in Path(settings.EVIDENCE_DIR).glob("??/*"))
    return {name for name in found if NAME.fullmatch(name)}


def open_kept(name: str) -> BinaryIO | None:
    """The file kept under a name, to be read; None where it went meanwhile.

    One that is being removed may be put back (`remove_bytes`), so it is looked for under both names.

    Raises:
        NotPlain: it is a link, or no ordinary file.
    """
    path = _path_of(name)
    for candidate in (path, path.with_name(f"{name}{LEAVING}"), path):
        try:
            return open_plain(candidate)
        except FileNotFoundError:
            continue
    return None


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file for reading.

    Raises:
        NotPlain: it is a link, a directory, a pipe or a device.
    """
    try:
        # A pipe without a writer must not be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise NotPlain(path) from error
        raise
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise NotPlain(path)
    return file


def kept_before(moment: datetime) -> Iterator[str]:
    """The names of the files that were last taken in before a moment."""
    for path in sorted(Path(settings.EVIDENCE_DIR).glob("??/*")):
        if NAME.fullmatch(path.name) and path.stat().st_mtime < moment.timestamp():
            yield path.name


def remove_bytes(name: str, *, kept_before: datetime) -> bool:
    """Remove a file unless it was taken in again since a moment; whether it is gone."""
    path = _path_of(name)
    aside = path.with_name(f"{name}{LEAVING}")
    try:
        # Out of the way first: whoever takes the same bytes in from now on writes them anew.
        path.replace(aside)
    except FileNotFoundError:
        return False
    if aside.stat().st_mtime >= kept_before.timestamp():
        aside.replace(path)
        return False
    aside.unlink()
    return True


def remove_leftovers(*, kept_before: datetime) -> int:
    """Remove what a crash left half written, or half removed; returns how many."""
    found = 0
    for path in Path(settings.EVIDENCE_DIR).glob("??/*"):
        if not NAME.fullmatch(path.name) and path.stat().st_mtime < kept_before.timestamp():
            path.unlink()
            found += 1
    return found


def _path_of(name: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / name[:2] / name


def _make_young(path: Path) -> bool:
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # only the owner may read it
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
