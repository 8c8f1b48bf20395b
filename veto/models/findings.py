"""`Finding`: the common shape of a deduction (`Deduction`) and a one-vote veto (`VetoRecord`); where it stands."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ledger import VoidableModel, VoidableQuerySet
from members.models import Member, Membership, RecordBatch
from members.places.resolutions import Body
from veto.constraints import finding_constraints
from veto.models.courses import Answer, Appeal, Telling

FindingT = TypeVar("FindingT", bound="Finding")
HEARING = ("tellings__entered_by", "answers__entered_by", "appeals__answered_by")
"""What is read at once where many findings are shown with how they went."""


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
        """Proposed, not yet decided, and not ended by its member's leaving."""
        return self.in_state(Finding.State.PROPOSED)

    def confirmed(self) -> Self:
        """Confirmed by the committee and neither revoked nor voided: the ones that count."""
        return self.in_state(Finding.State.CONFIRMED)

    def at_step(self, step: str) -> Self:
        """Proposed ones by what comes next (`Finding.Step`)."""
        held_back = models.Q(needs_clearance=True, cleared_at=None)
        heard = models.Exists(Answer.objects.standing().of_rows(self.model))
        next_step = {
            Finding.Step.TO_CLEAR: held_back,
            Finding.Step.TO_TELL: ~held_back & models.Q(notified_on__isnull=True),
            Finding.Step.TO_ANSWER: models.Q(notified_on__isnull=False) & ~heard,
            Finding.Step.TO_DECIDE: models.Q(notified_on__isnull=False) & heard,
        }
        return self.proposed().filter(next_step[Finding.Step(step)])

    def unanswered(self) -> Self:
        """Those without an answer that stands."""
        return self.filter(~models.Exists(Answer.objects.standing().of_rows(self.model)))

    def with_appeal(self) -> Self:
        """Those whose member appealed and waits for the town's answer."""
        return self.filter(models.Exists(Appeal.objects.waiting().of_rows(self.model)))

    def open_to_hearing(self) -> Self:
        """Whose member can be told and answer: proposed ones, and backfilled ones also after their decision (D18)."""
        heard_afterwards = models.Q(confirmed_at__isnull=True) | models.Q(backfilled=True)
        return self.live().filter(heard_afterwards, dismissed_at__isnull=True, ended_on__isnull=True)

    def waiting(self) -> Self:
        """Those that wait for a step: not decided, or backfilled and not heard yet. Leaving ends them (D18)."""
        undecided = models.Q(confirmed_at__isnull=True)
        unheard = ~models.Exists(Answer.objects.standing().of_rows(self.model))
        return self.open_to_hearing().filter(undecided | unheard, revoked_at__isnull=True)


class Finding(VoidableModel):
    """A proposal, how its member was told and answered, and its decision; each step is stamped once.

    Grounds and everything that may repeat them are encrypted at rest (D21).
    """

    class State(models.TextChoices):
        """Where a finding stands, read off its stamps."""

        PROPOSED = "proposed", _("proposed, not decided")
        CONFIRMED = "confirmed", _("confirmed, counts")
        DISMISSED = "dismissed", _("not confirmed")
        REVOKED = "revoked", _("revoked")
        ENDED = "ended", _("proceeding ended")
        VOID = "void", _("voided")

    class Step(models.TextChoices):
        """What comes next for a proposed finding (D18)."""

        TO_CLEAR = "to_clear", _("with the town's staff")
        TO_TELL = "to_tell", _("to be told")
        TO_ANSWER = "to_answer", _("waiting for the member's answer")
        TO_DECIDE = "to_decide", _("ready to be decided")

    stamps: ClassVar[tuple[str, ...]] = (
        *VoidableModel.stamps,
        "cleared_at",
        "cleared_by_id",
        "notified_on",
        "decided_on",
        "decided_in",
        "expected",
        "present",
        "in_favour",
        "against",
        "abstained",
        "left_out",
        "minutes",
        "confirmed_at",
        "dismissed_at",
        "decided_by_id",
        "revoked_at",
        "revoked_by_id",
        "revoke_reason",
        "ended_on",
        "ended_why",
    )
    access_path = "member"

    if TYPE_CHECKING:
        answers: models.Manager[Answer]
        appeals: models.Manager[Appeal]
        tellings: models.Manager[Telling]

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("batch"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("member"))
    date = models.DateField(_("found on"))
    particulars = EncryptedTextField(_("what was found and how it was verified"), max_length=2000)
    papers = EncryptedTextField(
        _("papers the ground asks for"),
        max_length=500,
        blank=True,
        help_text=_("Dates of reminders or help, the decision's number, the finding of the competent authority."),
    )
    needs_clearance = models.BooleanField(
        _("goes to the town's staff first"),
        default=False,
        help_text=_("A veto, or a proposal against somebody who raised an objection shortly before."),
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
    decided_on = models.DateField(_("committee meeting that decided"), null=True, blank=True)
    decided_in = models.CharField(_("decided by"), max_length=9, choices=Body.choices, null=True, blank=True)
    expected = models.PositiveSmallIntegerField(_("people expected"), null=True, blank=True)
    present = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    in_favour = models.PositiveSmallIntegerField(_("in favour"), null=True, blank=True)
    against = models.PositiveSmallIntegerField(_("against"), null=True, blank=True)
    abstained = models.PositiveSmallIntegerField(_("abstained"), null=True, blank=True)
    left_out = EncryptedTextField(_("left out of those expected, and why"), max_length=500, null=True, blank=True)
    minutes = EncryptedTextField(_("minutes"), max_length=4000, null=True, blank=True)
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
    revoke_reason = EncryptedTextField(_("reason for revoking"), max_length=500, null=True, blank=True)
    ended_on = models.DateField(_("proceeding ended on"), null=True, blank=True)
    """The day the member left or died. A backfilled one, confirmed before, counts on; its papers are asked no more."""
    ended_why = models.CharField(
        _("why the proceeding ended"), max_length=16, choices=Membership.Why.choices, null=True, blank=True
    )

    void_reason = EncryptedTextField(_("reason for voiding"), max_length=500, null=True, blank=True, editable=False)
    """Encrypted, unlike that of a record: it may repeat the ground."""

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
        is_over = self.is_void or self.dismissed_at is not None or self.ended_on is not None
        return not is_over and (self.confirmed_at is None or self.backfilled)

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
        return self.Step.TO_ANSWER if self.answered is None else self.Step.TO_DECIDE

    # How it went: each reads rows once, or none where `answers` and `tellings` were prefetched.

    @property
    def answered(self) -> Answer | None:
        """The answer that stands: the last one that its member did not disown."""
        return next((row for row in reversed(list(self.answers.all())) if row.disowned_at is None), None)

    @property
    def agrees_earlier(self) -> bool:
        """Whether its member answered and agreed that the committee meets before the day they were told of."""
        answer = self.answered
        return answer is not None and answer.agrees_earlier and answer.kind != Answer.Kind.LAPSED

    @property
    def told(self) -> Telling | None:
        """The last notice its member was given (告知书): a meeting that was postponed is told anew."""
        return self._last_telling(Telling.Paper.NOTICE)

    @property
    def decision_given(self) -> Telling | None:
        """How the decision letter was given to the member (认定结果通知书)."""
        return self._last_telling(Telling.Paper.DECISION)

    def _last_telling(self, paper: str) -> Telling | None:
        return next((row for row in reversed(list(self.tellings.all())) if row.paper == paper), None)

    @property
    def appeal(self) -> Appeal | None:
        """The member's appeal to the town; there is at most one."""
        return next(iter(self.appeals.all()), None)


STAMP_OF_STATE = (
    (Finding.State.VOID, "voided_at"),
    (Finding.State.REVOKED, "revoked_at"),
    (Finding.State.CONFIRMED, "confirmed_at"),
    (Finding.State.DISMISSED, "dismissed_at"),
    (Finding.State.ENDED, "ended_on"),
)
"""The first of these stamps that a finding bears says its state; without any it is proposed."""


class VetoRecord(Finding):
    """A one-vote veto finding (2.3.4): once confirmed the annual score of `year` is 0 (D7)."""

    ground = EncryptedTextField(_("ground"), max_length=30)
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

    item = EncryptedTextField(_("ground"), max_length=30)

    class Meta(Finding.Meta):
        verbose_name = _("deduction")
        verbose_name_plural = _("deductions")
        constraints = finding_constraints("deduction")
        indexes = (models.Index(fields=("date", "member"), name="deduction_by_date"),)

    def __str__(self) -> str:
        return f"{self.date} {self.uuid}"
