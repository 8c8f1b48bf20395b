from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, void_is_complete
from members.models import Branch, Member, RecordBatch


class Meeting(models.Model):
    """A held activity of a branch; one meeting may carry several kinds, each with its own period."""

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("batch"))
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("branch"))
    held_on = models.DateField(_("held on"))
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    host = models.CharField(_("host"), max_length=60, blank=True)
    minutes = models.TextField(_("minutes"), max_length=8000, blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-held_on", "-id")
        indexes = (models.Index(fields=("branch", "held_on"), name="meeting_by_branch"),)

    def __str__(self) -> str:
        return f"{self.held_on} {self.topic}"

    @property
    def branch_name(self) -> str:
        """What the branch was called on the day of the meeting."""
        return self.branch.name_on(self.held_on)


class MeetingKind(models.Model):
    """One base item a meeting counts for, and the period it counts in (D3)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="kinds", verbose_name=_("meeting"))
    item = models.CharField(_("item"), max_length=30)
    period = models.CharField(_("period"), max_length=7)
    topic = models.CharField(_("topic"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("kind of meeting")
        verbose_name_plural = _("kinds of meeting")
        constraints = (models.UniqueConstraint(fields=("meeting", "item"), name="meeting_kind_once"),)

    def __str__(self) -> str:
        return f"{self.item} {self.period}"


class Attendance(VoidableModel):
    """How one member took part in one meeting (D24); a change voids this row and writes another.

    A guest is a member of another branch of the town: expected by none, entered and so confirmed by who held it.
    """

    class Status(models.TextChoices):
        ATTENDED = "attended", _("attended")
        MADE_UP = "made_up", _("made up")
        HOME_VISIT = "home_visit", _("home visit")
        ONLINE = "online", _("online")
        AT_PLACE_OF_STAY = "at_place_of_stay", _("at place of stay")
        GUEST = "guest", _("at another branch's")
        EXCUSED = "excused", _("excused")
        ABSENT = "absent", _("absent")

    BESIDE = (Status.MADE_UP, Status.HOME_VISIT, Status.ONLINE, Status.AT_PLACE_OF_STAY)
    """Took part without having been there: they earn, and are counted beside 实到 (D24)."""
    EARNING = (Status.ATTENDED, *BESIDE, Status.GUEST)
    access_path = "member"
    holder_path = "meeting__branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(
        RecordBatch, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("batch")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("meeting")
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("member"))
    status = models.CharField(_("attendance"), max_length=16, choices=Status.choices)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = (
            void_is_complete("attendance_void_is_complete"),
            models.UniqueConstraint(
                fields=("meeting", "member"),
                condition=models.Q(voided_at__isnull=True),
                name="attendance_live_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.member_id} {self.status}"
