from __future__ import annotations

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.months import MonthOrDayField
from members.models.towns import Branch, Town


class Member(models.Model):
    """A party member of a town. Which branch counts on a day says `Membership`; leaving never deletes a member."""

    access_path = ""

    class Sex(models.TextChoices):
        MALE = "male", _("male")
        FEMALE = "female", _("female")

    class Category(models.TextChoices):
        FULL = "full", _("full member")
        PROBATIONARY = "probationary", _("probationary member")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="members", verbose_name=_("town"))
    name = models.CharField(_("name"), max_length=60)
    pinyin = models.CharField(
        _("pinyin"),
        max_length=200,
        blank=True,
        help_text=_("For sorting and finding; correct it where a surname is read differently."),
    )
    initials = models.CharField(_("pinyin initials"), max_length=60, blank=True)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True)
    ethnicity = models.CharField(_("ethnic group"), max_length=30, blank=True)
    id_number = EncryptedTextField(_("citizen ID number"), blank=True, default="")
    id_number_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    category = models.CharField(_("member category"), max_length=12, choices=Category.choices)
    joined_on = MonthOrDayField(_("joined the Party on"), null=True, blank=True)
    full_since = MonthOrDayField(_("full member since"), null=True, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    party_group = models.CharField(_("party group"), max_length=60, blank=True)
    branch_post = models.CharField(
        _("post in the branch"),
        max_length=60,
        blank=True,
        help_text=_("For information; account rights come from appointments."),
    )
    party_standing = models.CharField(_("party standing"), max_length=30, blank=True)
    floating = models.CharField(_("floating member"), max_length=10, blank=True)
    out_of_contact = models.CharField(_("out of contact"), max_length=10, blank=True)
    position = models.PositiveIntegerField(_("roster order"), default=0)
    pseudonymised_on = models.DateField(_("name and details removed on"), null=True, blank=True, editable=False)

    told_apart = ""
    """What a list adds to the name where two bear it; no column, `members.people.naming` says it."""

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("town", "id_number_hash"),
                condition=~models.Q(id_number_hash=""),
                name="member_id_number_once_per_town",
            ),
        )
        indexes = (
            models.Index(fields=("town", "name"), name="member_by_name"),
            models.Index(fields=("town", "initials"), name="member_by_initials"),
        )

    def __str__(self) -> str:
        return self.listed_name

    @property
    def listed_name(self) -> str:
        """The name as a list shows it, with what tells apart those who share it there."""
        return f"{self.name}（{self.told_apart}）" if self.told_apart else self.name

    def category_on(self, day: date) -> str:
        """Full or probationary on a day, whatever became of them since (D14)."""
        return category_on(day, self.category, self.full_since)


def category_on(day: date, category: str, full_since: date | None) -> str:
    """A member's category on a day, from what the roster says now; without the day of 转正 it is today's."""
    if full_since is not None and full_since > day:
        return Member.Category.PROBATIONARY
    return category


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Rows of the roster by day."""

    def until(self, day: date) -> Self:
        """Those that began by a day, the latest first: the first of a member's says where they belong on it (D16)."""
        return self.filter(from_date__lte=day).order_by("-from_date")


class Membership(models.Model):
    """From a day on the member belongs to this branch, or to none (left); the next row ends the last (D16)."""

    access_path = "member"

    class Why(models.TextChoices):
        REGISTERED = "registered", _("on the roster")
        ADMITTED = "admitted", _("admitted")
        TRANSFERRED_IN = "transferred_in", _("transferred in")
        MOVED = "moved", _("moved within the town")
        MERGED = "merged", _("branch merged")
        RESTORED = "restored", _("restored")
        TRANSFERRED_OUT = "transferred_out", _("transferred out")
        DECEASED = "deceased", _("deceased")
        SUSPENDED = "suspended", _("membership suspended")
        REMOVED = "removed", _("removed from the Party")
        WITHDRAWN = "withdrawn", _("left the Party")

    LEAVING = (Why.TRANSFERRED_OUT, Why.DECEASED, Why.SUSPENDED, Why.REMOVED, Why.WITHDRAWN)

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("member"))
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("branch"),
    )
    from_date = models.DateField(_("from"))
    why = models.CharField(_("why"), max_length=16, choices=Why.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("member_id", "from_date")
        constraints = (
            models.UniqueConstraint(fields=("member", "from_date"), name="membership_once_per_day"),
            models.CheckConstraint(
                name="membership_branch_unless_left",
                condition=models.Q(
                    branch__isnull=True, why__in=("transferred_out", "deceased", "suspended", "removed", "withdrawn")
                )
                | models.Q(
                    branch__isnull=False,
                    why__in=("registered", "admitted", "transferred_in", "moved", "merged", "restored"),
                ),
            ),
        )
        indexes = (models.Index(fields=("branch", "from_date"), name="membership_by_branch"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.from_date} {self.why}"


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    """Exemptions by day."""

    def on(self, day: date) -> Self:
        """Those in force on a day; on the day one ended the member is scored again (D15)."""
        return self.filter(models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day), from_date__lte=day)

    def open(self) -> Self:
        """Those that were not ended; a member has one at most."""
        return self.filter(ended_on__isnull=True)


class Exemption(models.Model):
    """不实行积分制 (2.1, D15): on the member's own application, decided by the branch, from a day until ended."""

    access_path = "member"

    class Ground(models.TextChoices):
        AGE = "age", _("75 or over")
        UNABLE = "unable", _("physically unable")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="exemptions", verbose_name=_("member"))
    ground = models.CharField(_("ground"), max_length=8, choices=Ground.choices)
    applied_on = models.DateField(_("applied on"))
    decided_on = models.DateField(_("decided by the branch on"))
    from_date = models.DateField(_("effective from"))
    ended_on = models.DateField(
        _("ended on"), null=True, blank=True, help_text=_("The first day the member is scored again.")
    )

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        ordering = ("member_id", "from_date")
        constraints = (
            models.CheckConstraint(
                name="exemption_ends_after_start",
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=models.F("from_date")),
            ),
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(ended_on__isnull=True), name="exemption_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.from_date}"
