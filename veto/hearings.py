"""Hearing the member: told what was found, and their statement, waiver or witnessed refusal (D18, D26).

Every step works on paper; from the portal the member makes their own statement. A backfilled finding was confirmed
before its member was told: both steps are entered afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, known_to_member
from members.log.reasons import fit_text
from members.models import Member, Notification, User
from points.errors import FindingNotReady
from points.records.entries import refuse_future_date
from veto.models import Deduction, Finding, VetoRecord
from veto.steps import lock_finding, lock_rows_of, log_step, notify_member, refuse_held_back

Answer = Finding.Answer
STATEMENT_LIMIT = 4000
WITNESSES = 2
LONGEST_NAME = 40


def tell_member(*, actor: User, now: datetime, finding: Finding, notified_on: date) -> None:
    """Enter that the member was handed the notice of the finding (告知书) on a day, and tell them in the portal too.

    Raises:
        PermissionDenied, FutureDate, HeldBack.
        FindingNotReady: told before it was found, told already, dismissed or voided.
    """
    refuse_future_date(notified_on, today=timezone.localdate(now))
    if notified_on < finding.date:
        raise FindingNotReady(_("The member cannot have been told before it was found. Check the day."))
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        refuse_held_back(current)
        told = rows.open_to_hearing().filter(notified_on__isnull=True)
        if not told.update(notified_on=notified_on):
            raise FindingNotReady(
                _("This step was already entered, or the finding dismissed or voided; reload the page.")
            )
        log_step(finding, actor=actor, now=now, verb="tell_member")
        if current.state == Finding.State.PROPOSED:
            notify_member(finding, now=now, kind=Notification.Kind.HEARING_ASKED)


def record_answer(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    answered_on: date,
    answer: Finding.Answer,
    statement: str = "",
    witnesses: Sequence[str] = (),
) -> None:
    """Enter what the member answered on paper: a statement, a waiver, or a refusal to sign with two witnesses.

    Raises:
        PermissionDenied, FutureDate, TextTooLong.
        FindingNotReady: not told, out of order, contradictory, decided, or entered.
    """
    said = _check_statement(answer, statement)
    refuse_future_date(answered_on, today=timezone.localdate(now))
    named = _check_witnesses(answer, witnesses, finding.member)
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        if current.notified_on is None:
            raise FindingNotReady(_("Enter first on which day the member was told."))
        if answered_on < current.notified_on:
            raise FindingNotReady(_("The order must be: found, member told, member answered. Check the dates."))
        stamped = (
            rows.open_to_hearing()
            .filter(answered_on__isnull=True)
            .update(answered_on=answered_on, answer=answer, statement=said, witnesses=named)
        )
        if not stamped:
            raise FindingNotReady(
                _("This step was already entered, or the finding dismissed or voided; reload the page.")
            )
        log_step(finding, actor=actor, now=now, verb="record_answer")


def answer_own_finding(
    *, actor: User, now: datetime, finding: Finding, answer: Finding.Answer, statement: str = ""
) -> None:
    """The member makes their own statement in the portal, or waives it.

    Raises:
        PermissionDenied: it is not about the actor.
        TextTooLong.
        FindingNotReady: not told yet, answered, decided or taken back meanwhile, or no words.
    """
    said = _check_statement(answer, statement)
    if actor.member_id is None or actor.member_id != finding.member_id:
        raise PermissionDenied(_("Only the member it is about answers here."))
    if answer == Answer.REFUSED:
        raise FindingNotReady(_("Make a statement, or say that you make none."))
    today = timezone.localdate(now)
    with lock_rows_of(finding, None) as rows:  # the member's lock is one every step takes
        open_rows = rows.open_to_hearing().filter(notified_on__isnull=False, answered_on__isnull=True)
        if not open_rows.update(answered_on=today, answer=answer, statement=said):
            raise FindingNotReady(_("Your answer is here already, or the branch has decided meanwhile; see below."))
        log_step(finding, actor=actor, now=now, verb="answer_own_finding")


def _check_statement(answer: Finding.Answer, statement: str) -> str | None:
    statement = fit_text(statement, most=STATEMENT_LIMIT)
    if answer == Answer.STATEMENT and not statement:
        raise FindingNotReady(_("Enter the member's statement, or choose that it was waived."))
    if answer != Answer.STATEMENT and statement:
        raise FindingNotReady(_("The member made a statement: choose so, or take the text away."))
    return statement or None


def _check_witnesses(answer: Finding.Answer, witnesses: Sequence[str], member: Member) -> str | None:
    names = [name.strip() for name in witnesses if name.strip()]
    if answer != Answer.REFUSED:
        if names:
            raise FindingNotReady(_("Witnesses belong to a refusal to sign: choose so, or take their names away."))
        return None
    if len(set(names)) != WITNESSES or len(names) != WITNESSES or member.name in names:
        raise FindingNotReady(_("A refusal to sign needs the names of two different witnesses, not the member's own."))
    if any(len(name) > LONGEST_NAME for name in names):
        raise FindingNotReady(_("A witness's name has at most %(limit)d characters.") % {"limit": LONGEST_NAME})
    return "、".join(names)


def own_hearings(user: User) -> list[Finding]:
    """What the user, as a member, was told of or what counts against them, latest first; two queries.

    Of a proposal that nobody told them of yet the portal says nothing: first comes the notice, by hand (D18).
    """
    if user.member_id is None:
        return []
    rows: list[Finding] = []
    for model in (Deduction, VetoRecord):
        found = model._default_manager.filter(known_to_member(), member=user.member_id)
        rows += found.select_related("member__town", "batch__actor", "decided_by", "revoked_by")
    return sorted(rows, key=lambda row: (row.date, row.pk), reverse=True)
