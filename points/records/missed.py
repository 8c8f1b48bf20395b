"""A period whose meeting somebody missed earns by a changed attendance alone, never by a tick or a row (D24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from members.models import Member
from points.errors import MissedMeeting
from points.records.entries import EventEntry
from points.rules.rulebook import Rulebook
from points.scoring.missed import Missed, read_missed
from points.scoring.wording import name_period

MOST_NAMED = 10


def find_missed(entries: Sequence[EventEntry]) -> dict[tuple[int, str, str], Missed]:
    """Of entries for base items, the meetings their members missed, by member, item and period."""
    wanted = {(entry.member_id, entry.item, entry.period) for entry in entries if entry.period}
    if not wanted:
        return {}
    found = read_missed(member_id for member_id, _item, _period in wanted)
    return {key: missed for key, missed in found.items() if key in wanted}


def say_missed(missed: Missed) -> str:
    """Why a period cannot simply be ticked, and what to do."""
    return _(
        "Recorded as %(status)s at the meeting of %(day)s, by %(who)s. Change the attendance of that meeting instead."
    ) % {"status": missed.label, "day": missed.held_on, "who": missed.recorded_by}


def refuse_missed(entries: Sequence[EventEntry], rulebooks: Mapping[int, Rulebook]) -> None:
    """Refuse entries of a period whose meeting the member missed.

    Raises:
        MissedMeeting: naming who, what and which day.
    """
    found = find_missed(entries)
    if not found:
        return
    by_key = {(entry.member_id, entry.item, entry.period): entry for entry in entries}
    keys = [key for key in by_key if key in found]
    members = Member.objects.in_bulk({key[0] for key in keys[:MOST_NAMED]})
    named = "、".join(
        _("%(name)s (%(item)s of %(period)s, %(status)s on %(day)s)")
        % {
            "name": members[key[0]].name,
            "item": rulebooks[by_key[key].year].item(key[1]).name,
            "period": name_period(key[2]),
            "status": found[key].label,
            "day": found[key].held_on,
        }
        for key in keys[:MOST_NAMED]
    )
    more = len(keys) - MOST_NAMED
    raise MissedMeeting(
        _(
            "A meeting's list says otherwise: %(records)s%(more)s. Nothing was saved. Change the attendance of that "
            "meeting, or leave these out."
        )
        % {"records": named, "more": _(" and %(count)d more") % {"count": more} if more > 0 else ""}
    )
