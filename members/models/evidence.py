from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.accounts import User
from members.models.towns import Town


class StoredFile(models.Model):
    """A file somebody handed in as evidence, kept under the SHA-256 of its bytes; a town keeps the same bytes once.

    What it proves is said by the links to it; a file no link names is an orphan and removed.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        PDF = "pdf", _("PDF")
        WORD = "word", _("Word document")
        EXCEL = "excel", _("Excel workbook")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="stored_files", verbose_name=_("town"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    name = models.CharField(_("file name"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    stored_at = models.DateTimeField(_("stored at"))
    stored_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("stored by"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering = ("-stored_at", "-id")
        constraints = (models.UniqueConstraint(fields=("town", "sha256"), name="stored_file_once_per_town"),)

    def __str__(self) -> str:
        return self.name
