"""Requests of members about the data held of them: asked in the portal, answered by the town's staff."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, refuse_own_case, require_member_action
from members.errors import DataRequestRefused
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Appointment, DataRequest, Notification, User
from members.notifications import notify_users
from members.selectors import branch_on, holders_of

MOST_OPEN = 3
QUESTION_LENGTH = 1000


def ask_about_data(*, actor: User, now: datetime, text: str) -> DataRequest:
    """Say what is wrong in one's own data; the town's staff are told.

    Raises:
        PermissionDenied: the account is no member's.
        TextTooLong.
        MissingReason: nothing said.
        DataRequestRefused: several wait already.
    """
    text = require_reason(text, _("Say what is wrong and what it should be."), most=QUESTION_LENGTH)
    member = actor.member
    if member is None:
        raise PermissionDenied(_("Only members ask about their own data."))
    today = timezone.localdate(now)
    with transaction.atomic():
        type(member).objects.select_for_update().get(pk=member.pk)
        if member.data_requests.filter(answered_at__isnull=True).count() >= MOST_OPEN:
            raise DataRequestRefused(_("Your earlier requests still wait for their answer; please wait for it."))
        request = DataRequest.objects.create(member=member, text=text, at=now)
        branch = branch_on(member, today)
        if branch is not None:
            notify_users(
                users=holders_of(Appointment.Role.TOWN_STAFF, on=today, town=member.town),
                now=now,
                kind=Notification.Kind.DATA_ASKED,
                branch=branch,
                period="",
                link=reverse("workbench:members_datarequest_change", args=[request.pk]),
            )
        log_change(actor=actor, now=now, town=member.town, verb="ask_about_data", subject=request)
    return request


def answer_data_request(*, actor: User, now: datetime, request: DataRequest, answer: str) -> None:
    """Answer a request, after the roster was put right or found right.

    Raises:
        PermissionDenied, NotAllowed (their own), MissingReason (no answer), TextTooLong, DataRequestRefused (answered
            before).
    """
    answer = require_reason(answer, _("Say what was put right, or why it stays."))
    today = timezone.localdate(now)
    require_member_action(actor, Action.KEEP_ROSTER, request.member, on=today)
    refuse_own_case(actor, request.member)
    with transaction.atomic():
        open_rows = DataRequest.objects.filter(pk=request.pk, answered_at__isnull=True)
        if not open_rows.update(answer=answer, answered_at=now, answered_by=actor):
            raise DataRequestRefused(_("This request was answered before; reload the page."))
        branch = branch_on(request.member, today)
        if branch is not None:
            notify_users(
                users=User.objects.filter(member=request.member_id, is_active=True),
                now=now,
                kind=Notification.Kind.DATA_ANSWERED,
                branch=branch,
                period="",
                link=reverse("my_data"),
            )
        log_change(actor=actor, now=now, town=request.member.town, verb="answer_data_request", subject=request)
