"""A correction on its way (D10): entered with its meeting, then reviewed and carried out, refused, or taken back.

Nothing of the ledger changes until the review, and then exactly what was entered: the plan is stored, and where the
figures have become others in between it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.errors import DuplicateBatch, NotAllowed
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Branch, Notification, User
from members.notifications import notify_users
from members.people.naming import list_names
from members.people.recusal import require_unrelated
from members.places.resolutions import Body, body_of, is_quorate
from points.errors import CorrectionRefused
from points.models import Correction
from publicity.corrections.corrections import TwoOfficers
from publicity.corrections.plans import Attempt, CorrectionPlan, carry_out_plan, try_plan
from publicity.models import EnteredCorrection, Objection
from publicity.objections.access import objections_to_handle
from publicity.objections.objections import TEXT_LIMIT, check_answer, stamp_answer
from publicity.rechecking.access import explain_no_review
from publicity.rechecking.stored_plans import pack_lines, pack_plan, read_plan

MINUTES_LENGTH = 8000
Outcome = EnteredCorrection.Outcome


@dataclass(frozen=True, slots=True)
class DecidingMeeting:
    """Who came to the meeting that decided a correction, and its minutes; its day is the plan's `decided_on`.

    The committee's, or the members' assembly where there is no committee (D19).
    """

    expected: int
    present: int
    minutes: str


@dataclass(frozen=True, slots=True)
class Entering:
    """A correction that was entered, with the lines it will revise; `entered` is None where other figures were seen."""

    entered: EnteredCorrection | None
    attempt: Attempt


def enter_correction(
    *,
    actor: User,
    now: datetime,
    plan: CorrectionPlan,
    meeting: DecidingMeeting,
    is_unrelated: bool,
    seen: str | None = None,
    objection: Objection | None = None,
    answer: str = "",
    token: UUID | None = None,
) -> Entering:
    """Enter what the meeting decided about a line; it waits for another officer's review and changes nothing yet.

    `seen` is the fingerprint of the figures that were shown; where it comes out otherwise nothing is entered. With an
    `objection` that is open the review answers it by `answer`; one that was answered keeps its answer.
    `is_unrelated`: the actor declares to be no close kin of the member.

    Raises:
        What `correct_line` and `check_answer` raise, and NotAllowed, MissingReason, TextTooLong.
        CorrectionRefused: without quorum or minutes, or another correction of the member waits.
        DuplicateBatch: the form with this token was sent before.
    """
    answer = fit_text(answer, most=TEXT_LIMIT)
    reason = require_reason(plan.reason)
    branch = plan.review.branch
    if not may(actor, Action.CORRECT, branch, on=timezone.localdate(now)):
        raise PermissionDenied(_("A correction is entered and reviewed by the branch's committee or the town's staff."))
    require_unrelated(actor, plan.member, declared=is_unrelated)
    minutes = _check_meeting(meeting, branch)
    if objection is not None:
        _check_objection(objection, actor=actor, now=now, answer=answer)
    with transaction.atomic():
        attempt = try_plan(entered_by=actor, now=now, plan=plan)
        if seen is not None and attempt.fingerprint != seen:
            return Entering(None, attempt)
        lock_for_score(branch_ids=[branch.pk], member_ids=[plan.member.pk])
        if token is not None and EnteredCorrection.objects.filter(uuid=token).exists():
            raise DuplicateBatch(_("This correction was entered before; nothing was written a second time."))
        if EnteredCorrection.objects.filter(member=plan.member, settled_at__isnull=True).exists():
            raise CorrectionRefused(
                _("Another correction of %(name)s waits for its review: have it reviewed, or taken back, first.")
                % {"name": list_names([plan.member], on=plan.decided_on)}
            )
        entered = EnteredCorrection.objects.create(
            uuid=token or uuid4(),
            review=plan.review,
            member=plan.member,
            decided_on=plan.decided_on,
            expected=meeting.expected,
            present=meeting.present,
            minutes=minutes,
            by_assembly=not branch.has_committee,
            reason=reason,
            plan=pack_plan(plan),
            lines=pack_lines(attempt.revised),
            figures=attempt.fingerprint,
            objection=objection,
            answer=answer if objection is not None else "",
            entered_by=actor,
            at=now,
        )
        _log(entered, actor=actor, now=now, verb="enter_correction", new={"recusal": True})
    return Entering(entered, attempt)


def _check_objection(objection: Objection, *, actor: User, now: datetime, answer: str) -> None:
    """An open objection is answered by whoever corrects; one that was answered needs no answer, and takes none.

    Raises:
        What `check_answer` raises.
    """
    if answer or not Objection.objects.get(pk=objection.pk).is_answered:
        check_answer(objection, answered_by=actor, now=now, answer=answer)
    elif not objections_to_handle(actor, on=timezone.localdate(now)).contains(objection):
        raise PermissionDenied(_("This objection is not yours to handle."))


def _check_meeting(meeting: DecidingMeeting, branch: Branch) -> str:
    """The minutes as they are kept, of a meeting that could decide (D19).

    Raises:
        CorrectionRefused, TextTooLong.
    """
    minutes = fit_text(meeting.minutes, most=MINUTES_LENGTH)
    if not minutes:
        raise CorrectionRefused(_("Enter the minutes of the meeting: what was discussed and decided."))
    expected, present = meeting.expected, meeting.present
    if not 0 < present <= expected:
        raise CorrectionRefused(_("Those present are some of those expected."))
    body = body_of(branch)
    if is_quorate(body, expected=expected, present=present):
        return minutes
    if body is Body.ASSEMBLY:
        raise CorrectionRefused(_("At least half of the members with a vote must be present at the assembly."))
    raise CorrectionRefused(
        _("More than half of those expected, and at least two, must be present at the committee's meeting.")
    )


def review_correction(*, actor: User, now: datetime, entered: EnteredCorrection, is_unrelated: bool) -> Correction:
    """The second officer has looked at what was entered, and it is carried out as it stands (复核).

    Raises:
        PermissionDenied, NotAllowed: not the actor's to review.
        CorrectionRefused: settled before, or the ledger has changed since, so that other figures would come out.
        What `correct_line` and `check_answer` raise.
    """
    with transaction.atomic():
        fresh = _lock(entered, actor=actor, now=now, is_unrelated=is_unrelated)
        _require_in_office(fresh, now=now)
        if fresh.objection is not None and fresh.answers_objection:
            check_answer(fresh.objection, answered_by=fresh.entered_by, now=now, answer=fresh.answer)
        attempt = carry_out_plan(
            officers=TwoOfficers(fresh.entered_by, actor),
            now=now,
            plan=read_plan(fresh),
            seen=fresh.figures,
            objection=fresh.objection.uuid if fresh.objection else None,
        )
        if attempt.correction is None:
            raise CorrectionRefused(
                _(
                    "Since this correction was entered the records of the member have changed, and other figures would "
                    "come out than those that were decided on. Refuse it, and have it entered anew."
                )
            )
        _settle(fresh, Outcome.CARRIED_OUT, actor=actor, now=now, correction=attempt.correction)
        if fresh.objection is not None and fresh.answers_objection:
            stamp_answer(
                fresh.objection,
                answered_by=fresh.entered_by,
                logged_by=actor,
                now=now,
                answer=fresh.answer,
                kind=Objection.Answer.CORRECTED,
                correction=attempt.correction,
            )
        _log(fresh, actor=actor, now=now, verb="review_correction", new={"recusal": True})
    return attempt.correction


def refuse_correction(
    *, actor: User, now: datetime, entered: EnteredCorrection, reason: str, is_unrelated: bool
) -> None:
    """The second officer does not agree, and says why; nothing was changed, and who entered it is told.

    Raises:
        PermissionDenied, NotAllowed (not the actor's to review), MissingReason, TextTooLong.
        CorrectionRefused: settled before.
    """
    reason = require_reason(reason, _("Say why it is refused; who entered it reads the reason."))
    with transaction.atomic():
        fresh = _lock(entered, actor=actor, now=now, is_unrelated=is_unrelated)
        _settle(fresh, Outcome.REFUSED, actor=actor, now=now, reason=reason)
        _tell_who_entered(fresh, now=now)
        _log(fresh, actor=actor, now=now, verb="refuse_correction", new={"recusal": True})


def take_back_correction(*, actor: User, now: datetime, entered: EnteredCorrection) -> None:
    """Who entered a correction takes it back before its review.

    Raises:
        NotAllowed: somebody else's.
        CorrectionRefused: settled before.
    """
    with transaction.atomic():
        fresh = _read_locked(entered)
        if fresh.entered_by_id != actor.pk:
            raise NotAllowed(_("Whoever entered it takes it back; others refuse it at the review."))
        _settle(fresh, Outcome.TAKEN_BACK, actor=actor, now=now)
        _log(fresh, actor=actor, now=now, verb="take_back_correction")


def _read_locked(entered: EnteredCorrection) -> EnteredCorrection:
    """The correction as it stands; two reviews of it come one after the other."""
    rows = EnteredCorrection.objects.select_for_update(of=("self",))
    return rows.select_related("review__branch__town", "member__town", "entered_by", "objection").get(pk=entered.pk)


def _lock(entered: EnteredCorrection, *, actor: User, now: datetime, is_unrelated: bool) -> EnteredCorrection:
    """Authorise the review, and read the correction as it stands."""
    today = timezone.localdate(now)
    if not may(actor, Action.CORRECT, entered.review.branch, on=today):
        raise PermissionDenied(_("A correction is entered and reviewed by the branch's committee or the town's staff."))
    require_unrelated(actor, entered.member, declared=is_unrelated)
    fresh = _read_locked(entered)
    refusal = explain_no_review(fresh, actor, on=today)
    if refusal:
        raise (CorrectionRefused if not fresh.is_waiting else NotAllowed)(refusal)
    return fresh


def _require_in_office(entered: EnteredCorrection, *, now: datetime) -> None:
    if not may(entered.entered_by, Action.CORRECT, entered.review.branch, on=timezone.localdate(now)):
        raise CorrectionRefused(
            _("Whoever entered this correction is no longer in office. Refuse it, and have it entered anew.")
        )


def _settle(
    entered: EnteredCorrection,
    outcome: EnteredCorrection.Outcome,
    *,
    actor: User,
    now: datetime,
    reason: str | None = None,
    correction: Correction | None = None,
) -> None:
    """Stamp the outcome once."""
    waiting = EnteredCorrection.objects.filter(pk=entered.pk, settled_at__isnull=True)
    if not waiting.update(
        outcome=outcome, settled_at=now, settled_by=actor, settled_reason=reason, correction=correction
    ):
        raise CorrectionRefused(_("This correction was settled before; reload the page."))


def correction_link(entered: EnteredCorrection) -> str:
    """The address of its page in the workbench, without the host."""
    return reverse("workbench:publicity_enteredcorrection_change", args=[entered.pk])


def _tell_who_entered(entered: EnteredCorrection, *, now: datetime) -> None:
    """Whose line of which half it is; the reason, which may name a ground, stands behind the link alone (D21)."""
    review = entered.review
    notify_users(
        users=[entered.entered_by] if entered.entered_by.is_active else [],
        now=now,
        kind=Notification.Kind.CORRECTION_REFUSED,
        branch=review.branch,
        period=f"{review.year}{review.half}",
        link=correction_link(entered),
        about=list_names([entered.member], on=timezone.localdate(now)),
    )


def _log(
    entered: EnteredCorrection, *, actor: User, now: datetime, verb: str, new: Mapping[str, object] | None = None
) -> None:
    """Log a step without the reason, which may name a ground (D21)."""
    review = entered.review
    log_change(
        actor=actor,
        now=now,
        town=review.branch.town,
        verb=verb,
        subject=entered,
        new={
            "reviews": [
                {"year": review.year, "half": review.half, "branch": review.branch.name, "state": review.state}
            ],
            **(new or {}),
        },
    )
