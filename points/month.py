"""Recording a branch's month in one go: the meeting with its attendance, and the dues, as one batch (D24, D25)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.models import Branch, RecordBatch, User
from members.selectors import members_in
from points.errors import MeetingHeld, NoRulebook, NothingToRecord, NotOnRoster
from points.halves.locks import refuse_locked_halves
from points.meetings import HeldMeeting, check_meeting, describe_meeting, write_meeting
from points.models import MeetingKind
from points.month_sheet import dues_item
from points.records.entries import EventEntry, check_entry
from points.records.recording import refuse_duplicates, write_events
from points.rules.periods import period_year
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebooks_of
from points.scoring.wording import name_period


def record_month(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    month: str,
    dues: Collection[int] = (),
    dues_on: date | None = None,
    meeting: HeldMeeting | None = None,
    token: UUID | None = None,
    drafted_by: User | None = None,
) -> RecordBatch:
    """Record whose dues of `month` (a canonical period) were paid on a day, and a meeting: all or nothing.

    Raises:
        PermissionDenied: not the actor's branch.
        NothingToRecord: neither dues nor a meeting.
        MeetingHeld: a kind of the meeting is recorded for its period already.
        DuplicateBatch: the form was sent before.
        NotOnRoster, NoRulebook, UnknownStatus, DuplicateBaseRecord, HalfLocked (D20) and the errors of `check_entry`.
    """
    today = timezone.localdate(now)
    if not may(actor, Action.RECORD, branch, on=today):
        raise PermissionDenied(_("You may not record for this branch."))
    if not dues and meeting is None:
        raise NothingToRecord(_("Nothing is ticked: tick whose dues are paid, or what was held, and save again."))
    rulebooks = rulebooks_of(branch.town)
    entries = _make_entries(branch, month, dues, dues_on or today, rulebooks, today=today)
    if meeting is not None:
        check_meeting(meeting, today=today)
    with transaction.atomic():
        attending = meeting.statuses.keys() if meeting else ()
        lock_for_score(branch_ids=[branch.pk], member_ids={*dues, *attending})
        source = RecordBatch.Source.MEETING if meeting else RecordBatch.Source.SCREEN
        batch = open_batch(
            actor=actor, now=now, town=branch.town, branch=branch, source=source, token=token, drafted_by=drafted_by
        )
        if meeting is not None:
            _refuse_held(meeting, rulebooks)
            written_meeting = write_meeting(meeting, batch=batch, now=now)
            log_change(
                actor=actor,
                now=now,
                town=branch.town,
                verb="record_meeting",
                subject=written_meeting,
                new=describe_meeting(meeting),
            )
        refuse_locked_halves((entry.half_key for entry in entries), now=now)
        refuse_duplicates(entries, rulebooks)
        written = write_events(batch=batch, entries=entries)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="record_month",
            subject=batch,
            new={"month": month, "events": written},
        )
    return batch


def _make_entries(
    branch: Branch, month: str, dues: Collection[int], dues_on: date, rulebooks: dict[int, Rulebook], *, today: date
) -> list[EventEntry]:
    """The dues as checked entries."""
    if not dues:
        return []
    year = period_year(month)
    item = dues_item(rulebooks[year]) if year in rulebooks else None
    if item is None:
        raise NoRulebook(_("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year})
    strangers = set(dues) - set(members_in([branch.pk], today).values_list("pk", flat=True))
    if strangers:
        raise NotOnRoster(
            _("%(count)d of the people entered were not members of %(branch)s on %(date)s.")
            % {"count": len(strangers), "branch": branch.name, "date": today}
        )
    entries = [EventEntry(member_id, item.code, dues_on, month) for member_id in sorted(set(dues))]
    for entry in entries:
        check_entry(entry, rulebooks=rulebooks, today=today)
    return entries


def _refuse_held(meeting: HeldMeeting, rulebooks: dict[int, Rulebook]) -> None:
    """Two people who enter the same month must not make two meetings of it; asked under the branch's lock."""
    wanted = set(meeting.kinds)
    kinds = MeetingKind.objects.filter(
        meeting__branch=meeting.branch,
        meeting__batch__voided_at__isnull=True,
        item__in={item for item, _period in wanted},
        period__in={period for _item, period in wanted},
    ).select_related("meeting__batch__actor")
    for kind in kinds.order_by("meeting__held_on", "meeting_id"):
        if (kind.item, kind.period) in wanted:
            raise MeetingHeld(
                _(
                    "%(item)s of %(period)s is recorded already: held on %(day)s, entered by %(by)s. "
                    "Nothing was saved. Untick it, or open that meeting to change its attendance."
                )
                % {
                    "item": rulebooks[period_year(kind.period)].item_names().get(kind.item, kind.item),
                    "period": name_period(kind.period),
                    "day": kind.meeting.held_on,
                    "by": kind.meeting.batch.actor,
                }
            )
