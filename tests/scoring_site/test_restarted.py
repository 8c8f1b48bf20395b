"""The database server broken off and started again, under load: everybody is told, and no answered record is lost.

On a PostgreSQL of this test's own, so that no other test's database goes with it.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

import pytest
from django.core.management import call_command
from django.db import connection

from members.models import RecordBatch
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.effort import in_ci
from tests.scoring_site.busy_server import (
    PATIENCE,
    Recorder,
    Server,
    check_what_is_there,
    count_answers,
    have_done,
    make_recorders,
    set_to_work,
)

pytestmark = [
    pytest.mark.engine,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could go"),
]

RESTARTS = in_ci(4, by_hand=12)
UNKNOWN = "不清楚是否已保存，请稍后再发送一次，不会重复记录"
LATER = "请稍后再来；您此前保存的内容都在"


class Cluster:
    """A PostgreSQL on a socket in a directory of its own, as durable as it comes."""

    def __init__(self) -> None:
        self.place = Path(mkdtemp(prefix="points-pg."))
        self.programs = find_programs()
        self.owner = find_owner()
        if self.owner is not None:
            os.chown(self.place, self.owner.pw_uid, self.owner.pw_gid)
        self.run("initdb", "--pgdata=data", "--username=points", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()
        self.run("createdb", f"--host={self.place}", "--username=points", "points")
        self.address = f"postgres://points@/points?host={self.place}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the owner of the cluster, which may not be root."""
        subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.place,
            env={"PATH": os.environ["PATH"], "HOME": str(self.place), "LC_ALL": "C.UTF-8"},
            user=self.owner.pw_uid if self.owner else None,
            group=self.owner.pw_gid if self.owner else None,
            extra_groups=[] if self.owner else None,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.place}'"
        self.run("pg_ctl", "--pgdata=data", "--log=server.log", "--wait", f"--options={options}", "start")

    def break_off(self) -> None:
        """As when the machine's power goes: nobody is waited for, nothing is written down."""
        self.run("pg_ctl", "--pgdata=data", "--mode=immediate", "--wait", "stop")

    def remove(self) -> None:
        if (self.place / "data" / "postmaster.pid").exists():
            self.break_off()
        shutil.rmtree(self.place)


def find_owner() -> pwd.struct_passwd | None:
    """As whom PostgreSQL runs where this test is root's, which it refuses to be."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def find_programs() -> Path:
    """Where the newest PostgreSQL server's programs are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    path = found[-1] if found else shutil.which("initdb")
    assert path is not None, "PostgreSQL's server is not installed"
    return Path(path).parent


@contextmanager
def standing_in(cluster: Cluster) -> Iterator[None]:
    """This thread's connection goes to the cluster in the block."""
    own = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"HOST": str(cluster.place), "PORT": "", "NAME": "points", "USER": "points"}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= own


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        with standing_in(cluster):
            call_command("migrate", verbosity=0)
            connection.close()
            yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def server(cluster: Cluster) -> Iterator[Server]:
    # A traceback for each of a thousand requests, as the journal of a site has them then.
    with (cluster.place / "site.log").open("wb") as journal:
        server = Server(cluster.address, says_to=journal)
        yield server
        server.stop()


def wait_for_answers(recorders: list[Recorder]) -> None:
    """Until each has had a few more."""
    awaited = [len(recorder.answered) + 3 for recorder in recorders]
    last = monotonic() + PATIENCE
    while any(len(recorder.answered) < count for recorder, count in zip(recorders, awaited, strict=True)):
        assert monotonic() < last, "the site does not serve again"
        sleep(0.01)


def wait_for_refusals(recorders: list[Recorder]) -> None:
    """Until each was told that it cannot be now."""
    awaited = [len(recorder.refused) + 1 for recorder in recorders]
    last = monotonic() + PATIENCE
    while any(len(recorder.refused) < count for recorder, count in zip(recorders, awaited, strict=True)):
        assert monotonic() < last, "nobody is told"
        sleep(0.01)


def test_a_database_that_goes_and_comes_back_costs_nothing_that_was_answered(
    clock: FrozenClock, cluster: Cluster, server: Server
) -> None:
    clock.now = datetime.now(tz=UTC)
    recorders = make_recorders(build_cast(), server)
    connection.close()
    threads = set_to_work(recorders)
    chance = random.Random(1)
    looks, ready = [], []
    for _restart in range(RESTARTS):
        wait_for_answers(recorders)
        sleep(chance.uniform(0, 0.3))
        cluster.break_off()
        wait_for_refusals(recorders)
        looks.append(server.ask("/my-data/", recorders[0].session))
        ready.append(server.ask("/ready/"))
        cluster.start()
        wait_for_answers(recorders)
        ready.append(server.ask("/ready/"))
    have_done(recorders, threads)
    assert [answer and (answer.status, LATER in answer.text) for answer in looks] == [(503, True)] * RESTARTS
    assert [answer and answer.status for answer in ready] == [503, 200] * RESTARTS
    answered = {token for recorder in recorders for token in recorder.answered}
    refused = {token: answer for recorder in recorders for token, (_body, answer) in recorder.refused.items()}
    assert {(answer.status, UNKNOWN in answer.text) for answer in refused.values()} == {(503, True)}
    assert [recorder.cut_off for recorder in recorders] == [{}] * len(recorders)
    clock.now = datetime.now(tz=UTC)
    written = set(RecordBatch.objects.values_list("uuid", flat=True))
    assert answered <= written <= answered | refused.keys()
    check_what_is_there(written)
    kept = len(written & refused.keys())
    # Whoever was told to send again does, and nothing is doubled.
    for recorder in recorders:
        answers = [recorder.send(body) for body, _answer in recorder.refused.values()]
        assert {answer and answer.status for answer in answers} == {302}
    clock.now = datetime.now(tz=UTC)
    check_what_is_there(answered | refused.keys())
    print(
        f"{RESTARTS} restarts: {count_answers(recorders)} answered, {len(refused)} told, of which {kept} were written"
    )
