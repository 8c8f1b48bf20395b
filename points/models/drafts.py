from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Branch, RecordBatch, User


class Draft(models.Model):
    """What an assistant prepared for a branch's ledger: written nowhere until the recorder confirms it.

    `payload` is JSON: the arguments of the recording verb that `kind` names, members by their uuid
    (`points.drafts.drafts`).
    """

    class Kind(models.TextChoices):
        EVENTS = "events", pgettext_lazy("draft", "points")
        MEETING = "meeting", _("meeting")
        MONTH = "month", _("whole month")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the recorder")
        CONFIRMED = "confirmed", _("confirmed")
        RETURNED = "returned", _("returned with a remark")
        WITHDRAWN = "withdrawn", _("withdrawn")

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="drafts", verbose_name=_("branch"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    payload = models.JSONField(_("payload"))
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    made_at = models.DateTimeField(_("drafted at"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    batch = models.OneToOneField(
        RecordBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="draft", verbose_name=_("batch")
    )

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="draft_confirmed_has_batch",
                condition=models.Q(state="confirmed", batch__isnull=False)
                | (~models.Q(state="confirmed") & models.Q(batch__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localdate(self.made_at)}"
