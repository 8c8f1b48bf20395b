"""Findings: what was found about a member, how the member was heard, and what the committee decided (D18).

`Finding` is the common shape of a deduction (`Deduction`) and of a one-vote veto (`VetoRecord`); only a
confirmed, unrevoked, unvoided finding counts. How its member was told and what they answered and appealed are rows of
their own (`Telling`, `Answer`, `Appeal`): a meeting is postponed, an answer disowned, and both stay readable.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel, VoidableModel, VoidableQuerySet
from members.models import Member, RecordBatch
from members.places.resolutions import Body
from veto.constraints import finding_constraints, of_one_finding

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
        """Proposed and not yet decided."""
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
        waiting = Appeal.objects.filter(answered_at__isnull=True)
        return self.filter(models.Exists(waiting.of_rows(self.model)))

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
    left_out = models.CharField(_("left out of those expected, and why"), max_length=500, null=True, blank=True)
    minutes = models.TextField(_("minutes"), max_length=4000, null=True, blank=True)
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
        return self.Step.TO_ANSWER if self.answered is None else self.Step.TO_DECIDE

    # How it went: each reads rows once, or none where `answers` and `tellings` were prefetched.

    @property
    def answered(self) -> Answer | None:
        """The answer that stands: the last one that its member did not disown."""
        return next((row for row in reversed(list(self.answers.all())) if row.disowned_at is None), None)

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
)
"""The first of these stamps that a finding bears says its state; without any it is proposed."""


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


class AboutFindingQuerySet(models.QuerySet["AboutFinding"]):
    """Rows of what happened to findings."""

    def of_rows(self, kind: type[models.Model]) -> Self:
        """Those of a finding of one kind, for a subquery: of the outer row."""
        name = "veto" if kind is VetoRecord else "deduction"
        return self.filter(**{name: models.OuterRef("pk")})


class AboutFinding(LedgerModel):
    """A step of one finding that may come more than once; who entered it, and when, is shown to its member (D18)."""

    deduction = models.ForeignKey(
        Deduction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("deduction"),
    )
    veto = models.ForeignKey(
        VetoRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("veto")
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
    statement = models.TextField(_("statement of the member"), max_length=4000, blank=True)
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


class Appeal(AboutFinding):
    """The member's appeal to the town against a confirmed finding, and the town's answer (D18)."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("decision upheld")
        CHANGED = "changed", _("decision changed: revoked, to be found anew as the answer says")
        REVOKED = "revoked", _("decision revoked")

    stamps: ClassVar[tuple[str, ...]] = ("outcome", "answer", "answered_at", "answered_by_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filed_on = models.DateField(_("filed on"))
    text = models.TextField(_("appeal"), max_length=4000)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices, null=True, blank=True)
    answer = models.TextField(_("answer of the town with its reason"), max_length=4000, null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "members.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )

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
                    outcome__isnull=False, answer__isnull=False, answered_at__isnull=False, answered_by__isnull=False
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.filed_on} {self.uuid}"

    @property
    def receipt(self) -> str:
        """Its number, as one can say it on the telephone."""
        return f"{self.filed_on.year}-{self.pk:04d}"
