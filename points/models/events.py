from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, void_is_complete
from members.models import Member, RecordBatch
from points.models.meetings import Attendance


class PointEvent(VoidableModel):
    """One line of the ledger: a base item earned for a period, or incentive points for a deed.

    `points` are tenths awarded before doubling, and NULL for base items: there the rulebook knows. `period` is empty
    for incentive items. `year` is the assessment year the line belongs to (D3).
    """

    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="events", verbose_name=_("batch"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="events", verbose_name=_("member"))
    item = models.CharField(_("item"), max_length=30)
    year = models.PositiveSmallIntegerField(_("assessment year"))
    period = models.CharField(_("period"), max_length=7, blank=True)
    date = models.DateField(_("date"))
    points = models.PositiveSmallIntegerField(_("points in tenths"), null=True, blank=True)
    led = models.BooleanField(_("leading role"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    attendance = models.ForeignKey(
        Attendance,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("attendance"),
    )

    class Meta:
        verbose_name = _("point event")
        verbose_name_plural = _("point events")
        ordering = ("date", "id")
        constraints = (
            void_is_complete("event_void_is_complete"),
            models.UniqueConstraint(
                fields=("member", "item", "period"),
                condition=models.Q(voided_at__isnull=True) & ~models.Q(period=""),
                name="event_live_base_once_per_period",  # D2
            ),
            models.CheckConstraint(
                name="event_is_base_or_incentive",
                condition=models.Q(points__isnull=True, led=False) & ~models.Q(period="")
                | models.Q(points__gt=0, period=""),
            ),
        )
        indexes = (models.Index(fields=("member", "year"), name="event_by_member_year"),)

    def __str__(self) -> str:
        return f"{self.item} {self.period or self.date}"
