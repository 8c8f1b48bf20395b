"""An exemption: what it rests on, from which day it counts, and what is written (2.1, D15).

It rests on the member's own application and a vote of the branch's meeting; from which day it counts follows from the
two and is entered by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts.own_hand import is_own_hand
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.reasons import fit_text
from members.models import Exemption, ExemptionApplication, Member, Notification, User
from members.notifications import notify_users
from members.places.resolutions import NUMBERS, NUMBERS_WRONG, TOO_FEW_PRESENT, Body, Counted, is_quorate
from members.selectors import last_branch_on
from points.errors import ExemptionRefused, PaperMissing
from points.rules.periods import H1, H2, half_start
from points.scoring.adoption import rulebook_for
from veto.models import Deduction, VetoRecord

State = ExemptionApplication.State


@dataclass(frozen=True, slots=True)
class BranchVote(Counted):
    """What the branch's meeting came to: its day, how many were expected, were there, and how they voted (D19)."""

    met_on: date
    expected: int
    present: int
    in_favour: int
    against: int
    abstained: int


@dataclass(frozen=True, slots=True)
class NewExemption:
    """The branch's vote to exempt a member on their own application; `from_date` as `plan_exemption` says."""

    application: ExemptionApplication
    vote: BranchVote
    from_date: date
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class EndOfExemption:
    """The member is scored again from a day on."""

    exemption: Exemption
    from_date: date
    reason: str


def plan_exemption(application: ExemptionApplication, vote: BranchVote, *, explanation: str = "") -> NewExemption:
    """What a vote in favour comes to; two queries."""
    return NewExemption(application, vote, effective_day(application, decided_on=vote.met_on), explanation)


def effective_day(application: ExemptionApplication, *, decided_on: date) -> date:
    """The first day outside the scheme: the day the member asks for, else the next 1 January or 1 July (D15).

    Never before the decision; and a year with a confirmed veto is finished first, so that the veto stays.
    """
    day = application.wanted_from or next_half_start(decided_on)
    day = max(day, decided_on)
    vetoed = set(VetoRecord.objects.confirmed().filter(member=application.member_id).values_list("year", flat=True))
    while day.year in vetoed:
        day = date(day.year + 1, 1, 1)
    return day


def next_half_start(day: date) -> date:
    """The 1 January or 1 July that comes next; the day itself where it is one."""
    for start in (half_start(day.year, H1), half_start(day.year, H2)):
        if start >= day:
            return start
    # The last year there is has no next one; a year mistyped so is refused as a day to come.
    return half_start(min(day.year + 1, date.max.year), H1)


def check_ground(ground: str, member: Member, *, applied_on: date) -> None:
    """Whoever applies for their age must have it on the day of the application.

    Raises:
        NoRulebook.
        ExemptionRefused: too young, or no date of birth on the roster.
    """
    if ground != Exemption.Ground.AGE:
        return
    limit = rulebook_for(member.town, applied_on.year).settings.exemption_age
    if member.birth_date is None:
        raise ExemptionRefused(
            _("The roster has no date of birth, so nobody can tell whether the member was %(age)d. Enter it first.")
            % {"age": limit}
        )
    if _age_on(member.birth_date, applied_on) < limit:
        raise ExemptionRefused(_("The member was not %(age)d on the day of the application.") % {"age": limit})


def check_vote(application: ExemptionApplication, vote: BranchVote, *, today: date) -> None:
    """Raises ExemptionRefused: days out of order, or numbers that no meeting can have."""
    if not application.applied_on <= vote.met_on <= today:
        raise ExemptionRefused(_("The member applies first, then the branch decides; neither lies in the future."))
    if not vote.adds_up:
        raise ExemptionRefused(str(NUMBERS_WRONG))
    if not is_quorate(Body.COMMITTEE, expected=vote.expected, present=vote.present):
        raise ExemptionRefused(str(TOO_FEW_PRESENT))


def refuse_own_entry(application: ExemptionApplication, actor: User) -> None:
    """Two seats, as with findings: who entered the paper does not enter what the meeting decided about it (D19).

    Raises:
        NotAllowed.
    """
    if application.entered_by_id == actor.pk:
        raise NotAllowed(
            _(
                "You entered this application from paper, so another officer enters the decision: the secretary or the "
                "town's staff."
            )
        )


def refuse_others_hand(application: ExemptionApplication) -> None:
    """What came from an account that somebody gave a new password since may not be its member's own word (D18).

    Raises:
        PaperMissing.
    """
    if not is_surely_own(application):
        raise PaperMissing(
            _(
                "The password of the member's account was given anew after this application was filed, so it decides "
                "nothing any more. The member signs an application on paper; enter that with its scan instead."
            )
        )


def is_surely_own(application: ExemptionApplication) -> bool:
    """Whether it is signed on paper, or came from an account whose password nobody else has given since (D18)."""
    if application.scan:
        return True
    account = User.objects.filter(member=application.member_id).first()
    return account is not None and is_own_hand(account, since=application.at)


def check_exemption(change: NewExemption, *, member: Member, today: date) -> None:
    """What stands against it, asked once before the locks and again under them.

    Raises:
        ExemptionRefused: another's application, ground, vote, day, or a finding is open.
        PaperMissing (as `refuse_others_hand`), NoRulebook, TextTooLong.
    """
    application = change.application
    if application.member_id != member.pk:
        raise ExemptionRefused(_("The application is another member's; nobody is exempt without applying themselves."))
    refuse_others_hand(application)
    fit_text(change.explanation)
    check_vote(application, change.vote, today=today)
    if not change.vote.is_carried:
        raise ExemptionRefused(
            _("Not more than half of those expected were in favour: enter that the branch did not agree.")
        )
    check_ground(application.ground, member, applied_on=application.applied_on)
    if change.from_date != effective_day(application, decided_on=change.vote.met_on):
        raise ExemptionRefused(_("The day from which the exemption counts has changed; reload the page."))
    _refuse_open_finding(member)


def _refuse_open_finding(member: Member) -> None:
    """Nobody leaves the scheme while something found about them is undecided."""
    for model in (Deduction, VetoRecord):
        if model.objects.proposed().filter(member=member).exists():
            raise ExemptionRefused(
                _(
                    "A deduction or veto proposed against the member is not decided yet. It is decided first; the "
                    "application waits meanwhile."
                )
            )


def apply_exemption(change: NewExemption, *, actor: User, now: datetime, member: Member) -> Exemption:
    """Write a checked exemption, settle its application and tell the member; the member is locked.

    Whoever enters it, or the correction it is part of, has given the recusal statement (D19).

    Raises:
        ExemptionRefused: exempt already, decided or withdrawn meanwhile, or a finding is open.
        PaperMissing: the password of the account it came from was given anew meanwhile.
    """
    if member.exemptions.open().exists():
        raise ExemptionRefused(_("The member is exempt already; end that exemption first."))
    check_exemption(change, member=member, today=timezone.localdate(now))
    application = change.application
    exemption = Exemption.objects.create(
        member=member,
        ground=application.ground,
        applied_on=application.applied_on,
        decided_on=change.vote.met_on,
        from_date=change.from_date,
    )
    settle_application(
        application,
        state=State.GRANTED,
        vote=change.vote,
        decided_by=actor,
        explanation=fit_text(change.explanation),
        exemption=exemption,
    )
    log_change(
        actor=actor,
        now=now,
        town=member.town,
        verb="grant_exemption",
        subject=exemption,
        new={"from": change.from_date.isoformat(), "decided_on": change.vote.met_on.isoformat(), "recusal": True},
    )
    tell_member(member, now=now, kind=Notification.Kind.EXEMPTION_DECIDED)
    return exemption


def apply_end(change: EndOfExemption, *, actor: User, now: datetime, member: Member) -> Exemption:
    """Write the end of an exemption and tell the member; the member is locked. Raises ExemptionRefused.

    Whoever enters it, or the correction it is part of, has given the recusal statement (D19).
    """
    exemption, ended_on = change.exemption, change.from_date
    if not member.exemptions.open().filter(pk=exemption.pk).update(ended_on=ended_on):
        raise ExemptionRefused(_("This exemption was already ended; reload the page."))
    log_change(
        actor=actor,
        now=now,
        town=member.town,
        verb="end_exemption",
        subject=exemption,
        new={"ended_on": ended_on.isoformat(), "reason": fit_text(change.reason), "recusal": True},
    )
    tell_member(member, now=now, kind=Notification.Kind.EXEMPTION_ENDED)
    return exemption


def settle_application(
    application: ExemptionApplication, *, state: State, vote: BranchVote | None = None, **fields: object
) -> None:
    """Stamp a waiting application with what became of it. Raises ExemptionRefused where it waits no more."""
    if vote is not None:
        fields |= {"decided_on": vote.met_on, **{name: getattr(vote, name) for name in NUMBERS}}
    waiting = ExemptionApplication.objects.filter(pk=application.pk, state=State.WAITING)
    if not waiting.update(state=state, **fields):
        raise ExemptionRefused(_("This application was decided or withdrawn meanwhile; reload the page."))
    application.refresh_from_db()


def tell_member(member: Member, *, now: datetime, kind: Notification.Kind) -> None:
    """Tell the member inside the site; what it is about stands behind the link alone."""
    branch = last_branch_on(member.pk, timezone.localdate(now))
    if branch is not None:
        users = User.objects.filter(member=member.pk, is_active=True)
        notify_users(users=users, now=now, kind=kind, branch=branch, period="", link=reverse("exemption"))


def _age_on(birth_date: date, day: date) -> int:
    """Full years of age on a day; somebody born on 29 February turns a year older on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
