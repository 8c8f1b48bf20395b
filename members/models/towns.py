from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel


class TownQuerySet(models.QuerySet["Town"]):
    """Towns; those of one database are either all real or the demonstration alone."""

    def are_demonstration(self) -> bool:
        """Whether there is the demonstration town and no other; one query.

        A database in which both stand, because somebody copied rows, is none: then the public passwords do not hold.
        """
        marks = self.order_by().values_list("is_demonstration", flat=True).distinct()
        return list(marks) == [True]


class Town(models.Model):
    """A town's party committee; one deployment can serve several.

    `is_demonstration` marks the town of invented people that `manage.py demo` makes; no other stands beside it.
    `column_names` are headings its files use and no list knows: by workbook, which field each means.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("town name"), max_length=100, unique=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)
    column_names = models.JSONField(_("headings of its own"), default=dict, blank=True, editable=False)

    objects = TownQuerySet.as_manager()

    class Meta:
        verbose_name = _("town")
        verbose_name_plural = _("towns")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """A party branch, or a general branch that other branches name as their parent."""

    access_path = ""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="branches", verbose_name=_("town"))
    name = models.CharField(_("branch name"), max_length=100)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("general branch"),
    )
    has_committee = models.BooleanField(
        _("has a branch committee"),
        default=True,
        help_text=_("A branch with fewer than 7 full members has none: there the members' assembly decides."),
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Order in lists and reports."))

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("town", "name"), name="branch_name_once_per_town"),)

    def __str__(self) -> str:
        return self.name

    def name_on(self, day: date) -> str:
        """What the branch was called on a day: papers and pages of a past year keep that year's name.

        One query, none where `former_names` were prefetched.
        """
        later = [former for former in self.former_names.all() if former.until > day]
        return min(later, key=lambda former: (former.until, former.pk)).name if later else self.name


class FormerBranchName(LedgerModel):
    """A name that a branch bore until it was renamed."""

    access_path = "branch"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="former_names", verbose_name=_("branch"))
    name = models.CharField(_("branch name"), max_length=100)
    until = models.DateField(_("until"), help_text=_("The first day under the next name."))

    class Meta:
        verbose_name = _("former branch name")
        verbose_name_plural = _("former branch names")
        ordering = ("branch_id", "until", "id")

    def __str__(self) -> str:
        return self.name


class WorkDay(models.Model):
    """A day a town's staff entered against the built-in calendar: a statutory day off, or a make-up workday (D9)."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="work_days", verbose_name=_("town"))
    day = models.DateField(_("day"))
    is_worked = models.BooleanField(_("worked"), default=False)
    name = models.CharField(_("name of the day"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("day off or make-up workday")
        verbose_name_plural = _("days off and make-up workdays")
        ordering = ("town_id", "-day")
        constraints = (models.UniqueConstraint(fields=("town", "day"), name="work_day_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
