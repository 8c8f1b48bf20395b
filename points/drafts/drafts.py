"""Drafts of an assistant: prepared under their own account, recorded by the branch's recorder in one click.

A draft writes nothing to the ledger. Confirmed, it becomes the batch the recorder would have made, with both names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may, require_branch_action
from members.errors import DuplicateBatch
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Appointment, Branch, Notification, RecordBatch, User
from members.notifications import notify_users
from members.selectors import holders_of
from points.drafts.payloads import DraftContent, MonthContent, pack_content, read_content
from points.errors import DraftRefused
from points.meetings.holding import HeldMeeting, check_meeting, record_meeting
from points.meetings.month import check_dues, record_month
from points.models import Draft
from points.records.entries import check_entry
from points.records.recording import record_events
from points.records.scope import refuse_out_of_scope
from points.scoring.adoption import rulebooks_of

State = Draft.State


def make_draft(*, actor: User, now: datetime, branch: Branch, content: DraftContent, token: UUID) -> Draft:
    """Hand in a draft; the branch's recorders are told.

    Raises:
        PermissionDenied: not an assistant of the branch.
        DuplicateBatch: the form was sent before.
        OutOfScope, the errors of `check_entry` and `check_meeting`: what the ledger would refuse is refused here.
    """
    today = timezone.localdate(now)
    if not may(actor, Action.DRAFT, branch, on=today):
        raise PermissionDenied(_("Drafts are made by the branch's assistants."))
    _check(branch, content, today=today)
    kind, payload = pack_content(content)
    with transaction.atomic():
        try:
            with transaction.atomic():
                draft = Draft.objects.create(
                    uuid=token, branch=branch, kind=kind, payload=payload, made_by=actor, made_at=now
                )
        except IntegrityError as error:
            raise DuplicateBatch(_("This draft was already handed in; nothing was written a second time.")) from error
        notify_users(
            users=holders_of(Appointment.Role.RECORDER, on=today, branch=branch),
            now=now,
            kind=Notification.Kind.DRAFT_WAITING,
            branch=branch,
            period="",
            link=link_of(draft),
            about=_name(draft),
        )
        _log(draft, actor=actor, now=now, verb="make_draft")
    return draft


def _name(draft: Draft) -> str:
    """Which draft it is: what kind, and the day on which it was made."""
    return f"{draft.get_kind_display()} {timezone.localdate(draft.made_at):%Y-%m-%d}"


def link_of(draft: Draft) -> str:
    """The address of a draft's page."""
    return reverse("workbench:points_draft_change", args=[draft.pk])


def _check(branch: Branch, content: DraftContent, *, today: date) -> None:
    if isinstance(content, HeldMeeting):
        check_meeting(content, today=today)
    elif isinstance(content, MonthContent):
        if content.meeting is not None:
            check_meeting(content.meeting, today=today)
        if not content.dues and content.meeting is None:
            raise DraftRefused(_("Nothing is ticked: tick whose dues are paid, or what was held, and save again."))
        check_dues(branch, content.month, content.dues, content.dues_on or today, today=today)
    else:
        rulebooks = rulebooks_of(branch.town)
        for entry in content.entries:
            check_entry(entry, rulebooks=rulebooks, today=today)
        refuse_out_of_scope(content.entries, rulebooks)


def confirm_draft(*, actor: User, now: datetime, draft: Draft) -> RecordBatch:
    """Record what a draft says, as the actor's own record with the assistant named beside; all of it or nothing.

    Raises:
        DraftRefused: decided or withdrawn before.
        NotOnRoster: somebody in it is no longer known.
        What recording it by hand would raise: PermissionDenied, HalfLocked, DuplicateBaseRecord, MeetingHeld …
    """
    with transaction.atomic():
        current = _lock_waiting(draft)
        batch = _carry_out(current, actor=actor, now=now)
        Draft.objects.filter(pk=draft.pk).update(state=State.CONFIRMED, decided_by=actor, decided_at=now, batch=batch)
        _log(current, actor=actor, now=now, verb="confirm_draft")
    return batch


def _carry_out(draft: Draft, *, actor: User, now: datetime) -> RecordBatch:
    content = read_content(draft)
    common: dict[str, Any] = {"actor": actor, "now": now, "token": draft.uuid, "drafted_by": draft.made_by}
    if isinstance(content, HeldMeeting):
        return record_meeting(
            branch=draft.branch,
            held_on=content.held_on,
            kinds=content.kinds,
            statuses=content.statuses,
            topic=content.topic,
            place=content.place,
            host=content.host,
            minutes=content.minutes,
            topics=content.topics,
            **common,
        ).batch
    if isinstance(content, MonthContent):
        return record_month(
            branch=draft.branch,
            month=content.month,
            dues=content.dues,
            dues_on=content.dues_on,
            meeting=content.meeting,
            **common,
        )
    return record_events(town=draft.branch.town, branch=draft.branch, entries=content.entries, **common)


def return_draft(*, actor: User, now: datetime, draft: Draft, remark: str) -> None:
    """Give a draft back with a remark; the assistant is told and makes another.

    Raises:
        PermissionDenied, MissingReason (no remark), TextTooLong, DraftRefused (decided or withdrawn before).
    """
    remark = require_reason(remark, _("Say what is to be put right; the assistant reads it."))
    require_branch_action(actor, Action.RECORD, draft.branch, on=timezone.localdate(now))
    with transaction.atomic():
        _lock_waiting(draft)
        Draft.objects.filter(pk=draft.pk).update(state=State.RETURNED, decided_by=actor, decided_at=now, remark=remark)
        notify_users(
            users=[draft.made_by],
            now=now,
            kind=Notification.Kind.DRAFT_RETURNED,
            branch=draft.branch,
            period="",
            link=link_of(draft),
            about=_name(draft),
        )
        _log(draft, actor=actor, now=now, verb="return_draft")


def withdraw_draft(*, actor: User, now: datetime, draft: Draft) -> None:
    """Take one's own draft back while it waits.

    Raises:
        PermissionDenied: somebody else's.
        DraftRefused: decided or withdrawn before.
    """
    if draft.made_by_id != actor.pk:
        raise PermissionDenied(_("Only whoever made a draft withdraws it."))
    with transaction.atomic():
        _lock_waiting(draft)
        Draft.objects.filter(pk=draft.pk).update(state=State.WITHDRAWN, decided_by=actor, decided_at=now)
        _log(draft, actor=actor, now=now, verb="withdraw_draft")


def unanswered_returns(actor: User) -> QuerySet[Draft]:
    """The actor's drafts that came back and after which they made no other of that kind for the branch."""
    later = Draft.objects.filter(
        made_by=actor, branch=OuterRef("branch"), kind=OuterRef("kind"), made_at__gt=OuterRef("decided_at")
    )
    return Draft.objects.filter(~Exists(later), made_by=actor, state=State.RETURNED)


def _lock_waiting(draft: Draft) -> Draft:
    current = Draft.objects.select_for_update().get(pk=draft.pk)
    if current.state != State.WAITING:
        raise DraftRefused(_("This draft was confirmed, returned or withdrawn before; reload the page."))
    return current


def _log(draft: Draft, *, actor: User, now: datetime, verb: str) -> None:
    log_change(actor=actor, now=now, town=draft.branch.town, verb=verb, subject=draft, new={"kind": draft.kind})
