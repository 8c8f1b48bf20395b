"""Leave (请假) from a meeting to come: asked for by the member or entered for them, answered with a word (D24, D26).

An accepted leave changes no record: the meeting's list begins with it as excused, and the recorder saves the list. The
reason is the member's and of those who record for the branch; the log keeps none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, reach_of, refuse_own_case, require_branch_action, rows_for
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import Member, Notification, User
from members.notifications import ABOUT_LENGTH, notify_users
from points.errors import LeaveRefused
from points.meetings.announcing import announcement_link, expected_members, lock_announcement, say_when
from points.models import Announcement, LeaveRequest

REASON_LENGTH = 300
State = LeaveRequest.State


def ask_leave(*, actor: User, now: datetime, announcement: Announcement, reason: str) -> LeaveRequest:
    """Ask for leave for oneself.

    Raises:
        NotAllowed: the account is no member's.
        MissingReason, TextTooLong.
        LeaveRefused: not expected at the meeting, asked already, or it is withdrawn or recorded.
    """
    reason = _read_reason(reason)
    if actor.member is None:
        raise NotAllowed(_("This account belongs to no member; only members ask for leave."))
    with transaction.atomic():
        fresh = _lock_open(announcement, actor.member)
        leave = _write(fresh, actor.member, reason, asked_at=now)
        log_change(actor=actor, now=now, town=fresh.branch.town, verb="ask_leave", subject=leave)
    return leave


def enter_leave(*, actor: User, now: datetime, announcement: Announcement, member: Member, reason: str) -> LeaveRequest:
    """Enter and accept the leave of a member who asked by telephone or on paper; their account is told (D26).

    Raises:
        PermissionDenied: the actor does not record for the branch.
        NotAllowed: their own.
        MissingReason, TextTooLong, LeaveRefused: as `ask_leave`.
    """
    reason = _read_reason(reason)
    require_branch_action(actor, Action.RECORD, announcement.branch, on=timezone.localdate(now))
    refuse_own_case(actor, member)
    with transaction.atomic():
        fresh = _lock_open(announcement, member)
        leave = _write(
            fresh,
            member,
            reason,
            asked_at=now,
            entered_by=actor,
            state=State.ACCEPTED,
            answered_by=actor,
            answered_at=now,
        )
        log_change(actor=actor, now=now, town=fresh.branch.town, verb="enter_leave", subject=leave)
        _tell(leave, now=now)
    return leave


def take_back_leave(*, actor: User, now: datetime, leave: LeaveRequest) -> None:
    """The member comes after all: until the meeting is recorded, also where leave was accepted.

    Raises:
        NotAllowed: somebody else's.
        LeaveRefused: declined or taken back before, or the meeting is withdrawn or recorded.
    """
    if actor.member_id is None or actor.member_id != leave.member_id:
        raise NotAllowed(_("Only the member who asked for leave can take it back."))
    with transaction.atomic():
        fresh = _lock_standing(leave, *LeaveRequest.STANDING)
        fresh.state = State.TAKEN_BACK
        fresh.save(update_fields=["state"])
        log_change(actor=actor, now=now, town=fresh.announcement.branch.town, verb="take_back_leave", subject=fresh)


def answer_leave(*, actor: User, now: datetime, leave: LeaveRequest, accepted: bool, remark: str = "") -> None:
    """Accept or decline a member's leave; who declines says why, and the member reads it.

    Raises:
        PermissionDenied: the actor does not record for the branch.
        NotAllowed: their own.
        MissingReason: declined without a word; TextTooLong.
        LeaveRefused: answered or taken back before, or the meeting is withdrawn, moved or recorded.
    """
    remark = fit_text(remark)
    require_branch_action(actor, Action.RECORD, leave.announcement.branch, on=timezone.localdate(now))
    refuse_own_case(actor, leave.member)
    if not accepted:
        require_reason(remark, _("Say to the member why leave is declined."))
    with transaction.atomic():
        fresh = _lock_standing(leave, State.WAITING)
        if fresh.day != fresh.announcement.day:
            raise LeaveRefused(_("The meeting was moved to another day since; the member asks anew if need be."))
        fresh.state = State.ACCEPTED if accepted else State.DECLINED
        fresh.remark, fresh.answered_by, fresh.answered_at = remark, actor, now
        fresh.save(update_fields=["state", "remark", "answered_by", "answered_at"])
        town = fresh.announcement.branch.town
        if accepted:
            log_change(actor=actor, now=now, town=town, verb="accept_leave", subject=fresh)
        else:
            log_change(actor=actor, now=now, town=town, verb="decline_leave", subject=fresh)
        _tell(fresh, now=now)


# Reading


def read_leaves(announcement: Announcement) -> QuerySet[LeaveRequest]:
    """The requests for the day it is announced for, in the order they came."""
    return announcement.leaves.filter(day=announcement.day).select_related("member", "entered_by", "answered_by")


class LeaveRoll(NamedTuple):
    """Who has leave from a meeting to come, and who asked and has no answer yet, by member id."""

    accepted: frozenset[int] = frozenset()
    waiting: frozenset[int] = frozenset()


NO_LEAVE = LeaveRoll()


def read_leave_roll(announcement: Announcement) -> LeaveRoll:
    """Whose leave for the day as announced now was accepted or waits; one query."""
    leaves = announcement.leaves.filter(day=announcement.day, state__in=(State.ACCEPTED, State.WAITING))
    rows = list(leaves.values_list("member_id", "state"))
    return LeaveRoll(
        *(frozenset(pk for pk, state in rows if state == kind) for kind in (State.ACCEPTED, State.WAITING))
    )


def leaves_to_answer(user: User, *, on: date) -> QuerySet[LeaveRequest]:
    """Requests that wait for this user: of branches they record for, never their own."""
    waiting = LeaveRequest.objects.filter(
        state=State.WAITING, day=F("announcement__day"), announcement__in=Announcement.objects.open()
    )
    rows = rows_for(user, waiting, on=on, action=Action.RECORD)
    member_id = reach_of(user, on=on).member_id
    return rows if member_id is None else rows.exclude(member=member_id)


def without_leave(announcement: Announcement, *, but: Collection[int] = ()) -> QuerySet[Member]:
    """Those of them for whom no request stands; `but` are left out."""
    standing = announcement.leaves.filter(day=announcement.day, state__in=LeaveRequest.STANDING).values("member")
    return expected_members(announcement).exclude(pk__in=standing).exclude(pk__in=but)


# Inside


def _read_reason(reason: str) -> str:
    return require_reason(reason, _("Say in a few words why you cannot come."), most=REASON_LENGTH)


def _lock_open(announcement: Announcement, member: Member) -> Announcement:
    """In the caller's transaction: the announcement, locked, at which the member is expected.

    Raises:
        LeaveRefused.
    """
    lock_for_score(branch_ids=[announcement.branch_id], member_ids=[member.pk])
    fresh = lock_announcement(announcement)
    _refuse_closed(fresh)
    if not expected_members(fresh).filter(pk=member.pk).exists():
        raise LeaveRefused(
            _("%(name)s is not expected at this meeting: not of this branch on that day, or exempt.")
            % {"name": member.name}
        )
    return fresh


def _lock_standing(leave: LeaveRequest, *states: str) -> LeaveRequest:
    """In the caller's transaction: the request as it stands, locked, of an open announcement.

    Raises:
        LeaveRefused.
    """
    lock_for_score(branch_ids=[leave.announcement.branch_id], member_ids=[leave.member_id])
    announcement = lock_announcement(leave.announcement)
    fresh = LeaveRequest.objects.select_for_update(of=("self",)).select_related("member").get(pk=leave.pk)
    fresh.announcement = announcement
    _refuse_closed(announcement)
    if fresh.state not in states:
        raise LeaveRefused(
            _("This request is “%(state)s” by now, so nothing was changed. Reload the page.")
            % {"state": fresh.get_state_display()}
        )
    return fresh


def _refuse_closed(announcement: Announcement) -> None:
    if announcement.is_withdrawn:
        raise LeaveRefused(_("This meeting was withdrawn: nobody needs leave."))
    if announcement.is_recorded:
        raise LeaveRefused(
            _("The meeting is recorded: leave can be neither asked for nor answered. The recorder changes attendance.")
        )


def _write(announcement: Announcement, member: Member, reason: str, **values: object) -> LeaveRequest:
    standing = announcement.leaves.filter(day=announcement.day, member=member, state__in=LeaveRequest.STANDING).first()
    if standing is not None:
        raise LeaveRefused(
            _("A request of %(name)s for this meeting stands already: %(state)s.")
            % {"name": member.name, "state": standing.get_state_display()}
        )
    return LeaveRequest.objects.create(
        announcement=announcement, day=announcement.day, member=member, reason=reason, **values
    )


def _tell(leave: LeaveRequest, *, now: datetime) -> None:
    notify_users(
        users=User.objects.filter(member=leave.member_id, is_active=True),
        now=now,
        kind=Notification.Kind.LEAVE_ANSWERED,
        branch=leave.announcement.branch,
        link=announcement_link(leave.announcement),
        about=f"{say_when(leave.announcement)} {leave.get_state_display()}"[:ABOUT_LENGTH],
    )
