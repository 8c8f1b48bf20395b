"""A line corrected as the town decided on an objection or an appeal (D10): no branch meeting, no second review.

The town looked into it and decided, with a number and on a day; the branch has nothing to decide again. It changes the
line the objection or the appeal is about and no other, also after the notice is closed.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may, require_member_action
from members.errors import DuplicateBatch
from members.log.audit import log_change
from members.log.reasons import fit_text, require_reason
from members.models import User
from members.people.recusal import require_unrelated
from points.errors import CorrectionRefused
from points.halves.locks import half_keys_of_finding, locked_halves
from points.models import Correction, ReviewLine
from publicity.corrections.corrections import TwoOfficers
from publicity.corrections.plans import Attempt, CorrectionPlan, carry_out_plan
from publicity.models import EnteredCorrection, Objection
from publicity.objections.access import objections_to_handle
from publicity.objections.objections import TEXT_LIMIT, check_answer, stamp_answer
from publicity.rechecking.stored_plans import pack_lines, pack_plan
from veto.appeals import APPEAL_LIMIT, require_waiting_appeal, say_outcome, stamp_appeal_answer
from veto.models import Appeal, Finding

NUMBER_LENGTH = 60


def is_for_the_town(objection: Objection) -> bool:
    """Whether the town decides on it: it is about an officer, or the branch's answer did not satisfy."""
    return objection.to_town_at is not None or objection.dissatisfied_at is not None


def correct_by_town_decision(
    *,
    actor: User,
    now: datetime,
    plan: CorrectionPlan,
    objection: Objection,
    number: str,
    is_unrelated: bool,
    answer: str = "",
    seen: str | None = None,
    token: UUID | None = None,
) -> Attempt:
    """Carry out what the town decided on an objection, on the plan's `decided_on`; where it is open, answer it.

    `seen` is the fingerprint of the figures that were shown; where it comes out otherwise nothing is saved.

    Raises:
        What `correct_line` and `check_answer` raise, and MissingReason, TextTooLong, DuplicateBatch.
        PermissionDenied: not the town's staff, or not theirs to handle.
        NotAllowed: about the actor, or without the recusal statement.
        CorrectionRefused: without a number, another line than the objection's, or nothing for the town to decide.
    """
    answer = fit_text(answer, most=TEXT_LIMIT)
    number = _check_number(number)
    require_reason(plan.reason)
    today = timezone.localdate(now)
    if not may(actor, Action.CONSENT, plan.review.branch, on=today):
        raise PermissionDenied(_("The town's staff enter what the town decided."))
    require_unrelated(actor, plan.member, declared=is_unrelated)
    if not objections_to_handle(actor, on=today).contains(objection):
        raise PermissionDenied(_("This objection is not yours to handle."))
    if token is not None and EnteredCorrection.objects.filter(uuid=token).exists():
        raise DuplicateBatch(_("This correction was entered before; nothing was written a second time."))
    _check_decision(plan, objection)
    is_open = not Objection.objects.get(pk=objection.pk).is_answered
    if is_open:
        answer = check_answer(objection, answered_by=actor, now=now, answer=answer)
    with transaction.atomic():
        attempt = carry_out_plan(
            officers=TwoOfficers(actor, actor), now=now, plan=plan, seen=seen, objection=objection.uuid
        )
        if attempt.correction is None:
            return attempt
        entered = _store(
            actor=actor,
            now=now,
            plan=plan,
            attempt=attempt,
            number=number,
            token=token,
            objection=objection,
            answer=answer if is_open else "",
        )
        if is_open:
            stamp_answer(
                objection,
                answered_by=actor,
                logged_by=actor,
                now=now,
                answer=answer,
                kind=Objection.Answer.CORRECTED,
                correction=attempt.correction,
            )
        _log(entered, actor=actor, now=now, verb="correct_by_town_decision")
    return attempt


def needs_correction(finding: Finding, *, now: datetime) -> bool:
    """Whether a finding that stands can be revoked by a correction alone: its year is closed (D20)."""
    return finding.state == Finding.State.CONFIRMED and bool(locked_halves(half_keys_of_finding(finding), now=now))


def revoke_on_appeal(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    outcome: Appeal.Outcome,
    answer: str,
    number: str,
    decided_on: date,
    is_unrelated: bool,
) -> Correction:
    """Carry out what the town decided on an appeal in a closed year: the finding goes, and nothing else of the line.

    The line is corrected, the finding revoked with it, and the appeal answered, in one transaction.

    Raises:
        What `correct_line` and `require_waiting_appeal` raise, and MissingReason, TextTooLong.
        PermissionDenied: not the town's staff.
        CorrectionRefused: without a number, an upheld decision, a day before the appeal, or no line that counts it.
    """
    answer = require_reason(answer, _("Give the reason: the member reads it."), most=APPEAL_LIMIT)
    require_member_action(actor, Action.CONSENT, finding.member, on=timezone.localdate(now))
    appeal = require_waiting_appeal(finding, answered_by=actor, now=now, declared=is_unrelated)
    number = _check_number(number)
    if outcome == Appeal.Outcome.UPHELD:
        raise CorrectionRefused(_("A decision that is upheld changes no line."))
    if decided_on < appeal.filed_on:
        raise CorrectionRefused(_("The town decided after the appeal was filed. Check the day."))
    line = _first_line(finding)
    reason = say_outcome(appeal, outcome)
    plan = CorrectionPlan(line.review, finding.member, decided_on, reason, revoke=(finding,))
    with transaction.atomic():
        attempt = carry_out_plan(officers=TwoOfficers(actor, actor), now=now, plan=plan, seen=None)
        assert attempt.correction is not None, "only figures other than those seen leave it undone"
        entered = _store(actor=actor, now=now, plan=plan, attempt=attempt, number=number)
        stamp_appeal_answer(appeal, finding, answered_by=actor, now=now, outcome=outcome, answer=answer)
        _log(entered, actor=actor, now=now, verb="revoke_on_appeal")
    return attempt.correction


def _first_line(finding: Finding) -> ReviewLine:
    """The first frozen line whose score the finding changes; the second half's follows the first's."""
    keys = half_keys_of_finding(finding)
    rows = ReviewLine.objects.filter(
        member=finding.member_id,
        revision=1,
        review__year=keys[0][1],
        review__half__in=[half for _member_id, _year, half in keys],
    )
    line = rows.select_related("review__branch__town").order_by("review__half").first()
    if line is None:
        raise CorrectionRefused(_("%(name)s has no approved line in this half.") % {"name": finding.member.name})
    return line


def _check_number(number: str) -> str:
    number = fit_text(number, most=NUMBER_LENGTH)
    if not number:
        raise CorrectionRefused(_("Enter the number of the town's decision."))
    return number


def _store(
    *,
    actor: User,
    now: datetime,
    plan: CorrectionPlan,
    attempt: Attempt,
    number: str,
    token: UUID | None = None,
    objection: Objection | None = None,
    answer: str = "",
) -> EnteredCorrection:
    """What was entered and carried out at once, beside the corrections that were reviewed."""
    return EnteredCorrection.objects.create(
        uuid=token or uuid4(),
        review=plan.review,
        member=plan.member,
        decided_on=plan.decided_on,
        town_decision=number,
        reason=require_reason(plan.reason),
        plan=pack_plan(plan),
        lines=pack_lines(attempt.revised),
        figures=attempt.fingerprint,
        objection=objection,
        answer=answer,
        entered_by=actor,
        at=now,
        outcome=EnteredCorrection.Outcome.CARRIED_OUT,
        settled_at=now,
        settled_by=actor,
        correction=attempt.correction,
    )


def _log(entered: EnteredCorrection, *, actor: User, now: datetime, verb: str) -> None:
    log_change(
        actor=actor,
        now=now,
        town=entered.review.branch.town,
        verb=verb,
        subject=entered,
        new={"decision": f"{entered.town_decision} {entered.decided_on}", "recusal": True},
    )


def _check_decision(plan: CorrectionPlan, objection: Objection) -> None:
    if not is_for_the_town(objection):
        raise CorrectionRefused(
            _("The branch handles this objection: its committee decides the correction, another officer reviews it.")
        )
    if objection.about_id != plan.member.pk or objection.notice.review.year != plan.review.year:
        raise CorrectionRefused(_("The town's decision changes the line that the objection is about, and no other."))
    if plan.decided_on < objection.received_on:
        raise CorrectionRefused(_("The town decided after the objection was received. Check the day."))
