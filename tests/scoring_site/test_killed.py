"""The web server's processes killed at any moment, under load: what was answered is there, nothing is there by half."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from members.models import AuditEntry, Member, RecordBatch, UnsealedRow
from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.effort import in_ci
from tests.factories import make_member
from tests.members.seals.verified import begin_chain, deviations
from tests.pages import browse
from tests.processes import ROOT, name_test_database

pytestmark = [pytest.mark.engine, pytest.mark.long, pytest.mark.django_db(transaction=True)]

KILLS = in_ci(200, by_hand=600)
AT_ONCE = 4
"""Recorders who send all the time."""
GROUP, GROUPS = 6, 20
"""Members of one record, and how many such groups there are."""
PATIENCE = 60
ADDRESS = "/workbench/points/pointevent/record/"


class Server:
    """gunicorn as `make run` starts it; its workers are killed, its master makes new ones."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        command += ["--threads", "4", "--preload", "--config", f"{Path(__file__).with_name('warm_server.py')}"]
        command += ["--log-level", "critical", "scoring_site.wsgi"]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": name_test_database()}
        self.master = subprocess.Popen(command, cwd=ROOT, env=environment)
        last = monotonic() + PATIENCE
        while not self.answers():
            assert monotonic() < last, "the server does not come up"
            sleep(0.1)

    def answers(self) -> bool:
        try:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/health/")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False

    def kill_one(self, chance: random.Random) -> bool:
        """SIGKILL a worker; False where there is none at this moment."""
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split()
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(int(chance.choice(children)), signal.SIGKILL)
        return True

    def stop(self) -> None:
        self.master.terminate()
        self.master.wait(PATIENCE)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@dataclass
class Recorder:
    """Sends records one after another, each under its own token, and notes which were answered."""

    port: int
    session: str
    groups: list[list[int]]
    answered: list[UUID] = field(default_factory=list)
    cut_off: dict[UUID, str] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        number = 0
        while not self.done.is_set():
            token = uuid4()
            group, day = divmod(number, 240)
            body = self._fill(token, self.groups[group % len(self.groups)], date(2026, 3, 5) + timedelta(days=day))
            number += 1
            status = self.send(body)
            if status == 302:
                self.answered.append(token)
            elif status is None:
                self.cut_off[token] = body
            else:
                self.others.append(status)

    def send(self, body: str) -> int | None:
        """The status of the answer; None where there was none."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={self.session}; csrftoken={'a' * 32}",
        }
        try:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            connection.request("POST", ADDRESS, body, headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None

    def _fill(self, token: UUID, members: list[int], day: date) -> str:
        values = {"token": token, "members": members, "item": "volunteering", "date": day, "points": 1}
        return urlencode(values | {"csrfmiddlewaretoken": "a" * 32}, doseq=True)


def make_recorders(cast: Cast, server: Server) -> list[Recorder]:
    members = [make_member(cast.branch_a, f"党员{number}").pk for number in range(GROUP * GROUPS)]
    groups = [members[start : start + GROUP] for start in range(0, len(members), GROUP)]
    recorders = []
    for number in range(AT_ONCE):
        session = browse(cast.recorder_a).cookies["sessionid"].value
        recorders.append(Recorder(server.port, session, groups[number::AT_ONCE]))
    return recorders


def count_answers(recorders: list[Recorder]) -> int:
    return sum(len(recorder.answered) for recorder in recorders)


def test_no_answered_record_is_lost_and_none_is_there_by_half(clock: FrozenClock, server: Server) -> None:
    clock.now = datetime.now(tz=UTC)
    begin_chain()
    recorders = make_recorders(build_cast(), server)
    threads = [threading.Thread(target=recorder.work) for recorder in recorders]
    for thread in threads:
        thread.start()
    chance, kills = random.Random(1), 0
    while kills < KILLS:
        # Some kills come right after another, before anything was answered; the others wait for a few answers.
        awaited = count_answers(recorders) + chance.choice([0, 0, 1, 3])
        while count_answers(recorders) < awaited:
            sleep(0.005)
        sleep(chance.uniform(0, 0.1))
        kills += server.kill_one(chance)
    for recorder in recorders:
        recorder.done.set()
    for thread in threads:
        thread.join(PATIENCE)
    answered = {token for recorder in recorders for token in recorder.answered}
    cut_off = {token for recorder in recorders for token in recorder.cut_off}
    assert [status for recorder in recorders for status in recorder.others] == []
    clock.now = datetime.now(tz=UTC)
    written = set(RecordBatch.objects.values_list("uuid", flat=True))
    assert answered <= written <= answered | cut_off
    assert (len(answered) > KILLS // 2, len(cut_off) > KILLS // 10) == (True, True)
    check_what_is_there(written)
    kept = len(written & cut_off)
    # Whoever had no answer sends again, and nothing is doubled.
    for recorder in recorders:
        assert {recorder.send(body) for body in recorder.cut_off.values()} <= {302}
    clock.now = datetime.now(tz=UTC)
    check_what_is_there(answered | cut_off)
    print(f"{kills} kills: {len(answered)} records answered, {len(cut_off)} cut off, of which {kept} were written")


def check_what_is_there(tokens: set[UUID]) -> None:
    """A batch for each token, each with all its rows and its entry in the log, and every row under its seal."""
    batches = RecordBatch.objects.all()
    assert set(batches.values_list("uuid", flat=True)) == tokens
    assert {PointEvent.objects.filter(batch=batch).count() for batch in batches} == {GROUP}
    assert AuditEntry.objects.filter(verb="record_events").count() == len(tokens)
    assert Member.objects.filter(events__isnull=False).distinct().count() > 0
    assert not UnsealedRow.objects.exists()
    assert deviations() == []
    assert list(verify_ledger()) == []
