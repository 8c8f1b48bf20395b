from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Branch, User
from points.models.reviews import HALVES


class GuidanceQuerySet(models.QuerySet["Guidance"]):
    """Remarks from above by whether the branch has read them."""

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Guidance(models.Model):
    """What the general branch above, or the town, remarks on a branch's half (指导意见, 5.3), and the branch's answer.

    It moves no half and returns none: that is the branch committee's. It names the half itself and not its review, for
    a half that nobody has opened yet is what there is most to say about.
    """

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="guidance", verbose_name=_("branch"))
    year = models.PositiveSmallIntegerField(_("assessment year"))
    half = models.CharField(_("half"), max_length=2, choices=HALVES)
    text = models.CharField(_("what is remarked"), max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("given by"))
    at = models.DateTimeField(_("given at"))
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    read_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("read by")
    )
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = GuidanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark from above")
        verbose_name_plural = _("remarks from above")
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("branch", "year", "half"), name="guidance_by_half"),)

    def __str__(self) -> str:
        return self.text[:40]
