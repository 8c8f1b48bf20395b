"""The page of one's jobs: how far each is, the file, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from members.accounts.sessions import PROVEN
from members.jobs.asking import cancel_job
from members.jobs.running import KEPT_FOR, claim_job, fail_job, report_progress
from members.jobs.worker import give_sign
from members.models import AccessEntry, Appointment, AuditEntry, Job, Notification, User
from tests.browser import log_in
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.members.jobs.working import ask, trial_kinds, work_off
from tests.pages import browse
from tests.scoring_site.screens import name_of, told, visible
from tests.scoring_site.workbench.files.test_exports import content_of, export

__all__ = ("trial_kinds",)

pytestmark = pytest.mark.usefixtures("trial_kinds", "jobs_dir")

JOBS = "/workbench/jobs/"


def file_of(job: Job) -> str:
    return reverse("workbench:job_file", args=[job.uuid])


def cancel_of(job: Job) -> str:
    return reverse("workbench:job_cancel", args=[job.uuid])


def test_from_the_form_to_the_file(cast: Cast) -> None:
    client = browse(cast.secretary_a)
    assert export(client, "record_forms", branch=cast.branch_a.pk, year=2026)["Location"] == JOBS
    job = Job.objects.get()
    page = visible(client.get(JOBS))
    assert "一支部-2026年-党员积分制教育管理记录表.pdf" in page
    assert "等待中" in page
    work_off()
    assert Notification.objects.get(user=cast.secretary_a, kind="job_ready").link == JOBS
    assert Notification.objects.filter(read_at=None).count() == 1
    home = visible(client.get("/workbench/"))
    assert "您要的文件做好了：一支部-2026年-党员积分制教育管理记录表.pdf" in home
    page = visible(client.get(JOBS))
    assert "已做好" in page
    assert "保留到03-16 10:00" in page
    assert Notification.objects.filter(read_at=None).count() == 0
    assert "您要的文件做好了" not in visible(client.get("/workbench/"))
    before = AccessEntry.objects.count()
    response = client.get(file_of(job))
    assert content_of(response)[:4] == b"%PDF"
    assert name_of(response) == "一支部-2026年-党员积分制教育管理记录表.pdf"
    assert (response["Content-Type"], "no-store" in response["Cache-Control"]) == ("application/pdf", True)
    (entry,) = AccessEntry.objects.order_by("pk")[before:]
    assert (entry.kind, entry.user, entry.path) == ("taken_out", cast.secretary_a, file_of(job))
    assert AuditEntry.objects.filter(verb="export_record_forms", actor=cast.secretary_a).count() == 1


def test_the_password_is_asked_for_before_the_file_where_the_export_asks_for_it(cast: Cast) -> None:
    client = browse(cast.secretary_a)
    export(client, "record_forms", branch=cast.branch_a.pk, year=2026)
    ask(cast.secretary_a, cast)
    forms, trial = work_off(), work_off()
    session = client.session
    session[PROVEN] = "2020-01-01T00:00:00+00:00"
    session.save()
    asked = client.get(file_of(forms))
    assert (asked.status_code, "密码" in visible(asked)) == (403, True)
    assert content_of(client.get(file_of(trial))) == b"made for secretary-a"


@pytest.mark.parametrize(
    ("who", "status"),
    [("recorder_a", 404), ("staff", 404), ("recorder_b", 404), ("other_staff", 404), ("supervisor", 403)],
)
def test_nobody_else_finds_it(cast: Cast, who: str, status: int) -> None:
    ask(cast.secretary_a, cast)
    job = work_off()
    waits = ask(cast.secretary_a, cast)
    client = browse(getattr(cast, who))
    assert client.get(file_of(job)).status_code == status
    assert client.post(cancel_of(waits)).status_code == status
    if status == 404:
        assert "试.pdf" not in visible(client.get(JOBS))
    waits.refresh_from_db()
    assert waits.state == "queued"


def test_who_lost_the_appointment_finds_neither_list_nor_file(cast: Cast) -> None:
    ask(cast.recorder_a, cast)
    job = work_off()
    client = browse(cast.recorder_a)
    assert content_of(client.get(file_of(job))) == b"made for recorder-a"
    Appointment.objects.filter(user=cast.recorder_a).update(branch=cast.branch_b)
    assert client.get(file_of(job)).status_code == 404
    assert "试.pdf" not in visible(client.get(JOBS))


def test_a_file_that_is_gone_is_said_to_be(cast: Cast, jobs_dir: Path, clock: FrozenClock) -> None:
    ask(cast.staff, cast)
    job = work_off()
    client = browse(cast.staff)
    (jobs_dir / job.uuid.hex).unlink()
    response = client.get(file_of(job))
    assert (response.status_code, response["Location"]) == (302, JOBS)
    assert "已经不在了" in told(response)
    clock.now = NOW + KEPT_FOR
    assert client.get(file_of(job)).status_code == 404
    assert client.get(reverse("workbench:job_file", args=[UUID(int=7)])).status_code == 404


def test_each_state_is_told_in_words(cast: Cast) -> None:
    client = browse(cast.staff)
    jobs = [ask(cast.staff, cast, parameters={"year": year}, file_name=f"{year}.pdf") for year in range(4)]
    running = claim_job(now=NOW)
    assert running is not None
    report_progress(running, 17, 46)
    failed = claim_job(now=NOW)
    assert failed is not None
    fail_job(now=NOW, job=failed, why="磁盘满了")
    cancel_job(actor=cast.staff, now=NOW, job=jobs[2])
    rows = {row.job.file_name: row for row in client.get(JOBS).context["rows"]}
    assert {name: str(row.told) for name, row in rows.items()} == {
        "0.pdf": "已完成17/46",
        "1.pdf": "没有做成",
        "2.pdf": "已取消",
        "3.pdf": "等待中，前面还有1项",
    }
    assert "磁盘满了" in visible(client.get(JOBS))
    assert [name for name, row in rows.items() if row.cancel_url] == ["3.pdf", "0.pdf"]
    assert not any(row.file_url for row in rows.values())


def test_where_nobody_works_the_page_says_so_instead_of_waiting(cast: Cast, clock: FrozenClock) -> None:
    client = browse(cast.staff)
    said = "服务器上现在没有后台程序在工作"
    assert said not in visible(client.get(JOBS))
    ask(cast.staff, cast)
    assert said in visible(client.get(JOBS))
    give_sign(now=NOW)
    assert said not in visible(client.get(JOBS))
    clock.now = NOW + timedelta(minutes=1)
    assert said in visible(client.get(JOBS))


def test_cancelling(cast: Cast) -> None:
    client = browse(cast.staff)
    job = ask(cast.staff, cast)
    response = client.post(cancel_of(job))
    assert (response.status_code, response["Location"], "已取消" in told(response)) == (302, JOBS, True)
    assert "已经结束" in told(client.post(cancel_of(job)))


def test_too_many_are_refused_on_the_form(cast: Cast) -> None:
    for year in range(5):
        ask(cast.staff, cast, parameters={"year": year})
    response = export(browse(cast.staff), "record_forms", branch=cast.branch_a.pk, year=2026)
    assert response.status_code == 200
    assert "还有5份在等待" in visible(response)


@pytest.mark.django_db(transaction=True)
def test_the_page_follows_the_work_by_itself(cast: Cast, browser_page: Page) -> None:
    page = browser_page
    ask(User.objects.get(pk=cast.staff.pk), cast)
    log_in(page, "staff", "/workbench/")
    page.goto(JOBS)
    state = page.locator(".wb-job-state")
    expect(state).to_have_text("等待中")
    job = claim_job(now=NOW)
    assert job is not None
    report_progress(job, 17, 46)
    expect(state).to_have_text("已完成17/46")
    expect(page.locator("progress")).to_have_attribute("value", "17")
    fail_job(now=NOW, job=job, why="磁盘满了")
    expect(page.get_by_text("磁盘满了")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="试.pdf 没有做成")).to_have_count(1)
