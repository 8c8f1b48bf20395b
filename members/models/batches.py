from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.ledger import VoidableModel, void_is_complete
from members.models.accounts import User
from members.models.towns import Branch, Town


class RecordBatch(VoidableModel):
    """What was recorded in one go: a form, an import, a meeting. Its uuid is the form's token: it is written once."""

    class Source(models.TextChoices):
        SCREEN = "screen", _("screen")
        IMPORT = "import", _("import")
        MEETING = "meeting", _("meeting")
        CLAIM = "claim", _("claim")

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
    at = models.DateTimeField(_("recorded at"), db_index=True)
    file_name = models.CharField(_("file name"), max_length=255, blank=True)
    file_hash = models.CharField(_("file hash (SHA-256)"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-at", "-id")
        constraints = (void_is_complete("batch_void_is_complete"),)

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.at:%Y-%m-%d %H:%M}"
