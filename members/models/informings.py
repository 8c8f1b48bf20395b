from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, void_is_complete
from members.models.accounts import User
from members.models.people import Member


class Informing(VoidableModel):
    """A member was told how data about them is processed, agreed to it, or took that back: a row each time."""

    class Kind(models.TextChoices):
        INFORMED = "informed", _("informed")
        CONSENTED = "consented", _("consented")
        WITHDRAWN = "withdrawn", _("took the consent back")

    class Channel(models.TextChoices):
        MEETING = "meeting", _("in a meeting")
        HANDED = "handed", _("on paper, handed over")
        SENT = "sent", _("by post or message")
        PORTAL = "portal", _("in the portal")

    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="informings", verbose_name=_("member"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    day = models.DateField(_("day"))
    scan = models.CharField(_("scan"), max_length=64, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("information about data")
        verbose_name_plural = _("information about data")
        ordering = ("-day", "-id")
        constraints = (
            void_is_complete("informing_void_is_complete"),
            models.CheckConstraint(
                name="informing_consent_on_paper_has_scan",
                condition=~models.Q(kind="consented") | models.Q(channel="portal") | ~models.Q(scan=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.day} {self.kind}"
