"""A web server of its own with real processes, recorders who send to it all the time, and what must be there then."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import IO
from urllib.parse import urlencode
from uuid import UUID, uuid4

from members.models import AuditEntry, Member, RecordBatch, UnsealedRow
from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from tests.cast import Cast
from tests.factories import make_member
from tests.members.seals.verified import deviations
from tests.pages import browse
from tests.processes import ROOT

AT_ONCE = 4
"""Recorders who send all the time."""
GROUP, GROUPS = 6, 20
"""Members of one record, and how many such groups there are."""
PATIENCE = 60
ADDRESS = "/workbench/points/pointevent/record/"


class Server:
    """gunicorn as `make run` starts it, on a database; its workers may be killed, its master makes new ones."""

    def __init__(self, database: str, *, says_to: IO[bytes] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        command += ["--threads", "4", "--preload", "--config", f"{Path(__file__).with_name('warm_server.py')}"]
        command += ["--log-level", "critical", "scoring_site.wsgi"]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database}
        self.master = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=says_to)
        last = monotonic() + PATIENCE
        while self.ask("/health/") is None:
            assert monotonic() < last, "the server does not come up"
            sleep(0.1)

    def ask(self, address: str, session: str = "") -> Answer | None:
        """The answer to a look at a page; None where there was none."""
        return send(self.port, "GET", address, session=session)

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


@dataclass(frozen=True)
class Answer:
    """What a page answered."""

    status: int
    text: str


def send(port: int, method: str, address: str, body: str = "", *, session: str) -> Answer | None:
    """The answer of the server; None where there was none."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={'a' * 32}",
    }
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode())
    except (OSError, HTTPException):
        return None


@dataclass
class Recorder:
    """Sends records one after another, each under its own token, and notes which were answered, and how."""

    port: int
    session: str
    groups: list[list[int]]
    answered: list[UUID] = field(default_factory=list)
    cut_off: dict[UUID, str] = field(default_factory=dict)
    refused: dict[UUID, tuple[str, Answer]] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        number = 0
        while not self.done.is_set():
            token = uuid4()
            group, day = divmod(number, 240)
            body = self._fill(token, self.groups[group % len(self.groups)], date(2026, 3, 5) + timedelta(days=day))
            number += 1
            answer = self.send(body)
            if answer is None:
                self.cut_off[token] = body
            elif answer.status == 302:
                self.answered.append(token)
            else:
                self.refused[token] = body, answer
                sleep(0.2)  # whoever is told to come back in a while does not knock a thousand times a second

    def send(self, body: str) -> Answer | None:
        """The answer to a record; None where there was none."""
        return send(self.port, "POST", ADDRESS, body, session=self.session)

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


def set_to_work(recorders: list[Recorder]) -> list[threading.Thread]:
    threads = [threading.Thread(target=recorder.work) for recorder in recorders]
    for thread in threads:
        thread.start()
    return threads


def have_done(recorders: list[Recorder], threads: list[threading.Thread]) -> None:
    for recorder in recorders:
        recorder.done.set()
    for thread in threads:
        thread.join(PATIENCE)


def count_answers(recorders: list[Recorder]) -> int:
    return sum(len(recorder.answered) for recorder in recorders)


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
