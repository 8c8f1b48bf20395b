"""Copying the running database into a file and back, each engine in its own consistent way.

SQLite: its online backup, one snapshot however many writers there are. PostgreSQL: `pg_dump`, one snapshot too, and
back with `psql` in a single transaction.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from foundation.errors import DomainError

FILE_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class CopyFailed(DomainError):
    """The database could not be copied or put back; the message says what the engine said or what is missing."""


def file_name() -> str:
    """The name of the copy of a database of this engine."""
    return FILE_NAMES[connection.vendor]


def server_version() -> str:
    """The engine and its version, for the manifest."""
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    connection.ensure_connection()
    return f"PostgreSQL {connection.connection.info.parameter_status('server_version')}"


def copy_database(target: Path) -> None:
    """Write one snapshot of the database to a new file. Raises CopyFailed."""
    if connection.vendor == "sqlite":
        _copy_sqlite(_sqlite_path(), target)
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a write-ahead log beside it
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise CopyFailed(_("The copy is damaged: %(reason)s") % {"reason": verdict})
        return
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def restore_database(source: Path) -> None:
    """Replace everything in the database by a copy, or on any error leave it as it was. Raises CopyFailed."""
    if connection.vendor == "sqlite":
        connection.close()
        _copy_sqlite(source, _sqlite_path())
        return
    sql = source.with_name("restore.sql")
    drops = source.with_name("drop.sql")
    try:
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={sql}", str(source))
        drops.write_text(_drop_everything(), encoding="utf-8")
        connection.close()
        _run(
            "psql",
            "--quiet",
            "--no-psqlrc",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
            f"--file={drops}",
            f"--file={sql}",
        )
    finally:
        sql.unlink(missing_ok=True)
        drops.unlink(missing_ok=True)


def _drop_everything() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        # What the triggers execute outlives the tables.
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prorettype = 'trigger'::regtype"
            " AND pronamespace = current_schema()::regnamespace"
        )
        functions = [name for (name,) in cursor.fetchall()]
    drops = [f'DROP TABLE "{table}" CASCADE;' for table in tables]
    drops += [f'DROP FUNCTION "{name}"();' for name in functions]
    return "\n".join(["SET client_min_messages = warning;", *drops])


def _sqlite_path() -> Path:
    name = str(connection.settings_dict["NAME"])
    if name == ":memory:" or name.startswith("file:"):
        raise CopyFailed(_("A database in memory cannot be backed up. Set DATABASE_URL to a file."))
    return Path(name)


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as origin,
            closing(sqlite3.connect(target, timeout=60)) as copy,
        ):
            origin.backup(copy)
    except sqlite3.Error as error:
        raise CopyFailed(_("SQLite could not copy the database: %(reason)s") % {"reason": error}) from error


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise CopyFailed(
            _("The program %(program)s is missing. Install PostgreSQL's client: apt-get install postgresql-client.")
            % {"program": program}
        )
    settings = connection.settings_dict
    # In the environment, not among the arguments: those can be read by everybody on the machine.
    known = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    address = {variable: str(settings[key]) for variable, key in known.items() if settings.get(key)}
    options = {f"PG{key.upper()}": str(value) for key, value in settings["OPTIONS"].items() if key.startswith("ssl")}
    done = subprocess.run(  # noqa: S603 (a fixed program; the arguments are ours)
        [path, *arguments], env=os.environ | address | options, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CopyFailed(
            _("%(program)s failed: %(reason)s") % {"program": program, "reason": done.stderr.strip()[-2000:]}
        )
