from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from members.models.accounts import User


class SecondFactor(models.Model):
    """A secret shared with an app on the owner's phone, which makes a code of six digits of it every half minute.

    `secret` is base32, encrypted. It asks for nothing until its owner has shown once that the app has it
    (`confirmed_at`). `last_step` is the half minute of the last code that was taken: none is taken twice.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor", verbose_name=_("account"))
    secret = EncryptedTextField(_("secret"))
    confirmed_at = models.DateTimeField(_("set up at"), null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"{self.user_id} {self.confirmed_at}"


class RecoveryCode(models.Model):
    """A code on paper that takes the place of the app's, once; only its keyed hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes", verbose_name=_("account"))
    code_hash = models.CharField(_("hash of the code"), max_length=64, unique=True)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_at}"
