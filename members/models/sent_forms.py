from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SentForm(models.Model):
    """A form that was carried out, written in the transaction of its verb: the same form is not carried out again.

    `user_id` is no foreign key: its check would lock the account's row before the locks of the writers' order.
    """

    not_sealed = "tells a form sent twice from two forms; nothing is decided by it"

    token = models.UUIDField(_("token"), unique=True)
    user_id = models.BigIntegerField(_("user"))
    at = models.DateTimeField(_("at"))
    digest = models.CharField(_("hash of what was sent"), max_length=64, default="")
    url = models.TextField(_("where it led"), default="")

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        indexes = (models.Index(fields=("user_id", "at"), name="sent_form_of_user"),)

    def __str__(self) -> str:
        return str(self.token)
