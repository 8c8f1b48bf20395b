from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from veto.models import Finding, finding_constraints


class Deduction(Finding):
    """An entry of the negative list (2.3.3); confirmed, it takes the rulebook's points off its date's year (D6)."""

    item = models.CharField(_("ground"), max_length=30)

    class Meta(Finding.Meta):
        verbose_name = _("deduction")
        verbose_name_plural = _("deductions")
        constraints = finding_constraints("deduction")
        indexes = (models.Index(fields=("date", "member"), name="deduction_by_date"),)

    def __str__(self) -> str:
        return f"{self.date} {self.uuid}"
