"""Deductions and vetoes from proposal to decision (2.3.3, 2.3.4, D18): found, heard, and confirmed by people.

Only a finding the committee confirmed counts. Each step is stamped once; a wrong confirmation is revoked, a wrong
entry voided, both with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, refuse_own_case, require_member_action
from members.audit import log_change
from members.batches import open_batch
from members.errors import AlreadyVoided, MissingReason
from members.locks import lock_for_score
from members.models import Member, RecordBatch, User
from points.adoption import rulebook_for
from points.entries import refuse_future_date
from points.errors import FindingNotReady, UnknownItem
from points.locking import half_keys_of_finding, refuse_locked_findings, refuse_locked_halves
from points.models import Deduction
from veto.models import Finding, VetoRecord

FindingT = TypeVar("FindingT", Deduction, VetoRecord)


def propose_deduction(
    *, actor: User, now: datetime, member: Member, item: str, date: date, particulars: str, token: UUID | None = None
) -> Deduction:
    """Propose an entry of the negative list; it counts only once the committee has confirmed it.

    Raises:
        PermissionDenied, FutureDate, NoRulebook, UnknownItem, MissingReason (no particulars), DuplicateBatch.
    """
    rulebook = rulebook_for(member.town, date.year)
    if item not in rulebook.item_names("deduction"):
        raise UnknownItem(_("“%(item)s” is not on the negative list of the rulebook.") % {"item": item})
    return _propose(
        Deduction(member=member, item=item, date=date, particulars=particulars), actor=actor, now=now, token=token
    )


def propose_veto(
    *,
    actor: User,
    now: datetime,
    member: Member,
    ground: str,
    date: date,
    particulars: str,
    year: int | None = None,
    token: UUID | None = None,
) -> VetoRecord:
    """Propose a one-vote veto for an assessment year (default: of its date, D7).

    Raises:
        PermissionDenied, FutureDate, NoRulebook, UnknownItem, MissingReason (no particulars), DuplicateBatch.
    """
    year = year or date.year
    rulebook = rulebook_for(member.town, year)
    if ground not in rulebook.item_names("veto"):
        raise UnknownItem(_("“%(item)s” is not a veto ground of the rulebook.") % {"item": ground})
    return _propose(
        VetoRecord(member=member, ground=ground, year=year, date=date, particulars=particulars),
        actor=actor,
        now=now,
        token=token,
    )


def _propose(finding: FindingT, *, actor: User, now: datetime, token: UUID | None) -> FindingT:
    today = timezone.localdate(now)
    refuse_future_date(finding.date, today=today)
    if not finding.particulars.strip():
        raise MissingReason(_("Say what was found and how it was verified."))
    branch = require_member_action(actor, Action.PROPOSE_FINDING, finding.member, on=today)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[finding.member_id])
        finding.batch = open_batch(
            actor=actor,
            now=now,
            town=finding.member.town,
            branch=branch,
            source=RecordBatch.Source.SCREEN,
            token=token,
        )
        finding.save(force_insert=True)
        _log(finding, actor=actor, now=now, verb="propose_finding")
    return finding


def record_answer(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    notified_on: date,
    answered_on: date,
    answer: Finding.Answer,
    statement: str = "",
) -> None:
    """Enter that the member was told, and their statement, waiver or witnessed refusal (D18, D26).

    Raises:
        PermissionDenied, FutureDate, FindingNotReady (out of order, contradictory, decided, or already entered).
    """
    today = timezone.localdate(now)
    refuse_future_date(answered_on, today=today)
    if answered_on < notified_on or notified_on < finding.date:
        raise FindingNotReady(_("The order must be: found, member told, member answered. Check the three dates."))
    if answer == Finding.Answer.STATEMENT and not statement.strip():
        raise FindingNotReady(_("Enter the member's statement, or choose that it was waived."))
    if answer == Finding.Answer.WAIVED and statement.strip():
        raise FindingNotReady(_("The member made a statement: choose so, or take the text away."))
    with _locked(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        # A backfilled finding was confirmed before its member was told; a dismissed one needs no answer any more.
        stamped = rows.filter(voided_at__isnull=True, notified_on__isnull=True, dismissed_at__isnull=True).update(
            notified_on=notified_on, answered_on=answered_on, answer=answer, statement=statement.strip() or None
        )
        if not stamped:
            raise FindingNotReady(
                _("This step was already entered, or the finding dismissed or voided; reload the page.")
            )
        _log(finding, actor=actor, now=now, verb="record_answer")


def confirm_finding(*, actor: User, now: datetime, finding: Finding, decided_on: date) -> None:
    """Enter that the committee confirmed the finding at its meeting on `decided_on`; from now on it counts.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, HalfLocked (D20).
        FindingNotReady: the member was not yet heard, or it was decided before.
    """
    _decide(finding, actor=actor, now=now, decided_on=decided_on, stamp="confirmed_at", verb="confirm_finding")


def dismiss_finding(*, actor: User, now: datetime, finding: Finding, decided_on: date) -> None:
    """Enter that the committee did not confirm the finding; it never counts.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, FindingNotReady (decided before).
    """
    _decide(finding, actor=actor, now=now, decided_on=decided_on, stamp="dismissed_at", verb="dismiss_finding")


def _decide(finding: Finding, *, actor: User, now: datetime, decided_on: date, stamp: str, verb: str) -> None:
    refuse_future_date(decided_on, today=timezone.localdate(now))
    with _locked(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        if stamp == "confirmed_at":
            refuse_locked_halves(half_keys_of_finding(finding, decided_on=decided_on), now=now)
        stamp_decision(rows, actor=actor, now=now, decided_on=decided_on, stamp=stamp)
        _log(finding, actor=actor, now=now, verb=verb)


def stamp_decision(rows: QuerySet[Finding], *, actor: User, now: datetime, decided_on: date, stamp: str) -> None:
    """Stamp one proposed finding as confirmed or dismissed; the caller holds the locks. Raises FindingNotReady."""
    current = rows.get()
    if current.state != "proposed":
        raise FindingNotReady(_("This finding was already decided or voided; reload the page."))
    if stamp == "confirmed_at":
        if current.answered_on is None:
            raise FindingNotReady(
                _("The member has not been heard. Enter when they were told and what they answered first.")
            )
        if decided_on < current.answered_on:
            raise FindingNotReady(_("The committee must decide after the member was heard."))
    rows.update(**{stamp: now}, decided_on=decided_on, decided_by=actor)


def revoke_finding(*, actor: User, now: datetime, finding: Finding, reason: str) -> None:
    """Take a confirmed finding back, with a reason; it stops counting and stays readable.

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason, HalfLocked (D20).
        FindingNotReady: it does not stand.
    """
    if not reason.strip():
        raise MissingReason(_("Say why the finding is revoked; the reason stays readable beside it."))
    with _locked(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        # Unlike a void, a revocation after approval is news, not a correction: the next half's difference shows it.
        refuse_locked_halves(half_keys_of_finding(rows.get()), now=now)
        stamp_revocation(rows, actor=actor, now=now, reason=reason.strip()[:500])
        _log(finding, actor=actor, now=now, verb="revoke_finding")


def stamp_revocation(rows: QuerySet[Finding], *, actor: User, now: datetime, reason: str) -> None:
    """Stamp one confirmed finding as revoked; the caller holds the locks. Raises FindingNotReady."""
    standing = rows.filter(confirmed_at__isnull=False, revoked_at__isnull=True, voided_at__isnull=True)
    if not standing.update(revoked_at=now, revoked_by=actor, revoke_reason=reason):
        raise FindingNotReady(_("Only a confirmed finding can be revoked; reload the page."))


def void_finding(*, actor: User, now: datetime, finding: Finding, reason: str) -> None:
    """Void a finding that was entered by mistake, with a reason.

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason, AlreadyVoided.
        HalfLocked, RecordFrozen: see D20.
    """
    if not reason.strip():
        raise MissingReason(_("Say why this is voided; the reason stays readable beside it."))
    with _locked(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        refuse_locked_findings([row for row in rows if row.confirmed_at], now=now)
        voided = rows.filter(voided_at__isnull=True).update(
            voided_at=now, voided_by=actor, void_reason=reason.strip()[:500]
        )
        if not voided:
            raise AlreadyVoided(_("This record was voided before; reload the page to see by whom and why."))
        _log(finding, actor=actor, now=now, verb="void_finding")


@contextmanager
def _locked(finding: Finding, *, actor: User, now: datetime, action: Action) -> Iterator[QuerySet[Finding]]:
    """Authorise, open the transaction and lock; yields the finding's own row as a queryset to stamp."""
    branch = require_member_action(actor, action, finding.member, on=timezone.localdate(now))
    if action is Action.DECIDE_FINDING:
        refuse_own_case(actor, finding.member)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[finding.member_id])
        yield type(finding)._default_manager.filter(pk=finding.pk)


def _log(finding: Finding, *, actor: User, now: datetime, verb: str) -> None:
    # D21: neither the ground nor the particulars nor a reason that may repeat them goes into the log.
    log_change(actor=actor, now=now, town=finding.member.town, verb=verb, subject=finding)
