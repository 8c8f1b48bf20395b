"""A member's own application for exemption, and the branch's decision about it (2.1, D15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, refuse_own_case, require_member_action
from members.accounts.own_hand import DAYS_UNTIL_OWN, was_given_lately
from members.log.audit import log_change, refuse_limited
from members.log.reasons import fit_text, require_reason
from members.models import Appointment, Exemption, ExemptionApplication, Member, Notification, User
from members.notifications import notify_users
from members.people.recusal import require_unrelated
from members.selectors import branch_on, holders_of
from points.errors import ExemptionRefused, NotOnRoster, PaperMissing
from points.roster.exemptions import (
    BranchVote,
    check_ground,
    check_vote,
    is_surely_own,
    plan_exemption,
    refuse_others_hand,
    refuse_own_entry,
    settle_application,
    tell_member,
)
from points.roster.moves import grant_exemption

State = ExemptionApplication.State
APPLICATION_LENGTH = 1000


def apply_for_exemption(
    *, actor: User, now: datetime, ground: Exemption.Ground, text: str, wanted_from: date | None = None
) -> ExemptionApplication:
    """Apply for oneself; the branch's secretary is told. Without `wanted_from` it is for the next half year (D15).

    Raises:
        PermissionDenied: the account is no member's.
        NotOnRoster: in no branch today.
        NoRulebook, TextTooLong.
        MissingReason: unable, and nothing said about it.
        ExemptionRefused: too young for the ground, exempt already, or another application waits.
        PaperMissing: an officer gave the account a password or a login slip lately (D18).
    """
    text = fit_text(text, most=APPLICATION_LENGTH)
    refuse_limited(actor)
    today = timezone.localdate(now)
    member = _own_member(actor)
    branch = branch_on(member, today)
    if branch is None:
        raise NotOnRoster(_("You belong to no branch today, so there is nobody to decide. Ask the town's staff."))
    if was_given_lately(actor, now=now):
        raise PaperMissing(
            _(
                "The password or login slip of this account was given to you within the last %(days)d days. Sign the "
                "application on paper and hand it to your branch, which enters it with a scan."
            )
            % {"days": DAYS_UNTIL_OWN}
        )
    if ground == Exemption.Ground.UNABLE:
        require_reason(
            text,
            _("Say briefly what keeps you from taking part, so that the branch can decide."),
            most=APPLICATION_LENGTH,
        )
    check_ground(ground, member, applied_on=today)
    application = ExemptionApplication(
        member=member, ground=ground, text=text, wanted_from=wanted_from, applied_on=today, at=now
    )
    with transaction.atomic():
        _lock(member)
        _file(application, exempt=_("You are exempt already."))
        notify_users(
            users=holders_of(Appointment.Role.SECRETARY, on=today, branch=branch),
            now=now,
            kind=Notification.Kind.EXEMPTION_APPLIED,
            branch=branch,
            period="",
            link=reverse("workbench:members_exemptionapplication_change", args=[application.pk]),
        )
        _log(application, actor=actor, now=now, verb="apply_for_exemption")
    return application


def enter_paper_application(
    *,
    actor: User,
    now: datetime,
    member: Member,
    ground: Exemption.Ground,
    applied_on: date,
    scan: str,
    text: str = "",
    wanted_from: date | None = None,
) -> ExemptionApplication:
    """Enter an application the member signed on paper, with its scan (a kept picture's name); the member is told.

    It takes the place of one that waits but came from an account whose password was given anew since (D18).

    Raises:
        PermissionDenied, NotAllowed (their own), NoRulebook, TextTooLong.
        ExemptionRefused: no scan, signed in the future, too young for the ground that day, exempt already, or another
            application waits.
    """
    text = fit_text(text, most=APPLICATION_LENGTH)
    today = timezone.localdate(now)
    require_member_action(actor, Action.DECIDE_FINDING, member, on=today)
    refuse_own_case(actor, member)
    if not scan:
        raise ExemptionRefused(_("Attach a scan or photo of the application the member signed."))
    if applied_on > today:
        raise ExemptionRefused(_("The member applies first, then the branch decides; neither lies in the future."))
    check_ground(ground, member, applied_on=applied_on)
    application = ExemptionApplication(
        member=member,
        ground=ground,
        text=text,
        wanted_from=wanted_from,
        applied_on=applied_on,
        at=now,
        scan=scan,
        entered_by=actor,
    )
    with transaction.atomic():
        _lock(member)
        _replace_doubtful(member, actor=actor, now=now)
        _file(application, exempt=_("The member is exempt already; end that exemption first."))
        tell_member(member, now=now, kind=Notification.Kind.EXEMPTION_ENTERED)
        _log(application, actor=actor, now=now, verb="enter_paper_application")
    return application


def _replace_doubtful(member: Member, *, actor: User, now: datetime) -> None:
    """An application that can no longer be decided does not stand in the signed one's way; the member is locked."""
    for waiting in member.exemption_applications.filter(state=State.WAITING):
        if not is_surely_own(waiting):
            settle_application(waiting, state=State.WITHDRAWN)
            _log(waiting, actor=actor, now=now, verb="replace_application")


def _lock(member: Member) -> None:
    Member.objects.select_for_update().get(pk=member.pk)


def _file(application: ExemptionApplication, *, exempt: str) -> None:
    """Write a new application, the member locked; one waits at a time. Raises ExemptionRefused."""
    if application.member.exemptions.open().exists():
        raise ExemptionRefused(exempt)
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as error:
        raise ExemptionRefused(_("An earlier application still waits; it is withdrawn or decided first.")) from error


def _own_member(actor: User) -> Member:
    if actor.member is None:
        raise PermissionDenied(_("Only members apply, each for themselves."))
    return actor.member


def withdraw_application(*, actor: User, now: datetime, application: ExemptionApplication) -> None:
    """Take one's own application back while it waits.

    Raises:
        PermissionDenied: somebody else's.
        ExemptionRefused: decided or withdrawn before.
    """
    if actor.member_id != application.member_id:
        raise PermissionDenied(_("Only members apply, each for themselves."))
    with transaction.atomic():
        settle_application(application, state=State.WITHDRAWN)
        _log(application, actor=actor, now=now, verb="withdraw_application")


def grant_application(
    *,
    actor: User,
    now: datetime,
    application: ExemptionApplication,
    vote: BranchVote,
    is_unrelated: bool,
    explanation: str = "",
) -> Exemption:
    """Enter that the branch's meeting agreed; from which day the exemption counts follows from D15.

    `is_unrelated`: the actor's recusal statement, ticked; it is logged (D19).

    Raises:
        What `points.roster.moves.grant_exemption` raises.
    """
    explanation = fit_text(explanation)
    with transaction.atomic():
        exemption = grant_exemption(
            actor=actor,
            now=now,
            change=plan_exemption(application, vote, explanation=explanation),
            is_unrelated=is_unrelated,
        )
        _log(application, actor=actor, now=now, verb="grant_application", new={"recusal": True})
    return exemption


def decline_application(
    *,
    actor: User,
    now: datetime,
    application: ExemptionApplication,
    vote: BranchVote,
    explanation: str,
    is_unrelated: bool,
) -> None:
    """Enter that the branch's meeting did not agree; the explanation goes to the member.

    `is_unrelated`: the actor's recusal statement, ticked; it is logged (D19).

    Raises:
        PermissionDenied, NotAllowed (about themselves or close kin, or they entered the paper), MissingReason,
        TextTooLong.
        ExemptionRefused: days out of order, a vote that no meeting can have or that agreed, or it waits no more.
        PaperMissing: the password of the account it came from was given anew meanwhile (D18).
    """
    explanation = require_reason(explanation, _("Explain the decision; the member reads it."))
    today = timezone.localdate(now)
    require_member_action(actor, Action.DECIDE_FINDING, application.member, on=today)
    require_unrelated(actor, application.member, declared=is_unrelated)
    refuse_own_entry(application, actor)
    check_vote(application, vote, today=today)
    if vote.is_carried:
        raise ExemptionRefused(_("More than half of those expected were in favour: enter that the branch agreed."))
    with transaction.atomic():
        _lock(application.member)
        refuse_others_hand(application)
        settle_application(application, state=State.DECLINED, vote=vote, decided_by=actor, explanation=explanation)
        tell_member(application.member, now=now, kind=Notification.Kind.EXEMPTION_DECIDED)
        _log(application, actor=actor, now=now, verb="decline_application", new={"recusal": True})


def _log(
    application: ExemptionApplication,
    *,
    actor: User,
    now: datetime,
    verb: str,
    new: Mapping[str, object] | None = None,
) -> None:
    # Neither the ground nor what was written about it: both speak of somebody's health (D21).
    log_change(
        actor=actor,
        now=now,
        town=application.member.town,
        verb=verb,
        subject=application,
        new={"state": application.state, **(new or {})},
    )
