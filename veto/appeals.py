"""A member's appeal to the town against a confirmed finding, and the town's answer to it (D18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, is_own_case, members_for
from members.errors import NotAllowed
from members.log.reasons import fit_text, require_reason
from members.models import Notification, User
from members.people.recusal import require_unrelated
from points.errors import AppealRefused, PaperMissing
from points.halves.locks import half_keys_of_finding, refuse_locked_halves
from points.records.entries import refuse_future_date
from veto.deciding import stamp_revocation
from veto.endings import has_died
from veto.models import Appeal, Finding, VetoRecord
from veto.papers_kept import Upload, keep_papers
from veto.steps import lock_finding, lock_rows_of, log_step, may_judge, notify_member, notify_town, refuse_unread
from veto.words import rulebook_of

APPEAL_LIMIT = 4000

Outcome = Appeal.Outcome


def appeal_days_of(finding: Finding) -> int:
    """How many calendar days after the one on which the decision letter was given: the setting of its year.

    Raises:
        NoRulebook.
    """
    return rulebook_of(finding).settings.appeal_days


def last_day_to_appeal(finding: Finding) -> date | None:
    """The last day; None while the decision letter was not given: then the days do not run."""
    given = finding.decision_given
    return given.told_on + timedelta(days=appeal_days_of(finding)) if given else None


def may_appeal(finding: Finding, *, on: date) -> bool:
    """Whether the finding stands, nobody appealed against it yet, its days are not over, and its member lives."""
    return may_enter_appeal(finding) and not _is_too_late(finding, on)


def _is_too_late(finding: Finding, day: date) -> bool:
    last_day = last_day_to_appeal(finding)
    return last_day is not None and last_day < day


def may_enter_appeal(finding: Finding) -> bool:
    """Whether a paper appeal can still be entered; whether it came in time its own day says (D26)."""
    return finding.state == Finding.State.CONFIRMED and finding.appeal is None and not has_died(finding.member)


def file_own_appeal(*, actor: User, now: datetime, finding: Finding, text: str) -> Appeal:
    """The member appeals from their own account; returns the appeal, whose receipt number is shown.

    Raises:
        PermissionDenied: it is not about the actor.
        AppealRefused, TextTooLong.
    """
    text = fit_text(text, most=APPEAL_LIMIT)
    if not is_own_case(actor, finding.member):
        raise PermissionDenied(_("Only the member it is about appeals here."))
    with lock_rows_of(finding, None) as rows:
        return _file(rows.get(), text, timezone.localdate(now), None, actor=actor, now=now)


def file_paper_appeal(
    *, actor: User, now: datetime, finding: Finding, text: str, filed_on: date, papers: Sequence[Upload]
) -> Appeal:
    """The town's staff enter an appeal that came on paper, with a photo or scan of it.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate.
        PaperMissing, AppealRefused, TextTooLong.
    """
    text = fit_text(text, most=APPEAL_LIMIT)
    refuse_future_date(filed_on, today=timezone.localdate(now))
    if not papers:
        raise PaperMissing(_("Add a photo or scan of the paper that the member signed."))
    with lock_finding(finding, actor=actor, now=now, action=Action.CONSENT) as rows:
        current = rows.get()
        if current.decided_on is not None and filed_on < current.decided_on:
            raise AppealRefused(_("An appeal comes after the decision. Check the day."))
        return _file(current, text, filed_on, papers, actor=actor, now=now)


def _file(
    finding: Finding, text: str, filed_on: date, papers: Sequence[Upload] | None, *, actor: User, now: datetime
) -> Appeal:
    if not text:
        raise AppealRefused(_("Write what you do not agree with, and why."))
    if finding.state != Finding.State.CONFIRMED:
        raise AppealRefused(_("Only a confirmed finding can be appealed against; this one does not count."))
    if finding.appeal is not None:
        raise AppealRefused(_("An appeal was filed before; its receipt number stands on the page."))
    if has_died(finding.member):
        raise AppealRefused(_("The member has died; nobody appeals any more."))
    if _is_too_late(finding, filed_on):
        raise AppealRefused(
            _("The %(days)d days to appeal ended on %(day)s. The town's staff can still look at it: talk to them.")
            % {"days": appeal_days_of(finding), "day": last_day_to_appeal(finding)}
        )
    appeal = Appeal.objects.create(
        **{"veto" if isinstance(finding, VetoRecord) else "deduction": finding},
        text=text,
        filed_on=filed_on,
        scan=keep_papers(actor=actor, now=now, finding=finding, files=papers or ()),
        entered_by=actor,
        entered_at=now,
    )
    log_step(finding, actor=actor, now=now, verb="file_appeal", new={"appeal": appeal.receipt})
    notify_town(finding, now=now, kind=Notification.Kind.APPEAL_FILED)
    if not appeal.is_own:
        notify_member(finding, now=now, kind=Notification.Kind.APPEAL_FILED)
    return appeal


def may_answer_appeal(user: User, finding: Finding, *, on: date) -> bool:
    """Whether the user is of the town's staff, proposed, cleared and decided nothing, and may read what it is about.

    Not the one it is about.
    """
    if is_own_case(user, finding.member) or _took_part(user, finding) or not may_judge(user, finding, on=on):
        return False
    return members_for(user, on=on, action=Action.CONSENT).filter(pk=finding.member_id).exists()


def _took_part(user: User, finding: Finding) -> bool:
    return user in (finding.batch.actor, finding.cleared_by, finding.decided_by)


def answer_appeal(
    *, actor: User, now: datetime, finding: Finding, outcome: Appeal.Outcome, answer: str, is_unrelated: bool
) -> None:
    """The town answers, with its reason: the decision is upheld, or revoked, or changed, which is found anew.

    In a year that is final what is not upheld is a correction (D10): `publicity.rechecking.town_decisions` makes it.
    `is_unrelated`: the actor's recusal statement, ticked; it is logged.

    Raises:
        PermissionDenied: not the town's staff.
        NotAllowed: about themselves or close kin, they proposed it, let it through or decided it, or may not read it.
        MissingReason, TextTooLong, HalfLocked (D20).
        AppealRefused: none waits for an answer.
    """
    reason = require_reason(answer, _("Give the reason: the member reads it."), most=APPEAL_LIMIT)
    with lock_finding(finding, actor=actor, now=now, action=Action.CONSENT) as rows:
        current = rows.get()
        waiting = require_waiting_appeal(current, answered_by=actor, now=now, declared=is_unrelated)
        if outcome == Outcome.UPHELD and current.state != Finding.State.CONFIRMED:
            raise AppealRefused(
                _("The decision does not stand any more, so it cannot be upheld: answer that it is gone.")
            )
        if outcome != Outcome.UPHELD and current.state == Finding.State.CONFIRMED:
            refuse_locked_halves(half_keys_of_finding(current), now=now)
            stamp_revocation(rows, actor=actor, now=now, reason=say_outcome(waiting, outcome))
        stamp_appeal_answer(waiting, finding, answered_by=actor, now=now, outcome=outcome, answer=reason)


def require_waiting_appeal(finding: Finding, *, answered_by: User, now: datetime, declared: bool) -> Appeal:
    """The appeal that waits, for who gave the recusal statement and had no part in the finding.

    Raises:
        NotAllowed: about themselves or close kin, they proposed it, let it through or decided it, or may not read it.
        AppealRefused: none waits for an answer.
    """
    require_unrelated(answered_by, finding.member, declared=declared)
    if _took_part(answered_by, finding):
        raise NotAllowed(_("You proposed it, let it through or decided it: somebody else of the town's staff answers."))
    refuse_unread(answered_by, finding, on=timezone.localdate(now))
    waiting = finding.appeal
    if waiting is None or not waiting.is_waiting:
        raise AppealRefused(_no_appeal_waits())
    return waiting


def stamp_appeal_answer(
    appeal: Appeal, finding: Finding, *, answered_by: User, now: datetime, outcome: Appeal.Outcome, answer: str
) -> None:
    """Write a checked answer once, log it and tell the member; the caller has locked.

    Raises:
        AppealRefused: it was answered meanwhile.
    """
    waiting = Appeal.objects.waiting().filter(pk=appeal.pk)
    if not waiting.update(outcome=outcome, answer=answer, answered_at=now, answered_by=answered_by):
        raise AppealRefused(_no_appeal_waits())
    said_of_it = {"appeal": appeal.receipt, "outcome": outcome, "recusal": True}
    log_step(finding, actor=answered_by, now=now, verb="answer_appeal", new=said_of_it)
    notify_member(finding, now=now, kind=Notification.Kind.APPEAL_ANSWERED)


def say_outcome(appeal: Appeal, outcome: Appeal.Outcome) -> str:
    """What an appeal led to, as the reason of a revocation: it names no ground."""
    return _("On appeal %(receipt)s: %(outcome)s") % {"receipt": appeal.receipt, "outcome": Outcome(outcome).label}


def _no_appeal_waits() -> str:
    return _("No appeal waits for an answer here; reload the page.")
