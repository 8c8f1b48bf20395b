"""Putting right what a meeting was: its day within the half, kinds, topics, place, host and minutes (D20, D30)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import fit_text, require_reason
from members.models import User
from points.errors import NothingToChange, OtherHalf
from points.halves.locks import refuse_locked_halves
from points.meetings.attendance import attendance_keys, earn_from, open_change_batch, refuse_voided
from points.meetings.holding import refuse_misplaced
from points.models import Meeting, MeetingKind, PointEvent
from points.records.entries import EventEntry, check_entry, refuse_future_date
from points.records.voiding import earn_at_other_meetings, refuse_locked_events
from points.rules.periods import half_of
from points.scoring.adoption import rulebooks_of

TEXTS = ("topic", "place", "host", "minutes")


def change_meeting(
    *,
    actor: User,
    now: datetime,
    meeting: Meeting,
    kinds: Sequence[tuple[str, str]],
    topics: Mapping[str, str],
    texts: Mapping[str, str],
    held_on: date | None = None,
    reason: str = "",
    token: UUID | None = None,
) -> Meeting:
    """Give a held meeting these kinds (item, period), the kinds' topics by item, its `TEXTS` by name, and its day.

    What a kind that goes had earned is voided with the reason, and another live attendance of the period earns in its
    place; a kind that comes earns in a batch of its own. Another day makes everything earned anew, dated that day.
    Old and new stand in the log.

    Raises:
        PermissionDenied, MeetingVoided, NothingToChange, DuplicateBatch and the errors of `check_entry`.
        TextTooLong.
        MissingReason: the kinds or the day change and no reason is given.
        OtherHalf: the new day lies in another half.
        NotOnRoster: somebody on the list did not belong to the branch on the new day.
        HalfLocked: a half that a kind, old or new, counts in is submitted or final; of a free activity that of the day.
        RecordFrozen: a frozen result counted what a kind earned: a correction (D20).
    """
    reason = fit_text(reason)
    today = timezone.localdate(now)
    require_branch_action(actor, Action.VOID, meeting.branch, on=today)
    rulebooks = rulebooks_of(meeting.branch.town)
    day = held_on or meeting.held_on
    refuse_future_date(day, today=today)
    for item, period in kinds:
        check_entry(EventEntry(0, item, day, period), rulebooks=rulebooks, today=today)
    wanted = set(kinds)
    with transaction.atomic():
        # Whoever changes the attendance holds the branch: under its lock the list stands still.
        lock_for_score(branch_ids=[meeting.branch_id], member_ids=())
        statuses = dict(meeting.attendances.live().values_list("member_id", "status"))
        members = set(statuses)
        lock_for_score(branch_ids=(), member_ids=members)
        refuse_voided(meeting)
        meeting = Meeting.objects.select_related("branch__town").get(pk=meeting.pk)
        old = _describe(meeting)
        standing = set(meeting.kinds.values_list("item", "period"))
        is_moved = day != meeting.held_on
        if standing != wanted or is_moved:
            require_reason(reason)
        refuse_locked_halves(attendance_keys(meeting, standing | wanted, members), now=now)
        if is_moved:
            _refuse_other_half(meeting, day)
            refuse_misplaced(statuses, meeting.branch, on=day)
            meeting.held_on = day
            refuse_locked_halves(attendance_keys(meeting, standing | wanted, members), now=now)
            meeting.save(update_fields=["held_on"])
        if standing != wanted or is_moved:
            # A record bears the day it was earned on: on another day everything is earned anew.
            gone, come = (standing, wanted) if is_moved else (standing - wanted, wanted - standing)
            _change_kinds(meeting, gone=gone, come=come, about=(actor, now, reason, token))
        for item, topic in topics.items():
            meeting.kinds.filter(item=item).update(topic=topic)
        for name in TEXTS:
            setattr(meeting, name, texts.get(name, getattr(meeting, name)))
        meeting.save(update_fields=TEXTS)
        new = _describe(meeting)
        changed = [name for name in old if old[name] != new[name]]
        if not changed:
            raise NothingToChange(_("Nothing was changed: the meeting reads like this already."))
        log_change(
            actor=actor,
            now=now,
            town=meeting.branch.town,
            verb="change_meeting",
            subject=meeting,
            old={name: old[name] for name in changed},
            new={name: new[name] for name in changed} | ({"reason": reason} if reason else {}),
        )
    return meeting


def _refuse_other_half(meeting: Meeting, day: date) -> None:
    """A meeting does not change its half: what was earned there would go to another review."""
    if (day.year, half_of(day)) != (meeting.held_on.year, half_of(meeting.held_on)):
        raise OtherHalf(
            _(
                "%(day)s lies in another half than %(old)s. Void the whole meeting and record it anew on the right "
                "day; the dues recorded with it stay."
            )
            % {"day": day, "old": meeting.held_on}
        )


def _change_kinds(
    meeting: Meeting,
    *,
    gone: set[tuple[str, str]],
    come: set[tuple[str, str]],
    about: tuple[User, datetime, str, UUID | None],
) -> None:
    """Take kinds away and add others, with what they earn."""
    actor, now, reason, token = about
    live = list(meeting.attendances.live().order_by("member_id"))
    freed: list[tuple[int, str, str]] = []
    for item, period in sorted(gone):
        events = PointEvent.objects.live().filter(attendance__meeting=meeting, item=item, period=period)
        refuse_locked_events(events, now=now)
        freed += events.values_list("member_id", "item", "period")
        events.stamp_void(actor=actor, now=now, reason=reason)
        meeting.kinds.filter(item=item, period=period).delete()
    MeetingKind.objects.bulk_create(
        MeetingKind(meeting=meeting, item=item, period=period) for item, period in sorted(come)
    )
    batch = open_change_batch(meeting, actor=actor, now=now, token=token)
    earn_from(meeting, live, sorted(come), batch=batch, now=now)
    earn_at_other_meetings(freed)


def _describe(meeting: Meeting) -> dict[str, Any]:
    """What the log says of a meeting's kinds and texts."""
    kinds = meeting.kinds.order_by("item").values_list("item", "period", "topic")
    texts: dict[str, Any] = {name: getattr(meeting, name) for name in TEXTS}
    day = {"held_on": meeting.held_on.isoformat()}
    return day | texts | {"kinds": [[part for part in kind if part] for kind in kinds]}
