from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel
from members.models import Town, User


class Rulebook(LedgerModel):
    """One version of the rules as canonical JSON, named by its hash; never changed, only replaced by another."""

    hash = models.CharField(_("hash"), max_length=64, unique=True)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("rulebook")
        verbose_name_plural = _("rulebooks")

    def __str__(self) -> str:
        return self.hash[:12]


class AssessmentYear(models.Model):
    """The rulebook a town adopted for a year (D1); replaceable, logged, until the year's first submission."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="assessment_years", verbose_name=_("town"))
    year = models.PositiveSmallIntegerField(_("assessment year"))
    rulebook = models.ForeignKey(Rulebook, on_delete=models.PROTECT, related_name="+", verbose_name=_("rulebook"))
    adopted_at = models.DateTimeField(_("adopted at"))
    frozen_at = models.DateTimeField(
        _("frozen at"), null=True, blank=True, help_text=_("The year's first submission: from then on it stands.")
    )
    adopted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("adopted by"))

    class Meta:
        verbose_name = _("assessment year")
        verbose_name_plural = _("assessment years")
        ordering = ("town_id", "-year")
        constraints = (models.UniqueConstraint(fields=("town", "year"), name="assessment_year_once_per_town"),)

    def __str__(self) -> str:
        return str(self.year)
