"""The settings that keep data safe, as a process of its own reads them from its environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PRINT = (
    "import json; from scoring_site import settings as s; print(json.dumps({name: getattr(s, name) for name in %r}))"
)


def start_settings(names: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Import the settings in a new process with this environment over the suite's own."""
    return subprocess.run(
        [sys.executable, "-c", PRINT % (names,)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read_settings(*names: str, **environment: str) -> dict[str, Any]:
    process = start_settings(list(names), **environment)
    assert process.returncode == 0, process.stderr
    return dict(json.loads(process.stdout))


def test_sqlite_waits_for_its_turn_and_fires_triggers_on_replace() -> None:
    database = read_settings("DATABASES", DATABASE_URL="sqlite:////tmp/x.sqlite3")["DATABASES"]["default"]
    assert database["NAME"] == "/tmp/x.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert database["OPTIONS"]["timeout"] == 20
    assert database["CONN_MAX_AGE"] == 60


def test_a_relative_sqlite_path_lies_below_the_project() -> None:
    database = read_settings("DATABASES", DATABASE_URL="sqlite:///var/y.sqlite3")["DATABASES"]["default"]
    assert database["NAME"] == str(ROOT / "var/y.sqlite3")


def test_postgres_over_a_socket_keeps_its_connections() -> None:
    database = read_settings("DATABASES", DATABASE_URL="postgres://points@/town?host=/run/pg")["DATABASES"]["default"]
    assert (database["USER"], database["NAME"], database["HOST"]) == ("points", "town", "/run/pg")
    assert database["CONN_MAX_AGE"] == 60
    assert database["CONN_HEALTH_CHECKS"] is True
    assert database["OPTIONS"] == {}


@pytest.mark.parametrize(
    ("command", "user"),
    [
        ("migrate", "owner"),
        ("pseudonymise", "owner"),
        ("remove_access_entries", "owner"),
        ("restore", "owner"),
        ("rotate_keys", "owner"),
        ("runserver", "app"),
        ("verify_ledger", "app"),
    ],
)
def test_only_what_the_site_may_not_do_acts_as_the_owner(command: str, user: str) -> None:
    addresses = {"DATABASE_URL": "postgres://app@db/town", "OWNER_DATABASE_URL": "postgres://owner@db/town"}
    process = subprocess.run(
        [sys.executable, "-c", PRINT % (["DATABASES"],), command],
        cwd=ROOT,
        env={**os.environ, **addresses},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(process.stdout)["DATABASES"]["default"]["USER"] == user


def test_another_engine_is_refused() -> None:
    process = start_settings(["DATABASES"], DATABASE_URL="mysql://points@localhost/town")
    assert process.returncode != 0
    assert "DATABASE_URL must begin with sqlite: or postgres:" in process.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "PERSONAL_DATA_KEYS", "PERSONAL_DATA_HASH_KEY"])
def test_a_missing_secret_stops_the_start(name: str) -> None:
    process = start_settings(["SECRET_KEY"], **{name: ""})
    assert process.returncode != 0
    assert f"{name} is missing" in process.stderr
    assert "make setup" in process.stderr


def test_several_keys_are_read_in_order() -> None:
    assert read_settings("PERSONAL_DATA_KEYS", PERSONAL_DATA_KEYS="new, old")["PERSONAL_DATA_KEYS"] == ["new", "old"]


def test_https_only_switches_everything_on() -> None:
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    values = read_settings(*names, HTTPS_ONLY="true", HSTS_SECONDS="600")
    assert values == dict(zip(names, (True, True, True, 600), strict=True))


def test_a_connection_can_be_opened_for_each_request() -> None:
    for address in ("sqlite:////tmp/x.sqlite3", "postgres://points@/town?host=/run/pg"):
        values = read_settings("DATABASES", DATABASE_URL=address, CONN_MAX_AGE="0")
        assert values["DATABASES"]["default"]["CONN_MAX_AGE"] == 0


@pytest.mark.django_db
def test_the_open_connection_has_the_promised_pragmas() -> None:
    assert connection.settings_dict["CONN_MAX_AGE"] == 60
    if connection.vendor == "postgresql":
        return
    values = {}
    with connection.cursor() as cursor:
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers"):
            values[name] = cursor.execute(f"PRAGMA {name}").fetchone()[0]
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


def test_cookies_are_bound_to_the_host_where_there_is_https() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_SECURE")
    assert read_settings(*names) == dict(zip(names, ("sessionid", "csrftoken", False), strict=True))
    bound = ("__Host-sessionid", "__Host-csrftoken", True)
    assert read_settings(*names, HTTPS_ONLY="true") == dict(zip(names, bound, strict=True))
