"""Who may ask for what takes long, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.http import Http404

from members.errors import JobRefused, NotAllowed
from members.jobs.asking import cancel_job, count_before, find_job, jobs_of
from members.jobs.running import KEPT_FOR, claim_job
from members.models import Appointment, Job
from tests.cast import Cast
from tests.factories import NOW
from tests.members.jobs.working import ask, trial_kinds, work_off
from tests.threads import run_at_once

__all__ = ("trial_kinds",)

pytestmark = pytest.mark.usefixtures("trial_kinds", "jobs_dir")


@pytest.mark.parametrize("who", ["recorder_b", "committee_a", "supervisor", "outsider", "other_staff"])
def test_who_may_not_export_the_branch_asks_for_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(getattr(cast, who), cast)
    assert Job.objects.count() == 0


def test_the_whole_town_is_the_staff_s_alone(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        ask(cast.recorder_a, cast, branch=None)
    assert ask(cast.staff, cast, branch=None).branch is None


def test_the_same_that_still_waits_is_one_job(cast: Cast) -> None:
    first = ask(cast.staff, cast)
    assert ask(cast.staff, cast) == first
    assert ask(cast.staff, cast, parameters={"year": 2025}) != first
    assert ask(cast.staff, cast, branch=cast.branch_b) != first
    assert ask(cast.recorder_a, cast) != first
    work_off()
    assert ask(cast.staff, cast) != first


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_job(cast: Cast) -> None:
    jobs = run_at_once(lambda: ask(cast.staff, cast), lambda: ask(cast.staff, cast))
    assert jobs[0] == jobs[1]
    assert Job.objects.count() == 1


def test_nobody_fills_the_queue(cast: Cast) -> None:
    for year in range(5):
        ask(cast.staff, cast, parameters={"year": year})
    with pytest.raises(JobRefused, match="还有5份"):
        ask(cast.staff, cast, parameters={"year": 9})
    ask(cast.recorder_a, cast)


def test_a_job_is_its_owner_s_alone(cast: Cast) -> None:
    job = ask(cast.recorder_a, cast)
    assert jobs_of(actor=cast.recorder_a, now=NOW) == [job]
    for other in (cast.secretary_a, cast.staff, cast.outsider, cast.other_staff):
        assert jobs_of(actor=other, now=NOW) == []
        with pytest.raises(Http404):
            find_job(actor=other, now=NOW, uuid=job.uuid)
        with pytest.raises(NotAllowed):
            cancel_job(actor=other, now=NOW, job=job)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_who_lost_the_appointment_finds_nothing_any_more(cast: Cast) -> None:
    ask(cast.recorder_a, cast)
    job = work_off()
    Appointment.objects.filter(user=cast.recorder_a).update(to_date=NOW.date())
    later = NOW + timedelta(hours=20)
    cast.recorder_a.refresh_from_db()
    with pytest.raises(Http404):
        find_job(actor=type(job.owner).objects.get(pk=job.owner_id), now=later, uuid=job.uuid)


def test_it_is_kept_for_a_day(cast: Cast) -> None:
    ask(cast.staff, cast)
    job = work_off()
    assert find_job(actor=cast.staff, now=NOW + KEPT_FOR - timedelta(seconds=1), uuid=job.uuid) == job
    with pytest.raises(Http404):
        find_job(actor=cast.staff, now=NOW + KEPT_FOR, uuid=job.uuid)


def test_cancelling_ends_what_waits_or_is_being_made_and_nothing_else(cast: Cast, jobs_dir: Path) -> None:
    waits = ask(cast.staff, cast)
    cancel_job(actor=cast.staff, now=NOW, job=waits)
    assert claim_job(now=NOW) is None
    ask(cast.staff, cast)
    runs = claim_job(now=NOW)
    assert runs is not None
    cancel_job(actor=cast.staff, now=NOW, job=runs)
    with pytest.raises(JobRefused, match="已经结束"):
        cancel_job(actor=cast.staff, now=NOW, job=runs)
    ask(cast.staff, cast)
    ready = work_off()
    with pytest.raises(JobRefused):
        cancel_job(actor=cast.staff, now=NOW, job=ready)
    assert [job.state for job in jobs_of(actor=cast.staff, now=NOW)] == ["ready", "cancelled", "cancelled"]
    assert [path.name for path in jobs_dir.iterdir()] == [ready.uuid.hex]


def test_everybody_s_jobs_stand_in_one_line(cast: Cast) -> None:
    ask(cast.recorder_a, cast)
    own = [ask(cast.staff, cast, parameters={"year": year}, now=NOW + timedelta(minutes=year)) for year in (1, 2)]
    assert count_before(own) == {own[0].pk: 1, own[1].pk: 2}
    claim_job(now=NOW)
    assert count_before(own) == {own[0].pk: 1, own[1].pk: 2}
