"""The half-year review (3.2): one table of what may happen when and by whom, one function per step.

draft → submitted → approved → published → final; a return leads from submitted back to draft. Each step is one
transaction: authorise, lock, check again, change, log. `explain_refusal` tells the screens why a step is not open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, may
from members.audit import log_change
from members.locks import lock_for_score
from members.models import Branch, Exemption, Member, User
from members.selectors import members_in
from points.adoption import rulebook_for
from points.errors import TransitionRefused
from points.freezing import (
    NOTHING_FROZEN,
    FrozenHalves,
    append_freeze,
    hash_text,
    read_frozen_halves,
    uuids_behind,
    write_payload,
)
from points.models import AssessmentYear, Attendance, Deduction, PointEvent, Review, ReviewLine, ReviewRemark
from points.rules.periods import H2, half_end, half_start
from points.rules.score import ScoreSheet, score_member
from points.scoring import read_facts, read_standings
from veto.models import VetoRecord

State = Review.State


class Step(StrEnum):
    """What can happen to a review."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE_OWN_LINE = "approve_own_line"
    APPROVE = "approve"
    PUBLISH = "publish"
    FINALISE = "finalise"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class StepRule:
    """From which states a step leads where, which action its actor needs, and what to say otherwise."""

    sources: tuple[State, ...]
    target: State
    action: Action
    refusal: str | Promise


STEPS: Mapping[Step, StepRule] = {
    Step.SUBMIT: StepRule(
        (State.DRAFT,),
        State.SUBMITTED,
        Action.SUBMIT_REVIEW,
        gettext_lazy("Only a draft can be submitted; this half was submitted before."),
    ),
    Step.RETURN: StepRule(
        (State.SUBMITTED,),
        State.DRAFT,
        Action.APPROVE_REVIEW,
        gettext_lazy("Only a submitted half can be returned. After approval a change is a correction."),
    ),
    Step.APPROVE_OWN_LINE: StepRule(
        (State.SUBMITTED,),
        State.SUBMITTED,
        Action.APPROVE_OWN_LINE,
        gettext_lazy("The secretary's own line is approved while the half is submitted."),
    ),
    Step.APPROVE: StepRule(
        (State.SUBMITTED,),
        State.APPROVED,
        Action.APPROVE_REVIEW,
        gettext_lazy("Only a submitted half can be approved; the recorder submits it first."),
    ),
    Step.PUBLISH: StepRule(
        (State.APPROVED,),
        State.PUBLISHED,
        Action.APPROVE_REVIEW,
        gettext_lazy("Only an approved half can be posted."),
    ),
    Step.FINALISE: StepRule(
        (State.PUBLISHED,),
        State.FINAL,
        Action.APPROVE_REVIEW,
        gettext_lazy("Only a posted half can become final."),
    ),
    Step.REOPEN: StepRule(
        (State.FINAL,),
        State.PUBLISHED,
        Action.CONSENT,
        gettext_lazy("Only a final half can be opened again, by the town's staff."),
    ),
}


@dataclass(frozen=True, slots=True)
class CommitteeMeeting:
    """The meeting that decided (3.2, D19)."""

    met_on: date
    met_at: str
    expected: int
    present: int
    minutes: str


@dataclass(frozen=True, slots=True)
class ReviewedMember:
    """One member of a review with the live sheet through the half's end and what had been frozen of the year."""

    member: Member
    sheet: ScoreSheet
    frozen: FrozenHalves
    half: str

    @property
    def first_half(self) -> int | None:
        """The frozen first half a second half builds on, in tenths; None for a first half, or one out of scope."""
        return self.frozen.first_half if self.half == H2 else None

    @property
    def half_score(self) -> int:
        """Tenths; the half is the cumulative score less the first half (D8)."""
        return self.sheet.total - (self.first_half or 0)


def open_review(*, branch: Branch, year: int, half: str) -> Review:
    """The branch's review of a half, made as a draft when there is none yet; raises NoRulebook (D1)."""
    rulebook_for(branch.town, year)
    review, _created = Review.objects.get_or_create(branch=branch, year=year, half=half)
    return review


def members_reviewed(branch: Branch, year: int, half: str) -> list[Member]:
    """Who is in the review: in the branch on the half's last day and not exempt on it, in roster order (D15)."""
    last_day = half_end(year, half)
    exempt = Exemption.objects.filter(from_date__lte=last_day).exclude(ended_on__lte=last_day)
    return list(members_in([branch.pk], last_day).exclude(pk__in=exempt.values("member")).order_by("position", "pk"))


def score_review(review: Review) -> list[ReviewedMember]:
    """Score the members of a review from the live ledger; a constant number of queries."""
    return score_reviewed(review, members_reviewed(review.branch, review.year, review.half))


def score_reviewed(review: Review, members: Sequence[Member]) -> list[ReviewedMember]:
    """Score some members of a review through its half's end, whatever became of them afterwards."""
    rulebook = rulebook_for(review.branch.town, review.year)
    through = half_end(review.year, review.half)
    queryset = Member.objects.filter(pk__in=[member.pk for member in members])
    frozen = read_frozen_halves(queryset, review.year)
    facts = dict(read_facts(queryset, review.year, read_standings(queryset, review.year), frozen))
    return [
        ReviewedMember(
            member,
            score_member(rulebook, facts[member.pk], through),
            frozen.get(member.pk, NOTHING_FROZEN),
            review.half,
        )
        for member in members
    ]


def explain_refusal(step: Step, review: Review, *, actor: User, now: datetime) -> str:
    """Why the actor cannot take a step now, in words; empty when they can (the meeting's own guards aside)."""
    rule = STEPS[step]
    if not may(actor, rule.action, review.branch, on=timezone.localdate(now)):
        return _("This step is for the branch's secretary, or for whoever the regulation names; not for your role.")
    if review.state not in rule.sources:
        return str(rule.refusal)
    if step is Step.SUBMIT:
        return _refuse_submission(review, timezone.localdate(now))
    if step is Step.APPROVE:
        return _refuse_approval(review, actor)
    if step is Step.APPROVE_OWN_LINE and actor.member_id == _own_line_of(review):
        return _("Nobody approves their own line: another committee member or the town's staff does.")
    return ""


def _refuse_submission(review: Review, today: date) -> str:
    last_day = half_end(review.year, review.half)
    if today < last_day:
        return _("The half ends on %(date)s; submit it on that day or later.") % {"date": last_day}
    return ""


def _refuse_approval(review: Review, actor: User) -> str:
    if review.half == H2:
        waiting = _without_frozen_first_half(review)
        if waiting:
            return _(
                "The first half must be approved first, for the second is the annual score less it (D8, D20). "
                "Still missing: %(names)s."
            ) % {"names": "、".join(member.name for member in waiting[:10])}
    if review.branch.has_committee and _recorded_in(review, actor):
        return _(
            "You recorded points of this half yourself. Recording and approving are two seats (D19): another "
            "secretary or the town's staff approves, or a branch without a committee lets its assembly decide."
        )
    own_line = _own_line_of(review)
    if own_line is not None and actor.member_id == own_line and review.own_line_by_id is None:
        return _(
            "Your own line must be approved by another committee member or the town's staff before you approve (D19)."
        )
    return ""


def _without_frozen_first_half(review: Review) -> list[Member]:
    """Members of a second-half review who were in the scheme at the end of the first and have no frozen line of it."""
    members = members_reviewed(review.branch, review.year, H2)
    queryset = Member.objects.filter(pk__in=[member.pk for member in members])
    standings = read_standings(queryset, review.year)
    frozen = read_frozen_halves(queryset, review.year)
    return [
        member
        for member in members
        if standings[member.pk].first_half_in_scope and frozen.get(member.pk, NOTHING_FROZEN).first_half is None
    ]


def _recorded_in(review: Review, actor: User) -> bool:
    """Whether the actor recorded a live record of the half of one of its members (D19)."""
    ids = [member.pk for member in members_reviewed(review.branch, review.year, review.half)]
    span = (half_start(review.year, review.half), half_end(review.year, review.half))
    mine = {"member__in": ids, "batch__actor": actor, "voided_at__isnull": True}
    return (
        PointEvent.objects.filter(**mine, year=review.year, date__range=span).exists()
        or Attendance.objects.filter(**mine, meeting__held_on__range=span).exists()
        or Deduction.objects.filter(**mine, date__range=span).exists()
        or VetoRecord.objects.filter(**mine, date__range=span).exists()
    )


def _own_line_of(review: Review) -> int | None:
    """The member id of the branch's secretary, when the secretary has a line in this review."""
    last_day = half_end(review.year, review.half)
    secretary = review.branch.appointments.filter(role="secretary", user__member__isnull=False, to_date__isnull=True)
    member_id = secretary.values_list("user__member_id", flat=True).first()
    if member_id is None:
        return None
    return member_id if members_in([review.branch_id], last_day).filter(pk=member_id).exists() else None


@contextmanager
def _taking(step: Step, review: Review, *, actor: User, now: datetime) -> Iterator[Review]:
    """Authorise, lock the branch and its members, read the review again and check the step; yields the fresh row."""
    if not may(actor, STEPS[step].action, review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(explain_refusal(step, review, actor=actor, now=now))
    with transaction.atomic():
        members = members_reviewed(review.branch, review.year, review.half)
        lock_for_score(branch_ids=[review.branch_id], member_ids=[member.pk for member in members])
        fresh = Review.objects.select_related("branch__town").get(pk=review.pk)
        refusal = explain_refusal(step, fresh, actor=actor, now=now)
        if refusal:
            raise TransitionRefused(refusal)
        fresh.state = STEPS[step].target
        yield fresh


def submit_review(*, actor: User, now: datetime, review: Review) -> Review:
    """The recorder hands the half to the secretary; from now on nothing can be recorded or voided for it (D20).

    Raises:
        PermissionDenied, TransitionRefused.
    """
    with _taking(Step.SUBMIT, review, actor=actor, now=now) as fresh:
        fresh.submitted_at, fresh.submitted_by = now, actor
        fresh.own_line_at = fresh.own_line_by = None
        fresh.save()
        year = AssessmentYear.objects.select_for_update().get(town=fresh.branch.town_id, year=fresh.year)
        if year.frozen_at is None:
            year.frozen_at = now
            year.save(update_fields=["frozen_at"])
        _log(fresh, actor=actor, now=now, verb="submit_review")
    return fresh


def return_review(
    *, actor: User, now: datetime, review: Review, remark: str = "", line_remarks: Mapping[int, str] | None = None
) -> Review:
    """Return the half to the recorder, with a remark on the whole or on lines (member id to remark).

    Raises:
        PermissionDenied, TransitionRefused (also without any remark).
    """
    remarks: list[tuple[int | None, str]] = [
        (member_id, text.strip()) for member_id, text in (line_remarks or {}).items() if text.strip()
    ]
    if remark.strip():
        remarks.append((None, remark.strip()))
    if not remarks:
        raise TransitionRefused(_("Say what to change: a remark on a line or on the whole half."))
    with _taking(Step.RETURN, review, actor=actor, now=now) as fresh:
        allowed = {member.pk for member in members_reviewed(fresh.branch, fresh.year, fresh.half)}
        if any(member_id is not None and member_id not in allowed for member_id, _text in remarks):
            raise TransitionRefused(_("A remark names somebody who has no line in this half."))
        fresh.own_line_at = fresh.own_line_by = None
        fresh.save()
        ReviewRemark.objects.bulk_create(
            ReviewRemark(review=fresh, member_id=member_id, text=text[:500], by=actor, at=now)
            for member_id, text in remarks
        )
        _log(fresh, actor=actor, now=now, verb="return_review", new={"remarks": len(remarks)})
    return fresh


def approve_own_line(*, actor: User, now: datetime, review: Review) -> Review:
    """Another committee member or the town's staff approves the secretary's own line (D19).

    Raises:
        PermissionDenied, TransitionRefused.
    """
    with _taking(Step.APPROVE_OWN_LINE, review, actor=actor, now=now) as fresh:
        if _own_line_of(fresh) is None:
            raise TransitionRefused(_("The secretary has no line of their own in this half."))
        fresh.own_line_at, fresh.own_line_by = now, actor
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="approve_own_line")
    return fresh


def approve_review(*, actor: User, now: datetime, review: Review, meeting: CommitteeMeeting) -> Review:
    """Approve the half as the committee decided it: every member's line is frozen and joins the branch's chain.

    Raises:
        PermissionDenied, TransitionRefused (state, order, D19, or a meeting without quorum or minutes).
    """
    _check_meeting(meeting, review, today=timezone.localdate(now))
    with _taking(Step.APPROVE, review, actor=actor, now=now) as fresh:
        fresh.approved_at, fresh.approved_by = now, actor
        fresh.met_on, fresh.met_at = meeting.met_on, meeting.met_at
        fresh.expected, fresh.present = meeting.expected, meeting.present
        fresh.minutes = meeting.minutes
        fresh.by_assembly = not fresh.branch.has_committee
        fresh.save()
        freeze_lines(actor=actor, now=now, review=fresh, reviewed=score_review(fresh))
        _log(fresh, actor=actor, now=now, verb="approve_review", new={"met_on": meeting.met_on.isoformat()})
    return fresh


def _check_meeting(meeting: CommitteeMeeting, review: Review, *, today: date) -> None:
    if not meeting.minutes.strip():
        raise TransitionRefused(_("Enter the minutes of the meeting: what was discussed and decided."))
    if meeting.met_on > today or meeting.met_on < half_end(review.year, review.half):
        raise TransitionRefused(_("The meeting is held when the half is over, and not in the future."))
    if not 0 < meeting.present <= meeting.expected or 2 * meeting.present <= meeting.expected:
        raise TransitionRefused(_("More than half of those expected must be present (D19)."))


def freeze_lines(
    *, actor: User, now: datetime, review: Review, reviewed: Sequence[ReviewedMember], correction_id: int | None = None
) -> None:
    """Write one new revision for each reviewed member and append the link over their hashes; locks are held."""
    digest = AssessmentYear.objects.values_list("rulebook__hash", flat=True).get(
        town=review.branch.town_id, year=review.year
    )
    latest: dict[int, int] = {}
    for member_id, revision in ReviewLine.objects.filter(review=review).values_list("member_id", "revision"):
        latest[member_id] = max(revision, latest.get(member_id, 0))
    uuids = uuids_behind(row.sheet for row in reviewed)
    rows = []
    for row in reviewed:
        revision = latest.get(row.member.pk, 0) + 1
        payload = write_payload(
            review=review,
            member_uuid=row.member.uuid,
            revision=revision,
            rulebook_hash=digest,
            sheet=row.sheet,
            first_half=row.first_half,
            approvals=row.frozen.approvals,
            uuids=uuids,
        )
        rows.append((row.member.pk, revision, payload, hash_text(payload)))
    freeze = append_freeze(actor=actor, now=now, branch=review.branch, line_hashes=[digest for *_rest, digest in rows])
    ReviewLine.objects.bulk_create(
        ReviewLine(
            review=review,
            member_id=member_id,
            revision=revision,
            payload=payload,
            hash=line_hash,
            freeze=freeze,
            correction_id=correction_id,
        )
        for member_id, revision, payload, line_hash in rows
    )


def mark_published(*, actor: User, now: datetime, review: Review) -> Review:
    """The notice went up on its last required channel; called by `publicity`, which checks its own guards."""
    with _taking(Step.PUBLISH, review, actor=actor, now=now) as fresh:
        fresh.published_at = now
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="mark_published")
    return fresh


def mark_final(*, actor: User, now: datetime, review: Review) -> Review:
    """Every line had its days and nothing is unanswered; called by `publicity`, which checks that."""
    with _taking(Step.FINALISE, review, actor=actor, now=now) as fresh:
        fresh.final_at = now
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="mark_final")
    return fresh


def _log(review: Review, *, actor: User, now: datetime, verb: str, new: Mapping[str, object] | None = None) -> None:
    log_change(
        actor=actor,
        now=now,
        town=review.branch.town,
        verb=verb,
        subject=review,
        new={"year": review.year, "half": review.half, "state": review.state, **(new or {})},
    )
