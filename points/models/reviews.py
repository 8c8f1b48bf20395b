from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.ledger import LedgerModel
from members.models import Branch, Member, User
from points.rules import ratings

HALVES = (("H1", _("first half")), ("H2", _("second half")))


class Review(models.Model):
    """A branch's half-year (3.2): draft → submitted → approved → published → final; `points.reviews.steps` moves it.

    The meeting that approves is the branch committee's, or the members' assembly where there is no committee (D19).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        FINAL = "final", _("final")

    FROZEN = (State.APPROVED, State.PUBLISHED, State.FINAL)
    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("branch"))
    year = models.PositiveSmallIntegerField(_("assessment year"))
    half = models.CharField(_("half"), max_length=2, choices=HALVES)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    own_line_at = models.DateTimeField(_("secretary's own line approved at"), null=True, blank=True)
    own_line_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("secretary's own line approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    met_on = models.DateField(_("committee meeting on"), null=True, blank=True)
    met_at = models.CharField(_("place of the meeting"), max_length=100, blank=True)
    expected = models.PositiveSmallIntegerField(_("people expected"), null=True, blank=True)
    present = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    minutes = models.TextField(_("minutes"), max_length=8000, blank=True)
    photo = models.CharField(_("photo of the meeting"), max_length=64, blank=True)
    by_assembly = models.BooleanField(_("decided by the members' assembly"), default=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    final_at = models.DateTimeField(_("final at"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reopened by")
    )

    class Meta:
        verbose_name = _("half-year review")
        verbose_name_plural = _("half-year reviews")
        ordering = ("-year", "-half", "branch_id")
        constraints = (
            models.UniqueConstraint(fields=("branch", "year", "half"), name="review_once_per_half"),
            models.CheckConstraint(
                name="review_present_at_most_expected",
                condition=models.Q(present__isnull=True) | models.Q(present__lte=models.F("expected")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.branch} {self.year} {self.get_half_display()}"

    @property
    def branch_name(self) -> str:
        """What the branch was called when the half was approved, for its papers and pages; until then today's name."""
        if self.approved_at is None:
            return self.branch.name
        return self.branch.name_on(timezone.localdate(self.approved_at))


class ReviewRemark(models.Model):
    """Why a review was returned: about one member's line, or (member None) about the whole half."""

    access_path = "review__branch"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="remarks", verbose_name=_("review"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    text = models.CharField(_("remark"), max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("review remark")
        verbose_name_plural = _("review remarks")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return self.text[:40]


class Freeze(LedgerModel):
    """One link of a branch's hash chain, appended by each approval or correction over its lines' hashes."""

    access_path = "branch"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="freezes", verbose_name=_("branch"))
    sequence = models.PositiveIntegerField(_("sequence"))
    previous_hash = models.CharField(_("previous hash"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64, unique=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor"))

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        ordering = ("branch_id", "sequence")
        constraints = (models.UniqueConstraint(fields=("branch", "sequence"), name="freeze_once_per_sequence"),)

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"


class Correction(LedgerModel):
    """Why a line was changed after approval (D10): what the committee decided, when, and what it answers."""

    access_path = "member"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("review"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("member"))
    decided_on = models.DateField(_("committee meeting that decided"))
    reason = models.CharField(_("reason"), max_length=500)
    objection = models.UUIDField(_("objection"), null=True, blank=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor"))
    consent_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("town's consent by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.decided_on} {self.uuid}"


class ReviewLine(LedgerModel):
    """A member's frozen score in a review; the highest revision counts, the others stay readable as superseded.

    `payload` is canonical JSON (see `points.scoring.freezing`), `hash` its SHA-256.
    """

    access_path = "review__branch"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="lines", verbose_name=_("review"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="review_lines", verbose_name=_("member"))
    revision = models.PositiveSmallIntegerField(_("revision"))
    payload = models.TextField(_("payload"))
    hash = models.CharField(_("hash"), max_length=64)
    freeze = models.ForeignKey(Freeze, on_delete=models.PROTECT, related_name="lines", verbose_name=_("freeze"))
    correction = models.ForeignKey(
        Correction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("correction"),
    )

    class Meta:
        verbose_name = _("review line")
        verbose_name_plural = _("review lines")
        ordering = ("review_id", "member_id", "revision")
        constraints = (
            models.UniqueConstraint(fields=("review", "member", "revision"), name="review_line_once_per_revision"),
            models.CheckConstraint(
                name="review_line_correction_after_first",
                condition=models.Q(revision=1) | models.Q(revision__gt=1, correction__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.review_id} {self.member_id} {self.revision}"


class ReviewDates(models.Model):
    """The days by which a town wants each half submitted, approved and posted; late ones say so.

    Those of a second half are set for a branch whose year's end is settled by 31 December: where it is settled later,
    they move by as many days, at most as if it had been on `latest_start`; without one they never move (D3).
    """

    town = models.ForeignKey("members.Town", on_delete=models.CASCADE, related_name="+", verbose_name=_("town"))
    year = models.PositiveSmallIntegerField(_("assessment year"))
    half = models.CharField(_("half"), max_length=2, choices=HALVES)
    submit_by = models.DateField(_("submit by"))
    approve_by = models.DateField(_("approve by"))
    post_by = models.DateField(_("post by"))
    latest_start = models.DateField(_("counted at latest from"), null=True, blank=True)

    class Meta:
        verbose_name = _("review dates")
        verbose_name_plural = _("review dates")
        ordering = ("town_id", "-year", "-half")
        constraints = (models.UniqueConstraint(fields=("town", "year", "half"), name="review_dates_once_per_half"),)

    def __str__(self) -> str:
        return f"{self.year} {self.half}"


class Confirmation(LedgerModel):
    """A member's agreement with their half-year result (3.3, D26): in the portal, on paper, or at a meeting."""

    class How(models.TextChoices):
        PORTAL = "portal", _("in the portal")
        FORM = "form", _("on the record form")
        SLIP = "slip", _("on the result slip")
        MEETING = "meeting", _("at a meeting")

    access_path = "line__review__branch"

    line = models.ForeignKey(ReviewLine, on_delete=models.PROTECT, related_name="confirmations", verbose_name=_("line"))
    how = models.CharField(_("how"), max_length=8, choices=How.choices)
    confirmed_on = models.DateField(_("confirmed on"))
    scan = models.CharField(_("scan"), max_length=64, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = (models.UniqueConstraint(fields=("line",), name="confirmation_once_per_line"),)

    def __str__(self) -> str:
        return f"{self.line_id} {self.how}"


class Rating(LedgerModel):
    """What a branch decided about a member's year (4, D14); the latest row counts, the others stay readable."""

    class Decision(models.TextChoices):
        EXCELLENT = ratings.EXCELLENT, _("excellent")
        QUALIFIED = ratings.QUALIFIED, _("qualified")
        BASICALLY_QUALIFIED = ratings.BASICALLY_QUALIFIED, _("basically qualified")
        UNQUALIFIED = ratings.UNQUALIFIED, _("unqualified")
        DEFERRED = ratings.DEFERRED, _("deferred")

    access_path = "branch"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="ratings", verbose_name=_("branch"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="ratings", verbose_name=_("member"))
    year = models.PositiveSmallIntegerField(_("assessment year"))
    decision = models.CharField(_("rating"), max_length=20, choices=Decision.choices)
    met_on = models.DateField(_("branch meeting that decided"))
    settle_by = models.DateField(_("deferred until"), null=True, blank=True)
    """Of a deferred one alone: the day by which the branch decides."""
    votes = models.CharField(_("votes of the appraisal"), max_length=40, blank=True)
    """How many at the 民主评议 were for each rating, best first: `12/5/1/0`; empty where they were not entered."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ("-year", "branch_id", "member_id", "id")
        indexes = (models.Index(fields=("year", "member"), name="rating_by_year"),)
        constraints = (
            models.CheckConstraint(
                name="rating_day_is_of_a_deferred_one",
                condition=models.Q(settle_by__isnull=True) | models.Q(decision=ratings.DEFERRED),
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.decision}"

    @property
    def branch_name(self) -> str:
        """What the branch was called when it decided."""
        return self.branch.name_on(self.met_on)
