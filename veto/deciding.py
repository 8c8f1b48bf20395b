"""Deductions and vetoes: proposed, decided, revoked, voided by people (2.3.3, 2.3.4, D18).

Only a finding the committee confirmed counts, after its member was heard (`veto.hearings`). Each step is stamped
once; a wrong confirmation is revoked, a wrong entry voided, both with a reason.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may, refuse_own_case, require_member_action
from members.errors import AlreadyVoided, ResolutionRefused
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Member, Notification, RecordBatch, User
from members.people.recusal import require_unrelated
from members.places.resolutions import NUMBERS, Body, Resolution, check_resolution
from members.selectors import branch_on
from points.errors import DaysNotOver, FindingNotReady, UnknownItem
from points.halves.locks import half_keys_of_finding, refuse_locked_findings, refuse_locked_halves
from points.records.entries import refuse_future_date
from points.scoring.adoption import rulebook_for
from veto.endings import refuse_ended, refuse_gone
from veto.models import Deduction, Finding, FindingQuerySet, VetoRecord
from veto.papers_asked import require_papers
from veto.protections import is_protected
from veto.steps import lock_finding, log_step, notify_member, refuse_held_back, refuse_proposer, refuse_unread

FindingT = TypeVar("FindingT", Deduction, VetoRecord)
PARTICULARS_LENGTH = 2000


def propose_deduction(
    *,
    actor: User,
    now: datetime,
    member: Member,
    item: str,
    date: date,
    particulars: str,
    papers: str = "",
    token: UUID | None = None,
) -> Deduction:
    """Propose an entry of the negative list; it counts only once the committee has confirmed it.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, NoRulebook, UnknownItem,
        MissingReason (no particulars), TextTooLong, DuplicateBatch.
        PapersMissing: the ground asks for papers.
        FindingNotReady: the member left or died.
    """
    particulars, papers = _check_words(particulars, papers)
    rulebook = rulebook_for(member.town, date.year)
    if item not in rulebook.item_names("deduction"):
        raise UnknownItem(_("“%(item)s” is not on the negative list of the rulebook.") % {"item": item})
    papers = require_papers(papers, asked=rulebook.papers_for(item, "deduction"))
    return _propose(
        Deduction(member=member, item=item, date=date, particulars=particulars, papers=papers),
        actor=actor,
        now=now,
        token=token,
    )


def propose_veto(
    *,
    actor: User,
    now: datetime,
    member: Member,
    ground: str,
    date: date,
    particulars: str,
    papers: str = "",
    year: int | None = None,
    token: UUID | None = None,
) -> VetoRecord:
    """Propose a one-vote veto for an assessment year (default: of its date, D7); it goes to the town's staff first.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, NoRulebook, UnknownItem,
        MissingReason (no particulars), TextTooLong, DuplicateBatch.
        PapersMissing: the ground asks for papers.
        FindingNotReady: the member left or died.
    """
    particulars, papers = _check_words(particulars, papers)
    year = year or date.year
    rulebook = rulebook_for(member.town, year)
    if ground not in rulebook.item_names("veto"):
        raise UnknownItem(_("“%(item)s” is not a veto ground of the rulebook.") % {"item": ground})
    papers = require_papers(papers, asked=rulebook.papers_for(ground, "veto"))
    return _propose(
        VetoRecord(member=member, ground=ground, year=year, date=date, particulars=particulars, papers=papers),
        actor=actor,
        now=now,
        token=token,
    )


def _check_words(particulars: str, papers: str) -> tuple[str, str]:
    particulars = require_reason(particulars, _("Say what was found and how it was verified."), most=PARTICULARS_LENGTH)
    return particulars, fit_text(papers)


def _propose(finding: FindingT, *, actor: User, now: datetime, token: UUID | None) -> FindingT:
    today = timezone.localdate(now)
    refuse_future_date(finding.date, today=today)
    branch = require_member_action(actor, Action.PROPOSE_FINDING, finding.member, on=today)
    refuse_own_case(actor, finding.member)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[finding.member_id])
        refuse_gone(finding.member)
        finding.batch = open_batch(
            actor=actor,
            now=now,
            town=finding.member.town,
            branch=branch,
            source=RecordBatch.Source.SCREEN,
            token=token,
        )
        finding.needs_clearance = isinstance(finding, VetoRecord) or is_protected(finding.member, on=today)
        finding.save(force_insert=True)
        log_step(finding, actor=actor, now=now, verb="propose_finding")
    return finding


def clear_finding(*, actor: User, now: datetime, finding: Finding, is_unrelated: bool) -> None:
    """The town's staff let a proposal through that goes to them first; it then takes its usual course (D18).

    `is_unrelated`: the actor's recusal statement, ticked; it is logged.

    Raises:
        PermissionDenied: not the town's staff.
        NotAllowed: about themselves or close kin, their own proposal, or they may not read its ground.
        FindingNotReady: it does not wait for them, or has ended.
    """
    with lock_finding(finding, actor=actor, now=now, action=Action.CONSENT) as rows:
        require_unrelated(actor, finding.member, declared=is_unrelated)
        refuse_ended(rows.get())
        refuse_proposer(actor, rows.get())
        refuse_unread(actor, rows.get(), on=timezone.localdate(now))
        if not rows.at_step(Finding.Step.TO_CLEAR).update(cleared_at=now, cleared_by=actor):
            raise FindingNotReady(_("This finding does not wait for the town's staff; reload the page."))
        log_step(finding, actor=actor, now=now, verb="clear_finding", new={"recusal": True})


def confirm_finding(
    *, actor: User, now: datetime, finding: Finding, resolution: Resolution, is_unrelated: bool = False
) -> None:
    """Enter that the committee's meeting confirmed the finding; from now on it counts.

    `is_unrelated`: the actor's recusal statement, ticked; it is logged.

    Raises:
        PermissionDenied, FutureDate, HalfLocked (D20), HeldBack.
        NotAllowed: about themselves or close kin, who proposed it, or who may not read its ground.
        FindingNotReady: the member was not yet heard, or it was decided before, or has ended.
        DaysNotOver: the meeting was before the one the notice names, and the member did not agree to it.
        ResolutionRefused: no quorum, not carried, no minutes.
    """
    _decide(finding, resolution, is_unrelated, actor=actor, now=now, stamp="confirmed_at", verb="confirm_finding")


def dismiss_finding(
    *, actor: User, now: datetime, finding: Finding, resolution: Resolution, is_unrelated: bool = False
) -> None:
    """Enter that the committee's meeting did not confirm the finding; it never counts. Nobody need be heard for that.

    Raises:
        PermissionDenied, NotAllowed (as `confirm_finding`), FutureDate, HeldBack, FindingNotReady (decided before, or
        ended).
        ResolutionRefused: no quorum, or carried after all, no minutes.
    """
    _decide(finding, resolution, is_unrelated, actor=actor, now=now, stamp="dismissed_at", verb="dismiss_finding")


def _decide(
    finding: Finding, resolution: Resolution, is_unrelated: bool, *, actor: User, now: datetime, stamp: str, verb: str
) -> None:
    today, confirms = timezone.localdate(now), stamp == "confirmed_at"
    refuse_future_date(resolution.met_on, today=today)
    with lock_finding(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        require_unrelated(actor, finding.member, declared=is_unrelated)
        refuse_unread(actor, rows.get(), on=today)
        branch = branch_on(finding.member, today)
        body = check_resolution(resolution, branch)
        if body is Body.TOWN and not may(actor, Action.CONSENT, branch, on=today, town=finding.member.town):
            raise ResolutionRefused(_("What the town's party committee decided is entered by the town's staff."))
        if body is not Body.TOWN and resolution.is_carried != confirms:
            raise ResolutionRefused(
                _("It is confirmed by more than half of those expected, otherwise it is not. Check votes and decision.")
            )
        if confirms:
            refuse_locked_halves(half_keys_of_finding(finding, decided_on=resolution.met_on), now=now)
        stamp_decision(rows, actor=actor, now=now, decided_on=resolution.met_on, stamp=stamp)
        rows.update(decided_in=body, minutes=resolution.minutes.strip(), **_numbers(resolution, body))
        log_step(finding, actor=actor, now=now, verb=verb, new={"recusal": True, "decided_in": body.value})


def _numbers(resolution: Resolution, body: Body) -> dict[str, int | str | None]:
    left_out = resolution.left_out.strip() or None
    if body is Body.TOWN:
        return {"left_out": left_out}
    return {"left_out": left_out} | {name: getattr(resolution, name) for name in NUMBERS}


def stamp_decision(rows: FindingQuerySet[Finding], *, actor: User, now: datetime, decided_on: date, stamp: str) -> None:
    """Stamp one proposed finding as confirmed or dismissed and tell its member; the caller holds the locks.

    The numbers of the meeting are the caller's: a correction has its own (D10).

    Raises:
        NotAllowed: the actor proposed it.
        FindingNotReady, HeldBack, DaysNotOver.
    """
    current = rows.get()
    refuse_ended(current)
    if current.state != Finding.State.PROPOSED:
        raise FindingNotReady(_("This finding was already decided or voided; reload the page."))
    refuse_held_back(current)
    refuse_proposer(actor, current)
    if stamp == "confirmed_at":
        refuse_unheard(current, decided_on)
    rows.update(**{stamp: now}, decided_on=decided_on, decided_by=actor)
    if current.notified_on is not None:
        notify_member(current, now=now, kind=Notification.Kind.HEARING_DECIDED)


def refuse_unheard(finding: Finding, decided_on: date) -> None:
    """The member was told and answered, or said nothing to the last day; and the meeting is the one they were told of.

    Before the day on the notice only where the member answered and agreed to an earlier meeting (D18).

    Raises:
        FindingNotReady, DaysNotOver.
    """
    answer, told = finding.answered, finding.told
    if answer is None or told is None:
        raise FindingNotReady(
            _("The member has not been heard. Enter when they were told and what they answered first.")
        )
    if decided_on < answer.answered_on:
        raise FindingNotReady(_("The committee must decide after the member was heard."))
    if told.meets_at is not None and decided_on < timezone.localdate(told.meets_at) and not finding.agrees_earlier:
        raise DaysNotOver(
            _(
                "The member was told of a meeting on %(day)s and did not agree to an earlier one. The committee "
                "decides on that day or later."
            )
            % {"day": timezone.localdate(told.meets_at)}
        )


def revoke_finding(*, actor: User, now: datetime, finding: Finding, reason: str, is_unrelated: bool = False) -> None:
    """Take a confirmed finding back, with a reason; it stops counting and stays readable.

    `is_unrelated`: the actor's recusal statement, ticked; it is logged.

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason, TextTooLong, HalfLocked (D20).
        FindingNotReady: it does not stand.
    """
    reason = require_reason(reason)
    with lock_finding(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        # Unlike a void, a revocation after approval is news, not a correction: the next half's difference shows it.
        refuse_locked_halves(half_keys_of_finding(rows.get()), now=now)
        require_unrelated(actor, finding.member, declared=is_unrelated)
        stamp_revocation(rows, actor=actor, now=now, reason=reason)
        log_step(finding, actor=actor, now=now, verb="revoke_finding", new={"recusal": True})


def stamp_revocation(rows: FindingQuerySet[Finding], *, actor: User, now: datetime, reason: str) -> None:
    """Stamp one confirmed finding as revoked and tell its member; the caller has locked. Raises FindingNotReady."""
    if not rows.confirmed().update(revoked_at=now, revoked_by=actor, revoke_reason=reason):
        raise FindingNotReady(_("Only a confirmed finding can be revoked; reload the page."))
    notify_member(rows.get(), now=now, kind=Notification.Kind.HEARING_DECIDED)


def void_finding(*, actor: User, now: datetime, finding: Finding, reason: str, is_unrelated: bool) -> None:
    """Void a finding that was entered by mistake, with a reason; a member who knows of it is told.

    `is_unrelated`: the actor's recusal statement, ticked; it is logged (D19).

    Raises:
        PermissionDenied, NotAllowed (about themselves or close kin), MissingReason, TextTooLong, AlreadyVoided.
        HalfLocked, RecordFrozen: see D20.
    """
    reason = require_reason(reason)
    with lock_finding(finding, actor=actor, now=now, action=Action.DECIDE_FINDING) as rows:
        require_unrelated(actor, finding.member, declared=is_unrelated)
        current = rows.get()
        refuse_locked_findings([current] if current.confirmed_at else [], now=now)
        if not rows.stamp_void(actor=actor, now=now, reason=reason):
            raise AlreadyVoided(_("This record was voided before; reload the page to see by whom and why."))
        log_step(finding, actor=actor, now=now, verb="void_finding", new={"recusal": True})
        if current.state in (Finding.State.PROPOSED, Finding.State.CONFIRMED) and current.notified_on is not None:
            notify_member(current, now=now, kind=Notification.Kind.HEARING_DECIDED)
