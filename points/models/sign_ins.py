from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Branch, Member, User
from points.models.meetings import Meeting


class SignIn(models.Model):
    """A code on the recorder's screen by which members sign in to a meeting with their phones (D24).

    It records nothing by itself: the recorder confirms the list when the meeting is recorded.
    """

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="sign_ins", verbose_name=_("branch"))
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by"))
    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="sign_in", verbose_name=_("meeting")
    )

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ("-opens_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="sign_in_closes_after_opening", condition=models.Q(closes_at__gt=models.F("opens_at"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.branch_id} {timezone.localtime(self.opens_at):%Y-%m-%d %H:%M}"

    @property
    def branch_name(self) -> str:
        """What the branch was called on its day."""
        return self.branch.name_on(timezone.localdate(self.opens_at))


class SignInScan(models.Model):
    """A member signed in by their own scan."""

    sign_in = models.ForeignKey(SignIn, on_delete=models.PROTECT, related_name="scans", verbose_name=_("sign-in"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=("sign_in", "member"), name="sign_in_once_per_member"),)

    def __str__(self) -> str:
        return f"{self.sign_in_id} {self.member_id}"
