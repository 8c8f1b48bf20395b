"""A member's own application for exemption, and the branch's decision about it (2.1, D15)."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, refuse_own_case, require_member_action
from members.log.audit import log_change
from members.log.reasons import fit_text, require_reason
from members.models import Appointment, Exemption, ExemptionApplication, Member, Notification, User
from members.notifications import notify_users
from members.selectors import branch_on, holders_of
from points.errors import ExemptionRefused, NotOnRoster
from points.roster.moves import grant_exemption

State = ExemptionApplication.State
APPLICATION_LENGTH = 1000


def apply_for_exemption(*, actor: User, now: datetime, ground: Exemption.Ground, text: str) -> ExemptionApplication:
    """Apply for oneself; the branch's secretary is told. Being old enough is the branch's to check (D15).

    Raises:
        PermissionDenied: the account is no member's.
        NotOnRoster: in no branch today.
        TextTooLong.
        MissingReason: unable, and nothing said about it.
        ExemptionRefused: exempt already, or another application waits.
    """
    text = fit_text(text, most=APPLICATION_LENGTH)
    today = timezone.localdate(now)
    member = _own_member(actor)
    branch = branch_on(member, today)
    if branch is None:
        raise NotOnRoster(_("You belong to no branch today, so there is nobody to decide. Ask the town's staff."))
    if ground == Exemption.Ground.UNABLE:
        require_reason(
            text,
            _("Say briefly what keeps you from taking part, so that the branch can decide."),
            most=APPLICATION_LENGTH,
        )
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=member.pk)
        if member.exemptions.open().exists():
            raise ExemptionRefused(_("You are exempt already."))
        try:
            with transaction.atomic():
                application = ExemptionApplication.objects.create(
                    member=member, ground=ground, text=text, applied_on=today, at=now
                )
        except IntegrityError as error:
            raise ExemptionRefused(_("Your earlier application still waits; withdraw it to make another.")) from error
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
        _settle(application, state=State.WITHDRAWN)
        _log(application, actor=actor, now=now, verb="withdraw_application")


def grant_application(
    *,
    actor: User,
    now: datetime,
    application: ExemptionApplication,
    decided_on: date,
    from_date: date,
    explanation: str = "",
) -> Exemption:
    """Enter that the branch's committee agreed at its meeting on `decided_on`; the exemption begins on `from_date`.

    Raises:
        What `points.roster.moves.grant_exemption` raises, and ExemptionRefused: decided or withdrawn before.
    """
    explanation = fit_text(explanation)
    with transaction.atomic():
        exemption = grant_exemption(
            actor=actor,
            now=now,
            member=application.member,
            ground=Exemption.Ground(application.ground),
            applied_on=application.applied_on,
            decided_on=decided_on,
            from_date=from_date,
        )
        _settle(
            application,
            state=State.GRANTED,
            decided_on=decided_on,
            decided_by=actor,
            explanation=explanation,
            exemption=exemption,
        )
        _tell_decision(application, actor=actor, now=now, verb="grant_application")
    return exemption


def decline_application(
    *, actor: User, now: datetime, application: ExemptionApplication, decided_on: date, explanation: str
) -> None:
    """Enter that the committee did not agree; the explanation goes to the member.

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason (no explanation), TextTooLong.
        ExemptionRefused: days out of order, or decided or withdrawn before.
    """
    explanation = require_reason(explanation, _("Explain the decision; the member reads it."))
    today = timezone.localdate(now)
    require_member_action(actor, Action.DECIDE_FINDING, application.member, on=today)
    refuse_own_case(actor, application.member)
    if not application.applied_on <= decided_on <= today:
        raise ExemptionRefused(_("The member applies first, then the branch decides; neither lies in the future."))
    with transaction.atomic():
        _settle(
            application,
            state=State.DECLINED,
            decided_on=decided_on,
            decided_by=actor,
            explanation=explanation,
        )
        _tell_decision(application, actor=actor, now=now, verb="decline_application")


def _settle(application: ExemptionApplication, **fields: object) -> None:
    waiting = ExemptionApplication.objects.filter(pk=application.pk, state=State.WAITING)
    if not waiting.update(**fields):
        raise ExemptionRefused(_("This application was decided or withdrawn meanwhile; reload the page."))
    application.refresh_from_db()


def _tell_decision(application: ExemptionApplication, *, actor: User, now: datetime, verb: str) -> None:
    branch = branch_on(application.member, timezone.localdate(now))
    if branch is not None:
        notify_users(
            users=User.objects.filter(member=application.member_id, is_active=True),
            now=now,
            kind=Notification.Kind.EXEMPTION_DECIDED,
            branch=branch,
            period="",
            link=reverse("exemption"),
        )
    _log(application, actor=actor, now=now, verb=verb)


def _log(application: ExemptionApplication, *, actor: User, now: datetime, verb: str) -> None:
    # Neither the ground nor what was written about it: both speak of somebody's health (D21).
    log_change(
        actor=actor,
        now=now,
        town=application.member.town,
        verb=verb,
        subject=application,
        new={"state": application.state},
    )
