from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel
from members.models.accounts import User
from members.models.towns import Town


class AuditEntry(LedgerModel):
    """Who did what to which object, when, old and new; written in the transaction of the change itself."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("town"))
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor"))
    at = models.DateTimeField(_("at"), db_index=True)
    verb = models.CharField(_("action"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object"), max_length=64)
    old = models.JSONField(_("before"), default=dict)
    new = models.JSONField(_("after"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("object_type", "object_id"), name="audit_by_object"),)

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.verb} {self.object_type}"
