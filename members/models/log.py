from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel, Removal
from members.models.accounts import User
from members.models.towns import Town


class AuditEntry(LedgerModel):
    """Who did what to which object, when, old and new; written in the transaction of the change itself."""

    forgetful = ("old", "new")

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


class AccessEntry(LedgerModel):
    """Who came in, who was turned away, what was taken out or shown in full: written after the answer, one row each.

    `path` is the address without what was searched for; it holds ids, no names. An entry stays for six months at least
    (网络安全法), which are 184 days at most.
    """

    removal = Removal(marks="members_removedaccess", moment="at", days=184)

    not_sealed = (
        "written without a transaction to be sealed in; the daily checkpoint seals it (`members.seals.checkpoint`)"
    )

    class Kind(models.TextChoices):
        LOGIN = "login", _("logged in")
        LOGIN_FAILED = "login_failed", _("log-in failed")
        LOGIN_SLOWED = "login_slowed", _("log-in came too early")
        LOGOUT = "logout", _("logged out")
        REFUSED = "refused", _("refused: the role does not include it")
        NOT_THERE = "not_there", _("asked for what is not there or not theirs")
        TAKEN_OUT = "taken_out", _("took a file out")
        SHOWN_IN_FULL = "shown_in_full", _("had personal numbers shown in full")

    at = models.DateTimeField(_("at"), db_index=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("account"))
    town = models.ForeignKey(Town, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("town"))
    address = models.CharField(_("address of the device"), max_length=50, blank=True)
    path = models.CharField(_("page"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.get_kind_display()}"


class RemovedAccess(LedgerModel):
    """The mark of a stretch of the access log that was removed when its time was over.

    `hash` is that under which a link of the chain has sealed the stretch: by it a removal is told from a tampering.
    """

    first_id = models.BigIntegerField(_("first number"), unique=True)
    last_id = models.BigIntegerField(_("last number"))
    entries = models.PositiveIntegerField(_("entries"))
    earliest = models.DateTimeField(_("from"))
    latest = models.DateTimeField(_("to"))
    hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("removed stretch of the access log")
        verbose_name_plural = _("removed stretches of the access log")
        ordering = ("first_id",)

    def __str__(self) -> str:
        return f"{self.first_id}-{self.last_id}"
