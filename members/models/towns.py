from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Town(models.Model):
    """A town's party committee; one deployment can serve several."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("town name"), max_length=100, unique=True)

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
