from __future__ import annotations

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ledger import live
from members.models import Branch, Exemption, Member, Membership, User
from points.models.meetings import Meeting


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Announcements by where they stand."""

    def open(self) -> Self:
        """Neither withdrawn nor recorded; one whose meeting was voided is open again."""
        return self.filter(models.Q(meeting__isnull=True) | ~live("meeting__batch"), withdrawn_at__isnull=True)

    def seen_by(self, member_id: int, *, since: date) -> Self:
        """Those from a day on of the branch the member is in on the meeting's day, unless exempt then (D15)."""
        day = models.OuterRef("day")
        home = Membership.objects.filter(member=member_id, from_date__lte=day).order_by("-from_date").values("branch")
        exempt = Exemption.objects.filter(
            models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day), member=member_id, from_date__lte=day
        )
        return self.filter(~models.Exists(exempt), day__gte=since, branch=models.Subquery(home[:1]))


class Announcement(models.Model):
    """A branch's meeting to come (组织生活通知): no record, and worth nothing until the meeting itself is recorded."""

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="announcements", verbose_name=_("branch"))
    day = models.DateField(_("day"))
    starts = models.TimeField(_("begins at"))
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=100)
    note = models.CharField(_("what to bring or know"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("announced by"))
    made_at = models.DateTimeField(_("announced at"))
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdraw_reason = models.CharField(_("reason for withdrawing"), max_length=500, blank=True)
    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="announcement", verbose_name=_("meeting")
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting to come")
        verbose_name_plural = _("announcements and leave")
        ordering = ("-day", "-starts", "-id")
        indexes = (models.Index(fields=("branch", "day"), name="announcement_by_branch"),)

    def __str__(self) -> str:
        return f"{self.day} {self.starts:%H:%M}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_recorded(self) -> bool:
        return self.meeting is not None and not self.meeting.batch.is_void

    @property
    def is_open(self) -> bool:
        return not self.is_withdrawn and not self.is_recorded

    @property
    def branch_name(self) -> str:
        """What the branch is called on the day."""
        return self.branch.name_on(self.day)


class AnnouncedKind(models.Model):
    """One base item the meeting will count for, and its period."""

    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="kinds", verbose_name=_("meeting to come")
    )
    item = models.CharField(_("item"), max_length=30)
    period = models.CharField(_("period"), max_length=7)
    topic = models.CharField(_("topic"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("kind of a meeting to come")
        verbose_name_plural = _("kinds of meetings to come")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("announcement", "item"), name="announced_kind_once"),)

    def __str__(self) -> str:
        return f"{self.item} {self.period}"


class LeaveRequest(models.Model):
    """A member asks for leave (请假) from a meeting to come: for the day it is then announced for, and no other.

    The reason may tell somebody's health: it is the member's and of those who record for the branch, nobody else's.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for an answer")
        ACCEPTED = "accepted", _("leave accepted")
        DECLINED = "declined", _("leave declined")
        TAKEN_BACK = "taken_back", _("taken back")

    STANDING = (State.WAITING, State.ACCEPTED)
    access_path = "announcement__branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("meeting to come")
    )
    day = models.DateField(_("day"))
    """The meeting's day when leave was asked for; where the meeting moved since, it stands for nothing."""
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("member"))
    reason = EncryptedTextField(_("reason"), max_length=300)
    asked_at = models.DateTimeField(_("asked at"))
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    """Who entered what was said by telephone or on paper; none for what came from the member's own account."""
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    remark = EncryptedTextField(_("remark"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request for leave")
        verbose_name_plural = _("requests for leave")
        ordering = ("asked_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("announcement", "day", "member"),
                condition=models.Q(state__in=("waiting", "accepted")),
                name="leave_stands_once",
            ),
        )
        indexes = (models.Index(fields=("state", "announcement"), name="leave_by_state"),)

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.member_id} {self.state}"
