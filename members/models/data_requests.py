from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from members.models.accounts import User
from members.models.people import Member


class DataRequest(models.Model):
    """A member says what is wrong in the data held about them; the town's staff put it right and answer."""

    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="data_requests", verbose_name=_("member"))
    text = EncryptedTextField(_("what is wrong"), max_length=1000)
    at = models.DateTimeField(_("at"))
    answer = EncryptedTextField(_("answer"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.member_id} {timezone.localdate(self.at)}"
