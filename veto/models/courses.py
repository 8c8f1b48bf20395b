"""The course of a finding: papers given to its member, what they answered, their appeal; a row each (D18)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ledger import LedgerModel
from veto.constraints import of_one_finding

if TYPE_CHECKING:
    from veto.models.findings import Deduction, VetoRecord


class AboutFindingQuerySet(models.QuerySet["AboutFinding"]):
    """Rows of what happened to findings."""

    def of_rows(self, kind: type[models.Model]) -> Self:
        """Those of a finding of one kind, for a subquery: of the outer row."""
        name = "veto" if kind._meta.object_name == "VetoRecord" else "deduction"
        return self.filter(**{name: models.OuterRef("pk")})


class AboutFinding(LedgerModel):
    """A step of one finding that may come more than once; who entered it, and when, is shown to its member (D18)."""

    deduction = models.ForeignKey(
        "veto.Deduction",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("deduction"),
    )
    veto = models.ForeignKey(
        "veto.VetoRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("veto"),
    )
    entered_by = models.ForeignKey(
        "members.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"))
    scan = models.ForeignKey(
        "members.StoredFile",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("scan or photo of the paper"),
    )

    objects = AboutFindingQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("id",)

    @property
    def finding(self) -> Deduction | VetoRecord:
        """What it is about."""
        found = self.deduction or self.veto
        assert found is not None
        return found

    @property
    def is_own(self) -> bool:
        """Whether it came from the account of the member it is about."""
        return self.entered_by.member_id is not None and self.entered_by.member_id == self.finding.member_id


class Telling(AboutFinding):
    """A paper given to the member: the notice with the committee's meeting, or the decision letter (D18)."""

    class Paper(models.TextChoices):
        NOTICE = "notice", _("notice")
        DECISION = "decision", _("decision letter")

    class Way(models.TextChoices):
        HANDED = "handed", _("handed over, receipt signed")
        REFUSED = "refused", _("handed over, refused to sign before two witnesses")
        POST = "post", _("by EMS to who is away")
        MESSAGE = "message", _("by WeChat or SMS to the roster's number, to who is away")

    paper = models.CharField(_("paper"), max_length=8, choices=Paper.choices)
    told_on = models.DateField(_("given on"))
    way = models.CharField(_("how"), max_length=7, choices=Way.choices)
    witnesses = models.CharField(_("two witnesses of the refusal"), max_length=120, blank=True)
    meets_at = models.DateTimeField(_("the committee meets at"), null=True, blank=True)
    place = models.CharField(_("place of the meeting"), max_length=100, blank=True)

    class Meta(AboutFinding.Meta):
        verbose_name = _("notice given")
        verbose_name_plural = _("notices given")
        constraints = (of_one_finding("telling_of_one_finding"),)

    def __str__(self) -> str:
        return f"{self.told_on} {self.paper}"


class AnswerQuerySet(AboutFindingQuerySet):
    """Answers by whether they stand."""

    def standing(self) -> Self:
        """Those their member did not disown."""
        return self.filter(disowned_at__isnull=True)


class Answer(AboutFinding):
    """What the member answered; disowned, it counts for nothing and stays readable (D18)."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", _("statement made")
        WAIVED = "waived", _("statement waived")
        LAPSED = "lapsed", _("no answer by the last day")

    stamps: ClassVar[tuple[str, ...]] = ("disowned_at",)

    kind = models.CharField(_("answer"), max_length=9, choices=Kind.choices)
    answered_on = models.DateField(_("answered on"))
    statement = EncryptedTextField(_("statement of the member"), max_length=4000, blank=True)
    agrees_earlier = models.BooleanField(_("agrees that the committee meets earlier"), default=False)
    disowned_at = models.DateTimeField(_("disowned at"), null=True, blank=True)

    objects = AnswerQuerySet.as_manager()  # type: ignore[misc] # narrows AboutFinding's

    class Meta(AboutFinding.Meta):
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = (
            of_one_finding("answer_of_one_finding"),
            models.UniqueConstraint(
                fields=("deduction",), condition=models.Q(disowned_at__isnull=True), name="answer_stands_once_deduction"
            ),
            models.UniqueConstraint(
                fields=("veto",), condition=models.Q(disowned_at__isnull=True), name="answer_stands_once_veto"
            ),
        )

    def __str__(self) -> str:
        return f"{self.answered_on} {self.kind}"


class AppealQuerySet(AboutFindingQuerySet):
    """Appeals by whether somebody waits for their answer."""

    def waiting(self) -> Self:
        """Those not answered whose member has not died."""
        return self.filter(answered_at__isnull=True, ended_on__isnull=True)


class Appeal(AboutFinding):
    """The member's appeal to the town against a confirmed finding, and the town's answer; a death ends it (D18)."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("decision upheld")
        CHANGED = "changed", _("decision changed: revoked, to be found anew as the answer says")
        REVOKED = "revoked", _("decision revoked")

    stamps: ClassVar[tuple[str, ...]] = ("outcome", "answer", "answered_at", "answered_by_id", "ended_on")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filed_on = models.DateField(_("filed on"))
    text = EncryptedTextField(_("appeal"), max_length=4000)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices, null=True, blank=True)
    answer = EncryptedTextField(_("answer of the town with its reason"), max_length=4000, null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "members.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    ended_on = models.DateField(_("ended by the member's death on"), null=True, blank=True)

    objects = AppealQuerySet.as_manager()  # type: ignore[misc] # narrows AboutFinding's

    class Meta(AboutFinding.Meta):
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = (
            of_one_finding("appeal_of_one_finding"),
            models.UniqueConstraint(fields=("deduction",), name="appeal_once_deduction"),
            models.UniqueConstraint(fields=("veto",), name="appeal_once_veto"),
            models.CheckConstraint(
                name="appeal_answer_is_complete",
                condition=models.Q(
                    outcome__isnull=True, answer__isnull=True, answered_at__isnull=True, answered_by__isnull=True
                )
                | models.Q(
                    outcome__isnull=False,
                    answer__isnull=False,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    ended_on__isnull=True,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.filed_on} {self.uuid}"

    @property
    def is_waiting(self) -> bool:
        """What `AppealQuerySet.waiting` asks, of one."""
        return self.answered_at is None and self.ended_on is None

    @property
    def receipt(self) -> str:
        """Its number, as one can say it on the telephone."""
        return f"{self.filed_on.year}-{self.pk:04d}"
