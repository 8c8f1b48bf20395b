from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, void_is_complete
from members.models import Member, RecordBatch
from points.models.meetings import Attendance
from points.rules.payments import Payment

PAYER_LENGTH = 60


class PointEvent(VoidableModel):
    """One line of the ledger: a base item earned for a period, or incentive points for a deed.

    `points` are tenths awarded before doubling, and NULL for base items: there the rulebook knows. `period` is empty
    for incentive items. `year` is the assessment year the line belongs to (D3). `due_fen`, `paid_fen` and `paid_by` are
    of dues, where somebody entered them; what was not paid in full is no record (D25).
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
    due_fen = models.PositiveIntegerField(_("dues due, in fen"), null=True, blank=True)
    paid_fen = models.PositiveIntegerField(_("dues paid, in fen"), null=True, blank=True)
    paid_by = models.CharField(_("paid for the member by"), max_length=PAYER_LENGTH, blank=True)
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
            models.CheckConstraint(
                name="event_dues_are_paid_in_full",  # D25
                condition=models.Q(due_fen__isnull=True, paid_fen__isnull=True)
                | models.Q(due_fen__isnull=False, paid_fen__isnull=False, paid_fen__gte=models.F("due_fen")),
            ),
            models.CheckConstraint(
                name="event_payment_is_of_a_base_item",
                condition=models.Q(due_fen__isnull=True, paid_by="") | ~models.Q(period=""),
            ),
        )
        indexes = (models.Index(fields=("member", "year"), name="event_by_member_year"),)

    @property
    def payment(self) -> Payment:
        return Payment(self.due_fen, self.paid_fen, self.paid_by)

    def __str__(self) -> str:
        return f"{self.item} {self.period or self.date}"
