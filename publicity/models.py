"""Notices, the channels they went up on, who opened them, objections, and corrections that wait for their review."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.encryption import EncryptedTextField
from foundation.ledger import LedgerModel
from members.models import Member, Town, User
from points.models import Correction, Review, ReviewLine


class Channel(models.TextChoices):
    """Where a notice can go up (3.3, D9)."""

    BOARD = "board", _("notice board")
    MEETING = "meeting", _("branch meeting")
    CHAT = "chat", _("chat group")
    WEB = "web", _("web page")


class RequiredChannel(models.Model):
    """A channel a town requires: a notice's clock runs from the last of them to go up."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="required_channels", verbose_name=_("town"))
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)

    class Meta:
        verbose_name = _("required channel")
        verbose_name_plural = _("required channels")
        constraints = (models.UniqueConstraint(fields=("town", "channel"), name="required_channel_once"),)

    def __str__(self) -> str:
        return self.get_channel_display()


class Notice(models.Model):
    """The publication of one review's lines (3.3): prepared, up from its last required channel, closed.

    Whether it is up or closed is the review's state; a half opened again has its notice up again until the next
    `Closing`.
    """

    access_path = "review__branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="notice", verbose_name=_("review"))
    days = models.PositiveSmallIntegerField(_("days up"))
    working_days = models.BooleanField(_("counted in working days"), default=False)
    required = models.JSONField(_("required channels"), default=list)
    contact = models.CharField(_("how and to whom to object"), max_length=300)
    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("prepared by"))
    posted_on = models.DateField(_("up on every required channel since"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-prepared_at",)

    def __str__(self) -> str:
        return str(self.review)

    @property
    def period(self) -> str:
        """The half it is about, `2025H1`."""
        return f"{self.review.year}{self.review.half}"


class Posting(LedgerModel):
    """One channel a notice went up on: the day, by whom, and the photo that shows it."""

    access_path = "notice__review__branch"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="postings", verbose_name=_("notice"))
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    posted_on = models.DateField(_("posted on"))
    photo = models.CharField(_("photo"), max_length=64, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = (models.UniqueConstraint(fields=("notice", "channel"), name="posting_once_per_channel"),)

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.posted_on}"


class Closing(LedgerModel):
    """A notice was taken down after its days, with the photo that shows it still up at the end; a second one follows a
    half that was opened again (D10).
    """

    access_path = "notice__review__branch"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="closings", verbose_name=_("notice"))
    photo = models.CharField(_("photo"), max_length=64, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.notice_id} {self.at}"


class Reading(LedgerModel):
    """Somebody opened a notice for the first time."""

    access_path = "notice__review__branch"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="readings", verbose_name=_("notice"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = (models.UniqueConstraint(fields=("notice", "user"), name="reading_once_per_user"),)

    def __str__(self) -> str:
        return f"{self.notice_id} {self.user_id}"


class Objection(LedgerModel):
    """An objection to a notice (D11): from a member's account, or registered from paper or phone with a receipt.

    What was objected never changes; handing it to the town, the answer and what follows are stamped on it once.
    """

    class Via(models.TextChoices):
        PORTAL = "portal", _("portal")
        PAPER = "paper", _("on paper")
        PHONE = "phone", _("by phone")
        SPOKEN = "spoken", _("in person")

    class Answer(models.TextChoices):
        EXPLAINED = "explained", _("explained")
        CORRECTED = "corrected", _("corrected")

    stamps: ClassVar[tuple[str, ...]] = (
        "to_town_at",
        "answer_kind",
        "answer",
        "answered_at",
        "answered_by_id",
        "correction_id",
        "dissatisfaction",
        "dissatisfied_at",
        "dissatisfied_by_id",
        "town_reply",
        "town_replied_at",
        "town_replied_by_id",
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    receipt = models.CharField(_("receipt number"), max_length=20, unique=True)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="objections", verbose_name=_("notice"))
    about = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("about the line of")
    )
    to_town_at = models.DateTimeField(
        _("handled by the town since"),
        null=True,
        blank=True,
        help_text=_("About the secretary or the recorder: hidden from them."),
    )
    via = models.CharField(_("received"), max_length=8, choices=Via.choices)
    objector = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="objections", verbose_name=_("objector")
    )
    objector_name = EncryptedTextField(_("objector's name"), max_length=60, blank=True)
    text = EncryptedTextField(_("objection"), max_length=4000)
    scan = models.CharField(_("scan"), max_length=64, blank=True)
    received_on = models.DateField(_("received on"))
    at = models.DateTimeField(_("entered at"))
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("registered by"))
    answer_kind = models.CharField(_("kind of answer"), max_length=10, choices=Answer.choices, null=True, blank=True)
    answer = EncryptedTextField(_("written answer"), max_length=4000, null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    correction = models.ForeignKey(
        Correction, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("correction")
    )
    dissatisfaction = EncryptedTextField(
        _("why the answer does not satisfy the objector"), max_length=2000, null=True, blank=True
    )
    dissatisfied_at = models.DateTimeField(_("passed to the town at"), null=True, blank=True)
    dissatisfied_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("passed on by")
    )
    town_reply = EncryptedTextField(_("the town's reply"), max_length=4000, null=True, blank=True)
    town_replied_at = models.DateTimeField(_("the town replied at"), null=True, blank=True)
    town_replied_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replied by")
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("-received_on", "-id")
        constraints = (
            models.CheckConstraint(
                name="objection_answer_is_complete",
                condition=models.Q(
                    answered_at__isnull=True,
                    answered_by__isnull=True,
                    answer_kind__isnull=True,
                    answer__isnull=True,
                    correction__isnull=True,
                )
                | models.Q(
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    answer_kind="explained",
                    answer__isnull=False,
                    correction__isnull=True,
                )
                | models.Q(
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    answer_kind="corrected",
                    answer__isnull=False,
                    correction__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="objection_dissatisfied_after_answer",
                condition=models.Q(dissatisfied_at__isnull=True) | models.Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="objection_town_replies_to_dissatisfied",
                condition=models.Q(town_replied_at__isnull=True) | models.Q(dissatisfied_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.receipt

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None


class ObjectionAddition(LedgerModel):
    """What its objector said further while an objection waited: one objection to a notice and line, not many (D11)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    objection = models.ForeignKey(
        Objection, on_delete=models.PROTECT, related_name="additions", verbose_name=_("objection")
    )
    text = EncryptedTextField(_("addition to an objection"), max_length=4000)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("addition to an objection")
        verbose_name_plural = _("additions to objections")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.objection_id} {self.at}"


class InvestigationNote(LedgerModel):
    """What was found out about an objection, when and by whom; only those who handle it read it."""

    objection = models.ForeignKey(
        Objection, on_delete=models.PROTECT, related_name="notes", verbose_name=_("objection")
    )
    text = EncryptedTextField(_("investigation note"), max_length=4000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("investigation note")
        verbose_name_plural = _("investigation notes")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.objection_id} {self.at}"


class LinePosting(LedgerModel):
    """From which day a line's revision has been up: each revision stays up its full days (D10)."""

    access_path = "line__review__branch"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="line_postings", verbose_name=_("notice"))
    line = models.OneToOneField(ReviewLine, on_delete=models.PROTECT, related_name="posting", verbose_name=_("line"))
    posted_on = models.DateField(_("posted on"))
    photo = models.CharField(_("photo"), max_length=64, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("line posted")
        verbose_name_plural = _("lines posted")

    def __str__(self) -> str:
        return f"{self.line_id} {self.posted_on}"


class EnteredCorrection(LedgerModel):
    """A correction one officer entered: nothing changes until another has reviewed it (复核, D10).

    `plan` holds what it does and `lines` the lines it makes (`publicity.rechecking.stored_plans`), `figures` their
    fingerprint. Carrying it out, refusing it or taking it back is stamped once. A decision of the town is carried out
    by who enters it; its number stands in `town_decision`, and there was no branch meeting.
    """

    class Outcome(models.TextChoices):
        CARRIED_OUT = "carried_out", _("reviewed and carried out")
        REFUSED = "refused", _("refused at the review")
        TAKEN_BACK = "taken_back", _("taken back")

    stamps: ClassVar[tuple[str, ...]] = ("outcome", "settled_at", "settled_by_id", "settled_reason", "correction_id")
    access_path = "review__branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="+", verbose_name=_("review"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="entered_corrections", verbose_name=_("member")
    )
    decided_on = models.DateField(_("decided on"))
    expected = models.PositiveSmallIntegerField(_("people expected"), null=True, blank=True)
    present = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    minutes = models.TextField(_("minutes"), max_length=8000, blank=True)
    by_assembly = models.BooleanField(_("decided by the members' assembly"), default=False)
    town_decision = models.CharField(_("number of the town's decision"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    plan = models.TextField(_("what it changes"))
    lines = models.TextField(_("lines shown when it was entered"))
    figures = models.TextField(_("their fingerprint"))
    objection = models.ForeignKey(
        Objection, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("objection")
    )
    answer = models.TextField(_("written answer to the objector"), max_length=4000, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )
    settled_reason = models.CharField(_("reason for refusing"), max_length=500, null=True, blank=True)
    correction = models.OneToOneField(
        Correction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entered",
        verbose_name=_("correction"),
    )

    class Meta:
        verbose_name = _("correction and its review")
        verbose_name_plural = _("corrections and their review")
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(settled_at__isnull=True), name="entered_correction_waits_once"
            ),
            models.CheckConstraint(
                name="entered_correction_outcome_is_complete",
                condition=models.Q(
                    outcome__isnull=True,
                    settled_at__isnull=True,
                    settled_by__isnull=True,
                    settled_reason__isnull=True,
                    correction__isnull=True,
                )
                | models.Q(
                    outcome="carried_out",
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_reason__isnull=True,
                    correction__isnull=False,
                )
                | models.Q(
                    outcome="refused",
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_reason__isnull=False,
                    correction__isnull=True,
                )
                | models.Q(
                    outcome="taken_back",
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                    settled_reason__isnull=True,
                    correction__isnull=True,
                ),
            ),
            # Two persons, whatever the code above says: only what the town decided is carried out by who entered it.
            models.CheckConstraint(
                name="entered_correction_by_two",
                condition=models.Q(settled_by__isnull=True)
                | models.Q(outcome="taken_back")
                | ~models.Q(town_decision="")
                | ~models.Q(settled_by=models.F("entered_by")),
            ),
            models.CheckConstraint(
                name="entered_correction_has_its_meeting",
                condition=~models.Q(town_decision="")
                | models.Q(expected__isnull=False, present__isnull=False, present__lte=models.F("expected")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.decided_on} {self.uuid}"

    @property
    def is_waiting(self) -> bool:
        return self.settled_at is None

    @property
    def answers_objection(self) -> bool:
        """Whether carrying it out answers its objection; one that was answered before keeps that answer."""
        return self.answer != ""
