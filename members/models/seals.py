from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel


class Seal(LedgerModel):
    """What one transaction wrote, or a thousand rows of it, as a link of the one chain of this database.

    `payload` is canonical JSON: by kind of thing and its id the keyed hash of its content, null where it was removed.
    It holds no content, so nothing in it ever has to be taken out.
    """

    class Kind(models.TextChoices):
        ROWS = "rows", _("rows")
        TABLES = "tables", _("definitions of tables")
        ACCESS = "access", _("access log")

    not_sealed = "the chain itself: each link holds the hash of the one before"

    sequence = models.PositiveBigIntegerField(_("number"), unique=True)
    previous_hash = models.CharField(_("hash of the one before"), max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    at = models.DateTimeField(_("at"), db_index=True)
    payload = models.TextField(_("content"))
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:16]}"


class UnsealedRow(models.Model):
    """A row that a transaction under way has written, changed or removed: its seal takes the note away again."""

    not_sealed = "empty between two transactions; a note that stays is a change made past the program"

    of_table = models.CharField(_("table"), max_length=60)
    row_id = models.BigIntegerField(_("row"))
    ticket = models.CharField(_("ticket"), max_length=32, db_index=True)

    class Meta:
        verbose_name = _("row without a seal")
        verbose_name_plural = _("rows without a seal")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.of_table} {self.row_id}"
