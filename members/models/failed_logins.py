from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FailedLogins(models.Model):
    """Attempts to log in that did not succeed (yet), under one name from one address or from an address at all.

    Whose they are is not readable: the key is a keyed hash. Rows end a day after the last attempt.
    """

    not_sealed = "slows attempts to log in, for a day"

    key = models.CharField(_("key"), max_length=64, unique=True)
    count = models.PositiveIntegerField(_("count"), default=0)
    last_at = models.DateTimeField(_("last at"), db_index=True)

    class Meta:
        verbose_name = _("failed logins")
        verbose_name_plural = _("failed logins")

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
