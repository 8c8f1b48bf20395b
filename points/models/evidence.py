from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, void_is_complete
from members.models import RecordBatch, StoredFile, User
from points.models.claims import Claim
from points.models.events import PointEvent
from points.models.meetings import Meeting
from veto.models import Deduction, VetoRecord

SUBJECTS = ("batch", "meeting", "event", "deduction", "veto", "claim")
"""What a file can prove; a batch stands for everything recorded in one go."""


class EvidenceLink(VoidableModel):
    """Says that a stored file proves one subject; voided with a reason, and the file stays while a link is live."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="links", verbose_name=_("file"))
    batch = models.ForeignKey(
        RecordBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("batch")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("meeting")
    )
    event = models.ForeignKey(
        PointEvent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("point event"),
    )
    deduction = models.ForeignKey(
        Deduction, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("deduction")
    )
    veto = models.ForeignKey(
        VetoRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("veto")
    )
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("claim")
    )
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"))
    number = 0
    """Its number among those of a list whose files are called alike, as phones call all of theirs."""

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("added_at", "id")
        constraints = (
            void_is_complete("evidence_void_is_complete"),
            models.CheckConstraint(
                name="evidence_of_one_subject",
                condition=models.Q(
                    *(models.Q(**{f"{name}__isnull": name != subject for name in SUBJECTS}) for subject in SUBJECTS),
                    _connector=models.Q.OR,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_id} {timezone.localdate(self.added_at)}"

    @property
    def shown_name(self) -> str:
        """The file's name as a list shows it."""
        return f"{self.file.name}（{self.number}）" if self.number else self.file.name

    @property
    def is_of_finding(self) -> bool:
        """Whether it proves a deduction or a veto: then each look at it is one at the ground (D21)."""
        return self.deduction_id is not None or self.veto_id is not None

    @property
    def has_thumbnail(self) -> bool:
        """Whether lists show it small: a picture or PDF that proves no finding."""
        return (
            self.file.kind in (StoredFile.Kind.IMAGE, StoredFile.Kind.PDF)
            and not self.is_of_finding
            and not self.is_void
        )
