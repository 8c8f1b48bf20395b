from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel
from members.models import Branch, User


class NotHeldDeclaration(LedgerModel):
    """A branch's word that an item of the year's end is held no more this year (本年度不再召开, D3).

    What is recorded all the same counts as ever; the declaration stays readable beside it.
    """

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="not_held", verbose_name=_("branch"))
    item = models.CharField(_("item"), max_length=30)
    period = models.CharField(_("period"), max_length=7)
    reason = models.CharField(_("Reason"), max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("declaration that nothing is held")
        verbose_name_plural = _("declarations that nothing is held")
        ordering = ("branch_id", "period", "item")
        constraints = (models.UniqueConstraint(fields=("branch", "item", "period"), name="not_held_declared_once"),)

    def __str__(self) -> str:
        return f"{self.item} {self.period}"
