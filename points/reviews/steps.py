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
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Branch, Member, User
from members.people.recusal import require_recusal_statement
from points.errors import TransitionRefused
from points.models import AssessmentYear, Review, ReviewRemark
from points.reviews.guards import refuse_approval, refuse_deputy, refuse_final, refuse_own_line, refuse_submission
from points.reviews.members import freeze_lines, members_of_half, score_members_of_half
from points.rules.periods import half_end
from points.scoring.adoption import rulebook_for

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
        Action.DECIDE_REVIEW,
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
        Action.DECIDE_REVIEW,
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


WHO_MAY: Mapping[Action, str | Promise] = {
    Action.SUBMIT_REVIEW: gettext_lazy("the branch's recorder or secretary, or the town's staff"),
    Action.APPROVE_REVIEW: gettext_lazy("the branch's secretary or the town's staff"),
    Action.DECIDE_REVIEW: gettext_lazy("the branch's committee or the town's staff"),
    Action.APPROVE_OWN_LINE: gettext_lazy("another member of the branch committee or the town's staff"),
    Action.CONSENT: gettext_lazy("the town's staff"),
}
"""Whom the steps' actions belong to, for the refusal of everybody else."""


@dataclass(frozen=True, slots=True)
class CommitteeMeeting:
    """The meeting that decided (3.2, D19); `photo` names a kept picture of it or a scan of its minutes."""

    met_on: date
    met_at: str
    expected: int
    present: int
    minutes: str
    photo: str = ""


def open_review(*, branch: Branch, year: int, half: str) -> Review:
    """The branch's review of a half, made as a draft when there is none yet; raises NoRulebook (D1)."""
    rulebook_for(branch.town, year)
    review, _created = Review.objects.get_or_create(branch=branch, year=year, half=half)
    return review


def explain_no_withdrawal(review: Review, *, actor: User, now: datetime) -> str:
    """Why the actor cannot take back a half that was opened, in words; empty when they can."""
    if not may(actor, Action.SUBMIT_REVIEW, review.branch, on=timezone.localdate(now)):
        return _("This step is for %(who)s.") % {"who": WHO_MAY[Action.SUBMIT_REVIEW]}
    # Whatever was returned carries a remark: it was submitted once.
    if review.state != State.DRAFT or review.remarks.exists():
        return _("Only a half that was never submitted can be taken back.")
    return ""


def withdraw_review(*, actor: User, now: datetime, review: Review) -> None:
    """Take back a half opened by mistake, as long as it was never submitted; its records stay, it can be opened again.

    Raises:
        PermissionDenied, TransitionRefused.
    """
    if not may(actor, Action.SUBMIT_REVIEW, review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(explain_no_withdrawal(review, actor=actor, now=now))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        fresh = Review.objects.select_related("branch__town").filter(pk=review.pk).first()
        if fresh is None:
            raise TransitionRefused(_("This half was taken back already."))
        if refusal := explain_no_withdrawal(fresh, actor=actor, now=now):
            raise TransitionRefused(refusal)
        _log(fresh, actor=actor, now=now, verb="withdraw_review")
        fresh.delete()


def explain_refusal(
    step: Step, review: Review, *, actor: User, now: datetime, members: Sequence[Member] | None = None
) -> str:
    """Why the actor cannot take a step now, in words; empty when they can (the meeting's own guards aside).

    `members` are those reviewed, for a caller who has read them.
    """
    rule = STEPS[step]
    today = timezone.localdate(now)
    if not may(actor, rule.action, review.branch, on=today):
        return _("This step is for %(who)s.") % {"who": WHO_MAY[rule.action]}
    if review.state not in rule.sources:
        return str(rule.refusal)
    if step is Step.FINALISE:
        return refuse_final(review)
    if step in (Step.PUBLISH, Step.REOPEN):
        return ""
    if members is None:
        members = members_of_half(review.branch, review.year, review.half)
    if step is Step.SUBMIT:
        return refuse_submission(review, members, today=today)
    if step is Step.APPROVE_OWN_LINE:
        return refuse_own_line(review, actor, members, today=today)
    refusal = refuse_deputy(review, actor, members, today=today)
    if step is Step.APPROVE and not refusal:
        return refuse_approval(review, actor, members)
    return refusal


@dataclass(frozen=True, slots=True)
class _Taken:
    """A review read anew under the locks, its step checked, and whom it is about."""

    review: Review
    members: Sequence[Member]


@contextmanager
def _taking(step: Step, review: Review, *, actor: User, now: datetime) -> Iterator[_Taken]:
    """Authorise, lock the branch and its members, read the review again and check the step."""
    if not may(actor, STEPS[step].action, review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(explain_refusal(step, review, actor=actor, now=now))
    with transaction.atomic():
        # Who is reviewed is read once, under the branch's lock: no move can change it until the step is done, and an
        # exemption cannot while the half lies with the secretary.
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        members = members_of_half(review.branch, review.year, review.half)
        lock_for_score(branch_ids=(), member_ids=[member.pk for member in members])
        fresh = Review.objects.select_related("branch__town", "own_line_by").get(pk=review.pk)
        refusal = explain_refusal(step, fresh, actor=actor, now=now, members=members)
        if refusal:
            raise TransitionRefused(refusal)
        fresh.state = STEPS[step].target
        yield _Taken(fresh, members)


def submit_review(*, actor: User, now: datetime, review: Review) -> Review:
    """The recorder hands the half to the secretary; from now on nothing can be recorded or voided for it (D20).

    Raises:
        PermissionDenied, TransitionRefused.
    """
    with _taking(Step.SUBMIT, review, actor=actor, now=now) as taken:
        fresh = taken.review
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
        PermissionDenied, TextTooLong, TransitionRefused (also without any remark).
    """
    remarks: list[tuple[int | None, str]] = [
        (member_id, fitting) for member_id, text in (line_remarks or {}).items() if (fitting := fit_text(text))
    ]
    if remark := fit_text(remark):
        remarks.append((None, remark))
    if not remarks:
        raise TransitionRefused(_("Say what to change: a remark on a line or on the whole half."))
    with _taking(Step.RETURN, review, actor=actor, now=now) as taken:
        fresh = taken.review
        allowed = {member.pk for member in taken.members}
        if any(member_id is not None and member_id not in allowed for member_id, _text in remarks):
            raise TransitionRefused(_("A remark names somebody who has no line in this half."))
        fresh.submitted_at = fresh.submitted_by = None
        fresh.own_line_at = fresh.own_line_by = None
        fresh.save()
        ReviewRemark.objects.bulk_create(
            ReviewRemark(review=fresh, member_id=member_id, text=text, by=actor, at=now) for member_id, text in remarks
        )
        _log(fresh, actor=actor, now=now, verb="return_review", new={"remarks": len(remarks)})
    return fresh


def approve_own_line(*, actor: User, now: datetime, review: Review, is_unrelated: bool) -> Review:
    """Another committee member or the town's staff approves the secretary's own line (D19), and a deputy's (D27).

    `is_unrelated`: the actor's recusal statement, ticked, that whom it is about is not their close kin; it is logged.

    Raises:
        PermissionDenied, TransitionRefused.
        NotAllowed: without the recusal statement.
    """
    with _taking(Step.APPROVE_OWN_LINE, review, actor=actor, now=now) as taken:
        require_recusal_statement(declared=is_unrelated)
        fresh = taken.review
        fresh.own_line_at, fresh.own_line_by = now, actor
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="approve_own_line", new={"recusal": True})
    return fresh


def approve_review(*, actor: User, now: datetime, review: Review, meeting: CommitteeMeeting) -> Review:
    """Approve the half as the committee decided it: every member's line is frozen and joins the branch's chain.

    Raises:
        PermissionDenied, TransitionRefused (state, order, D19, or a meeting without quorum or minutes).
    """
    _check_meeting(meeting, review, today=timezone.localdate(now))
    with _taking(Step.APPROVE, review, actor=actor, now=now) as taken:
        fresh = taken.review
        fresh.approved_at, fresh.approved_by = now, actor
        fresh.met_on, fresh.met_at = meeting.met_on, meeting.met_at
        fresh.expected, fresh.present = meeting.expected, meeting.present
        fresh.minutes, fresh.photo = meeting.minutes, meeting.photo
        fresh.by_assembly = not fresh.branch.has_committee
        fresh.save()
        freeze = freeze_lines(actor=actor, now=now, review=fresh, members=score_members_of_half(fresh, taken.members))
        new = {"met_on": meeting.met_on.isoformat(), "photo": meeting.photo, "links": [freeze.hash]}
        _log(fresh, actor=actor, now=now, verb="approve_review", new=new)
    return fresh


def _check_meeting(meeting: CommitteeMeeting, review: Review, *, today: date) -> None:
    if not meeting.minutes.strip():
        raise TransitionRefused(_("Enter the minutes of the meeting: what was discussed and decided."))
    if meeting.met_on > today or meeting.met_on < half_end(review.year, review.half):
        raise TransitionRefused(_("The meeting is held when the half is over, and not in the future."))
    if not 0 < meeting.present <= meeting.expected or 2 * meeting.present <= meeting.expected:
        raise TransitionRefused(_("More than half of those expected must be present."))


def mark_published(*, actor: User, now: datetime, review: Review) -> Review:
    """The notice went up on its last required channel; called by `publicity`, which checks its own guards."""
    with _taking(Step.PUBLISH, review, actor=actor, now=now) as taken:
        fresh = taken.review
        fresh.published_at = now
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="mark_published")
    return fresh


def mark_final(*, actor: User, now: datetime, review: Review) -> Review:
    """Every line had its days and nothing is unanswered; called by `publicity`, which checks that."""
    with _taking(Step.FINALISE, review, actor=actor, now=now) as taken:
        fresh = taken.review
        fresh.final_at = now
        fresh.reopened_at = fresh.reopened_by = None
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="mark_final")
    return fresh


def reopen_review(*, actor: User, now: datetime, review: Review, reason: str) -> Review:
    """The town's staff open a final half for corrections: it is published again until it becomes final anew (D10).

    Raises:
        PermissionDenied, MissingReason, TextTooLong, TransitionRefused.
    """
    reason = require_reason(reason, _("Say why the half is opened again; the reason stays in the log."))
    with _taking(Step.REOPEN, review, actor=actor, now=now) as taken:
        fresh = taken.review
        fresh.final_at = None
        fresh.reopened_at, fresh.reopened_by = now, actor
        fresh.save()
        _log(fresh, actor=actor, now=now, verb="reopen_review", new={"reason": reason})
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
