"""What the user asked for that takes long: how far it is, cancelling it, and the file when it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.jobs.asking import cancel_job, count_before, find_job, jobs_of
from members.jobs.kinds import find_kind
from members.jobs.results import open_result
from members.jobs.running import KEPT_FOR, jobs_link
from members.jobs.worker import is_worker_there
from members.models import Job
from members.notifications import mark_read
from scoring_site.downloads import send_open
from scoring_site.password_again import ask_before_grave
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require
from scoring_site.workbench.base.roles import may_export, may_have_jobs


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the page shows it; empty addresses where there is nothing to do."""

    job: Job
    title: Text
    told: str
    file_url: str
    cancel_url: str
    kept_until: datetime | None


class JobsPage(WorkbenchPage):
    """The user's own jobs of the last day; a script fetches the page anew while something waits."""

    route = "jobs/"
    name = "jobs"
    title = gettext_lazy("My jobs")
    template = "workbench/files/jobs.html"

    def prepare(self) -> None:
        require(may_have_jobs(self.request))

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The list."""
        mark_read(user=self.actor, now=self.now, link=jobs_link())
        jobs = jobs_of(actor=self.actor, now=self.now)
        before = count_before(jobs)
        waits = any(job.is_waiting for job in jobs)
        return self.render(
            rows=[_show(job, before.get(job.pk, 0)) for job in jobs],
            waits=waits,
            nobody_works=waits and not is_worker_there(now=self.now),
            export_url=page_url("export") if may_export(request) else "",
        )


class JobFile(WorkbenchPage):
    """The file of a job that is ready."""

    route = "jobs/<uuid:token>/file/"
    name = "job_file"
    menu = JobsPage.name

    job: Job

    def prepare(self) -> HttpResponseBase | None:
        require(may_have_jobs(self.request))
        self.job = find_job(actor=self.actor, now=self.now, uuid=self.kwargs["token"])
        return ask_before_grave(self.request) if find_kind(self.job.kind).asks_password else None

    def get(self, request: HttpRequest, token: UUID) -> FileResponse | HttpResponseRedirect:
        """The file, or the list with why there is none."""
        try:
            return send_open(open_result(self.job), self.job.file_name)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(page_url("jobs"))


class CancelJob(WorkbenchPage):
    """Ends a job that is not over."""

    http_method_names = ["post", "options"]
    route = "jobs/<uuid:token>/cancel/"
    name = "job_cancel"
    menu = JobsPage.name

    def prepare(self) -> None:
        require(may_have_jobs(self.request))
        self.job = find_job(actor=self.actor, now=self.now, uuid=self.kwargs["token"])

    def post(self, request: HttpRequest, token: UUID) -> HttpResponseRedirect:
        """Back to the list."""
        try:
            cancel_job(actor=self.actor, now=self.now, job=self.job)
            messages.info(request, _("Cancelled; nothing is kept of it."))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(page_url("jobs"))


def _show(job: Job, before: int) -> JobRow:
    is_ready = job.state == Job.State.READY
    return JobRow(
        job,
        find_kind(job.kind).title,
        _say_state(job, before),
        page_url("job_file", job.uuid) if is_ready else "",
        page_url("job_cancel", job.uuid) if job.is_waiting else "",
        job.ended_at + KEPT_FOR if is_ready and job.ended_at else None,
    )


def _say_state(job: Job, before: int) -> str:
    """Where it stands, in words."""
    if job.state == Job.State.QUEUED and before:
        return _("waiting, %(count)d before it") % {"count": before}
    if job.state == Job.State.RUNNING and job.of:
        return _("%(done)d of %(of)d") % {"done": job.done, "of": job.of}
    return job.get_state_display()
