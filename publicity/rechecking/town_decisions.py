"""A line corrected as the town decided on an objection (D10): number and day, no branch meeting, no second review.

The town looked into it and decided; the branch has nothing to decide again. It changes the line the objection is about
and no other, also after the notice is closed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.errors import DuplicateBatch
from members.log.audit import log_change
from members.log.reasons import fit_text, require_reason
from members.models import User
from members.people.recusal import require_unrelated
from points.errors import CorrectionRefused
from publicity.corrections.corrections import TwoOfficers
from publicity.corrections.plans import Attempt, CorrectionPlan, carry_out_plan
from publicity.models import EnteredCorrection, Objection
from publicity.objections.access import objections_to_handle
from publicity.objections.objections import TEXT_LIMIT, check_answer, stamp_answer
from publicity.rechecking.stored_plans import pack_lines, pack_plan

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
    number = fit_text(number, most=NUMBER_LENGTH)
    reason = require_reason(plan.reason)
    today = timezone.localdate(now)
    if not may(actor, Action.CONSENT, plan.review.branch, on=today):
        raise PermissionDenied(_("The town's staff enter what the town decided."))
    require_unrelated(actor, plan.member, declared=is_unrelated)
    if not objections_to_handle(actor, on=today).contains(objection):
        raise PermissionDenied(_("This objection is not yours to handle."))
    if token is not None and EnteredCorrection.objects.filter(uuid=token).exists():
        raise DuplicateBatch(_("This correction was entered before; nothing was written a second time."))
    _check_decision(plan, objection, number)
    is_open = not Objection.objects.get(pk=objection.pk).is_answered
    if is_open:
        answer = check_answer(objection, answered_by=actor, now=now, answer=answer)
    with transaction.atomic():
        attempt = carry_out_plan(
            officers=TwoOfficers(actor, actor), now=now, plan=plan, seen=seen, objection=objection.uuid
        )
        if attempt.correction is None:
            return attempt
        entered = EnteredCorrection.objects.create(
            uuid=token or uuid4(),
            review=plan.review,
            member=plan.member,
            decided_on=plan.decided_on,
            town_decision=number,
            reason=reason,
            plan=pack_plan(plan),
            lines=pack_lines(attempt.revised),
            figures=attempt.fingerprint,
            objection=objection,
            answer=answer if is_open else "",
            entered_by=actor,
            at=now,
            outcome=EnteredCorrection.Outcome.CARRIED_OUT,
            settled_at=now,
            settled_by=actor,
            correction=attempt.correction,
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
        log_change(
            actor=actor,
            now=now,
            town=plan.review.branch.town,
            verb="correct_by_town_decision",
            subject=entered,
            new={"decision": f"{number} {plan.decided_on}", "recusal": True},
        )
    return attempt


def _check_decision(plan: CorrectionPlan, objection: Objection, number: str) -> None:
    if not number:
        raise CorrectionRefused(_("Enter the number of the town's decision."))
    if not is_for_the_town(objection):
        raise CorrectionRefused(
            _("The branch handles this objection: its committee decides the correction, another officer reviews it.")
        )
    if objection.about_id != plan.member.pk or objection.notice.review.year != plan.review.year:
        raise CorrectionRefused(_("The town's decision changes the line that the objection is about, and no other."))
    if plan.decided_on < objection.received_on:
        raise CorrectionRefused(_("The town decided after the objection was received. Check the day."))
