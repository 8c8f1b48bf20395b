"""A job's way from the queue to its end: whoever has no lease any more changes nothing of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from members.errors import JobRefused, NotAllowed
from members.jobs.asking import cancel_job
from members.jobs.results import open_result
from members.jobs.running import (
    KEPT_FOR,
    LEASE,
    LeaseLost,
    beat,
    claim_job,
    clear_old,
    fail_job,
    finish_job,
    make_result,
    recover_jobs,
    release_job,
    report_progress,
)
from members.models import Appointment, AuditEntry, Job, Notification
from tests.cast import Cast
from tests.factories import NOW
from tests.members.jobs.working import ask, trial_kinds, work_off
from tests.threads import run_at_once

__all__ = ("trial_kinds",)

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("trial_kinds", "jobs_dir")]
SOON = NOW + timedelta(seconds=5)


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def messages_of(job: Job) -> list[tuple[str, str, str]]:
    return list(Notification.objects.filter(user=job.owner).values_list("kind", "about", "link"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_have_the_same_job(cast: Cast) -> None:
    for year in range(3):
        ask(cast.staff, cast, parameters={"year": year})
    taken = run_at_once(*[lambda: claim_job(now=NOW)] * 5)
    found = [job.pk for job in taken if job is not None]
    # One that looked while another was taking may have gone empty; none was taken twice.
    assert len(found) == len(set(found))
    while (job := claim_job(now=NOW)) is not None:
        found.append(job.pk)
    assert sorted(found) == sorted(Job.objects.values_list("pk", flat=True))
    assert set(Job.objects.values_list("state", "tries")) == {("running", 1)}


def test_what_waits_longest_is_made_first_and_told(cast: Cast) -> None:
    later = ask(cast.recorder_a, cast, now=SOON)
    ask(cast.staff, cast)
    job = work_off()
    assert (job.owner, job.state, job.done, job.of, job.ended_at) == (cast.staff, "ready", 3, 3, NOW)
    assert open_result(job).read() == b"made for staff"
    assert messages_of(job) == [("job_ready", "试.pdf", "/workbench/jobs/")]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor, entry.at) == ("export_roster", cast.staff, NOW)
    assert state_of(later) == "queued"


def test_what_is_kept_is_not_readable_on_the_disk(cast: Cast, jobs_dir: Path) -> None:
    ask(cast.staff, cast)
    job = work_off()
    (kept,) = jobs_dir.iterdir()
    assert b"made for" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(JobRefused, match="不在了"):
        open_result(job)


def test_without_the_lease_nothing_is_said_of_a_job(cast: Cast) -> None:
    ask(cast.staff, cast)
    job = claim_job(now=NOW)
    assert job is not None
    cancel_job(actor=cast.staff, now=NOW, job=job)
    before = AuditEntry.objects.count()
    with pytest.raises(LeaseLost):
        make_result(now=NOW, job=job)
    with pytest.raises(LeaseLost):
        report_progress(job, 1, 2)
    assert not beat(now=SOON, job=job)
    assert not finish_job(now=SOON, job=job)
    assert not fail_job(now=SOON, job=job, why="停电")
    release_job(job=job)
    assert (state_of(job), messages_of(job), AuditEntry.objects.count()) == ("cancelled", [], before)


def test_who_lost_the_appointment_meanwhile_gets_nothing(cast: Cast, jobs_dir: Path) -> None:
    ask(cast.recorder_a, cast)
    Appointment.objects.filter(user=cast.recorder_a).update(to_date=NOW.date() - timedelta(days=1))
    job = claim_job(now=NOW)
    assert job is not None
    with pytest.raises(NotAllowed):
        make_result(now=NOW, job=job)
    assert not jobs_dir.exists()


def test_a_job_of_a_dead_worker_is_begun_once_more_and_then_given_up_in_words(cast: Cast) -> None:
    ask(cast.staff, cast)
    first = claim_job(now=NOW)
    assert first is not None
    assert beat(now=SOON, job=first)
    assert recover_jobs(now=SOON + LEASE) == 0
    assert recover_jobs(now=SOON + LEASE + timedelta(seconds=1)) == 1
    assert state_of(first) == "queued"
    second = claim_job(now=NOW)
    assert second is not None
    assert (second.pk, second.tries) == (first.pk, 2)
    # The first one lives after all: it has nothing to say any more.
    with pytest.raises(LeaseLost):
        report_progress(first, 2, 3)
    assert not finish_job(now=SOON, job=first)
    assert recover_jobs(now=NOW + LEASE + timedelta(seconds=1)) == 1
    second.refresh_from_db()
    assert (second.state, second.failure[:10]) == ("failed", "生成时服务器两次中断")
    assert messages_of(second) == [("job_failed", "试.pdf", "/workbench/jobs/")]


def test_a_worker_that_is_stopped_gives_the_job_back_as_if_not_begun(cast: Cast) -> None:
    ask(cast.staff, cast)
    job = claim_job(now=NOW)
    assert job is not None
    report_progress(job, 1, 2)
    release_job(job=job)
    job.refresh_from_db()
    assert (job.state, job.tries, job.done, job.of, job.lease) == ("queued", 0, 0, 0, None)


def test_after_a_day_row_and_file_go_and_files_of_no_job_at_once(cast: Cast, jobs_dir: Path) -> None:
    ask(cast.staff, cast)
    old = work_off()
    ask(cast.staff, cast, now=NOW + timedelta(hours=3))
    waits = Job.objects.get(state="queued")
    (jobs_dir / f"{'a' * 32}.{'b' * 32}.part").write_bytes(b"half written")
    clear_old(now=NOW + KEPT_FOR - timedelta(seconds=1))
    assert [path.name for path in jobs_dir.iterdir()] == [old.uuid.hex]
    clear_old(now=NOW + KEPT_FOR)
    assert list(Job.objects.all()) == [waits]
    assert list(jobs_dir.iterdir()) == []
