"""Processes of their own beside a test, on the database it stands in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def name_test_database() -> str:
    """DATABASE_URL with the database this test stands in, for a process of its own."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def start_command(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A command of the site's on the test's database, with the site's own settings and these variables beside."""
    environment = os.environ | {"DATABASE_URL": name_test_database(), "DJANGO_SETTINGS_MODULE": "scoring_site.settings"}
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", *arguments],
        cwd=ROOT,
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill(process: subprocess.Popen[str]) -> bool:
    """SIGKILL a command and wait until the database knows; False where it had come to its end before."""
    process.kill()
    process.communicate()
    if connection.vendor == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while True:
            with connection.cursor() as cursor:
                cursor.execute(others)
                if cursor.fetchone() == (0,):
                    break
            sleep(0.01)
    return process.returncode < 0
