from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models.accounts import LoginCode, User
from members.models.towns import Branch


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    """Resets by where they stand."""

    def open(self) -> Self:
        """Those that somebody still has to do something about."""
        return self.filter(state__in=PasswordReset.OPEN)


class PasswordReset(models.Model):
    """A branch resets the password of a member without a role: one officer asks, another gives the code (D29).

    From the code on the account is limited (`User.is_limited`) until the town has confirmed the reset.
    """

    access_path = "branch"

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second officer")
        GIVEN = "given", _("code given, waits for the town")
        CONFIRMED = "confirmed", _("confirmed by the town")
        REFUSED = "refused", _("refused or taken back")

    OPEN = (State.ASKED, State.GIVEN)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="password_resets", verbose_name=_("account"))
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch"))
    reason = models.CharField(_("Reason"), max_length=500)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("code given by")
    )
    given_at = models.DateTimeField(_("code given at"), null=True)
    code = models.OneToOneField(
        LoginCode, on_delete=models.PROTECT, null=True, related_name="reset", verbose_name=_("login code")
    )
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed or refused by")
    )
    settled_at = models.DateTimeField(_("confirmed or refused at"), null=True)

    objects = PasswordResetQuerySet.as_manager()

    class Meta:
        verbose_name = _("password reset")
        verbose_name_plural = _("password resets")
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=Q(state__in=("asked", "given")), name="passwordreset_one_open_per_account"
            ),
            models.CheckConstraint(
                name="passwordreset_by_different_people",
                condition=~Q(given_by=F("asked_by"))
                & ~Q(given_by=F("user"))
                & ~Q(state="confirmed", settled_by=F("asked_by"))
                & ~Q(state="confirmed", settled_by=F("given_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.get_state_display()}"
