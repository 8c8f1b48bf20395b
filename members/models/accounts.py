from __future__ import annotations

import uuid
from datetime import date
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import Member
from members.models.towns import Branch, Town

DEMONSTRATION_PASSWORD = "demo-2026"  # noqa: S105 (for invented people; printed when their town is made)


NAME_COLUMNS = ("last_name", "first_name", "username")
"""What an account is named by: enough for who only says which it is."""


class User(AbstractUser):
    """An account: of a member, of someone with appointments, or a town's system account that commands act as."""

    not_sealed_columns = frozenset({"last_login"})

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(
        Town, on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("town")
    )
    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="user", verbose_name=_("member")
    )
    is_system = models.BooleanField(_("system account"), default=False, editable=False)
    is_limited = models.BooleanField(_("shows scores and notices only"), default=False, editable=False)
    """Its branch reset the password, and the town has not confirmed that yet: it may read, and do nothing (D29)."""

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = (("view_finding_grounds", _("Can read the grounds of findings, stating a reason")),)
        constraints = (
            models.UniqueConstraint(
                fields=("town",), condition=models.Q(is_system=True), name="user_one_system_account_per_town"
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def check_password(self, raw_password: str) -> bool:
        """Whether a password is this account's; the one everybody knows never is beside real people."""
        fits = super().check_password(raw_password)
        return fits and (raw_password != DEMONSTRATION_PASSWORD or Town.objects.are_demonstration())

    def get_full_name(self) -> str:
        return f"{self.last_name}{self.first_name}".strip()


def _unended(day: date) -> models.Q:
    return models.Q(to_date__isnull=True) | models.Q(to_date__gt=day)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments by day; the first day without the role is none of them, and what nobody confirmed never is."""

    def on(self, day: date) -> Self:
        """Those in force on a day."""
        return self.filter(_unended(day), state=Appointment.State.STANDS, from_date__lte=day)

    def from_then_on(self, day: date) -> Self:
        """Those in force on a day or later."""
        return self.filter(_unended(day), state=Appointment.State.STANDS)

    def held_or_waiting(self, day: date) -> Self:
        """Those in force on a day or later, and those that would be once another person has confirmed them."""
        return self.filter(_unended(day)).exclude(state=Appointment.State.REFUSED)

    def to_be_shown(self) -> Self:
        """Each with whether other branches stand below its own: that names its secretary (`shown_role`).

        Those over a town come first, on every engine.
        """
        below = Branch.objects.filter(parent=models.OuterRef("branch"))
        over_towns_first = models.F("branch_id").asc(nulls_first=True)
        return self.annotate(of_general_branch=models.Exists(below)).order_by(
            "town_id", over_towns_first, "role", "from_date"
        )


class Appointment(models.Model):
    """Who holds which role, where, from when until when (the last day is exclusive).

    One that needs a second person waits for them and grants nothing until then; refused, it never does (D29). A
    stand-in recorder (代理) is the secretary's to appoint, from a day to a day (D27).
    """

    class Role(models.TextChoices):
        RECORDER = "recorder", _("recorder")
        SECRETARY = "secretary", _("secretary")
        COMMITTEE_MEMBER = "committee_member", _("committee member")
        ASSISTANT = "assistant", _("assistant")
        TOWN_STAFF = "town_staff", _("town staff")
        SUPERVISOR = "supervisor", _("supervisor")
        SYSTEM_ADMIN = "system_admin", _("system administrator")
        SECURITY_ADMIN = "security_admin", _("security administrator")
        AUDIT_ADMIN = "audit_admin", _("audit administrator")

    ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    """三员: each is another person's, and none of them has to do with points (GB/T 22239)."""
    TOWN_ROLES = (Role.TOWN_STAFF, Role.SUPERVISOR, *ADMINISTRATORS)

    class State(models.TextChoices):
        STANDS = "stands", _("took effect")
        WAITING = "waiting", _("waits for another person")
        REFUSED = "refused", _("not confirmed, never took effect")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("account"))
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("town"))
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("branch"),
    )
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True, help_text=_("The first day without the role."))
    stands_in = models.BooleanField(_("stands in for the recorder"), default=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.STANDS)
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("appointed by")
    )
    made_at = models.DateTimeField(_("appointed at"), null=True)
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed or refused by")
    )
    settled_at = models.DateTimeField(_("confirmed or refused at"), null=True)

    objects = AppointmentQuerySet.as_manager()
    of_general_branch = False
    """Whether other branches stand below its own, as far as that was read (`to_be_shown`)."""

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("town_id", "branch_id", "role", "from_date")
        constraints = (
            models.CheckConstraint(
                name="appointment_branch_fits_role",
                condition=models.Q(
                    branch__isnull=True,
                    role__in=("town_staff", "supervisor", "system_admin", "security_admin", "audit_admin"),
                )
                | models.Q(branch__isnull=False, role__in=("recorder", "secretary", "committee_member", "assistant")),
            ),
            models.CheckConstraint(
                name="appointment_stand_in_records_for_a_time",
                condition=models.Q(stands_in=False) | models.Q(role="recorder", to_date__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_confirmed_by_another",
                condition=~models.Q(state="stands", settled_by=models.F("made_by"))
                & ~models.Q(state="stands", settled_by=models.F("user")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.shown_role} {self.from_date}"

    @property
    def shown_role(self) -> str:
        if self.stands_in:
            return str(_("stand-in recorder"))
        if self.of_general_branch and self.role == self.Role.SECRETARY:
            return str(_("secretary of the general branch"))
        return self.get_role_display()


class LoginCode(models.Model):
    """A one-time code that lets an account's owner in to choose a password; only its keyed hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_codes", verbose_name=_("account"))
    code_hash = models.CharField(_("hash of the code"), max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("used or replaced at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    """When the owner, logged in, said that they know of it: until then they are shown who made it."""

    class Meta:
        verbose_name = _("login code")
        verbose_name_plural = _("login codes")
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at}"
