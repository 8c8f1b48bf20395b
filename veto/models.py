"""Findings: what was found about a member, how the member was heard, and what the committee decided (D18).

`Finding` is the common shape of a deduction (`Deduction`) and of a one-vote veto (`VetoRecord`); only a
confirmed, unrevoked, unvoided finding counts.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import VoidableModel, VoidableQuerySet, void_is_complete
from members.models import Member, RecordBatch

FindingT = TypeVar("FindingT", bound="Finding")


class FindingQuerySet(VoidableQuerySet[FindingT]):
    """Rows of one kind of finding by where they stand."""

    def in_state(self, state: str) -> Self:
        """Those in one `Finding.State`. Raises ValueError for what is none."""
        rows, wanted = self, Finding.State(state)
        for stamped, stamp in STAMP_OF_STATE:
            if stamped == wanted:
                return rows.filter(**{f"{stamp}__isnull": False})
            rows = rows.filter(**{f"{stamp}__isnull": True})
        return rows

    def proposed(self) -> Self:
        """Proposed and not yet decided."""
        return self.in_state(Finding.State.PROPOSED)

    def confirmed(self) -> Self:
        """Confirmed by the committee and neither revoked nor voided: the ones that count."""
        return self.in_state(Finding.State.CONFIRMED)

    def at_step(self, step: str) -> Self:
        """Proposed ones by what comes next (`Finding.Step`)."""
        held_back = models.Q(needs_clearance=True, cleared_at__isnull=True)
        next_step = {
            Finding.Step.TO_CLEAR: held_back,
            Finding.Step.TO_TELL: ~held_back & models.Q(notified_on__isnull=True),
            Finding.Step.TO_ANSWER: models.Q(notified_on__isnull=False, answered_on__isnull=True),
            Finding.Step.TO_DECIDE: models.Q(answered_on__isnull=False),
        }
        return self.proposed().filter(next_step[Finding.Step(step)])

    def open_to_hearing(self) -> Self:
        """Whose member can be told and answer: proposed ones, and backfilled ones also after their decision (D18)."""
        heard_afterwards = models.Q(confirmed_at__isnull=True) | models.Q(backfilled=True)
        return self.live().filter(heard_afterwards, dismissed_at__isnull=True)


class Finding(VoidableModel):
    """A proposal, how its member was told and answered, and its decision; each step is stamped once."""

    class State(models.TextChoices):
        """Where a finding stands, read off its stamps."""

        PROPOSED = "proposed", _("proposed, not decided")
        CONFIRMED = "confirmed", _("confirmed, counts")
        DISMISSED = "dismissed", _("not confirmed")
        REVOKED = "revoked", _("revoked")
        VOID = "void", _("voided")

    class Step(models.TextChoices):
        """What comes next for a proposed finding (D18)."""

        TO_CLEAR = "to_clear", _("with the town's staff")
        TO_TELL = "to_tell", _("to be told")
        TO_ANSWER = "to_answer", _("waiting for the member's answer")
        TO_DECIDE = "to_decide", _("ready to be decided")

    class Answer(models.TextChoices):
        STATEMENT = "statement", _("statement made")
        WAIVED = "waived", _("statement waived")
        REFUSED = "refused", _("refused to sign, two witnesses")

    stamps: ClassVar[tuple[str, ...]] = (
        *VoidableModel.stamps,
        "cleared_at",
        "cleared_by_id",
        "notified_on",
        "answer",
        "answered_on",
        "statement",
        "witnesses",
        "decided_on",
        "confirmed_at",
        "dismissed_at",
        "decided_by_id",
        "revoked_at",
        "revoked_by_id",
        "revoke_reason",
    )
    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("batch"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("member"))
    date = models.DateField(_("found on"))
    particulars = models.TextField(_("what was found and how it was verified"), max_length=2000)
    papers = models.CharField(
        _("papers the ground asks for"),
        max_length=500,
        blank=True,
        help_text=_("Dates of reminders or help, the decision's number, the finding of the competent authority."),
    )
    needs_clearance = models.BooleanField(
        _("goes to the town's staff first"),
        default=False,
        help_text=_("The member raised an objection shortly before."),
    )
    cleared_at = models.DateTimeField(_("let through by the town at"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        "members.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("let through by"),
    )
    backfilled = models.BooleanField(_("backfilled"), default=False)
    notified_on = models.DateField(_("member told on"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, null=True, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    statement = models.TextField(_("statement of the member"), max_length=4000, null=True, blank=True)
    witnesses = models.CharField(_("two witnesses of the refusal"), max_length=120, null=True, blank=True)
    decided_on = models.DateField(_("committee meeting that decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "members.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decision entered by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        "members.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("revoked by")
    )
    revoke_reason = models.CharField(_("reason for revoking"), max_length=500, null=True, blank=True)

    objects = FindingQuerySet.as_manager()  # type: ignore[misc] # narrows VoidableModel's

    class Meta:
        abstract = True
        ordering = ("date", "id")

    @property
    def state(self) -> State:
        """Where it stands."""
        for state, stamp in STAMP_OF_STATE:
            if getattr(self, stamp) is not None:
                return state
        return self.State.PROPOSED

    @property
    def is_known_to_member(self) -> bool:
        """Whether the member was told, or it was confirmed, as an imported one may be before they are (D18)."""
        return self.notified_on is not None or self.confirmed_at is not None

    @property
    def is_open_to_hearing(self) -> bool:
        """What `FindingQuerySet.open_to_hearing` asks, of one."""
        return not self.is_void and self.dismissed_at is None and (self.confirmed_at is None or self.backfilled)

    @property
    def is_held_back(self) -> bool:
        """Whether it waits for the town's staff to let it through before anything else (D18)."""
        return self.needs_clearance and self.cleared_at is None

    @property
    def step(self) -> Step | None:
        """What comes next; nothing once it is decided or voided."""
        if self.state != self.State.PROPOSED:
            return None
        if self.is_held_back:
            return self.Step.TO_CLEAR
        if self.notified_on is None:
            return self.Step.TO_TELL
        return self.Step.TO_ANSWER if self.answered_on is None else self.Step.TO_DECIDE


STAMP_OF_STATE = (
    (Finding.State.VOID, "voided_at"),
    (Finding.State.REVOKED, "revoked_at"),
    (Finding.State.CONFIRMED, "confirmed_at"),
    (Finding.State.DISMISSED, "dismissed_at"),
)
"""The first of these stamps that a finding bears says its state; without any it is proposed."""


def finding_constraints(prefix: str) -> tuple[models.BaseConstraint, ...]:
    """The constraints both kinds of finding share: a decision, a void and a revocation are complete or absent."""
    undecided = models.Q(
        decided_on__isnull=True, decided_by__isnull=True, confirmed_at__isnull=True, dismissed_at__isnull=True
    )
    decided = models.Q(decided_on__isnull=False, decided_by__isnull=False)
    confirmed = models.Q(confirmed_at__isnull=False, dismissed_at__isnull=True)
    dismissed = models.Q(confirmed_at__isnull=True, dismissed_at__isnull=False)
    return (
        void_is_complete(f"{prefix}_void_is_complete"),
        models.CheckConstraint(
            name=f"{prefix}_decision_is_complete", condition=undecided | (decided & (confirmed | dismissed))
        ),
        models.CheckConstraint(
            name=f"{prefix}_revocation_is_complete",
            condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True, revoke_reason__isnull=True)
            | models.Q(
                revoked_at__isnull=False,
                revoked_by__isnull=False,
                revoke_reason__isnull=False,
                confirmed_at__isnull=False,
            ),
        ),
    )


class VetoRecord(Finding):
    """A one-vote veto finding (2.3.4): once confirmed the annual score of `year` is 0 (D7)."""

    ground = models.CharField(_("ground"), max_length=30)
    year = models.PositiveSmallIntegerField(_("assessment year"))

    class Meta(Finding.Meta):
        verbose_name = _("veto")
        verbose_name_plural = _("vetoes")
        constraints = finding_constraints("veto")
        indexes = (models.Index(fields=("year", "member"), name="veto_by_year"),)

    def __str__(self) -> str:
        return f"{self.year} {self.uuid}"


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
