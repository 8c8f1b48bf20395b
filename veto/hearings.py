"""Hearing the member: the papers they are given, and their statement, waiver or silence (D18, D26).

Every step works on paper; from the portal the member makes their own statement. A backfilled finding was confirmed
before its member was told: both steps are entered afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, is_own_case, known_to_member
from members.accounts.own_hand import is_own_hand
from members.log.reasons import fit_text
from members.models import Appointment, Branch, Member, Notification, StoredFile, User
from members.places.workdays import TownCalendar
from members.selectors import branch_on
from points.errors import DaysNotOver, FindingNotReady, PaperMissing
from points.records.entries import refuse_future_date
from veto.endings import has_died, refuse_ended
from veto.hearing_days import last_day_to_answer, way_told
from veto.models import HEARING, Answer, Deduction, Finding, Telling, VetoRecord
from veto.papers_kept import Upload, keep_papers
from veto.steps import lock_finding, lock_rows_of, log_step, notify_member, notify_town, refuse_held_back

Kind = Answer.Kind
Way = Telling.Way
STATEMENT_LIMIT = 4000
PLACE_LIMIT = 100
WITNESSES = 2
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a paper reached the member: the day, the way, the witnesses of a refusal to sign, photos of the receipt."""

    told_on: date
    way: str = Way.HANDED
    witnesses: Sequence[str] = ()
    receipt: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """When and where the committee meets, as the notice says."""

    at: datetime
    place: str


# Told


def tell_member(*, actor: User, now: datetime, finding: Finding, delivery: Delivery, meeting: Meeting | None) -> None:
    """Enter that the member was given the notice (告知书), and tell them in the portal too.

    `meeting`: the committee's, which the notice names; None for one that was decided long ago (backfilled).

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, HeldBack, UnknownWorkYear.
        FindingNotReady: told already, dismissed, voided or ended; days out of order; no meeting, or one too early.
        PaperMissing: entered later than on the day, or by post or message, without a photo of the receipt.
    """
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        refuse_ended(current)
        refuse_held_back(current)
        _check_first_day(current, delivery.told_on)
        branch = branch_on(finding.member, timezone.localdate(now))
        _check_delivery(delivery, current, branch, now=now)
        if current.state == Finding.State.PROPOSED:
            _check_meeting(meeting, current.member, told_on=delivery.told_on, way=delivery.way, now=now)
        told = rows.open_to_hearing().filter(notified_on__isnull=True)
        if not told.update(notified_on=delivery.told_on):
            raise FindingNotReady(
                _("This step was already entered, or the finding dismissed or voided; reload the page.")
            )
        _keep_telling(current, Telling.Paper.NOTICE, delivery, meeting, actor=actor, now=now)
        log_step(finding, actor=actor, now=now, verb="tell_member")
        if current.state == Finding.State.PROPOSED:
            notify_member(finding, now=now, kind=Notification.Kind.HEARING_ASKED)


def postpone_meeting(*, actor: User, now: datetime, finding: Finding, delivery: Delivery, meeting: Meeting) -> None:
    """The committee meets on another day: the member is told anew; the days to answer run from the first notice.

    Raises: as `tell_member`.
    """
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        refuse_ended(current)
        if current.state != Finding.State.PROPOSED or current.notified_on is None:
            raise FindingNotReady(_("A meeting is postponed after the member was told and before it is decided."))
        if delivery.told_on < current.notified_on:
            raise FindingNotReady(_("The member was told of the first meeting after this day. Check the day."))
        _check_delivery(delivery, current, branch_on(finding.member, timezone.localdate(now)), now=now)
        _check_meeting(meeting, current.member, told_on=current.notified_on, way=way_told(current), now=now)
        _refuse_earlier_meeting(current, meeting, told_on=delivery.told_on)
        _keep_telling(current, Telling.Paper.NOTICE, delivery, meeting, actor=actor, now=now)
        log_step(finding, actor=actor, now=now, verb="postpone_meeting")
        notify_member(finding, now=now, kind=Notification.Kind.HEARING_ASKED)


def _refuse_earlier_meeting(finding: Finding, meeting: Meeting, *, told_on: date) -> None:
    """A meeting is put off, never brought forward: earlier only where the member agreed, and always told before."""
    day, told = timezone.localdate(meeting.at), finding.told
    if day < told_on:
        raise FindingNotReady(_("The member is told before the committee meets, not after. Check the day."))
    if told is None or told.meets_at is None or finding.agrees_earlier:
        return
    if day < timezone.localdate(told.meets_at):
        raise FindingNotReady(
            _("The notice names %(day)s. The committee meets earlier only where the member answered and agreed to it.")
            % {"day": timezone.localdate(told.meets_at)}
        )


def give_decision(*, actor: User, now: datetime, finding: Finding, delivery: Delivery) -> None:
    """Enter that the member was given the decision letter (认定结果通知书): the days to appeal run from then.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, PaperMissing.
        FindingNotReady: not decided, given before, given before it was decided, or the member died.
    """
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        if current.state not in (Finding.State.CONFIRMED, Finding.State.DISMISSED) or current.decided_on is None:
            raise FindingNotReady(_("The decision letter is given once the finding is decided."))
        if has_died(current.member):
            raise FindingNotReady(_("The member has died; no letter is given any more."))
        if current.decision_given is not None:
            raise FindingNotReady(_("This step was entered before; reload the page."))
        if delivery.told_on < current.decided_on:
            raise FindingNotReady(_("The letter cannot have been given before the decision. Check the day."))
        _check_delivery(delivery, current, branch_on(finding.member, timezone.localdate(now)), now=now)
        _keep_telling(current, Telling.Paper.DECISION, delivery, None, actor=actor, now=now)
        log_step(finding, actor=actor, now=now, verb="give_decision")


def _check_first_day(finding: Finding, told_on: date) -> None:
    if told_on < finding.date:
        raise FindingNotReady(_("The member cannot have been told before it was found. Check the day."))
    if finding.backfilled:
        return
    since = finding.cleared_at or finding.batch.at
    if told_on < timezone.localdate(since):
        raise FindingNotReady(
            _("The member is told once it was proposed and, where the town looks first, let through. Check the day.")
        )


def _check_delivery(delivery: Delivery, finding: Finding, branch: Branch | None, *, now: datetime) -> None:
    today = timezone.localdate(now)
    refuse_future_date(delivery.told_on, today=today)
    _check_witnesses(delivery, finding.member, branch, on=today)
    if delivery.receipt:
        return
    if delivery.way in (Way.POST, Way.MESSAGE):
        raise PaperMissing(_("Add a photo or scan of the EMS receipt, or a picture of the member's reply."))
    if delivery.told_on < today:
        raise PaperMissing(_("It was given on an earlier day: add a photo or scan of the signed receipt."))


def _check_witnesses(delivery: Delivery, member: Member, branch: Branch | None, *, on: date) -> None:
    names = _tidy_names(delivery)
    if delivery.way != Way.REFUSED:
        if names:
            raise FindingNotReady(_("Witnesses belong to a refusal to sign: choose so, or take their names away."))
        return
    if len(set(names)) != WITNESSES or len(names) != WITNESSES or member.name in names:
        raise FindingNotReady(_("A refusal to sign needs the names of two different witnesses, not the member's own."))
    if any(len(name) > LONGEST_NAME for name in names):
        raise FindingNotReady(_("A witness's name has at most %(limit)d characters.") % {"limit": LONGEST_NAME})
    held = Appointment.objects.on(on).filter(branch=branch, branch__isnull=False).select_related("user__member")
    officers = {row.user.member.name if row.user.member else str(row.user) for row in held}
    if officers.issuperset(names):
        raise FindingNotReady(_("One of the two witnesses must be no officer of the branch. Name somebody else."))


def _tidy_names(delivery: Delivery) -> list[str]:
    return [name.strip() for name in delivery.witnesses if name.strip()]


def _check_meeting(meeting: Meeting | None, member: Member, *, told_on: date, way: str, now: datetime) -> None:
    """The member reads when and where the committee meets, and it lies after the last day to answer."""
    if meeting is None or not fit_text(meeting.place, most=PLACE_LIMIT):
        raise FindingNotReady(_("Say on which day, at what hour and where the committee meets: the notice names it."))
    last_day = last_day_to_answer(told_on, TownCalendar(member.town), way=way)
    if timezone.localdate(meeting.at) <= last_day:
        raise FindingNotReady(
            _(
                "The member may answer until %(day)s. The committee meets after that day; earlier only where the "
                "member answered and agreed to it."
            )
            % {"day": last_day}
        )


def _keep_telling(
    finding: Finding, paper: Telling.Paper, delivery: Delivery, meeting: Meeting | None, *, actor: User, now: datetime
) -> None:
    Telling.objects.create(
        **_key_of(finding),
        paper=paper,
        told_on=delivery.told_on,
        way=delivery.way,
        witnesses="、".join(_tidy_names(delivery)),
        meets_at=meeting.at if meeting else None,
        place=meeting.place.strip() if meeting else "",
        scan=keep_papers(actor=actor, now=now, finding=finding, files=delivery.receipt),
        entered_by=actor,
        entered_at=now,
    )


def _key_of(finding: Finding) -> dict[str, Finding]:
    """The column that names a finding in the rows about it."""
    return {"veto" if isinstance(finding, VetoRecord) else "deduction": finding}


# Answered


def record_answer(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    answered_on: date,
    kind: Answer.Kind,
    statement: str = "",
    agrees_earlier: bool = False,
    papers: Sequence[Upload] = (),
) -> None:
    """Enter what the member answered on paper: a statement or a waiver; or that nothing came by the last day.

    Raises:
        PermissionDenied, NotAllowed (about themselves), FutureDate, TextTooLong.
        FindingNotReady: not told, out of order, contradictory, decided, ended, or entered.
        PaperMissing: a waiver, or an agreement to meet earlier, without a photo or scan of the signed paper.
        DaysNotOver: nothing came, and the days to answer are not over.
        UnknownWorkYear: they cannot be counted, for the days off are not known yet.
    """
    said = _check_statement(kind, statement, agrees_earlier=agrees_earlier)
    today = timezone.localdate(now)
    refuse_future_date(answered_on, today=today)
    if (kind == Kind.WAIVED or agrees_earlier) and not papers:
        raise PaperMissing(
            _("Add a photo or scan of the paper that the member signed: without it nobody waives a statement.")
        )
    with lock_finding(finding, actor=actor, now=now, action=Action.PROPOSE_FINDING) as rows:
        current = rows.get()
        refuse_ended(current)
        if current.notified_on is None:
            raise FindingNotReady(_("Enter first on which day the member was told."))
        if answered_on < current.notified_on:
            raise FindingNotReady(_("The order must be: found, member told, member answered. Check the dates."))
        if kind == Kind.LAPSED:
            _refuse_early_lapse(current, answered_on)
        _refuse_answered(current)
        scan = keep_papers(actor=actor, now=now, finding=finding, files=papers)
        _keep_answer(current, answered_on, kind, said, agrees_earlier=agrees_earlier, scan=scan, actor=actor, now=now)
        log_step(
            finding, actor=actor, now=now, verb="record_answer", new={"answer": kind, "signed_paper": bool(papers)}
        )
        notify_member(finding, now=now, kind=Notification.Kind.ANSWER_ENTERED)


def answer_own_finding(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    kind: Answer.Kind,
    statement: str = "",
    agrees_earlier: bool = False,
) -> None:
    """The member makes their own statement in the portal, or waives it.

    Raises:
        PermissionDenied: it is not about the actor.
        TextTooLong.
        FindingNotReady: not told yet, answered, decided or taken back meanwhile, or no words.
        PaperMissing: a waiver or agreement from an account whose password was given since the matter began.
    """
    said = _check_statement(kind, statement, agrees_earlier=agrees_earlier)
    _require_own(actor, finding)
    if kind == Kind.LAPSED:
        raise FindingNotReady(_("Make a statement, or say that you make none."))
    if (kind == Kind.WAIVED or agrees_earlier) and not is_own_hand(actor, since=finding.batch.at):
        raise PaperMissing(
            _(
                "The password of this account was given to you after the matter began. You can write a statement here; "
                "to make none, or to agree to an earlier meeting, sign it on paper."
            )
        )
    today = timezone.localdate(now)
    with lock_rows_of(finding, None) as rows:  # the member's lock is one every step takes
        current = rows.get()
        refuse_ended(current)
        if current.notified_on is None:
            raise FindingNotReady(_("Your answer is here already, or the branch has decided meanwhile; see below."))
        _refuse_answered(current)
        _keep_answer(current, today, kind, said, agrees_earlier=agrees_earlier, scan=None, actor=actor, now=now)
        log_step(finding, actor=actor, now=now, verb="answer_own_finding")


def disown_answer(*, actor: User, now: datetime, finding: Finding) -> None:
    """The member says that an answer somebody entered is not theirs: it is undone, and the town is told.

    After the decision that decision stands until the town has looked at it.

    Raises:
        PermissionDenied: it is not about the actor.
        FindingNotReady: no answer stands, it came from the member's own account, or the proceeding has ended.
    """
    _require_own(actor, finding)
    with lock_rows_of(finding, None) as rows:
        current = rows.get()
        refuse_ended(current)
        given = current.answered
        if given is None or given.is_own:
            raise FindingNotReady(_("There is no answer that somebody else entered for you; reload the page."))
        Answer.objects.filter(pk=given.pk).update(disowned_at=now)
        log_step(finding, actor=actor, now=now, verb="disown_answer")
        notify_town(finding, now=now, kind=Notification.Kind.ANSWER_DISOWNED)


def _require_own(actor: User, finding: Finding) -> None:
    if not is_own_case(actor, finding.member):
        raise PermissionDenied(_("Only the member it is about answers here."))


def _check_statement(kind: Answer.Kind, statement: str, *, agrees_earlier: bool) -> str:
    statement = fit_text(statement, most=STATEMENT_LIMIT)
    if kind == Kind.STATEMENT and not statement:
        raise FindingNotReady(_("Enter the member's statement, or choose that it was waived."))
    if kind != Kind.STATEMENT and statement:
        raise FindingNotReady(_("The member made a statement: choose so, or take the text away."))
    if kind == Kind.LAPSED and agrees_earlier:
        raise FindingNotReady(_("Who did not answer did not agree to an earlier meeting either: untick it."))
    return statement


def _refuse_early_lapse(finding: Finding, answered_on: date) -> None:
    """Silence counts only when the last day to answer is past (D18)."""
    assert finding.notified_on is not None
    calendar = TownCalendar(finding.member.town)
    last_day = last_day_to_answer(finding.notified_on, calendar, way=way_told(finding))
    if answered_on <= last_day:
        raise DaysNotOver(
            _("The member may answer until %(day)s. That nothing came can be entered from the day after on.")
            % {"day": last_day}
        )


def _refuse_answered(finding: Finding) -> None:
    if not finding.is_open_to_hearing or finding.answered is not None:
        raise FindingNotReady(
            _("An answer stands here already, or the finding was decided, dismissed or voided; reload the page.")
        )


def _keep_answer(
    finding: Finding,
    answered_on: date,
    kind: Answer.Kind,
    statement: str,
    *,
    agrees_earlier: bool,
    scan: StoredFile | None,
    actor: User,
    now: datetime,
) -> None:
    Answer.objects.create(
        **_key_of(finding),
        answered_on=answered_on,
        kind=kind,
        statement=statement,
        agrees_earlier=agrees_earlier,
        scan=scan,
        entered_by=actor,
        entered_at=now,
    )


def own_hearings(user: User) -> list[Finding]:
    """What the user, as a member, was told of or what counts against them, latest first; a few queries.

    Of a proposal that nobody told them of yet the portal says nothing: first comes the notice, by hand (D18).
    """
    if user.member_id is None:
        return []
    rows: list[Finding] = []
    for model in (Deduction, VetoRecord):
        found = model._default_manager.filter(known_to_member(), member=user.member_id)
        rows += found.prefetch_related(*HEARING).select_related(
            "member__town", "batch__actor", "decided_by", "revoked_by"
        )
    return sorted(rows, key=lambda row: (row.date, row.pk), reverse=True)
