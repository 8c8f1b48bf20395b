from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from members.models.accounts import User
from members.models.people import Exemption, Member


class ExemptionApplication(models.Model):
    """A member's own application for exemption (2.1, D15) until the branch's meeting has decided it.

    Filed from the member's account, or entered from the signed paper with its scan.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the branch")
        GRANTED = "granted", _("granted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="exemption_applications", verbose_name=_("member")
    )
    ground = models.CharField(_("ground"), max_length=8, choices=Exemption.Ground.choices)
    text = EncryptedTextField(_("application"), max_length=1000, blank=True)
    wanted_from = models.DateField(
        _("wanted from"), null=True, blank=True, help_text=_("Empty: from the next 1 January or 1 July.")
    )
    applied_on = models.DateField(_("applied on"))
    at = models.DateTimeField(_("at"))
    scan = models.CharField(_("scan of the signed application"), max_length=64, blank=True)
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    """Who entered the paper; none for what came from the member's own account."""
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    decided_on = models.DateField(_("decided by the branch on"), null=True, blank=True)
    expected = models.PositiveSmallIntegerField(_("people expected"), null=True, blank=True)
    present = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    in_favour = models.PositiveSmallIntegerField(_("in favour"), null=True, blank=True)
    against = models.PositiveSmallIntegerField(_("against"), null=True, blank=True)
    abstained = models.PositiveSmallIntegerField(_("abstained"), null=True, blank=True)
    """Both are unknown of what was decided before they were asked for."""
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decision entered by")
    )
    explanation = EncryptedTextField(_("explanation of the decision"), max_length=500, blank=True)
    exemption = models.OneToOneField(
        Exemption,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="application",
        verbose_name=_("exemption"),
    )

    class Meta:
        verbose_name = _("application for exemption")
        verbose_name_plural = _("applications for exemption")
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(state="waiting"), name="exemption_application_waiting_once"
            ),
            models.CheckConstraint(
                name="exemption_application_paper_has_scan",
                condition=models.Q(entered_by__isnull=True) | ~models.Q(scan=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.applied_on}"

    @property
    def is_on_paper(self) -> bool:
        return self.entered_by_id is not None
