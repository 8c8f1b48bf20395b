from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.accounts import User
from members.models.towns import Branch, Town


class JobQuerySet(models.QuerySet["Job"]):
    """What its rows are about, said once."""

    def waiting(self) -> JobQuerySet:
        """Not over yet: asked for, or being made."""
        return self.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))

    def held(self, job: Job) -> JobQuerySet:
        """The row of a job as long as whoever took it still has it: neither cancelled nor taken by another."""
        return self.filter(pk=job.pk, lease=job.lease, state=Job.State.RUNNING)


class Job(models.Model):
    """A file somebody asked for that takes long: made by the worker, told, and kept for a day.

    `lease` is what the worker that has the job shows for it. Without a branch it is about the whole town. The name of
    its file names nobody (D21); the file itself lies encrypted beside the uploads (`members/jobs/results.py`).
    """

    not_sealed = "kept for a day; what was taken out is in the log"

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("not made")
        CANCELLED = "cancelled", _("cancelled")

    access_path = "branch"

    uuid = models.UUIDField(_("uuid"), unique=True, default=uuid4, editable=False)
    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="+", verbose_name=_("town"))
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("branch"))
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"), default=dict)
    file_name = models.CharField(_("file name"), max_length=160)
    language = models.CharField(_("language"), max_length=10)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    of = models.PositiveIntegerField(_("of how many"), default=0)
    tries = models.PositiveSmallIntegerField(_("how often begun"), default=0)
    lease = models.UUIDField(_("lease"), null=True)
    failure = models.TextField(_("why not"), blank=True)
    created_at = models.DateTimeField(_("asked for at"))
    started_at = models.DateTimeField(_("begun at"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of the worker"), null=True)
    ended_at = models.DateTimeField(_("over at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("state", "created_at"), name="job_by_state"),)

    def __str__(self) -> str:
        return f"{timezone.localtime(self.created_at):%Y-%m-%d %H:%M} {self.file_name}"

    @property
    def is_waiting(self) -> bool:
        return self.state in (Job.State.QUEUED, Job.State.RUNNING)
