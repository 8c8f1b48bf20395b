from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ledger import VoidableModel, void_is_complete
from members.models.accounts import User
from members.models.people import Member
from members.models.towns import Branch, Town


class RecordBatch(VoidableModel):
    """What was recorded in one go: a form, an import, a meeting. Its uuid is the form's token: it is written once."""

    class Source(models.TextChoices):
        SCREEN = "screen", _("screen")
        IMPORT = "import", _("import")
        ROSTER = "roster", _("roster import")
        MEETING = "meeting", _("meeting")
        CLAIM = "claim", _("claim")
        CORRECTION = "correct", _("correction")

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="batches", verbose_name=_("town"))
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="batches",
        verbose_name=_("branch"),
        help_text=_("Empty when the batch reaches over branches."),
    )
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    drafted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("drafted by")
    )
    at = models.DateTimeField(_("recorded at"), db_index=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    file_hash = models.CharField(_("file hash (SHA-256)"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-at", "-id")
        constraints = (void_is_complete("batch_void_is_complete"),)

    def __str__(self) -> str:
        return f"{self.get_source_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def recorded_by(self) -> str:
        """Who recorded it, and who drafted it where somebody did."""
        if self.drafted_by is None:
            return str(self.actor)
        return gettext("%(recorder)s, drafted by %(assistant)s") % {
            "recorder": self.actor,
            "assistant": self.drafted_by,
        }


class RosterChange(models.Model):
    """What a roster import made or changed, kept so that its batch can be voided as one, and deleted by that void.

    `values` is encrypted JSON: each changed field of a member with what stood before and what the import wrote; "" for
    what was made. No part of the ledger: old personal numbers are not kept longer than they can serve (D21).
    """

    batch = models.ForeignKey(
        RecordBatch, on_delete=models.PROTECT, related_name="roster_changes", verbose_name=_("batch")
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="roster_changes",
        verbose_name=_("member"),
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="roster_changes",
        verbose_name=_("branch"),
    )
    created = models.BooleanField(_("made by the import"))
    values = EncryptedTextField(_("values before and after"), blank=True, default="")

    class Meta:
        verbose_name = _("roster change")
        verbose_name_plural = _("roster changes")
        ordering = ("batch_id", "id")
        constraints = (
            models.CheckConstraint(
                name="roster_change_of_member_or_branch",
                condition=models.Q(member__isnull=False, branch__isnull=True)
                | models.Q(member__isnull=True, branch__isnull=False, created=True),
            ),
            models.UniqueConstraint(fields=("batch", "member"), name="roster_change_once_per_member"),
        )

    def __str__(self) -> str:
        return f"{self.batch_id} {self.member_id or self.branch_id}"
