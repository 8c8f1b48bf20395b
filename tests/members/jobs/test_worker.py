"""The worker and its children as real processes: killed, cancelled, out of memory, out of time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from members.jobs.asking import cancel_job
from members.jobs.results import open_result
from members.jobs.running import LEASE, recover_jobs
from members.jobs.worker import Limits, give_sign, is_worker_there, work_off_one
from members.models import Appointment, Job
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.members.jobs.working import ask, trial_kinds
from tests.processes import ROOT, name_test_database

__all__ = ("trial_kinds",)

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("trial_kinds"),
]

AMPLE = Limits(seconds=60, megabytes=2048)
PATIENCE = 60  # seconds until something that does not come fails the test


@pytest.fixture(autouse=True)
def own_place(clock: FrozenClock, jobs_dir: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a worker's processes share with this test: database, place and the real time."""
    jobs_dir.mkdir()
    settings.CLOCK = timezone.now
    monkeypatch.setenv("DATABASE_URL", name_test_database())
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.members.jobs.settings")
    monkeypatch.setenv("JOBS_DIR", str(jobs_dir))
    return jobs_dir


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """`run_worker` beside the test."""
    process = subprocess.Popen([sys.executable, "manage.py", "run_worker"], cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def wait_for(true: Callable[[], bool]) -> None:
    last = monotonic() + PATIENCE
    while not true():
        assert monotonic() < last, "it does not come"
        sleep(0.05)


def begin(kind: str, cast: Cast, **values: Any) -> Job:
    return ask(cast.staff, cast, kind, now=timezone.now(), **values)


def work_off(job: Job, limits: Limits = AMPLE) -> Job:
    assert work_off_one(stop=Event(), limits=limits)
    job.refresh_from_db()
    return job


def child_of(place: Path) -> int:
    """The process that makes a `sleep` job."""
    told = place / "child"
    wait_for(lambda: told.exists() and told.read_text() != "")
    return int(told.read_text())


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_job_is_made_in_a_process_of_its_own(cast: Cast) -> None:
    job = work_off(begin("write", cast))
    assert (job.state, job.done, job.of, job.lease, job.failure) == ("ready", 3, 3, None, "")
    assert open_result(job).read() == b"made for staff"
    assert not work_off_one(stop=Event(), limits=AMPLE)


def test_a_refusal_is_told_in_the_language_of_who_asked(cast: Cast) -> None:
    job = work_off(begin("refuse", cast))
    assert (job.state, job.failure) == ("failed", "没有导出。您的选择已保留。")


def test_who_lost_the_appointment_meanwhile_gets_nothing(cast: Cast, own_place: Path) -> None:
    job = begin("write", cast)
    Appointment.objects.filter(user=cast.staff).update(to_date=timezone.localdate() - timedelta(days=1))
    work_off(job)
    assert (job.state, job.failure[:6]) == ("failed", "您无权导出。")
    assert not (own_place / job.uuid.hex).exists()


@pytest.mark.sweep
def test_more_memory_than_allowed_is_told_in_words(cast: Cast) -> None:
    job = work_off(begin("hoard", cast))
    assert (job.state, job.failure[:18]) == ("failed", "占用内存超过了一项任务最多的2048")


@pytest.mark.sweep
def test_more_time_than_allowed_is_told_in_words(cast: Cast, own_place: Path) -> None:
    for kind in ("sleep", "spin"):
        job = work_off(begin(kind, cast), Limits(seconds=4, megabytes=2048))
        assert (job.state, job.failure[:17]) == ("failed", "生成时间超过了一项任务最多的1分钟")
    assert not is_alive(child_of(own_place))


def test_a_fault_of_the_site_is_told_as_one(cast: Cast, capfd: Any) -> None:
    job = work_off(begin("break", cast))
    assert (job.state, job.failure[:4]) == ("failed", "系统出错")
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.sweep
def test_a_child_killed_from_outside_is_told_and_not_begun_again(cast: Cast, own_place: Path) -> None:
    job = begin("sleep", cast)

    def kill() -> None:
        os.kill(child_of(own_place), signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    work_off(job)
    killer.join()
    assert (job.state, job.tries, "被外部中止" in job.failure) == ("failed", 1, True)


def test_cancelled_while_it_is_made(cast: Cast, own_place: Path) -> None:
    job = begin("sleep", cast)

    def cancel() -> None:
        child_of(own_place)
        cancel_job(actor=cast.staff, now=timezone.now(), job=job)
        connection.close()

    canceller = Thread(target=cancel)
    canceller.start()
    work_off(job)
    canceller.join()
    assert (job.state, job.failure) == ("cancelled", "")
    assert not is_alive(child_of(own_place))
    assert [path.name for path in own_place.iterdir() if path.name not in ("child", "worker")] == []


@pytest.mark.sweep
def test_a_worker_killed_in_the_middle(cast: Cast, own_place: Path, worker: subprocess.Popen[bytes]) -> None:
    job = begin("sleep", cast)
    child = child_of(own_place)
    assert is_worker_there(now=timezone.now())
    worker.kill()
    worker.wait()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("running", 1)
    # Its child goes on, until the job is taken from it.
    assert recover_jobs(now=timezone.now() + LEASE + timedelta(seconds=1)) == 1
    wait_for(lambda: not is_alive(child))
    job.refresh_from_db()
    assert (job.state, job.lease) == ("queued", None)
    assert not is_worker_there(now=timezone.now() + timedelta(minutes=1))


@pytest.mark.sweep
def test_a_worker_that_is_asked_to_stop_gives_its_job_back(
    cast: Cast, own_place: Path, worker: subprocess.Popen[bytes]
) -> None:
    job = begin("sleep", cast)
    child = child_of(own_place)
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert not is_alive(child)
    job.refresh_from_db()
    assert (job.state, job.tries, job.lease) == ("queued", 0, None)


def test_the_sign_of_a_worker_is_the_time_of_a_file(own_place: Path) -> None:
    now = timezone.now()
    assert not is_worker_there(now=now)
    give_sign(now=now)
    assert is_worker_there(now=now + timedelta(seconds=29))
    assert not is_worker_there(now=now + timedelta(seconds=31))
