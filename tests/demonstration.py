"""The demonstration town for tests: built once for each engine, source and moment, then copied.

What was built is kept in `var/demonstrations`, a PostgreSQL database on its server. Whatever the town may come out of
is in its name: a changed source builds a new one, and what nobody took for a while is swept away.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import OperationalError, connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.test import override_settings
from psycopg2.errors import QueryCanceled

from foundation.databases.commits import find_connection
from members.models import Town
from members.seals.definitions import seal_definitions
from scoring_site.demonstration.town import TOWN, build_demonstration_town

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "demonstrations"
UNUSED = 3600
"""Seconds after which a town nobody took is swept away: whoever has it now is done by then."""
PATIENCE, TRIES = 60, 5
"""Seconds that a database may take to be made or dropped, and how often it is tried."""


@contextmanager
def demonstration_town(now: datetime) -> Iterator[Town]:
    """Stand in a database with the town of a moment, a copy for this block alone, and its evidence files.

    Raises:
        RuntimeError: no test database was made, because no test that is to run is marked `django_db`.
    """
    if not Path(connection.settings_dict["NAME"]).name.startswith(TEST_DATABASE_PREFIX):
        raise RuntimeError("The tests that use the demonstration town must be marked django_db.")
    name = _name(now)
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker waits for the town instead of building it too
        if not _is_kept(name):
            _build(name, now)
        _sweep(name)
    with TemporaryDirectory(prefix="points-town.") as place:
        evidence = Path(place) / "evidence"
        shutil.copytree(_evidence_of(name), evidence)
        copy = _copy_database(name, Path(place) / "town.sqlite3")
        try:
            with _standing_in(copy), override_settings(EVIDENCE_DIR=evidence):
                yield Town.objects.get(name=TOWN)
        finally:
            _drop_database(copy)


def _name(now: datetime) -> str:
    server = sqlite3.sqlite_version, connection.settings_dict["HOST"], connection.settings_dict["PORT"]
    digest = hashlib.sha256(f"{now.isoformat()} {sys.version} {server}".encode())
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent != ROOT / "tests"]
    files = [path for package in (*packages, ROOT / "locale") for path in package.rglob("*") if path.is_file()]
    for path in sorted([*files, ROOT / "requirements.lock", ROOT / "tests/settings.py", Path(__file__)]):
        if path.suffix != ".pyc":
            digest.update(f"\n{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return f"demonstration_{connection.vendor}_{digest.hexdigest()[:20]}"


def _evidence_of(name: str) -> Path:
    return KEPT / name / "evidence"


def _file_of(name: str) -> Path:
    return KEPT / name / "town.sqlite3"


def _is_kept(name: str) -> bool:
    if connection.vendor == "sqlite":
        return _file_of(name).exists()
    return _evidence_of(name).exists() and bool(_ask("SELECT datname FROM pg_database WHERE datname = %s", name))


def _build(name: str, now: datetime) -> None:
    """Build the town in a copy of this worker's own database, which is empty between two files."""
    shutil.rmtree(KEPT / name, ignore_errors=True)
    evidence = _evidence_of(name)
    evidence.mkdir(parents=True)
    own = str(connection.settings_dict["NAME"])
    connection.close()
    if connection.vendor == "sqlite":
        unfinished = str(_file_of(name).with_suffix(".unfinished"))
        _copy_file(own, unfinished)
    else:
        unfinished = f"{name}_unfinished"
        _drop_database(unfinished)
        # A thread of a test before may have left a connection open; a template must have none.
        tell_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{own}'")
        tell_server(f'CREATE DATABASE "{unfinished}" TEMPLATE "{own}"')
    with _standing_in(unfinished), override_settings(EVIDENCE_DIR=evidence):
        seal_definitions(find_connection())  # as `migrate` does; emptying the worker's database took that away
        build_demonstration_town(now=now)
    if connection.vendor == "sqlite":
        Path(unfinished).rename(_file_of(name))
    else:
        tell_server(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _copy_database(name: str, file: Path) -> str:
    """Copy what is kept: into a file, or into a database beside this worker's own."""
    if connection.vendor == "sqlite":
        _copy_file(str(_file_of(name)), str(file))
        return str(file)
    copy = f"{connection.settings_dict['NAME']}_town"
    _drop_database(copy)
    tell_server(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    return copy


def _copy_file(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _drop_database(name: str) -> None:
    if connection.vendor == "postgresql":
        tell_server(f'DROP DATABASE IF EXISTS "{name}"')


def tell_server(statement: str, *, patience: float = PATIENCE) -> None:
    """Have PostgreSQL make, rename or drop a database; what waits longer than `patience` seconds is tried again.

    Making and dropping wait until every connection has taken note. By a race in PostgreSQL 15 and later, one that opens
    at that very moment may never be asked to, and then the wait has no end; the next try asks it.

    Raises:
        OperationalError: it waited every time.
    """
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"SET statement_timeout = '{patience * 1000:.0f}ms'")
                cursor.execute(statement)
        except OperationalError as error:
            if last or not isinstance(error.__cause__, QueryCanceled):
                raise
        else:
            return


def _ask(question: str, *values: str) -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute(question, values)
        return [str(found) for (found,) in cursor.fetchall()]


@contextmanager
def _standing_in(name: str) -> Iterator[None]:
    """Let Django's connection be to another database for the length of the block."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def _sweep(taken: str) -> None:
    """Note that a town was taken, and remove those that were not for a while."""
    (KEPT / f"{taken}.lock").touch()
    for lock in KEPT.glob(f"demonstration_{connection.vendor}_*.lock"):
        if lock.stat().st_mtime < time.time() - UNUSED:
            _drop_database(lock.stem)
            shutil.rmtree(KEPT / lock.stem, ignore_errors=True)
            lock.unlink(missing_ok=True)
