from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member, User
from points.models.events import PointEvent


class Claim(models.Model):
    """What a member says they did (3.1): filed with evidence, then accepted, returned with a remark, or rejected."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the recorder")
        RETURNED = "returned", _("returned with a remark")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN = (State.WAITING, State.RETURNED)
    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="claims", verbose_name=_("member"))
    item = models.CharField(_("item"), max_length=30)
    date = models.DateField(_("date"))
    deed = models.CharField(_("what was done"), max_length=300)
    points = models.PositiveSmallIntegerField(_("points in tenths"), null=True, blank=True)
    led = models.BooleanField(_("leading role"), default=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    filed_at = models.DateTimeField(_("filed at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    event = models.OneToOneField(
        PointEvent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claim",
        verbose_name=_("point event"),
    )

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("-filed_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="claim_accepted_has_event",
                condition=models.Q(state="accepted", event__isnull=False)
                | (~models.Q(state="accepted") & models.Q(event__isnull=True)),
            ),
        )
        indexes = (models.Index(fields=("state", "member"), name="claim_by_state"),)

    def __str__(self) -> str:
        return f"{self.date} {self.item}"
