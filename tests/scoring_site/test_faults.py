"""When the database is away or the disk full: 503 in words, without asking the database, and nothing is doubled."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, Error, connection
from django.test import Client

from members.models import Branch
from scoring_site.faults import is_out_of_service
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.pages import browse
from tests.scoring_site.screens import visible

UNKNOWN = "不清楚是否已保存，请稍后再发送一次，不会重复记录"
ASK = """
import json, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "a" * 32
def ask(method, address):
    answer = getattr(client, method)(address)
    return [answer.status_code, answer.headers.get("Retry-After", ""), answer.content.decode()]
print(json.dumps([ask("get", "/my-data/"), ask("post", "/my-data/"), ask("get", "/health/"), ask("get", "/ready/")]))
"""


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_without_a_database_every_page_says_so(engine: str, tmp_path: Path) -> None:
    """A port at which nobody listens; a file that is none."""
    addresses = {"postgres": "postgres://nobody@127.0.0.1:1/nothing", "sqlite": f"sqlite:///{tmp_path}"}
    environment = os.environ | {
        "DATABASE_URL": addresses[engine],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LOG_LEVEL": "CRITICAL",
    }
    run = subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    shown, sent, health, ready = json.loads(run.stdout)
    assert (shown[:2], sent[:2]) == ([503, "60"], [503, "60"])
    assert "请稍后再来" in shown[2]
    assert UNKNOWN not in shown[2]
    assert UNKNOWN in sent[2]
    assert health == [200, "", '{"alive": true}']
    assert ready[0] == 503
    assert json.loads(ready[2])["database"] is False


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's disk is the machine's: it cannot be filled")
def test_what_a_full_disk_did_not_take_is_sent_again_and_written_once(clock: FrozenClock) -> None:
    """SQLite itself says that the disk is full where it may take no further page."""
    clock.now = NOW
    cast = build_cast()
    browser = browse(cast.staff)
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    statuses, sent = [302], {}
    try:
        while statuses[-1] == 302 and len(statuses) < 500:
            sent = {"town": cast.town.pk, "name": f"{len(statuses):03}" + "长" * 90, "token": str(uuid4())}
            answer = browser.post("/workbench/members/branch/new/", sent)
            statuses.append(answer.status_code)
        made = Branch.objects.count()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert (statuses[-1], answer["Retry-After"]) == (503, "60")
    assert UNKNOWN in visible(answer)
    assert not Branch.objects.filter(name=sent["name"]).exists()
    assert [browser.post("/workbench/members/branch/new/", sent).status_code for _again in range(2)] == [302, 302]
    assert Branch.objects.count() == made + 1


def test_a_full_disk_is_told_from_a_fault_of_the_code() -> None:
    assert is_out_of_service(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_out_of_service(OSError(errno.ENOENT, "No such file"))
    assert not is_out_of_service(KeyError("x"))
    assert not is_out_of_service(None)


def test_a_connection_that_breaks_off_within_an_answer_is_no_fault_of_the_code() -> None:
    """What psycopg2 says then is of none of its kinds."""
    broken = DatabaseError("server closed the connection unexpectedly")
    broken.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly")
    assert is_out_of_service(broken)
    assert not is_out_of_service(DatabaseError("Save with update_fields did not affect any rows."))


@pytest.mark.engine
@pytest.mark.django_db
def test_a_table_that_is_not_there_is_a_fault_of_the_code() -> None:
    with pytest.raises(Error, match="nothing_of_the_kind") as raised, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nothing_of_the_kind")
    assert not is_out_of_service(raised.value)


def test_a_fault_of_the_code_is_answered_with_500(cast: Cast, recorder: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.scoring_site.faulty_urls"
    recorder.raise_request_exception = False
    answer = recorder.get("/faulty/")
    assert answer.status_code == 500
    assert "系统出错" in visible(answer)


def test_ready_says_yes_or_no_and_nothing_else(db: None, client: Client, evidence_dir: Path, settings: Any) -> None:
    settings.LEAST_FREE_MEGABYTES = 0
    ready = client.get("/ready/")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "evidence": True, "space": True})
    settings.LEAST_FREE_MEGABYTES = 10**12
    ready = client.get("/ready/")
    assert (ready.status_code, ready.json()) == (503, {"database": True, "evidence": True, "space": False})


def test_the_towns_staff_are_told_of_a_disk_that_is_nearly_full(cast: Cast, settings: Any) -> None:
    settings.LEAST_FREE_MEGABYTES = 0
    assert "服务器磁盘" not in visible(browse(cast.staff).get("/workbench/"))
    settings.LEAST_FREE_MEGABYTES = 10**12
    assert "服务器磁盘" in visible(browse(cast.staff).get("/workbench/"))
    assert "服务器磁盘" not in visible(browse(cast.recorder_a).get("/workbench/"))


@pytest.mark.parametrize("address", ["/health/", "/ready/"])
def test_whoever_watches_need_not_speak_https(address: str, db: None, client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.LEAST_FREE_MEGABYTES = 0
    assert client.get(address).status_code == 200
    assert client.get("/login/").status_code == 301
